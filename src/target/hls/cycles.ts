/**
 * Cycles of a step in closed form, from its descriptor and the engine's parameters alone: what a simulation that counts must
 * come to (hw/hls/README.md, Cycles).
 */
import type { HardwareNames } from './hardware-names.js';
import { divideUp, type EngineSizes, SIMD, sizesOf } from './sizes.js';
import type { Bound, DescriptorFields, EngineConfig, EngineKind } from './types.js';

export interface StepCycles {
  readonly total: number;
  /** The unit that the longest loop waits for. */
  readonly bound: Exclude<Bound, 'DDR'>;
}

type Field = (name: string) => number;

/** Functions of clause 9 that multiply: one unit for all lanes. */
export const SERIAL_FUNCTIONS: ReadonlySet<number> = new Set([3, 4, 5, 6]);

export function stepCycles(
  kind: EngineKind,
  fields: DescriptorFields,
  config: EngineConfig,
  names: HardwareNames,
): StepCycles {
  const f: Field = (name) => fields[name] ?? 0;
  const s = sizesOf(config);
  const depth = (name: string): number => names.cycles(name);
  const overhead = depth('STEP_CYCLES') + depth('DESCRIPTOR_CYCLES');
  const loop = (iterations: number, start: string): number => (iterations > 0 ? iterations + depth(start) : 0);
  const conversions = (divideUp(f('outputs'), s.floatLanes) * s.floatLanes) / config.convertLanes;
  const parts: [Exclude<Bound, 'DDR'>, number][] = [['overhead', overhead]];
  switch (kind) {
    case 'END':
      break;
    case 'MEAN':
      parts.push(['float unit', loop(conversions, 'MEAN_DEPTH')]);
      break;
    case 'PARAMETER':
      parts.push(['float unit', loop(conversions, 'LOAD_DEPTH')]);
      break;
    case 'OUTPUT':
      parts.push(['float unit', loop(f('outputs'), 'LOAD_DEPTH')]);
      break;
    case 'DENSE':
      parts.push(['float unit', denseCycles(f, config, s, depth)]);
      break;
    case 'INT8_DENSE': {
      const slots = f('groups') * f('rows');
      const drain = config.int8Pe / s.floatLanes;
      const n = f('slot_iterations');
      parts.push(['overhead', loop(f('rows') * f('inputs'), 'LOAD_DEPTH')]);
      parts.push(['overhead', loop(f('weights_words') > 0 ? f('tile_words') : 0, 'LOAD_DEPTH')]);
      parts.push(['int8 array', (slots + 1) * n + drain + depth('SLOT_DEPTH')]);
      parts.push(['float unit', loop(f('rows') * f('outputs'), 'SCALE_DEPTH')]);
      break;
    }
    default:
      parts.push(...tailCycles(kind, f, config, s, depth, loop));
  }
  const total = parts.reduce((sum, [, cycles]) => sum + cycles, 0);
  const bound = parts.reduce((most, part) => (part[1] > most[1] ? part : most))[0];
  return { total, bound };
}

function denseCycles(f: Field, config: EngineConfig, s: EngineSizes, depth: (name: string) => number): number {
  const groups = divideUp(f('outputs'), s.floatLanes);
  const serial = SERIAL_FUNCTIONS.has(f('function'));
  let cycles = 0;
  const turns = divideUp(f('rows'), config.floatRows);
  for (let group = 0; group < groups; group += f('block_groups')) {
    const ofBlock = Math.min(f('block_groups'), groups - group);
    const slots = ofBlock * turns;
    const results = ofBlock * f('rows');
    cycles += slots + depth('LOAD_DEPTH');
    cycles += f('inputs') * Math.max(config.floatDepth, slots) + depth('DENSE_DEPTH');
    cycles += serial ? results * s.floatLanes + depth('FUNCTION_DEPTH') : results + depth('LOAD_DEPTH');
  }
  return cycles;
}

function tailCycles(
  kind: EngineKind,
  f: Field,
  config: EngineConfig,
  s: EngineSizes,
  depth: (name: string) => number,
  loop: (iterations: number, start: string) => number,
): [Exclude<Bound, 'DDR'>, number][] {
  const binary = kind === 'BINARY_CONV';
  const int8 = kind === 'INT8_CONV';
  const byRows = int8 || kind === 'MAX_POOL' || kind === 'AVERAGE_POOL';
  const n = f('slot_iterations');
  const outWords = divideUp(f('out_channels'), s.lanes);
  const drain = binary ? config.pixels * s.tileWords : int8 ? s.int8TileWords : 0;
  const columns = binary ? divideUp(f('out_width'), config.pixels) : f('out_width');
  const ofRow = binary || int8 ? columns : columns * outWords;
  const perTap = binary ? divideUp(f('in_channels'), SIMD) : int8 ? divideUp(f('in_channels'), config.int8Simd) : 1;
  const work = binary || int8 ? f('kernel_h') * f('kernel_w') * perTap : 0;
  const array = binary ? 'binary array' : 'int8 array';
  const limited = n > f('slot_tiles') * Math.max(work, drain) || work <= drain ? 'tail' : array;
  const parts: [Exclude<Bound, 'DDR'>, number][] = [
    ['overhead', loop(f('parameters_words'), 'LOAD_DEPTH')],
    ['overhead', loop(f('weights_words') > 0 ? f('slot_tiles') * f('tile_words') : 0, 'LOAD_DEPTH')],
  ];
  if (!byRows) {
    const slots = ofRow * f('out_height') * f('groups');
    parts.push([binary ? limited : 'tail', (slots + 1) * n + drain + depth('SLOT_DEPTH')]);
    return parts;
  }
  let rows = 0;
  let next = 0;
  for (let y = 0; y < f('out_height'); y++) {
    const { first, end } = newRows(f, y, next);
    rows += loop((end - first) * f('in_row_words'), 'LOAD_DEPTH');
    next = end;
  }
  const rowLoop = (ofRow + 1) * n + drain + depth('SLOT_DEPTH');
  parts.push(['row buffer', f('groups') * rows]);
  parts.push([int8 ? limited : 'tail', f('groups') * f('out_height') * rowLoop]);
  return parts;
}

/** Rows of the input that an output row needs and no earlier one of the group has brought. */
export function newRows(f: Field, y: number, next: number): { readonly first: number; readonly end: number } {
  const top = y * f('stride_h') - f('pad_top');
  const bottom = top + (f('kernel_h') - 1) * f('dilation_h') + 1;
  const first = Math.max(top, next);
  const end = Math.min(bottom, f('in_height'));
  return { first, end: Math.max(first, end) };
}
