/**
 * ReActNet doubles its channels by two 1x1 convolutions side by side:
 *
 *   Concat(Add(BinaryConv2d(b), s), Add(BinaryConv2d'(b), s))  ->  Add(BinaryConv2d''(b), Concat(s, s))
 *
 * One convolution with the outputs of both. Output channels are independent, so no bit changes. Concat(s, s) costs nothing:
 * lower reads the shortcut at channel c mod C.
 */
import type {
  AddNode,
  BinaryConv2dNode,
  BnnGraph,
  BnnNode,
  ConcatNode,
  Value,
  ValueId,
  Window,
} from '../bnn/bnn-graph.js';
import { rewriteGraph } from '../bnn/rewrite.js';
import { joinedStatistics } from '../bnn/statistics.js';
import { type GraphIndex, indexGraph } from '../bnn/users.js';

export function mergePairedConvolutions(graph: BnnGraph): BnnGraph {
  const index = indexGraph(graph);
  for (const concat of graph.nodes) {
    if (concat.kind !== 'Concat' || concat.xs.length < 2) continue;
    const merged = mergeConvolutions(concat, index) ?? mergeAdds(concat, index, graph);
    if (!merged) continue;
    return rewriteGraph(
      graph,
      graph.nodes.flatMap((n) => (n === concat ? merged.nodes : [n])),
      { values: [...graph.values, ...merged.values] },
    );
  }
  return graph;
}

interface Merged {
  readonly nodes: readonly BnnNode[];
  readonly values: readonly Value[];
}

/** Concat(conv(b), conv'(b)) -> conv''(b). */
function mergeConvolutions(concat: ConcatNode, index: GraphIndex): Merged | null {
  const convs: BinaryConv2dNode[] = [];
  for (const x of new Set(concat.xs)) {
    const conv = index.producer.get(x);
    if (conv?.kind !== 'BinaryConv2d' || index.soleUser(x) !== concat) return null;
    convs.push(conv);
  }
  const first = convs[0]!;
  if (convs.length !== concat.xs.length) return null;
  if (!convs.every((c) => c.x === first.x && sameWindow(c.window, first.window))) return null;
  const anyBias = convs.some((c) => c.bias);
  const merged: BinaryConv2dNode = {
    ...first,
    signs: join(
      Uint8Array,
      convs.map((c) => c.signs),
    ),
    outputs: convs.reduce((sum, c) => sum + c.outputs, 0),
    scale: join(
      Float64Array,
      convs.map((c) => c.scale),
    ),
    bias: anyBias
      ? join(
          Float64Array,
          convs.map((c) => c.bias ?? noBias(c.outputs)),
        )
      : null,
    output: concat.output,
    origin: [...convs.flatMap((c) => c.origin), ...concat.origin],
  };
  return { nodes: [merged], values: [] };
}

/** v + (-0) is v for every v; v + 0 would make -0 into +0. */
const noBias = (outputs: number): Float64Array => new Float64Array(outputs).fill(-0);

/** Concat(a + s, b + t) -> Concat(a, b) + Concat(s, t), where a and b are convolutions that would merge. */
function mergeAdds(concat: ConcatNode, index: GraphIndex, graph: BnnGraph): Merged | null {
  const convs: ValueId[] = [];
  const shortcuts: ValueId[] = [];
  const adds: AddNode[] = [];
  for (const x of concat.xs) {
    const add = index.producer.get(x);
    if (add?.kind !== 'Add' || index.soleUser(x) !== concat) return null;
    const isConv = (id: ValueId) => index.producer.get(id)?.kind === 'BinaryConv2d' && index.soleUser(id) === add;
    if (!isConv(add.a) && !isConv(add.b)) return null;
    const conv = isConv(add.a) ? add.a : add.b;
    convs.push(conv);
    shortcuts.push(conv === add.a ? add.b : add.a);
    adds.push(add);
  }
  const source = (id: ValueId) => (index.producer.get(id) as BinaryConv2dNode).x;
  if (!convs.every((c) => source(c) === source(convs[0]!))) return null;
  const nextId = 1 + graph.values.reduce((max, v) => Math.max(max, v.id), 0);
  const channels = (ids: readonly ValueId[]) => ids.reduce((sum, id) => sum + index.value(id).shape.channels, 0);
  const shape = index.value(concat.output).shape;
  const value = (id: number, suffix: string, ids: readonly ValueId[]): Value => {
    const statistics = joinedStatistics(ids.map((i) => index.value(i).statistics));
    return {
      id,
      name: `${suffix} of ${index.value(concat.output).name}`,
      shape: { ...shape, channels: channels(ids) },
      domain: 'real',
      ...(statistics ? { statistics } : {}),
    };
  };
  const concatConvs: ConcatNode = { ...concat, name: `${concat.name}_convs`, xs: convs, output: nextId };
  const concatShortcuts: ConcatNode = {
    ...concat,
    name: `${concat.name}_shortcuts`,
    origin: [],
    xs: shortcuts,
    output: nextId + 1,
  };
  const add: AddNode = {
    kind: 'Add',
    name: `${concat.name}_add`,
    origin: adds.flatMap((a) => a.origin),
    a: nextId,
    b: nextId + 1,
    output: concat.output,
  };
  return {
    nodes: [concatConvs, concatShortcuts, add],
    values: [value(nextId, 'convs', convs), value(nextId + 1, 'shortcuts', shortcuts)],
  };
}

function sameWindow(a: Window, b: Window): boolean {
  return (Object.keys(a) as (keyof Window)[]).every((key) => a[key] === b[key]);
}

function join<T extends Uint8Array | Float64Array>(type: new (length: number) => T, parts: readonly T[]): T {
  const result = new type(parts.reduce((sum, p) => sum + p.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
