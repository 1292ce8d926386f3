/**
 * The hardware back end's data: a board, an engine's parameters, a program for it, and what it is estimated to take.
 *
 * Flows: Board + Program -> EngineConfig (search) -> EnginePlan (plan-engine) -> Schedule and Resources -> Design; emit-hls prints a Design.
 * Terms are hw/hls/README.md's. Everything about time and size is an estimate.
 */
import type { MapShape } from '../../bnn/bnn-graph.js';
import type { BufferRef, Fraction } from '../../program/program.js';

/** hw/boards/NAME.json. */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly part: string;
  /** Pattern of the name that Vivado's board files have; the newest that is installed is taken. */
  readonly boardPart: string;
  readonly family: 'zynq-ultrascale+' | 'zynq-7000';
  readonly clockMhz: number;
  readonly budget: ResourceCounts;
  /** Memory ports of the processing system that the fabric may use. */
  readonly ports: { readonly count: number; readonly bits: number };
  readonly ddr: {
    readonly type: string;
    readonly bits: number;
    readonly peakGBps: number;
    /** What a design should reckon with, and why. */
    readonly realisticGBps: number;
    readonly latencyNs: number;
    readonly source: string;
  };
}

export interface ResourceCounts {
  readonly lut: number;
  readonly ff: number;
  readonly bram36: number;
  readonly uram: number;
  readonly dsp: number;
}
export type ResourceName = keyof ResourceCounts;

/** The engine's template parameters, by the page's names (PORT_BITS is portBits). */
export interface EngineConfig {
  readonly portBits: 64 | 128 | 256;
  readonly floatDepth: number;
  readonly floatRows: 1 | 2;
  readonly floatSlots: number;
  readonly convertLanes: number;
  readonly pe: number;
  readonly pixels: 1 | 2 | 4 | 8;
  readonly int8Pe: number;
  readonly int8Simd: number;
  readonly weightWords: number;
  readonly int8Words: number;
  readonly groupWords: number;
  readonly bitWords: number;
  readonly mapWords: number;
  readonly rowWords: number;
  /** Whether the row buffer and the rows of pooled sums are in LUTs: a macro of the engine, DYBNN_ROWS_IN_LUTRAM. */
  readonly rowsInLutram: 0 | 1;
  readonly poolWords: number;
  readonly storeWords: number;
  readonly channels: number;
  readonly vectors: number;
  readonly weightFifo: number;
  /** Whether units that only some networks use are built. */
  readonly maxPool: 0 | 1;
  readonly averagePool: 0 | 1;
  /** Whether functions that multiply are built (hardSigmoid, hardSwish), and sigmoid and swish. */
  readonly functions: 0 | 1;
  readonly exponential: 0 | 1;
}

export const ENGINE_KINDS = [
  'END',
  'BINARY_CONV',
  'INT8_CONV',
  'PASS',
  'MAX_POOL',
  'AVERAGE_POOL',
  'MEAN',
  'DENSE',
  'PARAMETER',
  'INT8_DENSE',
  'OUTPUT',
] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** A descriptor by its fields' names; fields that are absent are 0. */
export type DescriptorFields = Readonly<Record<string, number>>;

export interface EngineStep {
  readonly kind: EngineKind;
  /** Readable: the Program step's name, with the picture's number where there are several. */
  readonly name: string;
  /** The Program's step that it comes from. */
  readonly source: number;
  /** Which of the pictures side by side; null: all of them. */
  readonly picture: number | null;
  readonly fields: DescriptorFields;
}

/** Where a map lies: pixel p of the first `chipPixels` on chip, the others in DDR (words). */
export interface MapPlace {
  readonly address: number;
  readonly chipAddress: number;
  readonly chipPixels: number;
}

/** Something that the Program's simulator computes as well: what a test bench compares after step `step`. */
export type Trace = {
  readonly step: number;
  readonly picture: number;
  readonly buffer: BufferRef;
  readonly name: string;
  readonly shape: MapShape;
} & (
  | { readonly kind: 'map'; readonly place: MapPlace; readonly pixelWords: number }
  /** As the page lays packed maps out in banks. */
  | { readonly kind: 'bits'; readonly address: number }
  | { readonly kind: 'vector'; readonly address: number }
  /** Sums over all pixels: the Program's row sums added up. */
  | { readonly kind: 'sums' }
  /** int16 in a slot of the parameter memory. */
  | { readonly kind: 'parameter'; readonly slot: number }
);

/** A picture as the host writes it: int16 by 11.3 at `fraction`, lane of (y, x, c) = (address + y * rowWords) * LANES + x * pixelLanes + c. */
export interface InputPlace {
  readonly picture: number;
  readonly shape: MapShape;
  readonly fraction: Fraction;
  readonly address: number;
  readonly rowWords: number;
  readonly pixelLanes: number;
}

/** Float32 in `output`, or (a map) int16 of `fraction` among the maps in DDR. */
export type OutputPlace = { readonly picture: number; readonly shape: MapShape } & (
  | { readonly kind: 'vector'; readonly address: number }
  | { readonly kind: 'map'; readonly address: number; readonly pixelWords: number; readonly fraction: Fraction }
);

export interface EnginePlan {
  readonly config: EngineConfig;
  readonly pictures: number;
  readonly steps: readonly EngineStep[];
  /** steps.length * DESCRIPTOR_WORDS. */
  readonly program: Int32Array;
  /** What ports 0 and 1 read: the low and the high half of each word. */
  readonly weights: readonly [Uint8Array, Uint8Array];
  readonly inputs: readonly InputPlace[];
  readonly outputs: readonly OutputPlace[];
  /** Done by the host on each output, by the contract's clause. */
  readonly hostSteps: readonly 'softmax'[];
  /**
   * Words of the maps' region in DDR for one run: the maps, then the pictures. Further runs' pictures follow, `inputWords` for
   * each run.
   */
  readonly ddrWords: number;
  readonly inputWords: number;
  /** float32 of `output` for one run. */
  readonly outputFloats: number;
  readonly traces: readonly Trace[];
}

export type Bound = 'binary array' | 'int8 array' | 'tail' | 'float unit' | 'row buffer' | 'overhead' | 'DDR';

export interface StepEstimate {
  readonly step: number;
  readonly name: string;
  readonly kind: EngineKind;
  readonly cycles: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly weightBytes: number;
  readonly seconds: number;
  readonly bound: Bound;
}

export interface Schedule {
  readonly clockMhz: number;
  readonly pictures: number;
  readonly steps: readonly StepEstimate[];
  readonly cycles: number;
  readonly bytes: number;
  /** Of one run, all its pictures. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What one run would take if only this existed. */
  readonly roofline: { readonly cyclesSeconds: number; readonly ddrSeconds: number };
}

export interface ResourceItem {
  readonly what: string;
  readonly counts: ResourceCounts;
}

export interface Resources {
  readonly items: readonly ResourceItem[];
  readonly total: ResourceCounts;
}

export interface Design {
  readonly board: Board;
  readonly clockMhz: number;
  readonly config: EngineConfig;
  readonly plan: EnginePlan;
  readonly schedule: Schedule;
  readonly resources: Resources;
}
