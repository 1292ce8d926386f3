/**
 * Every small change to the portable kernels: each operator, comparison and constant of their code, one at a time, by rule.
 * What survives is printed with its line; most of that should be changes that cannot matter (a bound that is never met).
 *
 *   npx tsx test/proof/generated-mutants.ts [PATTERN]      files of hw/cpu, default: all portable ones
 */
import { readFileSync, rmSync } from 'node:fs';
import { compileBatch, removeBatch, runBatch } from './c-batch.js';
import { generate } from './generate-mutants.js';
import { buildKernels, defaultToolchain, inParallel, ownSources } from './toolchain.js';
import { allVectors, checkVector } from './vectors.js';

const FILES =
  /^kernels\/dybnn_((fixed_)?tail\.h|fixed_gap\.h|quantize\.h|packed_map\.h|bconv2d_plain\.h|functions\.h|popcount\.h|\w+_scalar\.c|unpack\.c)$/;

const pattern = new RegExp(process.argv[2] ?? '', 'i');
const sources = ownSources();
const mutants = [...sources]
  .filter(([path]) => FILES.test(path) && pattern.test(path))
  .flatMap(([path, text]) => generate(path, text));
const toolchain = {
  ...defaultToolchain,
  kernelFlags: [...defaultToolchain.kernelFlags, '-DDYBNN_ONLY_SCALAR', '-w', '-Wno-error'],
};
const items = allVectors().flatMap((vector) => {
  const checked = checkVector(vector);
  return checked.kind === 'ready' ? [checked.item] : [];
});
const batch = await compileBatch(items);
const own = await buildKernels(toolchain, sources);
const tally = { killed: 0, survived: 0, same: 0, uncompiled: 0 };
process.stdout.write(`${mutants.length} changes\n`);
try {
  await inParallel(
    mutants.map((m) => async () => {
      const built = await buildKernels(toolchain, new Map([...sources, [m.file, m.text]])).catch(() => null);
      if (built === null) {
        tally.uncompiled++;
        return;
      }
      const changed = built.objects.filter((object) => !own.objects.includes(object));
      const codeOf = (objects: readonly string[]): string => objects.map((o) => readFileSync(o, 'latin1')).join();
      const before = own.objects.filter((_, i) => built.objects[i] !== own.objects[i]);
      if (codeOf(changed) === codeOf(before)) {
        tally.same++;
        return;
      }
      const { differences } = await runBatch(batch, built, { timeout: 30_000 });
      tally[differences.size > 0 ? 'killed' : 'survived']++;
      if (differences.size === 0)
        process.stdout.write(`survived  ${m.file}:${m.line}\n            ${m.before}\n            ${m.after}\n`);
      if (built.folder !== own.folder) rmSync(built.folder, { recursive: true, force: true });
      for (const object of changed) rmSync(object, { force: true });
    }),
  );
} finally {
  removeBatch(batch);
}
process.stdout.write(
  `${tally.killed} of ${tally.killed + tally.survived} killed, ${tally.same} compile to the same code, ${tally.uncompiled} not at all\n`,
);
