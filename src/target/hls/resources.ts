/**
 * What an engine takes of a device, estimated: each unit times its cost.
 *
 * Flows in: parameters, the board, the clock. Flows out: Resources, each item with what it is for.
 * Costs of units are of three kinds, and each says which: measured by synthesis of the same logic with an open tool
 * (test/hls/area/measure.py), read in a published report, or assumed. Memories: memory-blocks.ts. None of it is from a synthesis of
 * the engine itself; docs/contribute/hardware.md says how far such sums were off on published designs.
 */
import type { HardwareNames } from './hardware-names.js';
import { blockRam, lutRam, ultraRam } from './memory-blocks.js';
import { sizesOf } from './sizes.js';
import type { Board, EngineConfig, ResourceCounts, ResourceItem, ResourceName, Resources } from './types.js';

export const RESOURCE_NAMES: readonly ResourceName[] = ['lut', 'ff', 'bram36', 'uram', 'dsp'];
export const RESOURCE_TITLES: Readonly<Record<ResourceName, string>> = {
  lut: 'LUT',
  ff: 'FF',
  bram36: 'BRAM36',
  uram: 'URAM',
  dsp: 'DSP',
};
export const NOTHING: ResourceCounts = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };

const cost = (lut: number, ff: number, dsp = 0, bram36 = 0, uram = 0): ResourceCounts => ({
  lut,
  ff,
  bram36,
  uram,
  dsp,
});
const times = (n: number, c: ResourceCounts): ResourceCounts => mapCounts((name) => n * c[name]);
const plus = (...counts: readonly ResourceCounts[]): ResourceCounts =>
  mapCounts((name) => counts.reduce((sum, c) => sum + c[name], 0));

function mapCounts(of: (name: ResourceName) => number): ResourceCounts {
  return { lut: of('lut'), ff: of('ff'), bram36: of('bram36'), uram: of('uram'), dsp: of('dsp') };
}

/** test/hls/area/measure.py: column "pairs", FF, DSP. */
const MEASURED = {
  /** 64 bits of one output at one pixel: XOR, compressor tree, accumulator. */
  dot: cost(112, 119),
  tailLane: cost(593, 353, 2),
  /** An output of the int8 array with four inputs. */
  int8Output: cost(90, 274, 4),
  poolLane: cost(366, 152, 1),
  toFloat: cost(205, 105),
  toFixed: cost(178, 76),
};

/**
 * Float adder with DSP blocks: 2 DSP, 226 LUT, 177 FF (a csynth report of Vitis HLS for UltraScale+, fadd_32ns_32ns_32_3_full_dsp;
 * deeper pipelines have more FF: 32 assumed for each further stage). Multiplier: 3 DSP (PG060, "maximum usage"); its LUT and FF are assumed.
 */
const FLOAT_ADDER = cost(226, 177 + 4 * 32, 2);
const FLOAT_MULTIPLIER = cost(100, 150, 3);
/** One for all lanes, where a network has such functions: a chain of products and sums (clause 9.2); with the exponential 9.3. Assumed from the cores above. */
const FUNCTION_UNIT = plus(times(3, FLOAT_MULTIPLIER), times(2, FLOAT_ADDER));
const EXPONENTIAL_UNIT = plus(times(9, FLOAT_MULTIPLIER), times(9, FLOAT_ADDER), cost(1500, 2500));

/**
 * m_axi adapter of 32 bits: 580 LUT, 512 FF, 4 RAMB18 for both directions (a csynth report of Vitis HLS for xczu3eg). A wider one has as many more
 * registers: 4 LUT and 6 FF a bit assumed. s_axilite: 490 LUT, 291 FF (the same report), 60 and 100 assumed for each pointer of 64 bits.
 */
export const axiAdapter = (bits: number, directions: number): ResourceCounts =>
  cost(580 + 4 * (bits - 32), 512 + 6 * (bits - 32), 0, directions * Math.max(1, Math.ceil(bits / 72)));
const AXI_LITE = cost(490 + 8 * 60, 291 + 8 * 100);
/** From the adapters to the processing system's ports: a width or protocol converter each. Assumed. */
const interconnect = (bits: number, portBits: number): ResourceCounts =>
  bits > portBits ? cost(900 + bits, 1500 + 2 * bits) : cost(500, 800);

