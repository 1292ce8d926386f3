/**
 * The whole network: blocks under each other in columns, like a newspaper, so that a hundred layers fit a screen.
 *
 * Flows in: ReportData's nodes and edges. Flows out: a Layout; no two boxes overlap.
 */
import { fusedParts } from '../draw/fused-parts.js';
import type { ReportEdge, ReportNode } from '../report-data.js';
import type { Connector, Layout, PlacedBlock, PlacedEdge, PlacedNode, Point } from './geometry.js';
import { type BlockLayout, layoutBlock, type Size } from './layout-block.js';
import { layoutPlainly, spannedRows } from './layout-plainly.js';
import { type Block, splitBlocks } from './split-blocks.js';

export const NODE_WIDTH = 232;
const ROW = 17;
const PORT_SIZE: Size = { width: 150, height: 22 };
const PADDING = 20;
const TITLE = 30;
const BLOCK_GAP = 46;
const COLUMN_GAP = 96;
/** Rows that edges may span in all the blocks that dagre lays out: a usual block has some twenty, a network a few hundred. */
const EFFORT = 1500;
/** Width to height of the graph's place in a desktop's window. */
const ASPECT = 1.45;

/** Title, name, and a line for what was fused. */
export function nodeSize(node: ReportNode): Size {
  const rows = fusedParts(node).length > 0 && node.kind !== 'activation' ? 3 : 2;
  return { width: NODE_WIDTH, height: 18 + rows * ROW };
}

export function layoutGraph(nodes: readonly ReportNode[], edges: readonly ReportEdge[]): Layout {
  const byId = new Map(nodes.map((n) => [n.id, n]));
  const incoming = new Map<number, ReportEdge[]>();
  for (const edge of edges) incoming.set(edge.to, [...(incoming.get(edge.to) ?? []), edge]);

  const blocks = splitBlocks(nodes, edges);
  const layoutOnce = rememberLayouts();
  const laid = blocks.map((block, i) => {
    const ids = nodes.slice(block.first, block.last + 1).map((n) => n.id);
    const into = ids.flatMap((id) => incoming.get(id) ?? []);
    const layout = layoutOnce(ids, (id) => nodeSize(byId.get(id)!), into, i === 0 ? null : PORT_SIZE);
    return {
      block,
      ids,
      layout,
      width: layout.width + 2 * PADDING,
      height: layout.height + 2 * PADDING + titleHeight(block),
    };
  });
  const columns = chooseColumns(laid);
  return placeColumns(columns, nodes);
}

/** A network repeats its blocks; one that looks like another (same sizes, same edges) is laid out once. */
function rememberLayouts(): typeof layoutBlock {
  let effortLeft = EFFORT;
  const known = new Map<string, { readonly first: number; readonly layout: BlockLayout }>();
  return (ids, sizeOf, edges, portSize) => {
    const first = ids[0]!;
    const key = JSON.stringify([
      ids.map((id) => [id - first, sizeOf(id).height]),
      edges.map((e) => [Math.max(-1, e.from - first), e.to - first, e.kind]),
      portSize !== null,
    ]);
    const same = known.get(key);
    if (!same) {
      const effort = spannedRows(ids, edges);
      const layout = (effort <= effortLeft ? layoutBlock : layoutPlainly)(ids, sizeOf, edges, portSize);
      if (effort <= effortLeft) effortLeft -= effort;
      known.set(key, { first, layout });
      return layout;
    }
    return {
      ...same.layout,
      nodes: same.layout.nodes.map((n) => ({ ...n, id: n.id - same.first + first })),
      edges: same.layout.edges.map((e, i) => ({ ...e, from: edges[i]!.from, to: edges[i]!.to })),
    };
  };
}

interface LaidBlock extends Size {
  readonly block: Block;
  readonly ids: readonly number[];
  readonly layout: BlockLayout;
}

const titleHeight = (block: Block): number => (block.title === null ? 0 : TITLE);

function chooseColumns(blocks: readonly LaidBlock[]): readonly (readonly LaidBlock[])[] {
  let best: readonly (readonly LaidBlock[])[] = [];
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let count = 1; count <= Math.min(blocks.length, 40); count++) {
    const columns = fillColumns(blocks, lowestColumns(blocks, count));
    const { width, height } = sizeOfColumns(columns);
    const distance = Math.abs(Math.log(width / height / ASPECT));
    if (distance < bestDistance) [best, bestDistance] = [columns, distance];
  }
  return best;
}

