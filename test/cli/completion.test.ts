import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, temporaryFolder } from './run-cli.js';

const root = temporaryFolder();
mkdirSync(join(root, 'folder'));
writeFileSync(join(root, 'net.onnx'), '');

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** What bash offers after these words. */
async function complete(...words: string[]): Promise<string[]> {
  const { out } = await cli(['completion', 'bash']);
  const script = `${out}
COMP_WORDS=(dybnn-compile ${words.map((w) => `'${w}'`).join(' ')})
COMP_CWORD=${words.length}
_dybnn_compile
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(!has('bash'))('bash offers', () => {
  test('commands and files first', async () => {
    expect(await complete('')).toEqual(
      expect.arrayContaining(['inspect', 'simulate', 'evaluate', 'net.onnx', 'folder']),
    );
    expect(await complete('ins')).toEqual(['inspect']);
  });

  test('the options of the command that was typed', async () => {
    expect(await complete('net.onnx', '--go')).toEqual(['--golden', '--golden-input']);
    expect(await complete('evaluate', 'net.onnx', '--sh')).toEqual(['--shard']);
    expect(await complete('inspect', 'net.onnx', '--go')).toEqual([]);
  });

  test('choices, folders and files as values', async () => {
    expect(await complete('net.onnx', '--weights', '')).toEqual(['auto', 'c', 'incbin']);
    expect(await complete('net.onnx', '-o', '')).toEqual(['folder']);
    expect(await complete('simulate', 'net.onnx', '--input', 'n')).toEqual(['net.onnx']);
    expect(await complete('net.onnx', '--golden', '')).toEqual([]);
  });
});

test.each(['zsh', 'fish'])(
  '%s: every option is there, and the shell takes the script where it is installed',
  async (shell) => {
    const { status, out } = await cli(['completion', shell]);
    expect(status).toBe(0);
    for (const name of ['zero-weights', 'golden-input', 'shard', 'resize']) expect(out).toContain(name);
    const file = join(root, `script.${shell}`);
    writeFileSync(file, out);
    if (has(shell)) expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' }).stderr).toBe('');
  },
);

test.skipIf(!has('fish'))('fish offers commands, options and choices', async () => {
  const { out } = await cli(['completion', 'fish']);
  writeFileSync(join(root, 'c.fish'), out);
  const offered = (line: string): string[] =>
    spawnSync('fish', ['--no-config', '-c', `source c.fish; complete -C '${line}'`], { cwd: root, encoding: 'utf8' })
      .stdout.split('\n')
      .map((l) => l.split('\t')[0]!)
      .filter((l) => l !== '');
  expect(offered('dybnn-compile ')).toEqual(expect.arrayContaining(['inspect', 'verify', 'net.onnx']));
  expect(offered('dybnn-compile evaluate net.onnx --sh')).toEqual(['--shard']);
  expect(offered('dybnn-compile net.onnx --weights ')).toEqual(['auto', 'c', 'incbin']);
});

test('another shell is wrong usage', async () => {
  expect((await cli(['completion', 'cmd'])).status).toBe(2);
});
