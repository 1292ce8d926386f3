/**
 *     MatMul(x [.., 1, K], W [K, O])                       becomes    Reshape(Gemm(x [1, K], W' [O, K]))
 *     Gemm<alpha, beta, transA, transB>(x, W, c)           becomes    Gemm<transB = 1>(x, alpha W' [O, K], beta c [O])
 *     Gemm(x, W) + c, no bias yet                          becomes    Gemm(x, W, c)
 *
 * Exporter: nn.Linear is Gemm on two dimensions, MatMul and Add on three and in torch.export's decompositions. alpha and beta
 * are constants like any other: they are combined in binary64 (clause 10.1).
 */
import type { OnnxNode, Tensor } from '../../onnx/onnx-graph.js';
import { mapTensor } from '../constants.js';
import { isOp } from '../graph-view.js';
import { gemmAttributes } from '../operators/network.js';
import { sizeOf } from '../operators/operator.js';
import { readCall } from '../read-call.js';
import type { Draft, Rule } from '../rewrite.js';

export const makeGemm: Rule = {
  name: 'make Gemm',
  roots: ['MatMul', 'Gemm'],
  apply(node, view, draft) {
    const [x, w, c] = node.inputs;
    const [from, to] = [view.type(x), view.type(node.outputs[0])];
    const weight = view.constant(w);
    if (x === undefined || from === undefined || to === undefined || weight === undefined) return null;
    if (weight.shape.length !== 2) return null;
    if (isOp(node, 'MatMul')) {
      const inner = weight.shape[0]!;
      if (sizeOf(from.shape) !== inner || from.shape.at(-1) !== inner) return null;
      const result = draft.node('Gemm', [reshape(draft, x, [1, inner]), draft.constant(transposed(weight))], {
        transB: 1,
      });
      return reshape(draft, result, to.shape);
    }
    const { alpha, beta, transA, transB } = readCall(node, gemmAttributes, view).attributes;
    const bias = c === undefined || c === '' ? null : view.constant(c);
    const outputs = to.shape[1]!;
    const plainBias = bias === null || (bias !== undefined && bias.shape.length === 1 && bias.data.length === outputs);
    if (isCanonicalGemm(node) && plainBias) return null;
    if (to.shape[0] !== 1 || bias === undefined) return null;
    const oriented = transB !== 0 ? weight : transposed(weight);
    const scaled = alpha === 1 ? oriented : mapTensor(oriented, (v) => v * alpha);
    const left = transA !== 0 ? reshape(draft, x, [1, sizeOf(from.shape)]) : x;
    const inputs = [left, draft.constant(scaled)];
    if (bias !== null)
      inputs.push(
        draft.constant(
          rowOf(
            mapTensor(bias, (v) => v * beta),
            outputs,
          ),
        ),
      );
    return draft.node('Gemm', inputs, { transB: 1 });
  },
};

export const addGemmBias: Rule = {
  name: 'add a bias to Gemm',
  roots: ['Add'],
  apply(node, view, draft) {
    const [sum, c] = node.inputs;
    const bias = view.constant(c);
    const gemm = view.producer(sum);
    const to = view.type(node.outputs[0]);
    if (bias === undefined || !isOp(gemm, 'Gemm') || to === undefined) return null;
    if (gemm.inputs.length !== 2 || view.uses(sum!) > 1 || to.shape.length !== 2 || to.shape[0] !== 1) return null;
    if (!isCanonicalGemm(gemm)) return null;
    if (view.type(sum)?.shape[1] !== to.shape[1] || bias.shape.length > 2) return null;
    draft.absorb(sum);
    return draft.node('Gemm', [...gemm.inputs, draft.constant(rowOf(bias, to.shape[1]!))], { transB: 1 });
  },
};

/** transB = 1 and nothing else: what makeGemm writes. */
export function isCanonicalGemm(node: OnnxNode): boolean {
  const transB = node.attributes.get('transB');
  return node.attributes.size === 1 && transB?.kind === 'int' && transB.value === 1;
}

function reshape(draft: Draft, x: string, shape: readonly number[]): string {
  return draft.node('Reshape', [
    x,
    draft.constant({ type: 'int64', shape: [shape.length], data: Float64Array.from(shape) }),
  ]);
}

/** A bias that broadcasts over one row of `outputs`, written out. */
function rowOf(bias: Tensor, outputs: number): Tensor {
  const data = bias.data.slice(0, 1);
  if (bias.data.length === outputs) return { ...bias, shape: [outputs] };
  const row = bias.type === 'float64' ? new Float64Array(outputs) : new Float32Array(outputs);
  return { type: bias.type, shape: [outputs], data: row.fill(data[0] ?? 0) };
}

function transposed(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const data = matrix.data.slice();
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = matrix.data[r * columns + c]!;
  return { type: matrix.type, shape: [columns, rows], data };
}
