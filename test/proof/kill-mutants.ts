/** Builds and runs planted bugs (mutants.ts) and says which were noticed, and by what. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { type BuiltBatch, runBatch } from './c-batch.js';
import type { CMutant, TypeScriptMutant } from './mutants.js';
import { patch } from './patch.js';
import { buildKernels, defaultToolchain, ownSources, PROOF_FOLDER, run } from './toolchain.js';

export type Outcome =
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'survived' }
  /** This processor has none of the sets that the change is in. */
  | { readonly kind: 'skipped'; readonly why: string };

/** `batch`: the contract's vectors, compiled; `sets`: what the processor has. */
export async function killCMutant(mutant: CMutant, batch: BuiltBatch, sets: readonly string[]): Promise<Outcome> {
  if (mutant.needs && !mutant.needs.some((set) => sets.includes(set))) {
    return { kind: 'skipped', why: `this processor has none of ${mutant.needs.join(', ')}` };
  }
  const sources = new Map(ownSources());
  const path = `kernels/${mutant.file}`;
  // A change to portable C shows in the portable set, which builds in no time. A change need not be free of warnings.
  const portable = mutant.needs ? [] : ['-DDYBNN_ONLY_SCALAR'];
  const toolchain = { ...defaultToolchain, kernelFlags: [...defaultToolchain.kernelFlags, ...portable, '-w'] };
  const own = await buildKernels(toolchain, sources);
  sources.set(path, patch(sources.get(path) ?? '', mutant.edits, mutant.name));
  const changed = await buildKernels(toolchain, sources);
  try {
    const { differences } = await runBatch(batch, changed, { most: 1 });
    for (const text of differences.values()) return { kind: 'killed', by: text };
    return { kind: 'survived' };
  } finally {
    if (changed.folder !== own.folder) rmSync(changed.folder, { recursive: true, force: true });
    for (const object of changed.objects) if (!own.objects.includes(object)) rmSync(object, { force: true });
  }
}

const LINKED = ['node_modules', 'hw', 'package.json', 'tsconfig.json'];

export async function killTypeScriptMutant(mutant: TypeScriptMutant): Promise<Outcome> {
  const text = patch(readFileSync(join(PACKAGE_ROOT, mutant.file), 'utf8'), mutant.edits, mutant.name);
  return killChangedFile(mutant.file, text, mutant.by);
}

/** A copy of the package with the change in it, in which mutant-check.ts looks for it. */
export async function killChangedFile(path: string, text: string, by: TypeScriptMutant['by']): Promise<Outcome> {
  mkdirSync(PROOF_FOLDER, { recursive: true });
  const copy = mkdtempSync(join(PROOF_FOLDER, 'mutant-'));
  try {
    for (const folder of ['src', 'templates', 'test/proof', 'test/support'])
      cpSync(join(PACKAGE_ROOT, folder), join(copy, folder), { recursive: true });
    for (const name of LINKED) symlinkSync(join(PACKAGE_ROOT, name), join(copy, name));
    writeFileSync(join(copy, path), text);
    const how = by instanceof RegExp ? ['c', by.source] : [by];
    const command = [
      process.execPath,
      join(PACKAGE_ROOT, 'node_modules/tsx/dist/cli.mjs'),
      join(copy, 'test/proof/mutant-check.ts'),
      ...how,
    ];
    const env = { ...process.env, FIXTURES: join(PACKAGE_ROOT, 'test/exports/fixtures') };
    const result = await run(command, { timeout: 300_000, env });
    if (result.status === 0) return { kind: 'killed', by: result.stdout.trim() };
    if (result.status === 3) return { kind: 'survived' };
    throw new Error(`${path}: the check itself failed (${result.status}): ${result.stderr.slice(0, 2000)}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
