/**
 * AMD's open simulation headers (ap_types, hls_stream: Apache 2.0), from the hls4ml wheel. They are fetched when asked for, kept in the
 * temporary folder, and never part of this repository.
 *
 * Out: the folder for `-I`, or why there is none. Note: its hls::stream has no depth argument, and a read of an empty stream only warns.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/host/run-program.js';
import { temporaryFolder } from '../../src/host/temporary-folder.js';

const WHEEL = 'hls4ml==1.3.0';
const HEADERS = join('hls4ml', 'templates', 'vivado', 'ap_types');

export async function fetchAmdHeaders(): Promise<string | { readonly skipped: string }> {
  const kept = join(tmpdir(), `dybnn-${WHEEL.replace('==', '-')}`);
  const headers = join(kept, HEADERS);
  if (existsSync(join(headers, 'ap_int.h'))) return headers;

  const python = process.env.PYTHON ?? 'python3';
  const folder = temporaryFolder('amd-headers');
  try {
    const downloads = join(folder.path, 'wheel');
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', downloads, WHEEL];
    const fetched = await runProgram(python, pip);
    if (fetched.kind === 'missing') return { skipped: `no ${python} to fetch ${WHEEL} with` };
    if (fetched.kind === 'failed') {
      return { skipped: `pip download ${WHEEL}: ${fetched.stderr.trim().split('\n').at(-1) ?? fetched.status}` };
    }
    const wheel = readdirSync(downloads).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return { skipped: `pip download ${WHEEL} left no wheel` };
    const unpacked = join(folder.path, 'unpacked');
    mkdirSync(unpacked);
    const unzipped = await runProgram(python, ['-m', 'zipfile', '-e', join(downloads, wheel), unpacked]);
    if (unzipped.kind !== 'done' || !existsSync(join(unpacked, HEADERS, 'ap_int.h'))) {
      return { skipped: `${wheel} does not hold ${HEADERS}` };
    }
    try {
      renameSync(unpacked, kept);
    } catch (error) {
      // Another process was first.
      if (!existsSync(join(headers, 'ap_int.h'))) throw error;
    }
    return headers;
  } finally {
    folder.remove();
  }
}
