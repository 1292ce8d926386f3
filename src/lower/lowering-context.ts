/**
 * What lower knows while it walks the graph: steps so far, buffers and who holds which value, constants.
 * Lifetimes and places are filled in at the end (finish-program.ts).
 */
import type { BnnGraph, BnnNode, ChannelParam, MapShape, ValueId } from '../bnn/bnn-graph.js';
import { type GraphIndex, indexGraph } from '../bnn/users.js';
import type { Border, BufferLayout, BufferRef, ParamRef, Step } from '../program/program.js';
import { ConstantPool } from './constant-pool.js';

export interface DraftBuffer {
  readonly name: string;
  readonly layout: BufferLayout;
  readonly external: 'input' | 'output' | null;
  readonly value: ValueId;
}

export class LoweringContext {
  readonly index: GraphIndex;
  readonly constants = new ConstantPool();
  readonly steps: Step[] = [];
  readonly buffers: DraftBuffer[] = [];
  /** Real maps and vectors in memory. */
  readonly real = new Map<ValueId, BufferRef>();
  /** Packed maps, by the RSign's value. */
  readonly bits = new Map<ValueId, BufferRef>();
  /** Row sums, by the value that was summed. */
  readonly rowSums = new Map<ValueId, BufferRef>();
  /** Nodes that are part of a step already emitted, or that a later step will take in. */
  readonly absorbed = new Set<BnnNode>();
  private readonly stepNames = new Set<string>();
  private readonly bufferNames = new Set<string>();

  constructor(readonly graph: BnnGraph) {
    this.index = indexGraph(graph);
  }

  shapeOf(id: ValueId): MapShape {
    return this.index.value(id).shape;
  }

  emit(step: Step): void {
    this.steps.push(step);
  }

  /** A step's name: the node's, or with a suffix where that is taken. */
  stepName(name: string): string {
    return unique(name, this.stepNames);
  }

  /** `value`: what it holds, or what was summed for row sums. */
  buffer(name: string, layout: BufferLayout, value: ValueId, external: DraftBuffer['external'] = null): BufferRef {
    return this.buffers.push({ name: unique(name, this.bufferNames), layout, external, value }) - 1;
  }

  /** Memory for a real value. The graph's output goes straight to the caller where channels first and last are the same. */
  realBuffer(id: ValueId, name: string): BufferRef {
    const shape = this.shapeOf(id);
    const direct = id === this.graph.output && orderIsIrrelevant(shape);
    const ref = this.buffer(name, { kind: 'map', shape }, id, direct ? 'output' : null);
    this.real.set(id, ref);
    return ref;
  }

  bitsBuffer(id: ValueId, name: string): BufferRef {
    const ref = this.buffer(name, { kind: 'bits', shape: this.shapeOf(id), border: this.borderOf(id) }, id);
    this.bits.set(id, ref);
    return ref;
  }

  rowSumsBuffer(id: ValueId, name: string): BufferRef {
    const ref = this.buffer(name, { kind: 'rowSums', shape: this.shapeOf(id) }, id);
    this.rowSums.set(id, ref);
    return ref;
  }

  realOf(id: ValueId): BufferRef {
    const ref = this.real.get(id);
    if (ref === undefined) throw new Error(`value ${this.index.value(id).name} has no memory yet`);
    return ref;
  }

  /** A parameter is ready when it is static or its vector has been computed. */
  isReady(param: ChannelParam | null): boolean {
    return param === null || param.kind === 'static' || this.real.has(param.source);
  }

  param(param: ChannelParam, name: string, comment: string): ParamRef {
    return param.kind === 'static'
      ? { kind: 'constant', ref: this.constants.addFloats(name, comment, param.values) }
      : { kind: 'buffer', ref: this.realOf(param.source) };
  }

  /** The widest border that a binary convolution over this packed map reads (clause 4.2). */
  private borderOf(id: ValueId): Border {
    const shape = this.shapeOf(id);
    let border: Border = { top: 0, bottom: 0, left: 0, right: 0 };
    for (const user of this.index.users.get(id) ?? []) {
      if (user.kind !== 'BinaryConv2d') continue;
      const w = user.window;
      const out = this.shapeOf(user.output);
      const past = (
        size: number,
        stride: number,
        pad: number,
        kernel: number,
        dilation: number,
        input: number,
      ): number => Math.max(0, (size - 1) * stride - pad + (kernel - 1) * dilation - (input - 1));
      border = {
        top: Math.max(border.top, w.padTop),
        left: Math.max(border.left, w.padLeft),
        bottom: Math.max(
          border.bottom,
          past(out.height, w.strideHeight, w.padTop, w.kernelHeight, w.dilationHeight, shape.height),
        ),
        right: Math.max(
          border.right,
          past(out.width, w.strideWidth, w.padLeft, w.kernelWidth, w.dilationWidth, shape.width),
        ),
      };
    }
    return border;
  }
}

/** One channel or one pixel: channels first and channels last are the same order. */
export function orderIsIrrelevant(shape: MapShape): boolean {
  return shape.channels === 1 || shape.height * shape.width === 1;
}

function unique(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let i = 2; taken.has(candidate); i++) candidate = `${name}_${i}`;
  taken.add(candidate);
  return candidate;
}
