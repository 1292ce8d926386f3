/**
 * What the file's own nodes add to a step's rounding that the folded step cannot know: constants that are large before they
 * cancel, other values that cancel (s + t - t, which a straight-through estimator writes), and weights that are only nearly +-s.
 *
 * Flows in: the imported and the canonical graph, and a step's origin. Flows out: two numbers for rounding-bounds.ts.
 */
import type { OnnxGraph, OnnxNode, Tensor } from '../onnx/onnx-graph.js';

export interface FileNoise {
  readonly constantMagnitude: number;
  readonly weightDeviation: number;
  /** ONNX values that the file adds and subtracts again: how large they are is known in a run. */
  readonly cancelled: readonly string[];
}

export class FileNoiseIndex {
  private readonly byName = new Map<string, OnnxNode>();
  private readonly position = new Map<string, number>();
  private readonly byOutput = new Map<string, OnnxNode>();
  /** Nodes that canonicalize took out without a trace: their results cancel. */
  private readonly vanished: ReadonlySet<string>;

  constructor(
    private readonly imported: OnnxGraph,
    private readonly canonical: OnnxGraph,
  ) {
    imported.nodes.forEach((node, i) => {
      this.byName.set(node.name, node);
      this.position.set(node.name, i);
      for (const output of node.outputs) this.byOutput.set(output, node);
    });
    const left = new Set(canonical.nodes.flatMap((n) => n.origin));
    this.vanished = new Set(imported.nodes.map((n) => n.name).filter((name) => !left.has(name)));
  }

  of(origin: readonly string[]): FileNoise {
    const nodes = this.withVanished(origin.flatMap((name) => this.byName.get(name) ?? []));
    nodes.sort((a, b) => this.position.get(a.name)! - this.position.get(b.name)!);
    return {
      constantMagnitude: this.magnitude(nodes),
      weightDeviation: this.deviation(new Set(origin)),
      cancelled: this.cancelled(nodes),
    };
  }

  /** Everything that cancels in any of these steps. */
  cancelledIn(origins: readonly (readonly string[])[]): readonly string[] {
    return [...new Set(origins.flatMap((origin) => this.of(origin).cancelled))];
  }

  /** And the additions without a trace that these read, directly or through one another. */
  private withVanished(nodes: readonly OnnxNode[]): OnnxNode[] {
    const found = new Set(nodes);
    for (const node of found) {
      for (const input of node.inputs) {
        const producer = this.byOutput.get(input);
        const adds = producer?.opType === 'Add' || producer?.opType === 'Sub';
        if (producer && adds && this.vanished.has(producer.name)) found.add(producer);
      }
    }
    return [...found];
  }

  private cancelled(nodes: readonly OnnxNode[]): readonly string[] {
    const sums = nodes.filter((n) => n.opType === 'Add' || n.opType === 'Sub');
    const operands = sums.flatMap((n) => [...new Set(n.inputs)]).filter((name) => !this.imported.constants.has(name));
    return [...new Set(operands.filter((name, i) => operands.indexOf(name) !== i))];
  }

  /** The largest sum of constants on the way, as later factors scale it. */
  private magnitude(nodes: readonly OnnxNode[]): number {
    let sum = 0;
    for (const node of nodes) {
      if (node.opType === 'BatchNormalization') {
        const [, scale, bias, mean, variance] = node.inputs.map((name) => this.imported.constants.get(name));
        if (!scale || !bias || !mean || !variance) continue;
        const epsilon = node.attributes.get('epsilon');
        const e = epsilon?.kind === 'float' ? epsilon.value : 1e-5;
        const s = Array.from(scale.data, (v, c) => Math.abs(v) / Math.sqrt(variance.data[c]! + e));
        sum = sum * largest(s) + largest(s.map((v, c) => v * Math.abs(mean.data[c]!) + Math.abs(bias.data[c]!)));
        continue;
      }
      const constant = node.inputs.map((name) => this.imported.constants.get(name)).find((t) => t !== undefined);
      if (!constant) continue;
      if (node.opType === 'Add' || node.opType === 'Sub') sum += largestOf(constant);
      if (node.opType === 'Mul') sum *= largestOf(constant);
      if (node.opType === 'Div') sum /= Math.max(smallestOf(constant), 2 ** -126);
    }
    return sum;
  }

  /** Of the convolutions and matrices among `origin`, the output whose weights lie farthest from +-s. */
  private deviation(origin: ReadonlySet<string>): number {
    let most = 0;
    for (const node of this.canonical.nodes) {
      if ((node.opType !== 'Conv' && node.opType !== 'Gemm') || !node.origin.some((name) => origin.has(name))) continue;
      const weight = this.canonical.constants.get(node.inputs[1] ?? '');
      if (weight) most = Math.max(most, deviationOf(weight));
    }
    return most;
  }
}

function deviationOf(weight: Tensor): number {
  const outputs = weight.shape[0] ?? 1;
  const count = weight.data.length / outputs;
  let most = 0;
  for (let o = 0; o < outputs; o++) {
    const channel = Array.from(weight.data.subarray(o * count, (o + 1) * count), Math.abs);
    const used = channel.filter((w) => w !== 0);
    const mean = used.reduce((s, w) => s + w, 0) / Math.max(used.length, 1);
    if (mean > 0) most = Math.max(most, channel.reduce((s, w) => s + Math.abs(w - mean), 0) / mean);
  }
  return most;
}

const largest = (values: readonly number[]): number => values.reduce((m, v) => Math.max(m, v), 0);
const largestOf = (t: Tensor): number => largest(Array.from(t.data, Math.abs));
const smallestOf = (t: Tensor): number =>
  Array.from(t.data, Math.abs).reduce((m, v) => Math.min(m, v), Number.POSITIVE_INFINITY);
