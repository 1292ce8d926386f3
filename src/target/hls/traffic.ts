/** Bytes that a step moves over its ports, from its descriptor alone (dybnn_memory.hpp). */
import { newRows } from './cycles.js';
import type { HardwareNames } from './hardware-names.js';
import { divideUp, sizesOf } from './sizes.js';
import type { DescriptorFields, EngineConfig, EngineKind } from './types.js';

export interface StepTraffic {
  /** Words read of maps, written to maps, read as parameters and weights. */
  readonly readWords: number;
  readonly writeWords: number;
  readonly weightWords: number;
  /** Words in whose place DDR could have moved others: the gaps between short bursts. */
  readonly gapWords: number;
  /** Of the descriptor and of outputs. */
  readonly otherBytes: number;
}

const DESCRIPTOR_BYTES = 256;
/** What a burst is reckoned to cost besides its words, where a map is not read in its own order. An assumption. */
const BURST_GAP_WORDS = 4;

export function stepTraffic(
  kind: EngineKind,
  fields: DescriptorFields,
  config: EngineConfig,
  names: HardwareNames,
): StepTraffic {
  const f = (name: string): number => fields[name] ?? 0;
  const { lanes } = sizesOf(config);
  const has = (name: string): boolean => (f('flags') & names.value(name)) !== 0;
  const weightWords = f('parameters_words') + f('weights_words');
  const otherBytes = DESCRIPTOR_BYTES + (kind === 'OUTPUT' ? 4 * f('outputs') : 0);
  const tail = ['BINARY_CONV', 'INT8_CONV', 'PASS', 'MAX_POOL', 'AVERAGE_POOL'].includes(kind);
  if (!tail) return { readWords: 0, writeWords: 0, weightWords, gapWords: 0, otherBytes };
  const pixels = f('out_height') * f('out_width');
  const outWords = divideUp(f('out_channels'), lanes);
  const groups = Math.max(1, f('groups'));
  let readWords = 0;
  let bursts = 0;
  if (kind === 'PASS')
    readWords += (f('in_height') * f('in_width') - f('in_chip_pixels')) * (f('in_pixel_lanes') / lanes);
  else if (kind !== 'BINARY_CONV') readWords += groups * rowWords(f, lanes);
  if (has('HAS_SHORTCUT')) {
    const width = divideUp(f('shortcut_channels'), lanes);
    const total = f('shortcut_pool') === 2 ? 4 * pixels : pixels;
    const inDdr = Math.max(0, total - f('shortcut_chip_pixels'));
    readWords += inDdr * (groups === 1 ? width : outWords);
    if (groups > 1) bursts += inDdr * groups;
  }
  // A pass takes turns of both, where both are in DDR (dybnn_memory.hpp).
  if (
    kind === 'PASS' &&
    has('HAS_SHORTCUT') &&
    readWords > 0 &&
    f('in_chip_pixels') + f('shortcut_chip_pixels') === 0
  ) {
    bursts += divideUp(readWords, names.size('TURN'));
  }
  const pooled = Math.floor(f('out_height') / 2) * Math.floor(f('out_width') / 2);
  const made = f('store_shift') > 0 ? pooled : pixels;
  const stored = has('STORE') ? Math.max(0, made - f('out_chip_pixels')) : 0;
  if (groups > 1) bursts += stored * groups;
  return {
    readWords,
    writeWords: stored * outWords,
    weightWords,
    gapWords: bursts * BURST_GAP_WORDS,
    otherBytes,
  };
}

/** Words of the rows that a step by rows brings from DDR for one group. */
function rowWords(f: (name: string) => number, lanes: number): number {
  const onChip = f('in_chip_pixels') * (f('in_pixel_lanes') / lanes);
  let words = 0;
  let next = 0;
  for (let y = 0; y < f('out_height'); y++) {
    const { first, end } = newRows(f, y, next);
    next = end;
    words += Math.max(0, end * f('in_row_words') - Math.max(onChip, first * f('in_row_words')));
  }
  return words;
}
