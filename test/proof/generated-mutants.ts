/**
 * Every small change to the portable kernels: each operator, comparison and constant of their code, one at a time, by rule.
 * What survives is printed with its line; most of that should be changes that cannot matter (a bound that is never met).
 *
 *   npx tsx test/proof/generated-mutants.ts [PATTERN]      files of hw/cpu, default: all portable ones
 */
import { rmSync } from 'node:fs';
import { compileBatch, removeBatch, runBatch } from './c-batch.js';
import { checkGraph } from './check-networks.js';
import { contractVectors } from './contract-vectors.js';
import { regressionNetworks } from './regression-networks.js';
import { buildKernels, defaultToolchain, inParallel, ownSources } from './toolchain.js';

const FILES = /^kernels\/dybnn_(tail\.h|functions\.h|popcount\.h|\w+_scalar\.c|unpack\.c)$/;

/** What each token becomes. Spaces around operators tell them from signs, pointers and casts. */
const RULES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/ \+ /g, [' - ']],
  [/ - /g, [' + ']],
  [/ \* /g, [' + ']],
  [/ \/ /g, [' * ']],
  [/ % /g, [' / ']],
  [/ < /g, [' <= ', ' > ']],
  [/ > /g, [' >= ', ' < ']],
  [/ <= /g, [' < ']],
  [/ >= /g, [' > ']],
  [/ == /g, [' != ']],
  [/ && /g, [' || ']],
  [/ \|\| /g, [' && ']],
  [/ << /g, [' >> ']],
  [/ >> /g, [' << ']],
  [/ \^ /g, [' | ']],
  [/ & /g, [' | ']],
  [/ \|= /g, [' ^= ', ' &= ']],
  [/ \+= /g, [' -= ']],
  [/\b0\.0f\b/g, ['1.0f', '-0.0f']],
  [/\b1\.0f\b/g, ['0.5f']],
  [/(?<=[ (])0(?=[;,) ])/g, ['1']],
  [/(?<=[ (])1(?=[;,) ])/g, ['2']],
  [/(?<=[ (])2(?= \*)/g, ['1']],
  [/ \? (.+?) : (.+?)(?=[;)])/g, [' ? $2 : $1']],
];

interface Generated {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

function generate(file: string, text: string): readonly Generated[] {
  const lines = text.split('\n');
  let inComment = false;
  return lines.flatMap((line, index): Generated[] => {
    const comment = inComment || /^\s*\/\*/.test(line);
    inComment = comment && !line.includes('*/');
    if (comment || /^\s*#/.test(line)) return [];
    const code = line.replace(/\/\*.*?\*\//g, (c) => ' '.repeat(c.length));
    return RULES.flatMap(([pattern, becomes]) =>
      [...code.matchAll(pattern)].flatMap((match) =>
        becomes.map((put): Generated => {
          const replaced = match[0].replace(new RegExp(pattern.source), put);
          const after = code.slice(0, match.index) + replaced + code.slice(match.index + match[0].length);
          const changed = [...lines.slice(0, index), after, ...lines.slice(index + 1)].join('\n');
          return { file, line: index + 1, before: line.trim(), after: after.trim(), text: changed };
        }),
      ),
    );
  });
}

const pattern = new RegExp(process.argv[2] ?? '', 'i');
const sources = ownSources();
const mutants = [...sources]
  .filter(([path]) => FILES.test(path) && pattern.test(path))
  .flatMap(([path, text]) => generate(path, text));
const toolchain = {
  ...defaultToolchain,
  kernelFlags: [...defaultToolchain.kernelFlags, '-DDYBNN_ONLY_SCALAR', '-w', '-Wno-error'],
};
const items = [...contractVectors(), ...regressionNetworks()].flatMap(({ graph, inputs }) => {
  const checked = checkGraph(graph, inputs);
  return checked.kind === 'ready' ? [checked.item] : [];
});
const batch = await compileBatch(items);
const own = await buildKernels(toolchain, sources);
const tally = { killed: 0, survived: 0, uncompiled: 0 };
process.stdout.write(`${mutants.length} changes\n`);
try {
  await inParallel(
    mutants.map((m) => async () => {
      const built = await buildKernels(toolchain, new Map([...sources, [m.file, m.text]])).catch(() => null);
      if (built === null) {
        tally.uncompiled++;
        return;
      }
      const { differences } = await runBatch(batch, built, { timeout: 30_000 });
      tally[differences.size > 0 ? 'killed' : 'survived']++;
      if (differences.size === 0)
        process.stdout.write(`survived  ${m.file}:${m.line}\n            ${m.before}\n            ${m.after}\n`);
      rmSync(built.folder, { recursive: true, force: true });
      for (const object of built.objects) if (!own.objects.includes(object)) rmSync(object, { force: true });
    }),
  );
} finally {
  removeBatch(batch);
}
process.stdout.write(
  `${tally.killed} of ${tally.killed + tally.survived} killed, ${tally.uncompiled} do not compile\n`,
);