/** Counters, addresses, descriptor, step control; products of sizes take a DSP block each. Assumed. */
const CONTROL = cost(4000, 6500, 24);

export function mapsInUram(board: Board): boolean {
  return board.budget.uram > 0;
}

export function estimateResources(config: EngineConfig, board: Board, names: HardwareNames): Resources {
  const items = [
    ...unitItems(config, board),
    ...memoryItems(config, board, names),
    ...interfaceItems(config, board),
    { what: 'control of steps and loops', counts: CONTROL },
  ].map(({ what, counts }) => ({ what, counts: mapCounts((n) => Math.ceil(2 * counts[n]) / 2) }));
  const total = mapCounts((name) => Math.ceil(items.reduce((sum, i) => sum + i.counts[name], 0)));
  return { items, total };
}

/** LUTs of a choice among n: a LUT6 chooses among four. */
const chooser = (n: number): number => Math.ceil((n - 1) / 3);

function unitItems(config: EngineConfig, board: Board): readonly ResourceItem[] {
  const { pe, pixels, int8Pe, int8Simd, floatRows, floatSlots, convertLanes, storeWords, functions } = config;
  const { lanes, floatLanes, banks, tileWords, int8TileWords } = sizesOf(config);
  const drained = lanes * (15 * chooser(pixels * tileWords) + 17 + 32 * chooser(int8TileWords));
  const pair = plus(FLOAT_MULTIPLIER, FLOAT_ADDER);
  return [
    {
      what: `binary array, ${pe} outputs x ${pixels} pixels x 64 bits`,
      counts: plus(
        times(pe * pixels, MEASURED.dot),
        // Results of a finished tile wait for their drain; words of weights and activations in registers.
        cost(64 * pixels * chooser(banks), 15 * pe * pixels + 64 * (pe + pixels)),
      ),
    },
    {
      what: `int8 array, ${int8Pe} outputs x ${int8Simd} inputs`,
      counts: plus(
        times((int8Pe * int8Simd) / 4, MEASURED.int8Output),
        cost(16 * int8Simd * chooser(lanes / int8Simd), 32 * int8Pe),
      ),
    },
    { what: 'drain of finished tiles', counts: cost(drained, 2 * 16 * lanes) },
    // And the choice of a recent sum in front of the adder.
    { what: `tail, ${lanes} lanes`, counts: times(lanes, plus(MEASURED.tailLane, cost(32 * chooser(4), 0))) },
    { what: 'pools', counts: poolLanes(config, lanes) },
    { what: 'sums of pooled shortcuts', counts: pooledSums(lanes) },
    // And the choice of a shift.
    {
      what: 'sums of maps stored pooled',
      counts: storeWords > 0 ? plus(pooledSums(lanes), cost(16 * lanes, 0)) : NOTHING,
    },
    {
      what: `float unit, ${floatLanes} lanes${floatRows === 1 ? '' : ` x ${floatRows} vectors`}`,
      counts: plus(
        times(floatRows * floatLanes, pair),
        // A float of a vector: of each vector that a dense layer takes, for the int8 array, its scale, its sum, for the output, for a function.
        cost(32 * (4 + floatRows + functions) * chooser(floatLanes), 64 * floatRows * floatLanes),
        cost(lutRam(32 * floatRows * floatLanes, floatSlots, board.family) + 32 * floatLanes * chooser(floatRows), 0),
      ),
    },
    { what: 'functions', counts: functionUnit(config) },
    {
      what: 'conversions between integers and floats',
      counts: plus(
        times(convertLanes, plus(MEASURED.toFloat, FLOAT_MULTIPLIER)),
        times(convertLanes + 1, MEASURED.toFixed),
        // A piece of the sums' two words, of a word of a vector; the pieces of a word of parameters wait for the last.
        cost(32 * convertLanes * (chooser(lanes / convertLanes) + chooser(floatLanes / convertLanes)), 16 * floatLanes),
        // 14.3, one a cycle.
        plus(MEASURED.toFloat, pair),
      ),
    },
  ];
}

