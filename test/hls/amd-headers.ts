/**
 * Our simulation headers against AMD's: the whole exercise built with each, compared line by line, and our lines with the model. Ends
 * with 1 where one differs; where AMD's headers cannot be had it says why, and only the model is asked.
 *
 *   npx tsx test/hls/amd-headers.ts
 */
import { temporaryFolder } from '../../src/host/temporary-folder.js';
import { fetchAmdHeaders } from './fetch-amd-headers.js';
import { ALL_PARTS, exercise, OUR_PARTS, SIM_HEADERS, STRICT_FLAGS, versionOf } from './sim-build.js';
import { expectedLine } from './sim-model.js';

const compiler = process.env.CXX ?? 'g++';
const version = await versionOf(compiler);
const amd = await fetchAmdHeaders();
const say = (text: string): unknown => process.stdout.write(`${text}\n`);
let [passed, failed, skipped] = [0, 0, 0];

function compare(what: string, ours: readonly string[], theirs: readonly string[]): void {
  const differing = ours.flatMap((line, at) =>
    line === theirs[at] ? [] : [{ line, other: theirs[at] ?? '(nothing)' }],
  );
  const same = differing.length === 0 && ours.length === theirs.length && ours.length > 1000;
  say(`${same ? 'equal ' : 'DIFFER'}  ${what}: ${ours.length} lines, ${differing.length} differ`);
  for (const { line, other } of differing.slice(0, 5)) say(`          ours   ${line}\n          theirs ${other}`);
  if (same) passed++;
  else failed++;
}

if (version === null) {
  say(`skipped: no ${compiler}`);
  skipped++;
} else {
  say(`${version}, AMD's headers: ${typeof amd === 'string' ? amd : `skipped: ${amd.skipped}`}`);
  const folder = temporaryFolder('hls-sim');
  try {
    for (const part of ALL_PARTS) {
      const build = { compiler, into: folder.path };
      const ours = (await exercise(part, { ...build, headers: SIM_HEADERS, flags: ['-O1', ...STRICT_FLAGS] })).split(
        '\n',
      );
      compare(`part ${part} against the model`, ours.slice(0, -1), ours.slice(0, -1).map(expectedLine));
      if (OUR_PARTS.includes(part)) continue;
      if (typeof amd === 'string') {
        const theirs = await exercise(part, { ...build, headers: amd, flags: ['-O0', '-w'] });
        compare(`part ${part} against AMD's headers`, ours, theirs.split('\n'));
      } else {
        skipped++;
      }
    }
  } finally {
    folder.remove();
  }
}
say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
