/**
 * The top function's interface as AXI: its arguments, their registers, bursts and depths.
 *
 * Flows in: a Design. Flows out: what top.cpp, the drivers and the block design print. The arguments are those of hw/hls/README.md, "Top".
 * Keeps true: registers are where UG1399 ("S_AXILITE Control Register Map", "S_AXILITE Offset Option") puts them by itself.
 */
import type { Board, Design } from './types.js';

/** A pointer is the address of a memory port; the others are ints. */
type Argument =
  | { readonly name: string; readonly kind: 'address'; readonly bundle: string; readonly what: string }
  | { readonly name: string; readonly kind: 'int'; readonly what: string };

/** In the order of the top function. */
const ARGUMENTS: readonly Argument[] = [
  { name: 'weights0', kind: 'address', bundle: 'gmem_w0', what: 'parameters and weights, low halves of the words' },
  { name: 'weights1', kind: 'address', bundle: 'gmem_w1', what: 'parameters and weights, high halves' },
  { name: 'in0', kind: 'address', bundle: 'gmem_m0', what: 'maps, low halves, read' },
  { name: 'in1', kind: 'address', bundle: 'gmem_m1', what: 'maps, high halves, read' },
  { name: 'out0', kind: 'address', bundle: 'gmem_m0', what: 'maps, low halves, written' },
  { name: 'out1', kind: 'address', bundle: 'gmem_m1', what: 'maps, high halves, written' },
  { name: 'program', kind: 'address', bundle: 'gmem_p', what: 'the program' },
  { name: 'output', kind: 'address', bundle: 'gmem_o', what: 'results, float32' },
  { name: 'first_step', kind: 'int', what: 'step to begin with' },
  { name: 'last_step', kind: 'int', what: 'step before which to end' },
  { name: 'runs', kind: 'int', what: 'times that the program runs, each on the next pictures' },
  { name: 'input_words', kind: 'int', what: 'words of the pictures of a run' },
  { name: 'output_words', kind: 'int', what: 'floats of the results of a run' },
];

/** Where the arguments' registers begin; below lie control and interrupts. */
const FIRST_ARGUMENT = 0x10;
/** An address of 64 bits or an int, and the word that the tool reserves after it. */
const REGISTER_BYTES = { address: 12, int: 8 } as const;

export interface Register {
  readonly name: string;
  readonly offset: number;
  readonly isAddress: boolean;
  readonly what: string;
}

export const REGISTERS: readonly Register[] = ARGUMENTS.reduce<{ list: Register[]; next: number }>(
  ({ list, next }, { name, kind, what }) => ({
    list: [...list, { name, offset: next, isAddress: kind === 'address', what }],
    next: next + REGISTER_BYTES[kind],
  }),
  { list: [], next: FIRST_ARGUMENT },
).list;

/** AXI4: beats of a burst, and the block of addresses that no burst crosses. */
const MOST_BEATS = 256;
/** Long enough to keep a memory controller in one page, short enough for a buffer of a block RAM or two. */
const BURST_BYTES = 1024;

export interface AxiPort {
  readonly name: string;
  readonly bundle: string;
  /** Elements of the array behind it in co-simulation: one run of the network. */
  readonly depth: number;
}

export interface Axi {
  readonly beatBytes: number;
  /** Beats. */
  readonly burst: number;
  readonly burstBytes: number;
  /** Cycles. */
  readonly latency: number;
  readonly inFlightBytes: number;
  readonly outstanding: number;
  readonly ports: readonly AxiPort[];
  /** What goes to which memory port of the processing system. */
  readonly memory: readonly { readonly port: string; readonly bundles: readonly string[] }[];
}

export function axiOf({ board, clockMhz, config, plan }: Design): Axi {
  const beatBytes = config.portBits / 8;
  const burst = Math.min(MOST_BEATS, BURST_BYTES / beatBytes);
  const burstBytes = burst * beatBytes;
  const latency = Math.ceil((board.ddr.latencyNs * clockMhz) / 1000);
  const inFlightBytes = latency * beatBytes;
  const depths: Readonly<Record<string, number>> = {
    weights0: plan.weights[0].length / beatBytes,
    weights1: plan.weights[1].length / beatBytes,
    in0: plan.ddrWords,
    in1: plan.ddrWords,
    out0: plan.ddrWords,
    out1: plan.ddrWords,
    program: (plan.program.length * Int32Array.BYTES_PER_ELEMENT) / beatBytes,
    output: plan.outputFloats,
  };
  return {
    beatBytes,
    burst,
    burstBytes,
    latency,
    inFlightBytes,
    // One more than what is on its way, so that the next is asked for in time; a power of two for the buffer's sake.
    outstanding: 2 ** Math.ceil(Math.log2(inFlightBytes / burstBytes + 1)),
    ports: ARGUMENTS.flatMap((a) =>
      a.kind === 'address' ? [{ name: a.name, bundle: a.bundle, depth: Math.max(1, depths[a.name]!) }] : [],
    ),
    memory: memoryPorts(board),
  };
}

/** The two heavy pairs apart from each other as far as the ports suffice; program and results beside the weights. */
function memoryPorts(board: Board): Axi['memory'] {
  const bundles = ['gmem_w0', 'gmem_w1', 'gmem_m0', 'gmem_m1', 'gmem_p', 'gmem_o'];
  const count = Math.min(4, board.ports.count);
  return Array.from({ length: count }, (_, i) => ({
    port: `HP${i}`,
    bundles: bundles.filter((_, b) => b % count === i),
  }));
}
