/**
 * The sizes of an engine's memories that a network needs, from what was chosen of its arrays.
 *
 * Flows in: a network, the arrays, the order of pictures, parameters that are fixed. Flows out: a whole EngineConfig, with what is left of the
 * board's block RAM (or UltraRAM) as map memory; and which of the fixed ones are too small.
 */

import { SERIAL_FUNCTIONS } from './cycles.js';
import type { HardwareNames } from './hardware-names.js';
import { blockRam, URAM_WORDS } from './memory-blocks.js';
import { type EngineNetwork, hasTail, type NetworkOp } from './network.js';
import { oneGroup } from './one-group.js';
import { type OrderOptions, orderInstances } from './order-instances.js';
import { placeBits } from './place-bits.js';
import { placeVectors } from './place-vectors.js';
import { functionFields } from './plan-steps.js';
import { estimateResources, mapsInUram } from './resources.js';
import { channelWords, divideUp, roundUp, sizesOf } from './sizes.js';
import { type Convolution, convolutionOf, tileShape } from './slots.js';
import type { Board, EngineConfig, ResourceCounts } from './types.js';

/** What the search chooses; everything else follows. */
export interface EngineChoice {
  readonly portBits: EngineConfig['portBits'];
  readonly pe: number;
  readonly pixels: EngineConfig['pixels'];
  readonly int8Pe: number;
  readonly int8Simd: number;
  readonly floatRows: EngineConfig['floatRows'];
  readonly rowsInLutram: EngineConfig['rowsInLutram'];
  readonly weightWords: number;
  /** Words that weights may be ahead. */
  readonly weightFifo: number;
}

/** Adder of seven stages (Vitis HLS at 250 to 300 MHz on UltraScale+; five at 100 MHz on 7 series), and reading and writing the sums. */
const FLOAT_DEPTH = { 'zynq-ultrascale+': 10, 'zynq-7000': 8 } as const;
const FLOAT_SLOTS = 32;
const BLOCK_WORDS = 512;
const LEAST_BIT_WORDS = 2;

/** A parameter that was fixed too low for the network. */
export interface Short {
  readonly parameter: keyof EngineConfig;
  readonly needed: number;
  readonly fixed: number;
}

export interface SizedConfig {
  readonly config: EngineConfig;
  readonly short: readonly Short[];
}

/** Parameters that a network asks for; more of them does no harm. */
const ASKED: readonly (keyof EngineConfig)[] = [
  ...(['floatSlots', 'int8Words', 'groupWords', 'bitWords', 'rowWords', 'poolWords', 'storeWords'] as const),
  ...(['channels', 'vectors', 'maxPool', 'averagePool', 'functions', 'exponential'] as const),
];

/** Null where the weights of a tile do not fit the memories, or the pixels of a slot lie too far apart for the banks. */
export function sizeEngine(
  network: EngineNetwork,
  choice: EngineChoice,
  order: OrderOptions,
  board: Board,
  budget: ResourceCounts,
  folding: Partial<EngineConfig>,
  names: HardwareNames,
): SizedConfig | null {
  const { portBits, pe, pixels, int8Pe, int8Simd, floatRows, rowsInLutram, weightWords, weightFifo } = choice;
  const base: EngineConfig = {
    portBits,
    pe,
    pixels,
    int8Pe,
    int8Simd,
    floatDepth: FLOAT_DEPTH[board.family],
    floatRows,
    floatSlots: Math.max(FLOAT_SLOTS, divideUp(order.pictures, floatRows)),
    convertLanes: 1,
    weightWords,
    int8Words: 2,
    groupWords: 2,
    bitWords: LEAST_BIT_WORDS,
    mapWords: 1,
    rowWords: 1,
    rowsInLutram,
    poolWords: 1,
    storeWords: 0,
    channels: 1,
    vectors: 1,
    weightFifo,
    maxPool: network.ops.some((op) => op.kind === 'maxPool') ? 1 : 0,
    averagePool: network.ops.some((op) => op.kind === 'averagePool') ? 1 : 0,
    functions: network.ops.some(multiplies) ? 1 : 0,
    exponential: network.ops.some(isExponential) ? 1 : 0,
  };
  const { lanes, floatLanes, banks, tileWords, int8TileWords } = sizesOf(base);
  if ((folding.convertLanes ?? 1) > floatLanes) return null;
  const instances = orderInstances(network.ops, order);
  const convolutions = network.ops.flatMap((op) => convolutionOf(network, op) ?? []);
  if (convolutions.some((c) => c.kind === 'binaryConv' && reach(c, pixels) >= banks)) return null;
  const needed = convolutions.map((c) => tileShape(base, c));
  const binary = needed.filter((_, i) => convolutions[i]!.kind === 'binaryConv');
  const int8 = needed.filter((_, i) => convolutions[i]!.kind === 'int8Conv');
  const rowsOf = (t: (typeof needed)[number]): number => (t.tiles === 1 ? 1 : 2) * t.weightRows;
  if (binary.some((t) => rowsOf(t) > base.weightWords)) return null;
  const dense = network.ops.flatMap((op) =>
    op.kind === 'int8Dense' ? [(op.outputs > int8Pe ? 2 : 1) * divideUp(op.inputs, int8Simd)] : [],
  );
  const roomy: EngineConfig = {
    ...base,
    // A first layer stays resident as a whole; larger layers stream.
    int8Words: roundUp(Math.max(2, ...int8.map(rowsOf), ...dense), 2),
    groupWords: Math.max(pixels * tileWords, int8TileWords, BLOCK_WORDS / 2),
    bitWords: LEAST_BIT_WORDS,
    rowWords: 2 ** Math.ceil(Math.log2(rowBufferWords(network, lanes, int8Simd, order.pictures))),
    poolWords: Math.max(1, ...network.ops.map((op) => pooledRowWords(op, lanes))),
    storeWords: Math.max(0, ...network.ops.map((op) => storedRowWords(op, lanes))),
    channels: roundUp(Math.max(...network.ops.map(channelsOf)), lanes),
    vectors: roundUp(Math.max(1, placeVectors(network, order, floatLanes).floats), floatLanes),
  };
  const bits = placeBits(network, instances, banks, oneGroup(network, { ...roomy, ...folding }));
  const asked: EngineConfig = { ...roomy, bitWords: Math.max(LEAST_BIT_WORDS, bits.words) };
  const sized: EngineConfig = withConversions({ ...asked, ...folding }, folding, board, budget, names);
  const short = ASKED.flatMap((parameter): readonly Short[] => {
    const needed = LEAST[parameter]?.(asked) ?? asked[parameter] ?? 0;
    const fixed = folding[parameter];
    return fixed === undefined || fixed >= needed ? [] : [{ parameter, needed, fixed }];
  });
  if (folding.mapWords !== undefined) return { config: sized, short };
  return { config: { ...sized, mapWords: spareMapWords(sized, board, budget, names) }, short };
}

