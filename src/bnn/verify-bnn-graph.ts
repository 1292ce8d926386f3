/** The verifier behind raise and every optimize pass. A failure is our bug: it throws a plain Error (exit status 70). */
import {
  type BnnGraph,
  type BnnNode,
  type ChannelParam,
  inputsOf,
  type MapShape,
  outputSize,
  type Value,
  type ValueId,
  type Window,
} from './bnn-graph.js';

export function verifyBnnGraph(graph: BnnGraph, stage: string): BnnGraph {
  const values = new Map(graph.values.map((v) => [v.id, v]));
  const made = new Set<ValueId>();
  const names = new Set<string>();
  for (const node of graph.nodes) {
    const problem = checkNode(node, values, made) ?? (names.has(node.name) ? 'its name is taken' : null);
    if (problem) throw new Error(`after ${stage}: ${node.kind} ${node.name}: ${problem}`);
    made.add(node.output);
    names.add(node.name);
  }
  if (!made.has(graph.output)) throw new Error(`after ${stage}: nothing makes the output`);
  return graph;
}

function checkNode(node: BnnNode, values: ReadonlyMap<ValueId, Value>, made: ReadonlySet<ValueId>): string | null {
  if (made.has(node.output)) return 'its value is made twice';
  for (const id of inputsOf(node)) if (!made.has(id)) return `reads value ${id} before it is made`;
  const output = values.get(node.output);
  if (!output) return 'its value is not listed';
  if ((output.domain === 'binary') !== (node.kind === 'RSign')) return 'its domain is wrong';
  const expected = expectedShape(node, (id) => values.get(id)!.shape);
  if (typeof expected === 'string') return expected;
  if (expected && !sameShape(expected, output.shape))
    return `its shape should be ${formatShape(expected)}, not ${formatShape(output.shape)}`;
  return null;
}

function expectedShape(node: BnnNode, shapeOf: (id: ValueId) => MapShape): MapShape | string | null {
  const perChannel = (x: ValueId, ...lengths: (number | undefined)[]): MapShape | string => {
    const shape = shapeOf(x);
    const wrong = lengths.find((l) => l !== undefined && l !== shape.channels);
    return wrong === undefined ? shape : `a parameter has ${wrong} values for ${shape.channels} channels`;
  };
  switch (node.kind) {
    case 'Input':
      return null;
    case 'RSign':
      return perChannel(node.x, paramLength(node.threshold, shapeOf));
    case 'RPReLU':
      return perChannel(node.x, paramLength(node.gamma, shapeOf), node.slope.length, paramLength(node.zeta, shapeOf));
    case 'ScaleBias':
      return perChannel(node.x, node.scale?.length, paramLength(node.bias, shapeOf));
    case 'Add': {
      const a = shapeOf(node.a);
      return sameShape(a, shapeOf(node.b)) ? a : 'its inputs differ in shape';
    }
    case 'Activation':
    case 'Softmax':
      return shapeOf(node.x);
    case 'GlobalAveragePool':
      return { channels: shapeOf(node.x).channels, height: 1, width: 1 };
    case 'Concat':
      return { ...shapeOf(node.xs[0]!), channels: node.xs.reduce((sum, x) => sum + shapeOf(x).channels, 0) };
    case 'MaxPool':
    case 'AveragePool':
      return windowShape(shapeOf(node.x), node.window, shapeOf(node.x).channels);
    case 'BinaryConv2d':
    case 'Conv2d':
      if (shapeOf(node.x).channels !== node.inputs) return 'its input has another number of channels than its weights';
      return windowShape(shapeOf(node.x), node.window, node.outputs);
  }
}

function windowShape(x: MapShape, w: Window, channels: number): MapShape {
  return {
    channels,
    height: outputSize(x.height, w.kernelHeight, w.strideHeight, w.dilationHeight, w.padTop + w.padBottom),
    width: outputSize(x.width, w.kernelWidth, w.strideWidth, w.dilationWidth, w.padLeft + w.padRight),
  };
}

function paramLength(param: ChannelParam | null, shapeOf: (id: ValueId) => MapShape): number | undefined {
  if (!param) return undefined;
  return param.kind === 'static' ? param.values.length : shapeOf(param.source).channels;
}

export function sameShape(a: MapShape, b: MapShape): boolean {
  return a.channels === b.channels && a.height === b.height && a.width === b.width;
}

export function formatShape(s: MapShape): string {
  return `${s.channels}x${s.height}x${s.width}`;
}
