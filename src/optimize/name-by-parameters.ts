/**
 * Better names for exports whose nodes are only numbered (the torch.export exporter writes node_Conv_533): their parameters
 * still carry the names of modules (blocks.0.conv1.weight), so a node is called after its parameter, and what has none after
 * its neighbours. Names are for people; nothing else depends on them.
 *
 * Flows in: a BnnGraph and the imported graph, whose parameters still have their names. Flows out: the graph with other names.
 */
import { type BnnGraph, type BnnNode, type ChannelParam, inputsOf, type ValueId } from '../bnn/bnn-graph.js';
import { indexGraph } from '../bnn/users.js';
import type { OnnxGraph, OnnxNode } from '../onnx/onnx-graph.js';
import { identifier } from '../text/identifier.js';

const NUMBERED = /^(node_|n\d)/;

/** The path of the module that owns a node's first named parameter: "blocks.0.conv1" for blocks.0.conv1.weight. */
function modulePath(node: OnnxNode, graph: OnnxGraph): string | null {
  const parameter = node.inputs.find((name) => graph.constants.has(name) && /^[A-Za-z_][\w.]*\.\w+$/.test(name));
  return parameter === undefined ? null : parameter.slice(0, parameter.lastIndexOf('.'));
}

/** Module paths by the value that a node of the network makes. */
function pathsOf(graph: BnnGraph, imported: OnnxGraph): ReadonlyMap<ValueId, string> {
  const byNode = new Map(imported.nodes.map((n) => [n.name, modulePath(n, imported)]));
  return new Map(
    graph.nodes.flatMap((n): [ValueId, string][] => {
      if (n.kind === 'GlobalAveragePool' || n.kind === 'Add' || n.kind === 'Concat') return [];
      const path = n.origin.map((o) => byNode.get(o)).find((p) => p != null);
      return path == null ? [] : [[n.output, path]];
    }),
  );
}

export function nameByParameters(graph: BnnGraph, imported: OnnxGraph): BnnGraph {
  if (!graph.nodes.some((n) => NUMBERED.test(n.name))) return graph;
  const index = indexGraph(graph);
  const paths = pathsOf(graph, imported);
  const names = new Set(graph.nodes.filter((n) => !NUMBERED.test(n.name)).map((n) => n.name));
  const parent = (path: string | undefined): string | null => path?.replace(/\.?[^.]*$/, '') || null;
  const ofParam = (...params: (ChannelParam | null)[]): string | null => {
    const dynamic = params.find((p) => p?.kind === 'dynamic');
    return dynamic?.kind === 'dynamic' ? parent(parent(paths.get(dynamic.source)) ?? undefined) : null;
  };
  const pathOf = (node: BnnNode): string | null => {
    const own = paths.get(node.output);
    if (own !== undefined) return own;
    switch (node.kind) {
      case 'RSign':
        return ofParam(node.threshold);
      case 'RPReLU':
        return ofParam(node.gamma, node.zeta);
      case 'ScaleBias':
        return withSuffix(ofParam(node.bias), 'shift');
      case 'GlobalAveragePool': {
        const user = (index.users.get(node.output) ?? []).find((u) => paths.has(u.output));
        return withSuffix(user ? parent(paths.get(user.output)) : null, 'mean');
      }
      case 'Add':
      case 'Concat':
        return withSuffix(nearestPath(inputsOf(node)), node.kind.toLowerCase());
      default:
        return null;
    }
  };
  // A concatenation of one shortcut with itself is called after what it is added to.
  const nearestPath = (values: readonly ValueId[]): string | null =>
    values.map((x) => paths.get(x)).find((p) => p != null) ?? null;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const path = NUMBERED.test(node.name) ? pathOf(node) : null;
      if (path === null) return node;
      const plain = identifier(path, node.kind.toLowerCase());
      let name = plain;
      for (let i = 2; names.has(name); i++) name = `${plain}_${i}`;
      names.add(name);
      return { ...node, name };
    }),
  };
}

function withSuffix(path: string | null, suffix: string): string | null {
  return path === null ? null : `${path}.${suffix}`;
}
