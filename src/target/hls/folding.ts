/**
 * --folding: parameters of the engine that the user fixes; the search keeps them and finds the rest.
 *
 * Flows in: JSON, an object of EngineConfig's fields or an earlier report.json. Flows out: those fields, each within what the engine can be built
 * for by itself (hw/hls/README.md, Parameters); how they go together is seen once all are known.
 */
import { DiagnosticError, fail, makeDiagnostic } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../text/suggest.js';
import type { EngineConfig } from './types.js';

export type Folding = Partial<EngineConfig>;

interface Rule {
  readonly says: string;
  readonly holds: (value: number) => boolean;
}

/** Words of a memory: more than any device has, and far from what would not fit an address. */
const MOST_WORDS = 2 ** 20;
const MOST_OUTPUTS = 1024;

const oneOf = (...values: readonly number[]): Rule => ({
  says: `one of ${values.join(', ')}`,
  holds: (v) => values.includes(v),
});
const powerOfTwo = (most: number, least = 1): Rule => ({
  says: `a power of two ${least > 1 ? `from ${least} ` : ''}up to ${most}`,
  holds: (v) => v >= least && v <= most && Number.isInteger(Math.log2(v)),
});
const multipleOf = (unit: number, most = MOST_WORDS): Rule => ({
  says: unit === 1 ? `a whole number from 1 to ${most}` : `a multiple of ${unit} up to ${most}`,
  holds: (v) => Number.isInteger(v) && v >= unit && v <= most && v % unit === 0,
});

const upTo = (most: number): Rule => ({
  says: `a whole number up to ${most}`,
  holds: (v) => Number.isInteger(v) && v >= 0 && v <= most,
});

const RULES: Readonly<Record<keyof EngineConfig, Rule>> = {
  portBits: oneOf(64, 128, 256),
  floatDepth: multipleOf(1, 64),
  floatRows: oneOf(1, 2),
  floatSlots: multipleOf(1, 1024),
  convertLanes: oneOf(1, 2, 4, 8, 16),
  pe: powerOfTwo(MOST_OUTPUTS),
  pixels: oneOf(1, 2, 4, 8),
  int8Pe: powerOfTwo(MOST_OUTPUTS),
  int8Simd: oneOf(1, 2, 4, 8, 16, 32),
  weightWords: multipleOf(2),
  int8Words: multipleOf(2),
  groupWords: multipleOf(1),
  bitWords: powerOfTwo(MOST_WORDS, 2),
  mapWords: multipleOf(1),
  rowWords: powerOfTwo(MOST_WORDS),
  rowsInLutram: oneOf(0, 1),
  poolWords: multipleOf(1),
  storeWords: upTo(MOST_WORDS),
  channels: multipleOf(8, 65536),
  vectors: multipleOf(4),
  weightFifo: multipleOf(2),
  maxPool: oneOf(0, 1),
  averagePool: oneOf(0, 1),
  functions: oneOf(0, 1),
  exponential: oneOf(0, 1),
};

const NAMES = Object.keys(RULES) as readonly (keyof EngineConfig)[];
const isName = (name: string): name is keyof EngineConfig => Object.hasOwn(RULES, name);

export function parseFolding(text: string, file: string): Folding {
  const entries = Object.entries(parametersIn(text, file));
  const problems = entries.flatMap(([name, value]) => {
    if (!isName(name)) {
      const near = nearest(name, NAMES);
      return [
        makeDiagnostic('DYB410', {
          node: `${file}: ${JSON.stringify(name)}`,
          found: 'no parameter of the engine',
          supported: NAMES.join(', '),
          ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
        }),
      ];
    }
    const { says, holds } = RULES[name];
    if (typeof value === 'number' && holds(value)) return [];
    const found = JSON.stringify(value) ?? String(value);
    return [makeDiagnostic('DYB410', { node: `${file}: ${name}`, found: found.slice(0, 40), supported: says })];
  });
  if (problems.length > 0) throw new DiagnosticError(problems);
  return Object.fromEntries(entries) as Folding;
}

/** Its own, or those of the accelerator in a report. */
function parametersIn(text: string, file: string): object {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('DYB410', { node: file, found: 'not JSON', supported: 'an object such as {"pe": 64, "pixels": 4}' });
  }
  const config = isObject(json) && isObject(json.accelerator) ? json.accelerator.config : json;
  if (isObject(config)) return config;
  return fail('DYB410', {
    node: file,
    found: isObject(json) ? 'a report without an accelerator' : 'JSON that is no object',
    supported: 'an object such as {"pe": 64, "pixels": 4}, or the report.json of a project with --target hls',
  });
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
