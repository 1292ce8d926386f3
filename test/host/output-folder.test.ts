import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { checkOutputFolder, MARKER, OutputFolder } from '../../src/host/output-folder.js';
import { writeProject } from '../../src/host/write-project.js';
import { temporaryFolder } from '../cli/run-cli.js';

const root = temporaryFolder();
let dir = '';
let number = 0;

beforeEach(() => {
  dir = join(root, `case-${number++}`);
  mkdirSync(dir);
});

const files = (entries: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(entries));
const read = (...path: string[]): string => readFileSync(join(dir, ...path), 'utf8');

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return `${error.diagnostics[0]!.code}: ${error.diagnostics[0]!.found}`;
    throw error;
  }
  return 'no error';
}

test('a folder that does not exist is made, with its parents and a marker', () => {
  writeProject(join(dir, 'a/b/out'), files({ 'x.c': '1', 'kernels/deep/y.c': '2' }));
  expect(read('a/b/out/kernels/deep/y.c')).toBe('2');
  expect(JSON.parse(read('a/b/out', MARKER)).files).toEqual(['kernels/deep/y.c', 'x.c']);
  expect(readdirSync(join(dir, 'a/b'))).toEqual(['out']);
});

test('an empty folder may be used', () => {
  mkdirSync(join(dir, 'out'));
  writeProject(join(dir, 'out'), files({ x: '1' }));
  expect(read('out/x')).toBe('1');
});

test('a folder of ours is replaced: what is no longer generated goes, builds go, files of the user stay', () => {
  const out = join(dir, 'out');
  writeProject(out, files({ old: '1', both: '1', 'k/old.c': '1' }));
  mkdirSync(join(out, 'build'));
  writeFileSync(join(out, 'build/x.o'), '');
  writeFileSync(join(out, 'run'), '');
  mkdirSync(join(out, 'mine'));
  writeFileSync(join(out, 'mine/notes.txt'), 'keep');
  writeProject(out, files({ both: '2', new: '2' }));
  expect(readdirSync(out).sort()).toEqual([MARKER, 'both', 'mine', 'new'].sort());
  expect(read('out/both')).toBe('2');
  expect(read('out/mine/notes.txt')).toBe('keep');
  expect(readdirSync(dir)).toEqual(['out']);
});

test('a file of the user in the place of a new one is refused before anything changes', () => {
  const out = join(dir, 'out');
  writeProject(out, files({ a: '1' }));
  writeFileSync(join(out, 'b'), 'mine');
  expect(codeOf(() => writeProject(out, files({ a: '2', b: '2' })))).toMatch(/^DYB002: b, which/);
  expect(codeOf(() => writeProject(out, files({ a: '2', 'b/c': '2' })))).toMatch(/^DYB002: b, which/);
  expect([read('out/a'), read('out/b')]).toEqual(['1', 'mine']);
  expect(readdirSync(dir)).toEqual(['out']);
});

describe('never touched:', () => {
  test('a folder without our marker', () => {
    writeFileSync(join(dir, 'thesis.tex'), 'years of work');
    expect(codeOf(() => writeProject(dir, files({ x: '1' })))).toMatch(/^DYB002: thesis.tex, without our marker/);
    expect(readdirSync(dir)).toEqual(['thesis.tex']);
  });

  test('a folder with a marker of something else', () => {
    writeFileSync(join(dir, MARKER), 'not json');
    expect(codeOf(() => checkOutputFolder(dir))).toMatch(/^DYB002: a marker file/);
    writeFileSync(join(dir, MARKER), '{"generator": "other", "files": []}');
    expect(codeOf(() => checkOutputFolder(dir))).toMatch(/^DYB002: a marker file/);
  });

  test('a file', () => {
    writeFileSync(join(dir, 'f'), 'x');
    expect(codeOf(() => writeProject(join(dir, 'f'), files({ x: '1' })))).toBe('DYB002: a file of that name');
    expect(codeOf(() => writeProject(join(dir, 'f/under'), files({ x: '1' })))).toMatch(/^DYB008/);
    expect(read('f')).toBe('x');
  });

  test('the root, the home folder, a link that leads nowhere', () => {
    expect(codeOf(() => checkOutputFolder('/'))).toBe('DYB002: the root of the file system');
    expect(codeOf(() => checkOutputFolder(homedir()))).toBe('DYB002: your home folder');
    symlinkSync(join(dir, 'nowhere'), join(dir, 'link'));
    expect(codeOf(() => checkOutputFolder(join(dir, 'link')))).toMatch(/^DYB002: a symbolic link/);
  });
});

test('a marker cannot make us remove what lies outside', () => {
  const out = join(dir, 'out');
  writeFileSync(join(dir, 'outside'), 'x');
  mkdirSync(out);
  writeFileSync(
    join(out, MARKER),
    JSON.stringify({ generator: 'dybnn-compile 0', files: ['../outside', '/etc/passwd'] }),
  );
  writeProject(out, files({ x: '1' }));
  expect(read('outside')).toBe('x');
});

test('through a link to a folder of ours, the folder is replaced and the link stays', () => {
  writeProject(join(dir, 'real'), files({ x: '1' }));
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  writeProject(join(dir, 'link'), files({ x: '2' }));
  expect(read('real/x')).toBe('2');
  expect(realpathSync(join(dir, 'link'))).toBe(realpathSync(join(dir, 'real')));
});

describe('the working folder', () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  test('is filled, not replaced: a shell that stands in it goes on', () => {
    const out = join(dir, 'out');
    mkdirSync(out);
    process.chdir(out);
    writeProject('.', files({ a: '1', 'k/b': '1' }));
    writeProject('.', files({ a: '2', c: '2' }));
    expect(readdirSync('.').sort()).toEqual([MARKER, 'a', 'c', 'k'].sort());
    expect(readFileSync('a', 'utf8')).toBe('2');
    expect(readdirSync(dir)).toEqual(['out']);
  });
});

test('a draft that is given up leaves nothing, not even the parents that it made', () => {
  const folder = new OutputFolder(join(dir, 'a/b/out'));
  folder.write('x', '1');
  folder.discard();
  expect(readdirSync(dir)).toEqual([]);
});

test('until the last moment the old folder is there, whole', () => {
  writeProject(join(dir, 'out'), files({ x: '1' }));
  const folder = new OutputFolder(join(dir, 'out'));
  folder.write('x', '2');
  expect(read('out/x')).toBe('1');
  folder.commit();
  expect(read('out/x')).toBe('2');
});

test('a back end cannot write outside', () => {
  const folder = new OutputFolder(join(dir, 'out'));
  for (const name of ['../x', '/x', 'a/../../x', 'a//b', '', 'c:x', 'a\\b'])
    expect(() => folder.write(name, '')).toThrow('a back end made');
  folder.discard();
});

test.skipIf(process.getuid?.() === 0)('a parent that may not be written is DYB008', () => {
  chmodSync(dir, 0o500);
  expect(codeOf(() => writeProject(join(dir, 'out'), files({ x: '1' })))).toMatch(/^DYB008: permission denied/);
  chmodSync(dir, 0o700);
});

test('a folder that someone else fills meanwhile is not ours to take', () => {
  const out = join(dir, 'out');
  const folder = new OutputFolder(out);
  folder.write('x', '1');
  mkdirSync(out);
  writeFileSync(join(out, 'theirs'), 'x');
  expect(codeOf(() => folder.commit())).toMatch(/^DYB002/);
  folder.discard();
  expect(readdirSync(out)).toEqual(['theirs']);
  rmSync(out, { recursive: true });
  expect(existsSync(out)).toBe(false);
});
