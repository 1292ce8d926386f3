/** Applies a mutant's edits; the first place of each text is changed. One that is not there means that the mutant is stale. */
import type { Edit } from './mutants.js';

export function patch(text: string, edits: readonly Edit[], where: string): string {
  let patched = text;
  for (const { find, put } of edits) {
    const at = patched.indexOf(find);
    if (at < 0) throw new Error(`${where}: the text to change is gone: ${find}`);
    patched = patched.slice(0, at) + put + patched.slice(at + find.length);
  }
  return patched;
}
