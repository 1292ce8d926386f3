/**
 * What the file's own nodes add to a step's rounding that the folded step cannot know: constants that are large before they
 * cancel, and weights that are only nearly +-s.
 *
 * Flows in: the imported and the canonical graph, and a step's origin. Flows out: two numbers for rounding-bounds.ts.
 */
import type { OnnxGraph, OnnxNode, Tensor } from '../onnx/onnx-graph.js';

export interface FileNoise {
  readonly constantMagnitude: number;
  readonly weightDeviation: number;
}

export class FileNoiseIndex {
  private readonly byName = new Map<string, OnnxNode>();
  private readonly position = new Map<string, number>();

  constructor(
    private readonly imported: OnnxGraph,
    private readonly canonical: OnnxGraph,
  ) {
    imported.nodes.forEach((node, i) => {
      this.byName.set(node.name, node);
      this.position.set(node.name, i);
    });
  }

  of(origin: readonly string[]): FileNoise {
    const nodes = origin.flatMap((name) => this.byName.get(name) ?? []);
    nodes.sort((a, b) => this.position.get(a.name)! - this.position.get(b.name)!);
    return { constantMagnitude: this.magnitude(nodes), weightDeviation: this.deviation(new Set(origin)) };
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