/** Where the usual size is more than is needed. */
const LEAST: Partial<Readonly<Record<keyof EngineConfig, (c: EngineConfig) => number>>> = {
  groupWords: (c) => Math.max(c.pixels * sizesOf(c).tileWords, sizesOf(c).int8TileWords),
};

/** Columns from the first to the last pixel of a slot. */
function reach({ window, output }: Convolution, pixels: number): number {
  return window.strideWidth * (Math.min(pixels, output.width) - 1);
}

function multiplies(op: NetworkOp): boolean {
  return op.kind === 'dense' && SERIAL_FUNCTIONS.has(functionFields(op.fn).function ?? 0);
}

function isExponential(op: NetworkOp): boolean {
  return op.kind === 'dense' && (op.fn?.kind === 'sigmoid' || op.fn?.kind === 'swish');
}

function channelsOf(op: NetworkOp): number {
  return hasTail(op) ? op.tail.shape.channels : 1;
}

function rowBufferWords(network: EngineNetwork, lanes: number, int8Simd: number, pictures: number): number {
  const words = network.ops.map((op) => {
    if (op.kind === 'int8Dense') return pictures * channelWords(op.inputs, lanes);
    if (op.kind !== 'int8Conv' && op.kind !== 'maxPool' && op.kind !== 'averagePool') return 1;
    const { shape, role } = network.maps[op.input]!;
    const narrow = role === 'input' && shape.channels < lanes && op.kind === 'int8Conv';
    const pixelLanes = narrow ? roundUp(shape.channels, int8Simd) : roundUp(shape.channels, lanes);
    const span = (op.window.kernelHeight - 1) * op.window.dilationHeight + 1;
    return span * divideUp(shape.width * pixelLanes, lanes);
  });
  return Math.max(2, ...words);
}

function pooledRowWords(op: NetworkOp, lanes: number): number {
  if (!hasTail(op) || op.tail.shortcut?.pool !== 2) return 1;
  return op.tail.shape.width * channelWords(op.tail.shortcut.channels, lanes);
}

function storedRowWords(op: NetworkOp, lanes: number): number {
  if (!hasTail(op) || !op.tail.store?.pool) return 0;
  return divideUp(op.tail.shape.width, 2) * channelWords(op.tail.shape.channels, lanes);
}

/** As many conversions at once as the others leave LUTs and DSP blocks for: one at a time takes little of a picture's time. */
function withConversions(
  config: EngineConfig,
  { convertLanes: fixed }: Partial<EngineConfig>,
  board: Board,
  budget: ResourceCounts,
  names: HardwareNames,
): EngineConfig {
  if (fixed !== undefined) return config;
  for (let convertLanes = sizesOf(config).floatLanes; convertLanes > 1; convertLanes /= 2) {
    const { total } = estimateResources({ ...config, convertLanes, mapWords: 1 }, board, names);
    if (total.lut <= budget.lut && total.dsp <= budget.dsp && total.ff <= budget.ff) return { ...config, convertLanes };
  }
  return config;
}

/** What the other memories leave of the budget. */
function spareMapWords(config: EngineConfig, board: Board, budget: ResourceCounts, names: HardwareNames): number {
  const { wordBits } = sizesOf(config);
  const { total } = estimateResources({ ...config, mapWords: 1 }, board, names);
  if (mapsInUram(board)) {
    const blocks = Math.floor((budget.uram - total.uram) / Math.ceil(wordBits / 72) + 1);
    return Math.max(1, blocks * URAM_WORDS);
  }
  const spare = budget.bram36 - total.bram36 + blockRam(wordBits, 1);
  let words = 1;
  while (blockRam(wordBits, words + BLOCK_WORDS - 1) <= spare) words += BLOCK_WORDS;
  return words === 1 ? 1 : words - 1;
}
