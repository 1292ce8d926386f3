/**
 * An InspectReport on a terminal: a table that fits its width, totals, what is made anew for every input, what stayed float.
 *
 * Keeps true: no line is wider than `width` (of 80 or more); columns join as the width allows, in a fixed order.
 */
import pc from 'picocolors';
import { safeText } from '../diagnostics/safe-text.js';
import type { DynamicUnit } from '../inspect/dynamic-units.js';
import type { InspectReport, LayerNumbers, LayerReport } from '../inspect/inspect-program.js';
import { byteSize, quantity, shapeOf } from '../inspect/quantity.js';
import { type Column, fitText, renderTable } from './table.js';

export interface InspectView {
  readonly width: number;
  readonly color: boolean;
  /** Every step a row; else the steps of a dynamic unit share one. */
  readonly everyStep: boolean;
  /** Size of the ONNX file itself, with its external data. */
  readonly fileBytes: number;
}

export function renderInspect(report: InspectReport, view: InspectView): string {
  const c = pc.createColors(view.color);
  const { model } = report;
  const producer = model.producer === '' ? '' : `, written by ${safeText(model.producer, 60)}`;
  const head = [
    c.bold(
      fitText(`${safeText(model.file, 120)}: ONNX opset ${model.opset}, ${model.nodes} nodes${producer}`, view.width),
    ),
    ...[report.input, report.output].map((io, i) =>
      fitText(
        `${i === 0 ? 'input ' : 'output'}  ${safeText(io.name, 60)}  float32 [${io.shape.join(', ')}]`,
        view.width,
      ),
    ),
  ];
  return `${[
    head.join('\n'),
    layerTable(report, view),
    renderTotals(report, view, c),
    renderDynamic(report, view, c),
    renderFloat(report, view, c),
    c.dim(
      `MACs: multiply-accumulates, binary ones of one bit. Nothing here is measured.${legend(report)}${view.everyStep ? '' : '\n--verbose shows every step.'}`,
    ),
  ]
    .filter((block) => block !== '')
    .join('\n\n')}\n`;
}

interface Row {
  readonly index: string;
  readonly layer: Omit<LayerReport, 'index'>;
}

function layerTable(report: InspectReport, view: InspectView): string {
  const number = (value: number): string => (value === 0 ? '' : quantity(value));
  const columns: readonly Column<Row>[] = [
    { title: '#', align: 'right', cell: (r) => r.index },
    { title: 'layer', align: 'left', cell: (r) => safeText(r.layer.name, 60), shrinkTo: 12 },
    { title: 'operation', align: 'left', cell: (r) => shortOperation(r.layer.operation), shrinkTo: 14 },
    { title: 'input', align: 'left', cell: (r) => shapeOf(r.layer.input), optional: 2 },
    { title: 'output', align: 'left', cell: (r) => shapeOf(r.layer.output) },
    { title: 'bin MACs', align: 'right', cell: (r) => number(r.layer.binaryMacs) },
    { title: 'fp MACs', align: 'right', cell: (r) => number(r.layer.floatMacs) },
    ...(report.ranges === null ? [] : integerColumns(report, number)),
    { title: 'weights', align: 'right', cell: (r) => (r.layer.weightBytes === 0 ? '' : byteSize(r.layer.weightBytes)) },
    { title: 'traffic', align: 'right', cell: (r) => byteSize(r.layer.trafficBytes), optional: 3 },
    { title: 'then', align: 'left', cell: (r) => r.layer.tail, optional: 1, shrinkTo: 16 },
  ];
  const rows = view.everyStep
    ? report.layers.map((layer): Row => ({ index: String(layer.index), layer }))
    : foldDynamicUnits(report);
  return renderTable(columns, rows.map(forReading), view);
}

/** Of a network with integers: formats, how large values are, what was clipped. */
function integerColumns({ ranges }: InspectReport, number: (value: number) => string): readonly Column<Row>[] {
  const of = (f: (n: LayerNumbers) => string) => (r: Row) => (r.layer.numbers === null ? '' : f(r.layer.numbers));
  return [
    { title: 'int8', align: 'right', cell: (r) => number(r.layer.int8Macs), optional: 4 },
    { title: 'int16', align: 'left', cell: of((n) => n.format.replace('int16 ', '')) },
    {
      title: ranges?.source === 'calibrated' ? 'seen' : 'expected',
      align: 'right',
      cell: of((n) => (n.largest === null ? '' : n.largest.toPrecision(3))),
    },
    {
      title: 'clipped',
      align: 'right',
      cell: of((n) => (n.saturated === null || n.saturated === 0 ? '' : String(n.saturated))),
      optional: 0,
    },
  ];
}

