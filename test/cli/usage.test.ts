import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { cli, SMALL_DYBNN } from './run-cli.js';

describe('wrong usage: exit status 2', () => {
  const cases: readonly (readonly [args: readonly string[], says: string])[] = [
    [['x.onnx'], 'the output folder is missing\ntry: dybnn-compile x.onnx -o out'],
    [['-o', 'out'], 'the model is missing'],
    [['a.onnx', 'b.onnx', '-o', 'out'], "'b.onnx' is one argument too many"],
    [['inspct', 'a.onnx'], "no command 'inspct'\ndid you mean: dybnn-compile inspect"],
    [['inspect', 'a.onnx', 'b.onnx'], 'too many arguments'],
    [['help', 'verfy'], "no command 'verfy'\ndid you mean: dybnn-compile help verify"],
    [['help', 'zzzzzz'], "no command 'zzzzzz'\nsee dybnn-compile --help"],
    [['simulate'], "required option '-i, --input <FILE>' not specified\nsee dybnn-compile simulate --help\n"],
    [['x.onnx', '-o', 'o', '--goldn', '3'], 'Did you mean --golden?'],
    [['x.onnx', '-o', 'o', '--golden', '0'], 'whole number, 1 or more'],
    [['x.onnx', '-o', 'o', '--target', 'cc'], 'no such choice: --target cc\ndid you mean: c'],
    [['x.onnx', '-o', 'o', '--clock', '0'], 'It must be a number above 0.'],
    [['x.onnx', '-o', 'o', '--target-fps', 'fast'], 'It must be a number above 0.'],
    [['x.onnx', '-o', 'o', '--numeric', 'fixd16'], "argument 'fixd16' is invalid. Did you mean fixed16?"],
    [['inspect', 'x.onnx', '--numeric', 'decimal'], 'Allowed choices are float32, fixed16'],
    [['verify', 'x.onnx', '--first-last', 'int4'], 'Did you mean int8?'],
    [['evaluate', 'x.onnx', '--images', 'd', '--calibrate-samples', '4'], '--calibrate-samples is about --calibrate'],
    [['simulate', 'x.onnx', '-i', 'x.npy', '--calibrate-samples', '0'], 'whole number, 1 or more'],
    [['inspect', 'x.onnx', '--calibrate', 'x.npy', '--mean', '0'], 'x.npy goes into the model as it is'],
    [['x.onnx', '-o', 'o', '--name', '9lives'], "argument '9lives' is invalid"],
    [['x.onnx', '-o', 'o', '--name', 'int'], 'a keyword of C'],
    [['x.onnx', '-o', 'o', '--name', 'main'], 'main'],
    [['x.onnx', '-o', 'o', '--weights', 'gold'], 'Allowed choices are auto, c, incbin'],
    [['x.onnx', '--dump-after', 'rise'], 'Allowed choices are'],
    [['x.onnx', '--dump-after', 'raise', '--json'], 'both want standard output'],
  ];
  test.each(cases)('%j', async (args, says) => {
    const { status, out, err } = await cli(args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^error: /);
    expect(err).toContain(says);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('no arguments at all: the help', async () => {
    const { status, err } = await cli([]);
    expect(status).toBe(2);
    expect(err).toContain('Examples');
  });
});

describe('help', () => {
  test('leads with examples and fits 80 columns', async () => {
    const { status, out } = await cli(['--help']);
    expect(status).toBe(0);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatchSnapshot();
  });

  test.each(['inspect', 'simulate', 'evaluate', 'merge'])('of %s', async (command) => {
    const { status, out } = await cli([command, '--help']);
    expect(status).toBe(0);
    expect(out).toMatchSnapshot();
    expect(await cli(['help', command])).toMatchObject({ status: 0, out });
  });

  test('the version has the package number first', async () => {
    const { status, out } = await cli(['--version']);
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+( \([0-9a-f]{7}\))?\n$/);
  });
});

describe('colour', () => {
  const fault = ['none.onnx', '-o', 'o'];
  test.each([
    ['on a terminal', { terminal: true }, true],
    ['not in a pipe', {}, false],
    ['not with NO_COLOR', { terminal: true, env: { NO_COLOR: '1' } }, false],
    ['not on a dumb terminal', { terminal: true, env: { TERM: 'dumb' } }, false],
    ['in a pipe with FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, true],
  ] as const)('%s', async (_title, world, colored) => {
    expect((await cli(fault, world)).err.includes('\x1b')).toBe(colored);
  });
  test('not with --no-color', async () => {
    expect((await cli([...fault, '--no-color'], { terminal: true })).err).not.toContain('\x1b');
  });
});

describe('a bug of ours: exit status 70', () => {
  const run = async (...more: string[]): Promise<{ status: number; err: string }> => {
    let err = '';
    const status = await runCommandLine([SMALL_DYBNN, '--dump-after', 'import', ...more], {
      out: () => {
        throw new TypeError('x is not a function');
      },
      err: (text) => {
        err += text;
      },
      outIsTerminal: false,
      errIsTerminal: false,
      columns: undefined,
      env: {},
    });
    return { status, err };
  };

  test('is told in one plain paragraph, without a stack trace', async () => {
    const { status, err } = await run();
    expect(status).toBe(70);
    expect(err.replace(/\s+/g, ' ')).toMatch(/has hit a bug of its own: x is not a function\. .* --verbose\. $/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('--verbose shows the stack', async () => {
    expect((await run('--verbose')).err).toMatch(/TypeError: x is not a function\n\s+at /);
  });
});
