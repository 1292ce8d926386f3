/**
 * The C identifier under which a generated model goes: the prefix of its symbols, and its files' name.
 */
import { identifier } from './text/identifier.js';

/**
 * Names that a project already uses for something else: its folders and files (main.c, golden/), targets of make and CMake,
 * and the prefix of the kernels' symbols.
 */
const TAKEN = new Set(
  'all build clean dybnn golden help install kernels main package report run runner test'.split(' '),
);

/** From a model's file name: "My-Net (v2).onnx" -> "my_net_v2". */
export function modelSymbol(modelName: string): string {
  const stem = modelName.replace(/\.(onnx|pb|onnx\.pb)$/i, '');
  const name = identifier(stem, 'model');
  return symbolProblem(name) === null ? name : `${name.replace(/_+$/, '')}_model`;
}

/** Why a name cannot be used, or null. */
export function symbolProblem(name: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return 'not a letter followed by letters, digits and underscores';
  if (name.length > 48) return 'longer than 48 characters';
  if (TAKEN.has(name.toLowerCase())) return 'taken by the generated project itself';
  if (identifier(name, 'model').endsWith('_') && !name.endsWith('_')) return 'a keyword of C or C++';
  return null;
}
