/** verify --report: a page, data, a folder, or the report of a project that was made before. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ACCELERATED } from '../report/report-fixtures.js';
import { cli, fixture, SCALAR_CFLAGS, SMALL_DYBNN, SMALL_INPUT, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
const at = (name: string): string => join(root, name);
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const verify = (...args: string[]) =>
  cli(['verify', SMALL_DYBNN, '--samples', '1', ...args], { env: { CFLAGS: SCALAR_CFLAGS } });
const schema: object = json(join(import.meta.dirname, '../../templates/report/report.schema.json'));

/** What `run --profile` would print, from the names that the project's main.c has. */
function profileOf(project: string): string {
  const names = /step_names\[\] = \{\n(.*?)\};/s.exec(readFileSync(join(project, 'main.c'), 'utf8'))![1]!;
  const steps = [...names.matchAll(/"(.*)"/g)].map(([, name], i) => `${String(i + 1).padStart(6)}.500 us  ${name}\n`);
  return `${steps.join('')}kernels: neon\nthreads: 4\nruns: 100\nmin_ms: 1.900000\nmedian_ms: 2.000000\n`;
}

beforeAll(async () => {
  expect((await cli([SMALL_DYBNN, '-o', at('project')])).status).toBe(0);
  writeFileSync(at('profile.txt'), profileOf(at('project')));
});