/** The least height, to a pixel, at which the blocks fit into so many columns. */
function lowestColumns(blocks: readonly LaidBlock[], count: number): number {
  let low = Math.max(...blocks.map((b) => b.height));
  let high = blocks.reduce((sum, b) => sum + b.height + BLOCK_GAP, 0);
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (fillColumns(blocks, middle).length <= count) high = middle;
    else low = middle;
  }
  return high;
}

function fillColumns(blocks: readonly LaidBlock[], height: number): LaidBlock[][] {
  const columns: LaidBlock[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const block of blocks) {
    if (filled + block.height > height) {
      columns.push([]);
      filled = 0;
    }
    columns.at(-1)!.push(block);
    filled += block.height + BLOCK_GAP;
  }
  return columns;
}

function sizeOfColumns(columns: readonly (readonly LaidBlock[])[]): Size {
  const width = columns.reduce((sum, c) => sum + Math.max(...c.map((b) => b.width)) + COLUMN_GAP, 0);
  const height = Math.max(...columns.map((c) => c.reduce((sum, b) => sum + b.height + BLOCK_GAP, 0)));
  return { width, height };
}

function placeColumns(columns: readonly (readonly LaidBlock[])[], nodes: readonly ReportNode[]): Layout {
  const blocks: PlacedBlock[] = [];
  const placed: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  const gutters: number[] = [];
  let x = COLUMN_GAP / 2;
  let bottom = 0;
  const top = BLOCK_GAP;
  for (const [c, column] of columns.entries()) {
    const width = Math.max(...column.map((b) => b.width));
    let y = top;
    for (const { block, ids, layout, ...size } of column) {
      const left = x + (width - size.width) / 2;
      const move = <T extends Point>(p: T): T => ({
        ...p,
        x: p.x + left + PADDING,
        y: p.y + y + PADDING + titleHeight(block),
      });
      blocks.push({ ...size, x: left, y, title: block.title, port: layout.port && move(layout.port), nodes: ids });
      placed.push(...layout.nodes.map(move));
      edges.push(...layout.edges.map((e) => ({ ...e, points: e.points.map(move) })));
      gutters.push(c);
      y += size.height + BLOCK_GAP;
    }
    bottom = Math.max(bottom, y);
    x += width + COLUMN_GAP;
  }
  const edgeOfColumn = columns.map((_, c) =>
    Math.max(...blocks.filter((_, i) => gutters[i] === c).map((b) => b.x + b.width)),
  );
  const connectors = blocks.slice(1).map((block, i) => {
    const gutter = gutters[i] === gutters[i + 1] ? null : edgeOfColumn[gutters[i]!]! + COLUMN_GAP / 2;
    return connect(blocks[i]!, block, placed, gutter, top);
  });
  return { width: x - COLUMN_GAP / 2, height: bottom, blocks, nodes: sortById(placed, nodes), edges, connectors };
}

function sortById(placed: readonly PlacedNode[], nodes: readonly ReportNode[]): readonly PlacedNode[] {
  const byId = new Map(placed.map((p) => [p.id, p]));
  return nodes.map((n) => byId.get(n.id)!);
}

function connect(
  from: PlacedBlock,
  to: PlacedBlock,
  placed: readonly PlacedNode[],
  gutter: number | null,
  top: number,
): Connector {
  const last = from.nodes.at(-1)!;
  const node = placed.find((p) => p.id === last)!;
  const port = to.port!;
  const start = { x: node.x + node.width / 2, y: node.y + node.height };
  const end = { x: port.x + port.width / 2, y: port.y };
  if (gutter === null) {
    const middle = (from.y + from.height + to.y) / 2;
    const straight = Math.abs(start.x - end.x) < 1;
    return {
      from: last,
      corners: straight ? [start, end] : [start, { x: start.x, y: middle }, { x: end.x, y: middle }, end],
    };
  }
  const below = from.y + from.height + BLOCK_GAP / 3;
  const above = top - BLOCK_GAP / 3;
  return {
    from: last,
    corners: [
      start,
      { x: start.x, y: below },
      { x: gutter, y: below },
      { x: gutter, y: above },
      { x: end.x, y: above },
      end,
    ],
  };
}
