/** What is benchmarked: the networks written here, and the trained ones of the examples where they are there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../src/host/package-root.js';
import { buildNetwork, EXPECTED_MACS, IMAGENET_NETWORKS } from './networks.js';
import { readBytes } from './project.js';

export interface Subject {
  readonly name: string;
  readonly model: () => Uint8Array;
  /** Binary multiply-accumulates that the compiled program must count. */
  readonly binaryMacs?: number;
}

/** For files and symbols. */
export const identifierOf = ({ name }: Subject): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/** Those that are named, in any case; all where none is. Throws an Error with a sentence for the user. */
export function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
  what: string,
): readonly T[] {
  const wanted = names.map((name) => name.toLowerCase());
  const unknown = wanted.filter((name) => !all.some((a) => a.name.toLowerCase() === name));
  if (unknown.length > 0) {
    throw new Error(`no ${what} ${unknown.join(', ')}; there are ${all.map((a) => a.name).join(', ')}`);
  }
  return wanted.length === 0 ? all : all.filter((a) => wanted.includes(a.name.toLowerCase()));
}

const TRAINED: readonly (readonly [name: string, file: string])[] = [
  ['Fashion-DyBNN', 'dybnn.onnx'],
  ['Fashion-ReActNet', 'reactnet.onnx'],
];

export function subjects(): readonly Subject[] {
  const built = IMAGENET_NETWORKS.map((spec) => ({
    name: spec.name,
    model: () => buildNetwork(spec),
    binaryMacs: EXPECTED_MACS[spec.backbone].binary,
  }));
  const trained = TRAINED.flatMap(([name, file]): Subject[] => {
    const path = join(PACKAGE_ROOT, 'examples', 'fashion-mnist', 'models', file);
    return existsSync(path) ? [{ name, model: () => readBytes(path) }] : [];
  });
  return [...built, ...trained];
}
