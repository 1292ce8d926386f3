/**
 * The report as data: what report.json holds and what report.html draws. An InspectReport, and around it the network as a graph,
 * the workspace's map, every constant, and what a run of `verify` or of a benchmark has seen.
 *
 * Keeps true: plain enough for JSON; templates/report/report.schema.json says the same; every number's source is one of SOURCES.
 */
import type { InspectReport } from '../inspect/inspect-program.js';

/** How a number came to be. */
export type NumberSource = 'counted' | 'estimated' | 'simulated' | 'measured';

export const SOURCES: Readonly<Record<NumberSource, string>> = {
  counted: 'exact: from the sizes in the model and in the plan',
  estimated: 'from a model of the machine, never run',
  simulated: 'seen in the bit-exact simulator, on given inputs',
  measured: 'seen on a machine, on given inputs',
};

export type NodeKind =
  | 'input'
  | 'output'
  | 'binaryConv'
  | 'floatConv'
  | 'dense'
  /** [global average, dense layers] that make thresholds and shifts anew for every input: one node. */
  | 'dynamicUnit'
  | 'activation'
  | 'pool'
  | 'arithmetic'
  | 'layout';

export type EdgeKind =
  /** Real-valued maps and vectors. */
  | 'real'
  /** Packed maps of one bit. */
  | 'bits'
  /** Sums that a dynamic unit averages. */
  | 'sums'
  /** Thresholds and shifts that a dynamic unit made. */
  | 'params'
  /** Added to what a convolution makes. */
  | 'shortcut';

/** What happens inside a node, in order: one entry a fused part. */
export interface FusedPart {
  readonly name: string;
  readonly detail: string;
}

export interface BufferAccess {
  /** Index into `buffers`. */
  readonly buffer: number;
  /** "input", "shortcut", "threshold", ... */
  readonly role: string;
}

export interface ReportNode {
  readonly id: number;
  readonly kind: NodeKind;
  /** "Binary conv 3x3, stride 2x2" */
  readonly title: string;
  /** The network's own name for it. */
  readonly name: string;
  /** Indices into `layers`; empty for the network's input and output. */
  readonly layers: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly numeric: string;
  readonly parts: readonly FusedPart[];
  readonly reads: readonly BufferAccess[];
  readonly writes: readonly BufferAccess[];
  /** Indices into `constants`. */
  readonly constants: readonly number[];
  /** Nodes of the ONNX file that it stands for. */
  readonly origin: readonly string[];
  readonly counted: {
    readonly binaryMacs: number;
    readonly floatMacs: number;
    /** Constants used here first: the sum over nodes is the program's. */
    readonly constantBytes: number;
    readonly trafficBytes: number;
  };
  readonly estimated: {
    /** Rough scalar operations of one processor; binary ones 64 at a time. */
    readonly operations: number;
  };
  /** Why it is not binary, where it is a float convolution or dense layer outside of the dynamic units. */
  readonly floatReason: string | null;
}

export interface ReportEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: EdgeKind;
  readonly buffers: readonly number[];
}

export interface ReportBuffer {
  readonly name: string;
  /** The value of the ONNX file that it holds. */
  readonly value: string;
  readonly content: 'real map' | 'packed bits' | 'row sums';
  /** "float32", "1 bit", "int16 Q5.11", "int32 Q21.11". */
  readonly format: string;
  /** Channels, height, width. */
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Offset in the workspace; null for the user's own arrays. */
  readonly offset: number | null;
  readonly place: 'input' | 'output' | 'workspace';
  readonly firstStep: number;
  readonly lastStep: number;
}

export const CONSTANT_ROLES = ['binary weights', 'int8 weights', 'float weights', 'per-channel', 'tables'] as const;
export type ConstantRole = (typeof CONSTANT_ROLES)[number];

export interface ReportConstant {
  readonly name: string;
  readonly comment: string;
  readonly type: string;
  readonly role: ConstantRole;
  readonly bytes: number;
  /** The node that uses it first; null where none does. */
  readonly node: number | null;
}

/** A step of the simulator and of ONNX Runtime. */
export interface ComparedStep {
  /** Numbers and signs compared, over all samples. */
  readonly compared: number;
  /** Largest difference of two numbers. */
  readonly maxError: number;
  /** The same in units in the last place of the largest value of its map. */
  readonly maxUlps: number;
  /** Signs that differ. */
  readonly flips: number;
}

/** Fed ONNX Runtime's own values, so that only the step itself can differ. */
export interface CheckedStep extends ComparedStep {
  /** What rounding does not explain. */
  readonly mismatches: number;
  /** The smallest distance of a value to its threshold; null where nothing is compared to one. */
  readonly smallestMargin: number | null;
}

