/** The report's tables: what the charts show, for those who read or search. */
import type { LayerNumbers, LayerReport } from '../inspect/inspect-program.js';
import { byteSize, quantity } from '../inspect/quantity.js';
import { exact, percent, shapeWords, shown } from './draw/words.js';
import { type Child, element, type Html, join } from './html.js';
import type { ReportData } from './report-data.js';
import { milliseconds, timesOfSteps } from './times.js';

export interface TableColumn<Row> {
  readonly title: string;
  readonly number?: boolean;
  readonly cell: (row: Row) => Child;
}

export function table<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
  nodeOf: (row: Row) => number | null,
): Html {
  const css = (c: TableColumn<Row>): string | null => (c.number ? 'number' : null);
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map((c) => element('th', { scope: 'col', class: css(c) }, c.title)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row) =>
          element(
            'tr',
            { 'data-node': nodeOf(row) },
            columns.map((c) => element('td', { class: css(c) }, c.cell(row))),
          ),
        ),
      ),
    ),
  );
}

/** A longer table waits until it is asked for. */
const ROWS_OPEN = 20;

export function collapsed(title: string, rows: number, content: Html): Html {
  return element('details', { open: rows <= ROWS_OPEN ? '' : null }, element('summary', {}, title), content);
}

export const layerName = (text: string): Html => element('code', {}, shown(text));

function nodesByLayerName(report: ReportData): ReadonlyMap<string, number> {
  return new Map(report.nodes.flatMap((n) => n.layers.map((l) => [report.layers[l]!.name, n.id] as const)));
}

export function floatTable(report: ReportData): Html {
  const nodes = nodesByLayerName(report);
  if (report.floatLayers.length === 0) return join([]);
  return table(
    [
      { title: 'Layer', cell: (l) => layerName(l.name) },
      { title: 'Operation', cell: (l) => l.operation },
      { title: 'Float MACs', number: true, cell: (l) => exact(l.macs) },
      { title: 'Share', number: true, cell: (l) => percent(l.macs, report.totals.floatMacs) },
      { title: 'Why', cell: (l) => shown(l.reason) },
    ],
    report.floatLayers,
    (l) => nodes.get(l.name) ?? null,
  );
}

/** Units of one node side by side: gamma and zeta of a DyPReLU are one row. */
export function dynamicTable(report: ReportData): Html {
  if (report.dynamicUnits.length === 0) return join([]);
  const nodes = nodesByLayerName(report);
  const byNode = new Map<string, (typeof report.dynamicUnits)[number][]>();
  for (const unit of report.dynamicUnits) byNode.set(unit.node, [...(byNode.get(unit.node) ?? []), unit]);
  const list = (items: readonly string[]): string => [...new Set(items)].join(', ');
  return collapsed(
    `Made anew for every input: ${report.dynamicUnits.length} sets of parameters`,
    byNode.size,
    table(
      [
        { title: 'For', cell: (us) => layerName(us[0]!.node) },
        { title: 'Makes', cell: (us) => list(us.map((u) => u.kind)) },
        { title: 'Average of', cell: (us) => list(us.map((u) => (u.pooled === null ? '' : shapeWords(u.pooled)))) },
        {
          title: 'Dense',
          cell: (us) => list(us.map((u) => [u.layers[0]?.inputs ?? '', ...u.layers.map((l) => l.outputs)].join(' → '))),
        },
        {
          title: 'Float MACs',
          number: true,
          cell: (us) => exact(us.reduce((sum, u) => sum + u.layers.reduce((s, l) => s + l.macs, 0), 0)),
        },
      ],
      [...byNode.values()],
      (us) => nodes.get(us[0]!.layers.at(-1)?.name ?? '') ?? null,
    ),
  );
}

/** Of a network with integers. */
function integerColumns({ ranges, totals }: ReportData): readonly TableColumn<LayerReport>[] {
  const of = (f: (n: LayerNumbers) => string) => (l: LayerReport) => (l.numbers === null ? '' : f(l.numbers));
  const clipped = of((n) => (n.saturated === null || n.saturated === 0 ? '' : exact(n.saturated)));
  return [
    ...(totals.int8Macs === 0
      ? []
      : [
          {
            title: 'Int8 MACs',
            number: true,
            cell: (l: LayerReport) => (l.int8Macs === 0 ? '' : quantity(l.int8Macs)),
          },
        ]),
    { title: 'Format', cell: of((n) => n.format) },
    {
      title: ranges?.source === 'calibrated' ? 'Largest seen' : 'Largest expected',
      number: true,
      cell: of((n) => (n.largest === null ? '' : n.largest.toPrecision(3))),
    },
    ...(ranges?.ranOn == null ? [] : [{ title: 'Clipped', number: true, cell: clipped }]),
  ];
}

export function stepTable(report: ReportData): Html {
  const ms = timesOfSteps(report);
  const nodeOf = new Map(report.nodes.flatMap((n) => n.layers.map((l) => [l, n.id] as const)));
  return table(
    [
      { title: '#', number: true, cell: (l) => String(l.index) },
      { title: 'Step', cell: (l) => layerName(l.name) },
      {
        title: 'Operation',
        cell: (l) =>
          l.operation === 'pass' && l.tail !== '' ? l.tail : [l.operation, l.tail].filter((t) => t !== '').join('; '),
      },
      { title: 'Input', cell: (l) => shapeWords(l.input) },
      { title: 'Output', cell: (l) => shapeWords(l.output) },
      { title: 'Binary MACs', number: true, cell: (l) => (l.binaryMacs === 0 ? '' : quantity(l.binaryMacs)) },
      { title: 'Float MACs', number: true, cell: (l) => (l.floatMacs === 0 ? '' : quantity(l.floatMacs)) },
      ...(report.ranges === null ? [] : integerColumns(report)),
      { title: 'Weights', number: true, cell: (l) => (l.weightBytes === 0 ? '' : byteSize(l.weightBytes)) },
      ...(report.times === null
        ? []
        : [{ title: 'Time', number: true, cell: (l: LayerReport) => milliseconds(ms.get(l.index) ?? 0) }]),
    ],
    report.layers,
    (l) => nodeOf.get(l.index) ?? null,
  );
}
