/**
 * The network as SVG.
 *
 * Flows in: the report and its layout. Flows out: one svg element; nodes carry data-node, edges data-from and data-to for the
 * script. Colours and sizes of text are the style sheet's.
 */
import { type Child, element, type Html } from '../html.js';
import type { Layout, PlacedBlock, PlacedNode } from '../layout/geometry.js';
import { problemOf, stepsOfNode, verifiedSteps } from '../problems.js';
import type { ReportData, ReportNode } from '../report-data.js';
import { fusedParts } from './fused-parts.js';
import { cornerPath, curvePath } from './paths.js';
import { KIND_WORDS, macsOf, shapeWords, shorten, shown } from './words.js';

export function drawGraph(report: ReportData, layout: Layout): Html {
  const verified = verifiedSteps(report);
  const isWrong = (node: ReportNode): boolean => problemOf(stepsOfNode(verified, node)) !== '';
  const nodes = new Map(report.nodes.map((n) => [n.id, n]));
  return element(
    'svg',
    {
      id: 'graph',
      class: 'graph',
      viewBox: `0 0 ${Math.ceil(layout.width)} ${Math.ceil(layout.height)}`,
      'data-width': layout.width,
      'data-height': layout.height,
      role: 'group',
      'aria-label': `The network as a graph of ${report.nodes.length} nodes`,
    },
    element('defs', {}, ['real', 'bits', 'sums', 'params', 'shortcut'].map(arrowHead)),
    element(
      'g',
      { id: 'viewport' },
      layout.blocks.map((block) => drawBlock(block, nodes)),
      layout.connectors.map(({ from, corners }, i) =>
        element('path', {
          class: 'edge real',
          d: cornerPath(corners),
          'data-from': from,
          'data-to': layout.blocks[i + 1]!.nodes.join(' '),
        }),
      ),
      layout.blocks.map(drawTitle),
      layout.edges.map(({ from, to, kind, points }) =>
        element('path', {
          class: `edge ${kind}`,
          d: curvePath(points),
          'marker-end': `url(#arrow-${kind})`,
          'data-from': from,
          'data-to': to,
        }),
      ),
      layout.nodes.map((placed, i) => {
        const node = nodes.get(placed.id)!;
        return drawNode(placed, node, i === 0, isWrong(node));
      }),
    ),
  );
}

function arrowHead(kind: string): Html {
  return element(
    'marker',
    {
      id: `arrow-${kind}`,
      class: `arrow ${kind}`,
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: 'userSpaceOnUse',
      orient: 'auto',
    },
    element('path', { d: 'M0 0.8L7.5 4L0 7.2Z' }),
  );
}

function drawBlock(block: PlacedBlock, nodes: ReadonlyMap<number, ReportNode>): Html {
  const { x, y, width, height, port } = block;
  const before = port === null ? null : nodes.get(block.nodes[0]! - 1);
  return element(
    'g',
    { class: 'block' },
    element('rect', { x, y, width, height, rx: 16 }),
    port === null || !before
      ? null
      : element(
          'g',
          { class: 'port' },
          element('rect', { ...port, rx: 11 }),
          element('text', { x: port.x + port.width / 2, y: port.y + 15 }, shapeWords(before.output)),
        ),
  );
}

/** Over the lines, which may cross it. */
function drawTitle({ x, y, width, title }: PlacedBlock): Html | null {
  if (title === null) return null;
  const room = width - 36;
  return element(
    'text',
    { class: 'block-title', x: x + 18, y: y + 25, 'data-room': room },
    shorten(title, Math.floor(room / 8)),
  );
}

function drawNode({ x, y, width, height }: PlacedNode, node: ReportNode, first: boolean, wrong: boolean): Html {
  const rows: Child[] = [];
  const macs = macsOf(node);
  const shape = shapeWords(node.output);
  const room = width - 34;
  rows.push(
    element('text', { class: 'title', x: 15, y: 22 }, shorten(node.title, Math.floor((room - 7 * macs.length) / 7.9))),
  );
  if (macs !== '') rows.push(element('text', { class: 'macs', x: width - 12, y: 22 }, macs));
  rows.push(
    element('text', { class: 'name', x: 15, y: 39 }, shorten(node.name, Math.floor((room - 6.8 * shape.length) / 6.9))),
  );
  rows.push(element('text', { class: 'shape', x: width - 12, y: 39 }, shape));
  if (height > 60)
    rows.push(element('text', { class: 'parts', x: 15, y: 56 }, shorten(fusedLine(node), Math.floor(room / 6.3))));
  return element(
    'g',
    {
      class: `node k-${node.kind}${wrong ? ' wrong' : ''}`,
      transform: `translate(${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10})`,
      'data-node': node.id,
      role: 'button',
      tabindex: first ? 0 : -1,
      'aria-label': `${KIND_WORDS[node.kind]}: ${node.title}, ${shown(node.name)}${wrong ? ', differs' : ''}`,
    },
    element('rect', { class: 'box', width, height, rx: 9 }),
    element('path', {
      class: 'stripe',
      d: `M9 0.5A8.5 8.5 0 0 0 0.5 9V${height - 9}A8.5 8.5 0 0 0 9 ${height - 0.5}H5.5V0.5Z`,
    }),
    rows,
  );
}

function fusedLine(node: ReportNode): string {
  const parts = node.kind === 'dynamicUnit' ? unitWords(node) : fusedParts(node).map((p) => p.name);
  return parts.join(' · ');
}

/** "average", "2 × (128→8→128)" */
function unitWords({ parts }: ReportNode): readonly string[] {
  const chains: number[][] = [];
  for (const { name, detail } of parts) {
    const [inputs, outputs] = name === 'Dense' ? (detail.match(/\d+/g) ?? []).map(Number) : [];
    if (inputs === undefined || outputs === undefined) continue;
    const chain = chains.at(-1);
    if (chain && chain.at(-1) === inputs && inputs !== chain[0]) chain.push(outputs);
    else chains.push([inputs, outputs]);
  }
  const texts = chains.map((c) => c.join('→'));
  const counts = [...new Set(texts)].map((t) => [t, texts.filter((other) => other === t).length] as const);
  return ['average', ...counts.map(([text, count]) => (count === 1 ? text : `${count} × (${text})`))];
}
