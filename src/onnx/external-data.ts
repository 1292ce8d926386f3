/**
 * Where external tensor data lie, and who may be asked for them.
 *
 * Flows in: a tensor's external_data entries. Flows out: a checked location, offset and length.
 * Keeps true: the host is only asked for a relative path that does not climb; whether it leaves the folder through a
 * link is the host's to refuse (node-external-data.ts).
 */

export type ExternalRead =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Why not, as the end of a sentence: "the file does not exist". */
  | { readonly kind: 'refused'; readonly reason: string };

/** Reads `length` bytes at `offset` of the file that `location` names, relative to the model's folder. */
export type ReadExternal = (location: string, offset: number, length: number) => ExternalRead;

export type ExternalRange =
  | { readonly kind: 'range'; readonly location: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** `expected`: the bytes that the tensor's type and shape need. */
export function externalRange(entries: ReadonlyMap<string, string>, expected: number): ExternalRange {
  const location = entries.get('location') ?? '';
  const problem = locationProblem(location);
  if (problem !== null) return { kind: 'refused', reason: problem };
  const offset = parseSize(entries.get('offset') ?? '0');
  const length = parseSize(entries.get('length') ?? String(expected));
  if (offset === null || length === null) return { kind: 'refused', reason: 'its offset or length is not a number' };
  if (length !== expected) {
    return { kind: 'refused', reason: `it declares ${length} bytes, the tensor's shape needs ${expected}` };
  }
  return { kind: 'range', location, offset, length };
}

function parseSize(text: string): number | null {
  if (!/^[0-9]{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

function locationProblem(location: string): string | null {
  if (location === '') return 'it names no file';
  if (location.includes('\0')) return 'its path holds a zero byte';
  if (/^([a-zA-Z]:|[\\/])/.test(location)) return 'its path is absolute';
  if (location.split(/[\\/]/).includes('..')) return "its path leaves the model's folder";
  return null;
}