/** An adder, and the choice among the last words and the memory's. */
const pooledSums = (lanes: number): ResourceCounts => cost(lanes * 2 * 18, lanes * 4 * 18);

function functionUnit({ functions, exponential }: EngineConfig): ResourceCounts {
  if (!functions) return NOTHING;
  return exponential ? plus(FUNCTION_UNIT, EXPONENTIAL_UNIT) : FUNCTION_UNIT;
}

/** A maximum is a comparison and a register; an average needs the product. */
function poolLanes({ maxPool, averagePool }: EngineConfig, lanes: number): ResourceCounts {
  return averagePool ? times(lanes, MEASURED.poolLane) : maxPool ? times(lanes, cost(40, 32)) : NOTHING;
}

function memoryItems(config: EngineConfig, board: Board, names: HardwareNames): readonly ResourceItem[] {
  const { wordBits, lanes, floatLanes, banks, weightRowWords, int8RowWords } = sizesOf(config);
  const { family } = board;
  const block = (what: string, count: number, bits: number, words: number): ResourceItem => ({
    what,
    counts: cost(0, 0, 0, count * blockRam(bits, words)),
  });
  const rows = (what: string, bits: number, words: number): ResourceItem =>
    config.rowsInLutram ? { what, counts: cost(lutRam(bits, words, family), bits) } : block(what, 1, bits, words);
  /** In LUTs, with a register at its end; counters are assumed. */
  const stream = (bits: number, words: string): ResourceCounts =>
    cost(60 + lutRam(bits, names.size(words), family), 40 + bits);
  const channels = Math.ceil(config.channels / lanes);
  const parameters = 14 * lutRam(wordBits / 2, channels, family) + 2 * lutRam(wordBits, channels, family);
  const uram = mapsInUram(board);
  return [
    uram
      ? { what: 'maps on chip', counts: cost(0, 0, 0, 0, ultraRam(wordBits, config.mapWords)) }
      : block('maps on chip', 1, wordBits, config.mapWords),
    block('packed maps', banks * (64 / lanes), lanes, config.bitWords),
    block('binary weights', weightRowWords, wordBits, config.weightWords),
    block('int8 weights', int8RowWords, wordBits, config.int8Words),
    rows('row buffer', wordBits, config.rowWords),
    block('accumulators', 1, wordBits, 2 * config.groupWords),
    block('vectors', floatLanes, 32, Math.ceil(config.vectors / floatLanes)),
    rows('rows of pooled sums', lanes * 18, Math.max(config.poolWords, channels)),
    rows('rows of sums to store', lanes * 18, config.storeWords),
    {
      what: 'parameters and sums of channels',
      counts: cost(parameters + lutRam(2 * wordBits, channels, family), 4 * wordBits),
    },
    {
      what: 'streams',
      counts: plus(
        cost(60, 40, 0, blockRam(wordBits, config.weightFifo)),
        stream(wordBits, 'MAP_FIFO'),
        stream(wordBits, 'RAW_SHORTCUT_FIFO'),
        stream(18 * lanes, 'SHORTCUT_FIFO'),
        stream(wordBits, 'MADE_FIFO'),
        stream(wordBits, 'STORED_FIFO'),
        stream(32, 'OUTPUT_FIFO'),
        // Descriptors, in pieces of 512 bits.
        cost(60 + lutRam(512, 16, family), 40),
      ),
    },
  ];
}

function interfaceItems(config: EngineConfig, board: Board): readonly ResourceItem[] {
  const { portBits } = config;
  return [
    {
      what: 'memory ports',
      counts: plus(
        times(2, axiAdapter(portBits, 1)),
        times(2, axiAdapter(portBits, 2)),
        axiAdapter(portBits, 1),
        axiAdapter(32, 1),
      ),
    },
    { what: 'registers for the processor', counts: AXI_LITE },
    {
      what: 'interconnect to the processing system',
      counts: plus(times(4, interconnect(portBits, board.ports.bits)), times(2, interconnect(32, 32))),
    },
  ];
}

export function scaled(counts: ResourceCounts, factor: number): ResourceCounts {
  return mapCounts((name) => Math.floor(counts[name] * factor));
}
