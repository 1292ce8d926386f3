/**
 * Whole projects of the hardware back end: what is in the folder, `make csim`, pragmas, and the drivers on a board that is simulated down to
 * its cache. The network is the trained Fashion-MNIST DyBNN.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPragmas } from '../../src/target/hls/check-pragmas.js';
import { cli } from '../cli/run-cli.js';
import { fetchAmdHeaders } from './fetch-amd-headers.js';
import { CC, CXX, hasCxx, missing, numpy, python, tclsh } from './tools.js';

const ROOT = join(import.meta.dirname, '..', '..');
const MODEL = join(ROOT, 'examples', 'fashion-mnist', 'models', 'dybnn.onnx');
const BOARD = join(import.meta.dirname, 'board');
const PICTURES = join(ROOT, 'examples', 'fashion-mnist', 'data', 'test-1000-images.idx3-ubyte.gz');
const NAME = 'fashion';

const root = mkdtempSync(join(tmpdir(), 'dybnn-hls-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The form alone, without numbers or how often a line comes: they are a search's that gets better. */
const formOf = (text: string): string =>
  text.replace(/(?<![\w.])\d+(\.\d+)?(?![\w.])/g, '#').replace(/^(.*\n)\1+/gm, '$1');

/** A board of each family. */
describe.each(['ultra96v2', 'pynq-z2'])('%s', (board) => {
  const project = join(root, board);
  const at = (path: string): string => join(project, path);
  const make = (...args: string[]) => spawnSync('make', ['-s', '-C', project, ...args], { encoding: 'utf8' });

  beforeAll(async () => {
    const { status, err } = await cli([
      ...[MODEL, '-o', project, '--target', 'hls', '--board', board, '--name', NAME],
      ...['--calibrate', PICTURES, '--golden-input', PICTURES, '--golden', '3'],
    ]);
    expect(err).toMatch(/next: make -C .* csim/);
    expect(status).toBe(0);
  });

  test('what is in the folder', () => {
    const files = readdirSync(project, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile() && !f.parentPath.includes('build'))
      .map((f) => join(f.parentPath, f.name).slice(project.length + 1));
    expect(files.filter((f) => !/^(engine|sim)\//.test(f)).sort()).toMatchSnapshot();
    expect(files).toContain('engine/dybnn_engine.hpp');
    expect(files).toContain('engine/README.md');
    expect(files).toContain('sim/ap_int.h');
  });

  test('generated text', () => {
    for (const path of [
      `${NAME}_config.hpp`,
      `${NAME}_top.hpp`,
      `${NAME}_top.cpp`,
      `${NAME}_layout.h`,
      'tcl/settings.tcl',
    ])
      expect(formOf(readFileSync(at(path), 'utf8'))).toMatchSnapshot(path);
    expect(readFileSync(at('README.md'), 'utf8')).toContain('**not been synthesised**');
  });

  test('every pragma is one that the tool knows, in its place', () => {
    const paths = [`${NAME}_config.hpp`, `${NAME}_top.hpp`, `${NAME}_top.cpp`];
    const engine = readdirSync(at('engine')).filter((f) => f.endsWith('.hpp'));
    const files = [...paths, ...engine.map((f) => `engine/${f}`)].map((path) => ({
      path,
      text: readFileSync(at(path), 'utf8'),
    }));
    expect(checkPragmas(files, { top: `${NAME}_engine` })).toEqual([]);
  });

  test.skipIf(missing('C++ compiler', hasCxx))(
    'make csim: every bit and every cycle',
    () => {
      const { status, stdout, stderr } = make('csim');
      expect(stdout).toMatch(/\b[1-9]\d* passed, 0 failed\n$/);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toMatch(/(\d+) of \d+ tensors compared; in no memory/);
    },
    600_000,
  );

  test.skipIf(missing('C++ compiler', hasCxx))(
    'make csim notices a wrong bit, a wrong cycle, a wrong output',
    () => {
      const [weights, list, bench] = [at(`${NAME}_weights1.bin`), at('golden/checksums.txt'), at('testbench.cpp')];
      const kept = [weights, list].map((path) => readFileSync(path));
      const spoilt = Buffer.from(kept[0]!);
      // Some bytes are padding, which nothing reads.
      for (let i = 0; i < spoilt.length; i += spoilt.length >> 4) spoilt[i]! ^= 0x10;
      writeFileSync(weights, spoilt);
      expect(make('csim')).toMatchObject({
        status: 2,
        stdout: expect.stringMatching(/FAILED sample \d, step \d+[\s\S]* [1-9]\d* failed\n$/),
      });
      writeFileSync(weights, kept[0]!);
      writeFileSync(list, kept[1]!.toString().replace(/^0 3 ./m, '0 3 z'));
      expect(make('csim').stdout).toMatch(/\b1 failed\n$/);
      writeFileSync(list, kept[1]!);
      const text = readFileSync(bench, 'utf8');
      writeFileSync(
        bench,
        text.replace(/(steps\[\] = \{\n.*?, )(\d+)/, (_, before: string, n: string) => `${before}${Number(n) + 1}`),
      );
      expect(make('csim').stdout).toMatch(/the schedule says[\s\S]*\b1 failed\n$/);
      writeFileSync(bench, text);
    },
    600_000,
  );

  test.skipIf(missing('C++ compiler', hasCxx))(
    "make csim with AMD's own headers",
    async ({ skip }) => {
      const headers = await fetchAmdHeaders();
      if (typeof headers !== 'string') {
        console.warn(`skipped: ${headers.skipped}`);
        return skip();
      }
      const { status, stdout } = make('csim', `HLS_INCLUDE=${headers}`);
      expect(stdout).toMatch(/\b[1-9]\d* passed, 0 failed\n$/);
      expect(status).toBe(0);
    },
    600_000,
  );

  test.skipIf(missing('tclsh', tclsh))('scripts are whole commands', () => {
    for (const file of readdirSync(at('tcl'))) {
      const check = `set c [open {${at(`tcl/${file}`)}}]; puts [info complete [read $c]]`;
      expect(execFileSync(tclsh!, [], { input: check, encoding: 'utf8' })).toBe('1\n');
    }
  });

  test.skipIf(missing('Python', python))('the PYNQ driver compiles', () => {
    const code = `import ast; ast.parse(open(${JSON.stringify(at('host/pynq/dybnn_pynq.py'))}).read())`;
    execFileSync(python!, ['-c', code]);
  });

  describe.skipIf(missing('C++ compiler', hasCxx))('drivers on a simulated board', () => {
    const object = (name: string): string => at(`board-${name}.o`);
    const includes = [
      `-I${project}`,
      ...['engine', 'host/c', 'host/baremetal'].map((d) => `-I${at(d)}`),
      '-isystem',
      at('sim'),
    ];
    const run = (command: string, ...args: string[]): void => {
      execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    };

    beforeAll(() => {
      const cxx = ['-std=c++14', '-O1', '-ffp-contract=off', '-fPIC', '-Wno-unknown-pragmas', ...includes];
      const names = [`-DBOARD_TOP="${NAME}_top.hpp"`, `-DBOARD_LAYOUT="${NAME}_layout.h"`, `-DBOARD_NAME=${NAME}`];
      run(CXX, ...cxx, ...names, '-c', '-o', object('board'), join(BOARD, 'board.cpp'));
      run(CXX, ...cxx, '-c', '-o', object('top'), at(`${NAME}_top.cpp`));
      for (const name of ['dybnn_host', 'dybnn_softmax_scalar'])
        run(
          CC,
          '-std=c99',
          '-O1',
          '-ffp-contract=off',
          '-fPIC',
          ...includes,
          '-c',
          '-o',
          object(name),
          at(`host/c/${name}.c`),
        );
    }, 600_000);
    const shared = (): string[] => ['board', 'top', 'dybnn_host', 'dybnn_softmax_scalar'].map(object);

    test('bare metal', () => {
      const strict = [
        '-std=c99',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-ffp-contract=off',
        ...includes,
        `-I${BOARD}/include`,
      ];
      for (const name of ['dybnn_engine', 'main'])
        run(CC, ...strict, '-O1', '-c', '-o', object(name), at(`host/baremetal/${name}.c`));
      run(CC, `-I${project}`, '-c', '-o', object('blobs'), at('host/baremetal/blobs.S'));
      run(CXX, ...shared(), ...['dybnn_engine', 'main', 'blobs'].map(object), '-lm', '-o', at('bare'));
      expect(execFileSync(at('bare'), { encoding: 'utf8' })).toMatch(/3 passed, 0 failed/);
    }, 600_000);

    test.skipIf(missing('Python with numpy', numpy))(
      'PYNQ',
      () => {
        run(CXX, '-shared', ...shared(), '-lm', '-o', at('board.so'));
        const { registers } = JSON.parse(readFileSync(at(`${NAME}.json`), 'utf8'));
        writeFileSync(at('stand-in.bit'), JSON.stringify(registers));
        const output = execFileSync(
          numpy!,
          [
            ...[at('host/pynq/dybnn_pynq.py'), at(`${NAME}.json`), '--bit', at('stand-in.bit')],
            ...['--input', at('golden/input.npy'), '--expect', at('golden/output.npy')],
          ],
          {
            encoding: 'utf8',
            env: {
              ...process.env,
              BOARD_LIBRARY: at('board.so'),
              PYTHONPATH: join(BOARD, 'python'),
              PYTHONDONTWRITEBYTECODE: '1',
            },
          },
        );
        expect(output).toMatch(/3 passed, 0 failed/);
      },
      600_000,
    );
  });
});
