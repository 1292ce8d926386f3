/** --target hls at the command line: what is asked for wrongly, and that nothing is written then. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAssets } from '../../src/host/load-assets.js';
import { readBoards } from '../../src/target/hls/board.js';
import { cli, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from '../cli/run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);
const hls = (...more: string[]): string[] => [SMALL_DYBNN, '-o', at('out'), '--target', 'hls', ...more];

describe('refused: exit status 2, nothing written', () => {
  const cases: readonly (readonly [args: readonly string[], says: readonly string[]])[] = [
    [hls(), ['error[DYB411]', 'no --board', 'kv260, pynq-z2', 'name one with --board']],
    [hls('--board', 'ultra96'), ['error[DYB407]: unknown board', 'did you mean ultra96v2?']],
    [hls('--board', 'kv260', '--numeric', 'float32'), ['error[DYB411]', '--numeric fixed16, which is its default']],
    [hls('--board', 'kv260', '--weights', 'c'), ['error[DYB411]', 'it is for --target c']],
    [hls('--board', 'kv260', '--clock', '5000'), ['error[DYB411]', 'up to 1000 MHz']],
    [
      [SMALL_DYBNN, '-o', at('out'), '--board', 'kv260', '--clock', '90'],
      ['--board, --clock', 'they are for --target hls'],
    ],
    [
      [SMALL_DYBNN, '-o', at('out'), '--target-fps', '3'],
      ['--target-fps', 'it is for --target hls'],
    ],
  ];
  test.each(cases)('%j', async (args, says) => {
    const { status, out, err } = await cli(args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    for (const words of says) expect(err).toContain(words);
    expect(existsSync(at('out'))).toBe(false);
  });
});

describe('refused: exit status 1, nothing written', () => {
  test('a folding that is not JSON', async () => {
    writeFileSync(at('folding.json'), '{ pe: 32 }');
    const { status, err } = await cli(hls('--board', 'kv260', '--folding', at('folding.json')));
    expect(status).toBe(1);
    expect(err).toContain('error[DYB410]');
    expect(err).toContain(at('folding.json'));
    expect(existsSync(at('out'))).toBe(false);
  });

  test('a folding that is not there', async () => {
    const { status, err } = await cli(hls('--board', 'kv260', '--folding', at('none.json')));
    expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining('error[DYB001]') });
  });

  test('a speed that no engine on the board has', async () => {
    const { status, err } = await cli(
      hls('--board', 'pynq-z2', '--target-fps', '100000000', '--calibrate', SMALL_INPUT),
    );
    expect(status).toBe(1);
    expect(err).toContain('error[DYB409]: no design fits');
    expect(existsSync(at('out'))).toBe(false);
  });
});

test('the help lists every board', async () => {
  const { out } = await cli(['--help']);
  const listed = /the board it is for:([\s\S]*?)\n\s+--/
    .exec(out)![1]!
    .split(/[\s,]+/)
    .filter((w) => w !== '');
  expect(listed.sort()).toEqual(readBoards(loadAssets()).map((b) => b.name));
});

test('--json, and the same model gives the same bytes', async () => {
  const args = (folder: string) => [
    ...hls('--board', 'zcu104', '--calibrate', SMALL_INPUT, '--json'),
    '-o',
    at(folder),
  ];
  const { status, out } = await cli(args('same-1'));
  expect(status).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    target: 'hls',
    numeric: 'fixed16',
    accelerator: { board: 'zcu104', clockMhz: 300, estimated: { picturesPerSecond: expect.any(Number) } },
  });
  expect(report.files).toContain('tcl/hls.tcl');
  await cli(args('same-2'));
  for (const file of readdirSync(at('same-1'), { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const one = join(file.parentPath, file.name);
    expect(readFileSync(one).equals(readFileSync(one.replace('same-1', 'same-2'))), one).toBe(true);
  }
});

test('an accelerator is in the report, and a project can be made again with its folding', async () => {
  const { status } = await cli([...hls('--board', 'zcu104', '--calibrate', SMALL_INPUT, '--quiet'), '-o', at('first')]);
  expect(status).toBe(0);
  const config = (folder: string) => JSON.parse(readFileSync(at(`${folder}/report.json`), 'utf8')).accelerator.config;
  expect(config('first')).toMatchObject({ portBits: expect.any(Number), pe: expect.any(Number) });
  const again = hls('--board', 'zcu104', '--calibrate', SMALL_INPUT, '--folding', at('first/report.json'), '--quiet');
  expect(await cli([...again, '-o', at('again')])).toMatchObject({ status: 0, err: '' });
  expect(config('again')).toEqual(config('first'));
});
