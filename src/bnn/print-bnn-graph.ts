/** A BnnGraph for people: one line a node, SSA-like. `--dump-after raise` and `optimize`. */
import type { BnnGraph, BnnNode, ChannelParam, ValueId, Window } from './bnn-graph.js';
import { formatShape } from './verify-bnn-graph.js';

export function printBnnGraph(graph: BnnGraph): string {
  const lines = graph.nodes.map((node) => {
    const value = graph.values.find((v) => v.id === node.output)!;
    return `%${node.output} = ${node.kind}(${argumentsOf(node)})  ${formatShape(value.shape)} ${value.domain}  # ${node.name}`;
  });
  return `${[`network ${graph.name}`, ...lines, `return %${graph.output}`].join('\n')}\n`;
}

const ref = (id: ValueId): string => `%${id}`;

function param(p: ChannelParam | null): string {
  if (p === null) return 'none';
  return p.kind === 'static' ? `static[${p.values.length}]` : `dynamic ${ref(p.source)}`;
}

function windowText(w: Window): string {
  return `${w.kernelHeight}x${w.kernelWidth} stride ${w.strideHeight}x${w.strideWidth} pads ${w.padTop},${w.padLeft},${w.padBottom},${w.padRight} dilation ${w.dilationHeight}x${w.dilationWidth}`;
}

function argumentsOf(node: BnnNode): string {
  switch (node.kind) {
    case 'Input':
      return '';
    case 'Add':
      return `${ref(node.a)}, ${ref(node.b)}`;
    case 'Concat':
      return node.xs.map(ref).join(', ');
    case 'RSign':
      return `${ref(node.x)}, threshold ${param(node.threshold)}, ${node.compare}`;
    case 'RPReLU':
      return `${ref(node.x)}, gamma ${param(node.gamma)}, slope[${node.slope.length}], zeta ${param(node.zeta)}, ${node.compare}`;
    case 'ScaleBias':
      return `${ref(node.x)}, scale ${node.scale ? `[${node.scale.length}]` : 'none'}, bias ${param(node.bias)}`;
    case 'BinaryConv2d':
      return `${ref(node.x)}, signs[${node.outputs}][${node.inputs}], ${windowText(node.window)}${node.bias ? ', bias' : ''}`;
    case 'Conv2d': {
      const group = node.group === 1 ? '' : `, group ${node.group}`;
      const why = node.floatReason ? `, float because ${node.floatReason}` : '';
      return `${ref(node.x)}, weight[${node.outputs}][${node.inputs}], ${windowText(node.window)}${group}${node.bias ? ', bias' : ''}${why}`;
    }
    case 'MaxPool':
      return `${ref(node.x)}, ${windowText(node.window)}`;
    case 'AveragePool':
      return `${ref(node.x)}, ${windowText(node.window)}, ${node.countIncludePad ? 'padding counts' : 'padding does not count'}`;
    case 'Activation':
      return `${ref(node.x)}, ${node.fn.kind}`;
    case 'GlobalAveragePool':
    case 'Softmax':
      return ref(node.x);
  }
}
