import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/arrays/npy.js';
import { cli, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);

describe('a C project', () => {
  test('is written whole, and success says what to type next', async () => {
    const result = await cli([SMALL_DYBNN, '-o', at('out')]);
    expect(result).toMatchObject({ status: 0, out: '' });
    expect(result.err.split('\n').at(-2)).toBe(`next: make -C ${at('out')} test`);
    const files = readdirSync(at('out'));
    for (const name of [
      'dybnn_a_clean.h',
      'dybnn_a_clean.c',
      'Makefile',
      'CMakeLists.txt',
      'main.c',
      'golden',
      'report.html',
      'report.json',
    ]) {
      expect(files).toContain(name);
    }
  });

  test('--quiet says nothing', async () => {
    expect(await cli([SMALL_DYBNN, '-o', at('quiet'), '--quiet'])).toEqual({ status: 0, out: '', err: '' });
  });

  test('--json reports on standard output', async () => {
    const { status, out } = await cli([SMALL_DYBNN, '-o', at('json'), '--json', '--name', 'net']);
    expect(status).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      folder: at('json'),
      name: 'net',
      target: 'c',
      numeric: 'float32',
      goldenSamples: 2,
    });
    expect(report.files).toContain('net.c');
  });

  test('the same model gives the same bytes', async () => {
    await cli([SMALL_DYBNN, '-o', at('same-1')]);
    await cli([SMALL_DYBNN, '-o', at('same-2')]);
    for (const file of readdirSync(at('same-1'), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const one = join(file.parentPath, file.name);
      expect(readFileSync(one).equals(readFileSync(one.replace('same-1', 'same-2'))), one).toBe(true);
    }
  });

  test('the default name is made from the file name', async () => {
    const odd = at('3 My-Net (v2).onnx');
    writeFileSync(odd, readFileSync(SMALL_DYBNN));
    await cli([odd, '-o', at('odd')]);
    expect(readdirSync(at('odd'))).toContain('n3_my_net_v2.c');
  });

  test("golden samples can be the user's own", async () => {
    expect((await cli([SMALL_DYBNN, '-o', at('golden'), '--golden-input', SMALL_INPUT])).status).toBe(0);
    expect(readFileSync(at('golden/golden/input.npy')).equals(readFileSync(SMALL_INPUT))).toBe(true);
  });

  test('or pictures, prepared as for simulate', async () => {
    const picture = join(import.meta.dirname, '../images/fixtures/wide.png');
    const how = ['--resize', '16', '--mean', '0.5', '--std', '0.25'];
    const result = await cli([SMALL_DYBNN, '-o', at('picture'), '--golden-input', picture, ...how]);
    expect(result).toMatchObject({ status: 0, out: '' });
    await cli(['simulate', SMALL_DYBNN, '-i', picture, ...how, '-o', at('picture.npy')]);
    expect(readFileSync(at('picture/golden/output.npy')).equals(readFileSync(at('picture.npy')))).toBe(true);
    const wrong = await cli([SMALL_DYBNN, '-o', at('f0'), '--golden-input', picture]);
    expect(wrong).toMatchObject({ status: 1 });
    expect(wrong.err).toContain('hint       --resize 16 ');
  });

  test('--golden takes only the first of them', async () => {
    const one = readNpy(readFileSync(SMALL_INPUT), '').data;
    writeFileSync(
      at('three.npy'),
      writeNpy({ shape: [3, 3, 16, 16], data: new Float32Array([...one, ...one, ...one]) }),
    );
    const { out } = await cli([
      SMALL_DYBNN,
      '-o',
      at('g2'),
      '--golden-input',
      at('three.npy'),
      '--golden',
      '2',
      '--json',
    ]);
    expect(JSON.parse(out).goldenSamples).toBe(2);
  });

  test('options for pictures without a picture are wrong usage', async () => {
    expect(await cli([SMALL_DYBNN, '-o', at('f0'), '--mean', '0.5'])).toMatchObject({ status: 2 });
    const npy = await cli([SMALL_DYBNN, '-o', at('f0'), '--golden-input', SMALL_INPUT, '--mean', '0.5']);
    expect(npy.status).toBe(2);
    expect(npy.err).toContain('--mean, --std and --resize are for pictures');
  });

  test('--weights chooses the form', async () => {
    await cli([SMALL_DYBNN, '-o', at('incbin'), '--weights', 'incbin']);
    expect(readdirSync(at('incbin'))).toContain('dybnn_a_clean_weights.bin');
  });
});