/** Numbers with integers beside float32 ones. */
export interface NearStep {
  /** Real numbers compared. */
  readonly reals: number;
  /** Signal-to-noise in dB; null: no difference, or no real numbers. */
  readonly snr: number | null;
  readonly signs: number;
  /** Signs that differ. */
  readonly flips: number;
}

/** What `verify` saw at one step. */
export interface VerifiedLayer {
  /** Index into `layers`. */
  readonly layer: number;
  /** Null where the file has no value to compare with. */
  readonly onnxRuntime: CheckedStep | null;
  /** Each from the input on by itself; null where there is nothing to compare. */
  readonly freeRunning: ComparedStep | null;
  /** In place of both in a network with integers: what the step alone costs, and what has come together by then. */
  readonly nearness: { readonly own: NearStep; readonly free: NearStep } | null;
  /** What the generated C has other than the simulator; null: nothing, or it was not run. */
  readonly cDifference: string | null;
}

/** A sign that differs where the value lies within rounding of its threshold. */
export interface VerifiedFlip {
  readonly layer: number;
  readonly sample: number;
  readonly channel: number;
  readonly y: number;
  readonly x: number;
  /** |value - threshold|. */
  readonly margin: number;
  /** How much rounding explains. */
  readonly bound: number;
}

export interface VerifyResults {
  readonly verdict: 'agree' | 'differ';
  readonly samples: number;
  /** Where they come from. */
  readonly inputs: string;
  /** What integers are compared with; null: there are none. */
  readonly reference: 'ONNX Runtime' | 'the float32 simulator' | null;
  /** Its version; null: it was not run. */
  readonly onnxRuntime: string | null;
  /** Null: it was not run. */
  readonly c: { readonly compiler: string; readonly kernels: readonly string[] } | null;
  readonly layers: readonly VerifiedLayer[];
  /** Those with the largest margins. */
  readonly flips: readonly VerifiedFlip[];
  /** Of the outputs, each engine from the input on; null where the output is no list of scores. */
  readonly top1: { readonly agree: number; readonly of: number } | null;
}

export interface MeasuredTimes {
  /** The processor, or the file that the times come from. */
  readonly machine: string;
  /** The instruction set of the kernels. */
  readonly kernels: string;
  /** Null where the times come from a file. */
  readonly compiler: string | null;
  readonly threads: number;
  /** Of which the times are medians. */
  readonly runs: number;
  /** One whole run. */
  readonly totalMs: number;
  readonly layers: readonly { readonly layer: number; readonly ms: number }[];
}

/** An accelerator of the hardware back end; every number is estimated. */
export interface ReportAccelerator {
  readonly board: { readonly name: string; readonly title: string; readonly part: string };
  readonly clockMhz: number;
  /** That a run takes side by side. */
  readonly pictures: number;
  /** The engine's parameters by name; `--folding` takes the file that holds them. */
  readonly config: Readonly<Record<string, number>>;
  readonly resources: readonly {
    readonly name: string;
    readonly budget: number;
    readonly used: number;
    readonly items: readonly { readonly what: string; readonly count: number }[];
  }[];
  readonly ddr: {
    readonly type: string;
    readonly peakGBps: number;
    readonly realisticGBps: number;
    readonly source: string;
    readonly mapsBytes: number;
    readonly weightsBytes: number;
  };
  /** Of one run, with all its pictures. */
  readonly cycles: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly picturesPerSecond: number;
  /** What a run would take if only this existed. */
  readonly roofline: { readonly cyclesSeconds: number; readonly ddrSeconds: number };
  readonly steps: readonly {
    readonly name: string;
    readonly kind: string;
    /** Index into `layers`. */
    readonly layer: number;
    /** Null: all pictures of a run. */
    readonly picture: number | null;
    readonly cycles: number;
    readonly readBytes: number;
    readonly writeBytes: number;
    readonly weightBytes: number;
    readonly seconds: number;
    /** What it waits for. */
    readonly bound: string;
  }[];
}

export interface ReportData extends InspectReport {
  readonly generator: { readonly name: string; readonly version: string };
  readonly numbers: typeof SOURCES;
  readonly nodes: readonly ReportNode[];
  readonly edges: readonly ReportEdge[];
  readonly buffers: readonly ReportBuffer[];
  readonly constants: readonly ReportConstant[];
  /** Bytes of the workspace that hold something needed, at each step. */
  readonly liveBytes: readonly number[];
  readonly verify: VerifyResults | null;
  readonly times: MeasuredTimes | null;
  /** Null in a project of the C target. */
  readonly accelerator: ReportAccelerator | null;
}