/** Neighbouring steps that only make thresholds and shifts become one row. */
function foldDynamicUnits({ layers, dynamicUnits }: InspectReport): Row[] {
  const dense = new Set(dynamicUnits.flatMap((u) => u.layers.map((l) => l.name)));
  const rows: Row[] = [];
  for (let i = 0; i < layers.length; ) {
    let end = i + (layers[i]!.kind === 'globalAveragePool' ? 1 : 0);
    while (end < layers.length && dense.has(layers[end]!.name)) end++;
    // In fixed16 what it made becomes int16 right behind it.
    if (end > i) while (layers[end]?.kind === 'quantize') end++;
    const run = layers.slice(i, end);
    if (!run.some((l) => l.kind === 'dense')) {
      rows.push({ index: String(i), layer: layers[i]! });
      i++;
      continue;
    }
    const sum = (f: (layer: LayerReport) => number): number => run.reduce((total, layer) => total + f(layer), 0);
    const first = run[0]!;
    rows.push({
      index: `${i}-${end - 1}`,
      layer: {
        ...first,
        operation: `dynamic, ${run.filter((l) => l.kind === 'dense').length} dense`,
        output: run.at(-1)!.output,
        numbers: sharedNumbers(run),
        binaryMacs: sum((l) => l.binaryMacs),
        floatMacs: sum((l) => l.floatMacs),
        int8Macs: sum((l) => l.int8Macs),
        weightBytes: sum((l) => l.weightBytes),
        trafficBytes: sum((l) => l.trafficBytes),
        origin: run.flatMap((l) => l.origin),
      },
    });
    i = end;
  }
  return rows;
}

/** The format that the last of them ends in, and everything that was clipped on the way. */
function sharedNumbers(run: readonly LayerReport[]): LayerNumbers | null {
  const all = run.flatMap((l) => (l.numbers === null ? [] : [l.numbers]));
  const last = all.at(-1);
  if (last === undefined) return null;
  const clipped = all.reduce((sum, n) => sum + (n.saturated ?? 0), 0);
  const largest = all.reduce((m, n) => Math.max(m, n.largest ?? 0), 0);
  return { ...last, largest, saturated: last.saturated === null ? null : clipped };
}

/** A pass has no operation but what happens to its values; that it also sums rows for the next average is a detail. */
function forReading(row: Row): Row {
  const tail = row.layer.tail.replace(/(, )?row sums(?=,|$)/, '').replace(/^, /, '');
  const isPass = row.layer.operation === 'pass' && tail !== '';
  return { ...row, layer: { ...row.layer, ...(isPass ? { operation: tail, tail: '' } : { tail }) } };
}

/** "binary conv 3x3, stride 2x2, pads 1 1 1 1" -> "binary conv 3x3 /2": padding is in the JSON. */
function shortOperation(operation: string): string {
  return operation
    .replace(/, pads [\d ]+/, '')
    .replace(/, stride (\d+)x\1/, ' /$1')
    .replace(/, stride (\S+)/, ' /$1')
    .replace(/, dilation (\d+)x\1/, ' d$1');
}

type Colors = ReturnType<typeof pc.createColors>;