describe('--dump-after', () => {
  test('prints a stage and stops where no folder is asked for', async () => {
    const { status, out, err } = await cli([SMALL_DYBNN, '--dump-after', 'lower']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^program /);
  });

  test('and goes on where one is', async () => {
    const { status, out } = await cli([SMALL_DYBNN, '--dump-after', 'import', '-o', at('dump')]);
    expect(status).toBe(0);
    expect(out).toMatch(/^input /);
    expect(existsSync(at('dump/Makefile'))).toBe(true);
  });
});

describe('what is at fault: exit status 1 and a diagnostic', () => {
  test('a file that does not exist, or is a folder', async () => {
    expect(await cli([at('none.onnx'), '-o', at('f1')])).toMatchObject({
      status: 1,
      err: `error[DYB001]: cannot read the file\n  node       ${at('none.onnx')}\n  found      it does not exist (ENOENT)\n  hint       Check the path and its permissions.\n`,
    });
    expect((await cli([`${root}/`, '-o', at('f1')])).err).toContain('it is a folder');
  });

  test('a slip in its name is seen', async () => {
    writeFileSync(at('my-net.onnx'), '');
    expect((await cli([at('mynet.onnx'), '-o', at('f1')])).err).toContain(
      `hint       did you mean ${at('my-net.onnx')}?`,
    );
  });

  test('a file that is not ONNX; nothing is left behind', async () => {
    writeFileSync(at('text.onnx'), 'hello');
    const { status, err } = await cli([at('text.onnx'), '-o', at('deep/f2')]);
    expect(status).toBe(1);
    expect(err).toMatch(/^error\[DYB10[12]\]/);
    expect(existsSync(at('deep'))).toBe(false);
  });

  test('an output folder that is not ours, found before the work begins', async () => {
    mkdirSync(at('theirs'));
    writeFileSync(at('theirs/thesis.tex'), 'x');
    const { status, err } = await cli([SMALL_DYBNN, '-o', at('theirs')]);
    expect(status).toBe(1);
    expect(err).toMatch(/^error\[DYB002\]: output folder is not ours/);
    expect(readdirSync(at('theirs'))).toEqual(['thesis.tex']);
  });

  test('golden input of the wrong shape, or with a NaN', async () => {
    writeFileSync(at('wrong.npy'), writeNpy({ shape: [1, 3, 8, 8], data: new Float32Array(192) }));
    const wrong = await cli([SMALL_DYBNN, '-o', at('f3'), '--golden-input', at('wrong.npy')]);
    expect(wrong.status).toBe(1);
    expect(wrong.err).toMatch(/DYB003[\s\S]*found {6}\[1, 3, 8, 8\]\n {2}supported {2}\[N, 3, 16, 16\]/);
    const data = new Float32Array(2 * 3 * 16 * 16);
    data[768 + 256 + 17] = Number.NaN;
    writeFileSync(at('nan.npy'), writeNpy({ shape: [2, 3, 16, 16], data }));
    const nan = await cli([SMALL_DYBNN, '-o', at('f3'), '--golden-input', at('nan.npy')]);
    expect(nan.status).toBe(1);
    expect(nan.err).toContain('found      NaN at [1, 1, 1, 1]');
    expect(existsSync(at('f3'))).toBe(false);
  });

  test('--json gives the diagnostics to programs too', async () => {
    const { status, out } = await cli([at('none.onnx'), '-o', at('f4'), '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(out).diagnostics[0].code).toBe('DYB001');
  });
});
