/**
 * What the side panel shows of a node, as text: the script in the page only lays it out.
 *
 * Keeps true: every string is printable; every number of a row has its source.
 */
import { byteSize, quantity } from '../inspect/quantity.js';
import { exact, KIND_WORDS, percent, shapeWords, shown, small, ulps } from './draw/words.js';
import { problemOf, stepsOfNode, verifiedSteps } from './problems.js';
import type {
  CheckedStep,
  ComparedStep,
  NearStep,
  NumberSource,
  ReportBuffer,
  ReportData,
  ReportNode,
  VerifiedLayer,
} from './report-data.js';
import { milliseconds, timeOfNode, timesOfSteps } from './times.js';
import { decibels, flipWords } from './verify-section.js';

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
  /** What `verify` found wrong; '' for nothing. */
  readonly problem: string;
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
  const verified = verifiedSteps(report);
  const ms = timesOfSteps(report);
  return {
    nodes: report.nodes.map((node) => panelNode(report, node, stepsOfNode(verified, node))),
    edges: report.edges.map(({ from, to }) => [from, to]),
    kinds: report.nodes.map((n) => n.kind),
    largest: [
      ...(report.times === null ? [] : [largest(report, 'Most time', 'measured', (n) => timeOfNode(ms, n))]),
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

function panelNode(report: ReportData, node: ReportNode, verified: readonly VerifiedLayer[]): PanelNode {
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
    problem: shown(problemOf(verified)),
    rows: isEnd ? [] : rowsOf(report, node, verified),
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

function rowsOf(report: ReportData, node: ReportNode, verified: readonly VerifiedLayer[]): readonly PanelRow[] {
  const { binaryMacs, floatMacs, constantBytes, trafficBytes } = node.counted;
  const { totals } = report;
  const work = report.nodes.reduce((sum, n) => sum + n.estimated.operations, 0);
  const rows: PanelRow[] = [];
  const share = (part: number, whole: number): string => ` · ${percent(part, whole)}`;
  if (binaryMacs > 0)
    rows.push(['Binary MACs', `${exact(binaryMacs)}${share(binaryMacs, totals.binaryMacs)}`, 'counted']);
  if (floatMacs > 0) rows.push(['Float MACs', `${exact(floatMacs)}${share(floatMacs, totals.floatMacs)}`, 'counted']);
  const int8Macs = node.layers.reduce((sum, l) => sum + report.layers[l]!.int8Macs, 0);
  if (int8Macs > 0) rows.push(['Int8 MACs', `${exact(int8Macs)}${share(int8Macs, totals.int8Macs)}`, 'counted']);
  if (constantBytes > 0) {
    rows.push(['Constants', `${byteSize(constantBytes)}${share(constantBytes, totals.constantBytes)}`, 'counted']);
  }
  rows.push(['Bytes touched', byteSize(trafficBytes), 'counted']);
  rows.push([
    'Scalar work',
    `${quantity(node.estimated.operations)}${share(node.estimated.operations, work)}`,
    'estimated',
  ]);
  return [...rows, ...numberRows(report, node), ...timeRows(report, node), ...verifyRows(report, verified)];
}

function numberRows({ ranges, layers }: ReportData, node: ReportNode): readonly PanelRow[] {
  if (ranges === null) return [];
  const numbers = node.layers.flatMap((l) => layers[l]!.numbers ?? []);
  if (numbers.length === 0) return [];
  const seen = numbers.flatMap((n) => n.largest ?? []);
  const rows: PanelRow[] = [];
  if (seen.length > 0) {
    const calibrated = ranges.source === 'calibrated';
    const largest = Math.max(...seen).toPrecision(3);
    rows.push([calibrated ? 'Largest seen' : 'Largest expected', largest, calibrated ? 'simulated' : 'estimated']);
  }
  if (ranges.ranOn !== null) {
    const clipped = numbers.reduce((sum, n) => sum + (n.saturated ?? 0), 0);
    rows.push(['Clipped', `${exact(clipped)} over ${ranges.ranOn}`, 'simulated']);
  }
  return rows;
}

function timeRows({ times }: ReportData, node: ReportNode): readonly PanelRow[] {
  if (times === null || node.layers.length === 0) return [];
  const ms = timeOfNode(new Map(times.layers.map((l) => [l.layer, l.ms])), node);
  return [['Time', `${milliseconds(ms)} · ${percent(ms, times.totalMs)}`, 'measured']];
}

function verifyRows({ verify }: ReportData, steps: readonly VerifiedLayer[]): readonly PanelRow[] {
  if (verify === null || steps.length === 0) return [];
  const rows: PanelRow[] = [];
  if (verify.c !== null) {
    const words = steps.every((l) => l.cDifference === null) ? 'every bit equal' : 'differs';
    rows.push(['Generated C', words, 'measured']);
  }
  const near = steps.flatMap((l) => l.nearness ?? []);
  for (const { own, free } of near.slice(-1)) {
    const words = (n: NearStep): string =>
      [decibels(n), n.signs === 0 ? '' : `${flipWords(n)} flips`].filter((w) => w !== '').join(' · ');
    rows.push(['Own rounding', words(own), 'measured'], ['Run freely', words(free), 'measured']);
  }
  const checked = steps.flatMap((l) => l.onnxRuntime ?? []);
  if (checked.length === 0) return rows;
  const sum = (f: (step: CheckedStep) => number): number => checked.reduce((total, s) => total + f(s), 0);
  const most = (f: (step: ComparedStep) => number, list: readonly ComparedStep[] = checked): number =>
    Math.max(...list.map(f));
  rows.push(
    ['Mismatches', `${exact(sum((s) => s.mismatches))} of ${exact(sum((s) => s.compared))}`, 'measured'],
    ['Flips', exact(sum((s) => s.flips)), 'measured'],
    ['Largest error', `${small(most((s) => s.maxError))} · ${ulps(most((s) => s.maxUlps))} ulps`, 'measured'],
  );
  const margins = checked.flatMap((s) => (s.smallestMargin === null ? [] : [s.smallestMargin]));
  if (margins.length > 0) rows.push(['Smallest margin', small(Math.min(...margins)), 'simulated']);
  const free = steps.flatMap((l) => l.freeRunning ?? []);
  if (free.length > 0) {
    const flips = free.reduce((total, s) => total + s.flips, 0);
    const words = `${ulps(most((s) => s.maxUlps, free))} ulps${flips === 0 ? '' : `, ${exact(flips)} flips`}`;
    rows.push(['Run freely', words, 'measured']);
  }
  return rows;
}

function bufferRow(role: string, buffer: ReportBuffer): PanelNode['buffers'][number] {
  const { name, content, format, shape, bytes, offset, place, firstStep, lastStep } = buffer;
  const where = offset === null ? `the ${place}` : `at ${exact(offset)}, steps ${firstStep}–${lastStep}`;
  return [
    role,
    shown(name),
    `${content} ${shapeWords(shape)}${format.startsWith('int') ? `, ${format}` : ''}`,
    byteSize(bytes),
    where,
  ];
}
