/**
 * One block by dagre, from top to bottom.
 *
 * Flows in: the block's nodes with their sizes, and edges that end in it; those that come from outside start at the port.
 * Flows out: boxes and curves with the block's upper left corner at 0, 0.
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { ReportEdge } from '../report-data.js';
import type { Box, PlacedEdge, PlacedNode, Point } from './geometry.js';

export interface BlockLayout {
  readonly width: number;
  readonly height: number;
  readonly port: Box | null;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const PORT = 'port';

export function layoutBlock(
  nodes: readonly number[],
  sizeOf: (id: number) => Size,
  edges: readonly ReportEdge[],
  portSize: Size | null,
): BlockLayout {
  const graph = new Graph({ directed: true, multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 34, edgesep: 18, marginx: 0, marginy: 0 });
  if (portSize) graph.setNode(PORT, { ...portSize });
  for (const id of nodes) graph.setNode(String(id), { ...sizeOf(id) });
  const inside = new Set(nodes);
  const keys = edges.map((edge, i) => ({
    edge,
    v: inside.has(edge.from) ? String(edge.from) : PORT,
    w: String(edge.to),
    name: String(i),
  }));
  for (const { edge, v, w, name } of keys) {
    graph.setEdge(v, w, { weight: edge.kind === 'shortcut' ? 1 : 3, minlen: 1 }, name);
  }
  layout(graph);

  const boxOf = (key: string): Box => {
    const { x, y, width, height } = graph.node(key) as Box;
    return { x: x - width / 2, y: y - height / 2, width, height };
  };
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return {
    width,
    height,
    port: portSize ? boxOf(PORT) : null,
    nodes: nodes.map((id) => ({ id, ...boxOf(String(id)) })),
    edges: keys.map(({ edge, v, w, name }) => {
      const { points = [] } = graph.edge({ v, w, name }) as { readonly points?: readonly Point[] };
      return { from: edge.from, to: edge.to, kind: edge.kind, points: points.map(({ x, y }) => ({ x, y })) };
    }),
  };
}