describe('with the generated C', { timeout: 600_000 }, () => {
  const environment = { ...process.env };
  beforeEach(() => {
    process.env.CFLAGS = SCALAR_CFLAGS;
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  test('a project gets what was found and measured; nothing else in it changes', async () => {
    const before = readdirSync(at('project'), { recursive: true });
    const { status, err } = await verify('--report', at('project'), '-q', '--input', SMALL_INPUT);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(readdirSync(at('project'), { recursive: true })).toEqual(before);
    const report = json(at('project/report.json'));
    const validate = new Ajv2020().compile(schema);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.verify).toMatchObject({ verdict: 'agree', samples: 1, inputs: SMALL_INPUT });
    expect(report.verify.c.kernels).toContain('scalar');
    expect(report.verify.layers).toHaveLength(report.layers.length);
    expect(report.times.compiler).toMatch(/, -O1 -DDYBNN_ONLY_SCALAR$/);
    expect(report.times.layers.map((l: { layer: number }) => l.layer)).toEqual([...report.layers.keys()]);
    const page = readFileSync(at('project/report.html'), 'utf8');
    expect(page).toContain('card-label">Time<span class="badge measured"');
    expect(page).toContain('every bit of every step equal to the simulator');
  });

  test('without make there are no times, and that is said', async () => {
    process.env.MAKE = 'no-such-make';
    const { status, err } = await verify('--no-onnx', '--report', at('no-make.json'));
    expect(status).toBe(0);
    expect(err).toMatch(/^warning\[DYB006\]: no times: no make\n/);
    expect(json(at('no-make.json'))).toMatchObject({ times: null, verify: { onnxRuntime: null, verdict: 'agree' } });
  });
});

test('a compiler that refuses is DYB007 with its own words, not a bug of ours', { timeout: 600_000 }, async () => {
  const { status, err } = await cli(['verify', SMALL_DYBNN, '--samples', '1', '--no-onnx'], {
    env: { CC: 'cc -include /no/such/header.h' },
  });
  expect(status).toBe(1);
  expect(err).toMatch(/^error\[DYB007\]/);
  expect(err).toContain('/no/such/header.h');
});

describe('without', () => {
  const quick = (...args: string[]) => verify('--no-c', ...args);

  test('one file, as page or as data', async () => {
    expect((await quick('--report', at('r.html'))).err).toBe(`wrote ${at('r.html')}\n`);
    expect(readFileSync(at('r.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect((await quick('--report', at('r.json'))).status).toBe(0);
    expect(json(at('r.json'))).toMatchObject({ times: null, verify: { c: null } });
  });

  test('a folder that does not exist, and again', async () => {
    for (const _ of [1, 2]) expect((await quick('--report', at('new/folder'))).status).toBe(0);
    expect(readdirSync(at('new/folder')).sort()).toEqual(['.dybnn-compile', 'report.html', 'report.json']);
  });

  test('times from another machine', async () => {
    expect((await quick('--report', at('p.json'), '--profile', at('profile.txt'))).status).toBe(0);
    const { times } = json(at('p.json'));
    expect(times).toMatchObject({ machine: 'profile.txt', kernels: 'neon', compiler: null, threads: 4, totalMs: 2 });
    expect(times.layers[2]).toEqual({ layer: 2, ms: 0.0035 });
  });

  test('a profile of something else is DYB003 with the first difference', async () => {
    const refused = async (text: string): Promise<string> => {
      writeFileSync(at('wrong.txt'), text);
      const { status, err } = await quick('--report', at('never.html'), '--profile', at('wrong.txt'));
      expect(status).toBe(1);
      expect(existsSync(at('never.html'))).toBe(false);
      return /^error\[DYB003\]: not a profile of this model\n.*\n {2}found {6}(.*)$/m.exec(err)![1]!;
    };
    const text = profileOf(at('project'));
    expect(await refused('hello')).toBe('it is not what run --profile prints');
    expect(await refused(text.replace(/^.*us .*\n/, ''))).toMatch(/^\d+ steps, where the model has \d+$/);
    expect(await refused(text.replace(/us {2}\w+/, 'us  other'))).toMatch(/^step 0 is other, in the model /);
  });

  test('what a report says of an accelerator stays', async () => {
    await cli([SMALL_DYBNN, '-o', at('fpga')]);
    const report = { ...json(at('fpga/report.json')), accelerator: ACCELERATED };
    writeFileSync(at('fpga/report.json'), JSON.stringify(report));
    expect((await quick('--report', at('fpga'))).status).toBe(0);
    expect(json(at('fpga/report.json'))).toMatchObject({ accelerator: ACCELERATED, verify: { verdict: 'agree' } });
  });

  test('a project of integers, with the options that it was compiled with; what its golden samples clipped stays', async () => {
    const fixed = ['--numeric', 'fixed16', '--calibrate', SMALL_INPUT];
    await cli([SMALL_DYBNN, '-o', at('integers'), ...fixed]);
    const before = json(at('integers/report.json'));
    const { status, err } = await verify('--no-c', '--no-onnx', '--report', at('integers'));
    expect(status).toBe(1);
    expect(err).toContain('give the options that it was compiled with');
    await verify('--no-c', '--no-onnx', '--report', at('integers'), ...fixed);
    expect(json(at('integers/report.json')).layers).toEqual(before.layers);
    expect(before.layers.some((l: { numbers: object | null }) => l.numbers !== null)).toBe(true);
  });

  test('a project of another model, a folder of someone else, and one without a report are refused before any work', async () => {
    const other = await cli(['verify', fixture('bn-kept.onnx'), '--no-c', '--report', at('project')]);
    expect(other).toMatchObject({ status: 1, out: '' });
    expect(other.err).toMatch(/^error\[DYB002\]: a project of another model\n/);
    mkdirSync(at('theirs'));
    writeFileSync(at('theirs/report.json'), '{}');
    expect((await quick('--report', at('theirs'))).err).toMatch(/^error\[DYB002\]: output folder is not ours\n/);
    await cli([SMALL_DYBNN, '-o', at('bare')]);
    rmSync(at('bare/report.json'));
    expect((await quick('--report', at('bare'))).err).toMatch(/^error\[DYB002\]: a folder without a report\n/);
    expect(existsSync(at('bare/Makefile'))).toBe(true);
  });

  test('a file that cannot be written is found before any work', async () => {
    const { status, err } = await quick('--verbose', '--report', at('no/such/r.html'));
    expect(status).toBe(1);
    expect(err).toMatch(/^error\[DYB008\]: cannot write the output\n/);
  });

  test('options about a report need one', async () => {
    for (const more of [['--no-times'], ['--profile', at('profile.txt')]])
      expect(await quick(...more)).toMatchObject({ status: 2, out: '' });
    expect((await quick('--report', at('x.html'), '--no-times', '--profile', 'p')).status).toBe(2);
  });

  test('a terminal sees what it is at, and then no more of it', async () => {
    const { err } = await cli(['verify', SMALL_DYBNN, '--no-c', '--samples', '1'], { terminal: true });
    expect(err).toContain('\rsample 1 of 1, layer by layer ...\x1b[K');
    expect(err.endsWith('\r\x1b[K')).toBe(true);
    expect((await quick()).err).toBe('');
  });
});
