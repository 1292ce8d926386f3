/**
 * A block without the search for few crossings, for graphs on which that search would take minutes: rows by distance from the
 * port, rows in columns, straight lines.
 *
 * Flows in and out: as for layout-block.ts. Keeps true: no two boxes overlap.
 */
import type { ReportEdge } from '../report-data.js';
import type { Box, PlacedNode, Point } from './geometry.js';
import type { BlockLayout, Size } from './layout-block.js';

const GAP = 30;

/**
 * How many rows the edges span in all: each row that an edge passes is a place that dagre orders and positions, so this is what
 * its time grows with.
 */
export function spannedRows(nodes: readonly number[], edges: readonly ReportEdge[]): number {
  const row = rowsOf(nodes, edges);
  return edges.reduce((sum, { from, to }) => sum + row.get(to)! - (row.get(from) ?? -1), 0);
}

/** The longest way from outside; nodes are in topological order. */
function rowsOf(nodes: readonly number[], edges: readonly ReportEdge[]): ReadonlyMap<number, number> {
  const row = new Map(nodes.map((id) => [id, 0]));
  const incoming = new Map<number, number[]>();
  for (const { from, to } of edges) {
    const list = incoming.get(to);
    if (list) list.push(from);
    else incoming.set(to, [from]);
  }
  for (const id of nodes) {
    for (const from of incoming.get(id) ?? []) row.set(id, Math.max(row.get(id)!, (row.get(from) ?? -1) + 1));
  }
  return row;
}

export function layoutPlainly(
  nodes: readonly number[],
  sizeOf: (id: number) => Size,
  edges: readonly ReportEdge[],
  portSize: Size | null,
): BlockLayout {
  const rowOf = rowsOf(nodes, edges);
  const rows: number[][] = [];
  for (const id of nodes) {
    const row = rowOf.get(id)!;
    for (let r = rows.length; r <= row; r++) rows.push([]);
    rows[row]!.push(id);
  }
  const cell = nodes.map(sizeOf).reduce((a, b) => ({
    width: Math.max(a.width, b.width),
    height: Math.max(a.height, b.height),
  }));
  const across = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const columnWidth = across * (cell.width + GAP) + GAP;
  const down = Math.max(1, Math.ceil(Math.sqrt((rows.length * columnWidth) / (cell.height + GAP))));
  const top = portSize ? portSize.height + GAP : 0;
  const boxes = new Map<number, Box>();
  rows.forEach((row, r) => {
    const x = Math.floor(r / down) * columnWidth;
    const y = top + (r % down) * (cell.height + GAP);
    row.forEach((id, i) => {
      boxes.set(id, { x: x + i * (cell.width + GAP), y, ...sizeOf(id) });
    });
  });
  const port = portSize ? { x: 0, y: 0, ...portSize } : null;
  const outside = port ?? { x: 0, y: 0, width: 0, height: 0 };
  const end = (box: Box, at: 'top' | 'bottom'): Point => ({
    x: box.x + box.width / 2,
    y: at === 'top' ? box.y : box.y + box.height,
  });
  const columns = Math.ceil(rows.length / down);
  return {
    width: columns * columnWidth,
    height: top + Math.min(down, rows.length) * (cell.height + GAP),
    port,
    nodes: nodes.map((id): PlacedNode => ({ id, ...boxes.get(id)! })),
    edges: edges.map(({ from, to, kind }) => ({
      from,
      to,
      kind,
      points: [end(boxes.get(from) ?? outside, 'bottom'), end(boxes.get(to)!, 'top')],
    })),
  };
}
