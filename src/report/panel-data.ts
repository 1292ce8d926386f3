/**
 * What the side panel shows of a node, as text: the script in the page only lays it out.
 *
 * Keeps true: every string is printable; every number of a row has its source.
 */
import { byteSize, quantity } from '../inspect/quantity.js';
import { exact, KIND_WORDS, percent, shapeWords, shown } from './draw/words.js';
import type { NumberSource, ReportBuffer, ReportData, ReportNode } from './report-data.js';

/** Label, value, source. */
export type PanelRow = readonly [string, string, NumberSource];

export interface PanelNode {
  readonly kind: string;
  readonly title: string;
  readonly name: string;
  readonly shapes: string;
  readonly numeric: string;
  readonly steps: string;
  readonly reason: string;
  readonly rows: readonly PanelRow[];
  readonly parts: readonly (readonly [string, string])[];
  /** Role, buffer, type and shape, bytes, place. */
  readonly buffers: readonly (readonly [string, string, string, string, string])[];
  readonly constants: readonly (readonly [string, string, string])[];
  readonly origin: readonly string[];
  readonly originMore: number;
}

export interface PanelData {
  readonly nodes: readonly PanelNode[];
  readonly edges: readonly (readonly [number, number])[];
  readonly kinds: readonly string[];
  /** Shown while nothing is chosen: the largest of each, as node and words. */
  readonly largest: readonly {
    readonly title: string;
    readonly source: NumberSource;
    readonly nodes: readonly (readonly [number, string])[];
  }[];
}

const ORIGINS_SHOWN = 40;

export function panelData(report: ReportData): PanelData {
  return {
    nodes: report.nodes.map((node) => panelNode(report, node)),
    edges: report.edges.map(({ from, to }) => [from, to]),
    kinds: report.nodes.map((n) => n.kind),
    largest: [
      largest(report, 'Most scalar work', 'estimated', (n) => n.estimated.operations),
      largest(report, 'Most bytes of constants', 'counted', (n) => n.counted.constantBytes),
    ],
  };
}

const LARGEST_SHOWN = 6;

function largest(
  { nodes }: ReportData,
  title: string,
  source: NumberSource,
  value: (node: ReportNode) => number,
): PanelData['largest'][number] {
  const whole = nodes.reduce((sum, n) => sum + value(n), 0);
  const first = [...nodes].filter((n) => value(n) > 0).sort((a, b) => value(b) - value(a) || a.id - b.id);
  return { title, source, nodes: first.slice(0, LARGEST_SHOWN).map((n) => [n.id, percent(value(n), whole)] as const) };
}

function panelNode(report: ReportData, node: ReportNode): PanelNode {
  const first = node.layers[0];
  const isEnd = first === undefined;
  // What a unit's own steps hand to each other is named once, where it is written.
  const inside = new Set(node.writes.map((w) => w.buffer));
  return {
    kind: KIND_WORDS[node.kind],
    title: shown(node.title),
    name: shown(node.name),
    shapes: isEnd ? shapeWords(node.output) : `${shapeWords(node.input)} → ${shapeWords(node.output)}`,
    numeric: node.numeric,
    steps: isEnd ? '' : node.layers.length === 1 ? `step ${first}` : `steps ${node.layers.join(', ')}`,
    reason: node.floatReason === null ? '' : shown(node.floatReason),
    rows: isEnd ? [] : rowsOf(report, node),
    parts: node.parts.map((p) => [p.name, shown(p.detail)] as const),
    buffers: [
      ...node.reads
        .filter(({ buffer }) => !inside.has(buffer))
        .map(({ buffer, role }) => bufferRow(`reads ${role}`, report.buffers[buffer]!)),
      ...node.writes.map(({ buffer, role }) => bufferRow(`writes ${role}`, report.buffers[buffer]!)),
    ],
    constants: node.constants.map((ref) => {
      const { name, comment, type, bytes } = report.constants[ref]!;
      return [shown(name), `${shown(comment)}, ${type}`, byteSize(bytes)] as const;
    }),
    origin: node.origin.slice(0, ORIGINS_SHOWN).map(shown),
    originMore: Math.max(0, node.origin.length - ORIGINS_SHOWN),
  };
}

function rowsOf(report: ReportData, node: ReportNode): readonly PanelRow[] {
  const { binaryMacs, floatMacs, constantBytes, trafficBytes } = node.counted;
  const { totals } = report;
  const work = report.nodes.reduce((sum, n) => sum + n.estimated.operations, 0);
  const rows: PanelRow[] = [];
  const share = (part: number, whole: number): string => ` · ${percent(part, whole)}`;
  if (binaryMacs > 0)
    rows.push(['Binary MACs', `${exact(binaryMacs)}${share(binaryMacs, totals.binaryMacs)}`, 'counted']);
  if (floatMacs > 0) rows.push(['Float MACs', `${exact(floatMacs)}${share(floatMacs, totals.floatMacs)}`, 'counted']);
  if (constantBytes > 0) {
    rows.push(['Constants', `${byteSize(constantBytes)}${share(constantBytes, totals.constantBytes)}`, 'counted']);
  }
  rows.push(['Bytes touched', byteSize(trafficBytes), 'counted']);
  rows.push([
    'Scalar work',
    `${quantity(node.estimated.operations)}${share(node.estimated.operations, work)}`,
    'estimated',
  ]);
  return [...rows, ...timeRows(report, node), ...verifyRows(report, node)];
}

function timeRows({ times }: ReportData, node: ReportNode): readonly PanelRow[] {
  const own = times?.layers.filter((l) => node.layers.includes(l.layer)) ?? [];
  if (!times || own.length === 0) return [];
  const ms = own.reduce((sum, l) => sum + l.ms, 0);
  return [['Time', `${milliseconds(ms)} · ${percent(ms, times.totalMs)}`, 'measured']];
}

export function milliseconds(ms: number): string {
  return ms < 0.1 ? `${(1000 * ms).toFixed(1)} µs` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
}

function verifyRows({ verify }: ReportData, node: ReportNode): readonly PanelRow[] {
  const own = verify?.layers.filter((l) => node.layers.includes(l.layer)) ?? [];
  if (own.length === 0) return [];
  const sum = (f: (l: (typeof own)[number]) => number): number => own.reduce((total, l) => total + f(l), 0);
  const margins = own.flatMap((l) => (l.smallestMargin === null ? [] : [l.smallestMargin]));
  const rows: PanelRow[] = [
    ['Mismatches', `${exact(sum((l) => l.mismatches))} of ${exact(sum((l) => l.compared))}`, 'measured'],
    ['Flips', exact(sum((l) => l.flips)), 'measured'],
    ['Largest difference', Math.max(...own.map((l) => l.largestDifference)).toExponential(2), 'measured'],
  ];
  if (margins.length > 0) rows.push(['Smallest margin', Math.min(...margins).toExponential(2), 'simulated']);
  return rows;
}

function bufferRow(role: string, buffer: ReportBuffer): PanelNode['buffers'][number] {
  const { name, content, shape, bytes, offset, place, firstStep, lastStep } = buffer;
  const where = offset === null ? `the ${place}` : `at ${exact(offset)}, steps ${firstStep}–${lastStep}`;
  return [role, shown(name), `${content} ${shapeWords(shape)}`, byteSize(bytes), where];
}