function renderTotals(report: InspectReport, view: InspectView, c: Colors): string {
  const { totals } = report;
  const { parameters } = totals;
  const dynamic = totals.dynamicMacs > 0 ? `, ${quantity(totals.dynamicMacs)} of them in dynamic units` : '';
  const ratio = (from: number, to: number): string =>
    to > 0 && from > to ? `, ${(from / to).toFixed(1)} times smaller` : '';
  const floatModel =
    totals.floatModelBytes === 0
      ? ''
      : ` (float32: ${byteSize(totals.floatModelBytes)}${ratio(totals.floatModelBytes, totals.constantBytes)})`;
  const rows: readonly (readonly [string, string])[] = [
    ['binary MACs', quantity(totals.binaryMacs)],
    ['float MACs', `${quantity(totals.floatMacs)}${dynamic}`],
    ...(totals.int8Macs === 0 ? [] : ([['int8 MACs', quantity(totals.int8Macs)]] as const)),
    [
      'parameters',
      `${quantity(parameters.binary + parameters.float)}: ${quantity(parameters.binary)} of one bit, ${quantity(parameters.float)} float`,
    ],
    ['weights', `${byteSize(totals.constantBytes)}${floatModel}`],
    ['model file', byteSize(view.fileBytes)],
    ...numbersRow(report),
    [
      'workspace',
      `${byteSize(totals.workspaceBytes)} (no plan could do with less than ${byteSize(totals.workspaceLowerBound)})`,
    ],
  ];
  return [c.bold('totals'), ...rows.map(([label, text]) => fitText(`  ${label.padEnd(13)}${text}`, view.width))].join(
    '\n',
  );
}

function numbersRow({ numeric, ranges, layers }: InspectReport): readonly (readonly [string, string])[] {
  if (ranges === null) return [];
  const mode = numeric === 'fixed16' ? 'fixed16' : 'float32 with int8 ends';
  const from = ranges.source === 'estimated' ? 'not calibrated' : `calibrated with ${ranges.samples} samples`;
  const clipped = layers.reduce((sum, l) => sum + (l.numbers?.saturated ?? 0), 0);
  const seen = ranges.ranOn === null ? '' : `, ${clipped === 0 ? 'nothing' : quantity(clipped)} clipped in them`;
  return [['numbers', `${mode}, ${from}${seen}`]];
}

/** What the columns of a network with integers mean. */
function legend({ ranges }: InspectReport): string {
  if (ranges === null) return '';
  const largest = ranges.source === 'calibrated' ? 'seen: the largest' : 'expected: the largest, estimated';
  return `\nint16: Qm.f has m bits before the point, sign among them, and f behind it. ${largest}.`;
}

function renderDynamic({ dynamicUnits }: InspectReport, view: InspectView, c: Colors): string {
  if (dynamicUnits.length === 0) return '';
  const byNode = new Map<string, DynamicUnit[]>();
  for (const unit of dynamicUnits) byNode.set(unit.node, [...(byNode.get(unit.node) ?? []), unit]);
  const unique = (list: readonly string[]): string => [...new Set(list)].join(', ');
  const columns: readonly Column<readonly DynamicUnit[]>[] = [
    { title: '  node', align: 'left', cell: (us) => `  ${safeText(us[0]!.node, 60)}`, shrinkTo: 14 },
    { title: 'makes', align: 'left', cell: (us) => unique(us.map((u) => u.kind)).replace(', DyPReLU', ',') },
    {
      title: 'from',
      align: 'left',
      cell: (us) => unique(us.map((u) => (u.pooled === null ? '' : `average of ${shapeOf(u.pooled)}`))),
      shrinkTo: 12,
    },
    {
      title: 'dense',
      align: 'left',
      cell: (us) => unique(us.map((u) => [u.layers[0]?.inputs, ...u.layers.map((l) => l.outputs)].join('-'))),
    },
    { title: 'functions', align: 'left', cell: (us) => unique(us.flatMap((u) => u.functions)), optional: 1 },
  ];
  return `${c.bold(`made anew for every input: ${dynamicUnits.length}`)}\n${renderTable(columns, [...byNode.values()], view)}`;
}

function renderFloat({ floatLayers }: InspectReport, view: InspectView, c: Colors): string {
  if (floatLayers.length === 0) return '';
  const columns: readonly Column<InspectReport['floatLayers'][number]>[] = [
    { title: '  layer', align: 'left', cell: (l) => `  ${safeText(l.name, 60)}`, shrinkTo: 14 },
    { title: 'operation', align: 'left', cell: (l) => shortOperation(l.operation), shrinkTo: 14 },
    { title: 'MACs', align: 'right', cell: (l) => quantity(l.macs) },
    { title: 'why', align: 'left', cell: (l) => safeText(l.reason, 300), shrinkTo: 24 },
  ];
  return `${c.bold(`stayed float: ${floatLayers.length}`)}\n${renderTable(columns, floatLayers, view)}`;
}
