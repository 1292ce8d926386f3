/**
 * An InspectReport on a terminal: a table that fits its width, totals, what is made anew for every input, what stayed float.
 *
 * Keeps true: no line is wider than `width` (of 60 or more); columns join as the width allows, in a fixed order.
 */
import pc from 'picocolors';
import { safeText } from '../diagnostics/safe-text.js';
import type { InspectReport, LayerReport } from '../inspect/inspect-program.js';
import { byteSize, quantity, shapeOf } from '../inspect/quantity.js';
import { type Column, fitText, renderTable } from './table.js';

export interface InspectView {
  readonly width: number;
  readonly color: boolean;
  /** Size of the ONNX file itself. */
  readonly fileBytes: number;
}

export function renderInspect(report: InspectReport, view: InspectView): string {
  const c = pc.createColors(view.color);
  const { model, totals } = report;
  const producer = model.producer === '' ? '' : `, written by ${safeText(model.producer, 60)}`;
  const head = [
    c.bold(
      fitText(`${safeText(model.name, 120)}: ONNX opset ${model.opset}, ${model.nodes} nodes${producer}`, view.width),
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
    layerTable(report.layers, view),
    renderTotals(report, view, c),
    renderDynamic(report, view, c),
    renderFloat(report, view, c),
    c.dim(
      fitText(
        `binary MACs: multiply-accumulates of one bit; ${totals.layers} layers; nothing here is measured`,
        view.width,
      ),
    ),
  ]
    .filter((block) => block !== '')
    .join('\n\n')}\n`;
}

function layerTable(layers: readonly LayerReport[], view: InspectView): string {
  const number = (value: number): string => (value === 0 ? '' : quantity(value));
  const columns: readonly Column<LayerReport>[] = [
    { title: '#', align: 'right', cell: (l) => String(l.index) },
    { title: 'layer', align: 'left', cell: (l) => safeText(l.name, 60), shrinkTo: 12 },
    { title: 'operation', align: 'left', cell: (l) => shortOperation(l.operation), shrinkTo: 14 },
    { title: 'input', align: 'left', cell: (l) => shapeOf(l.input), optional: 2 },
    { title: 'output', align: 'left', cell: (l) => shapeOf(l.output) },
    { title: 'bin MACs', align: 'right', cell: (l) => number(l.binaryMacs) },
    { title: 'fp MACs', align: 'right', cell: (l) => number(l.floatMacs) },
    { title: 'weights', align: 'right', cell: (l) => (l.weightBytes === 0 ? '' : byteSize(l.weightBytes)) },
    { title: 'traffic', align: 'right', cell: (l) => byteSize(l.trafficBytes), optional: 3 },
    { title: 'then', align: 'left', cell: (l) => l.then, optional: 1, shrinkTo: 16 },
  ];
  return renderTable(columns, layers, view);
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

function renderTotals({ totals }: InspectReport, view: InspectView, c: Colors): string {
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
    [
      'parameters',
      `${quantity(parameters.binary + parameters.float)}: ${quantity(parameters.binary)} of one bit, ${quantity(parameters.float)} float`,
    ],
    ['weights', `${byteSize(totals.constantBytes)}${floatModel}`],
    ['model file', byteSize(view.fileBytes)],
    [
      'workspace',
      `${byteSize(totals.workspaceBytes)} (no plan could do with less than ${byteSize(totals.workspaceLowerBound)})`,
    ],
  ];
  return [c.bold('totals'), ...rows.map(([label, text]) => fitText(`  ${label.padEnd(13)}${text}`, view.width))].join(
    '\n',
  );
}

function renderDynamic({ dynamicUnits }: InspectReport, view: InspectView, c: Colors): string {
  if (dynamicUnits.length === 0) return '';
  const columns: readonly Column<InspectReport['dynamicUnits'][number]>[] = [
    { title: '  node', align: 'left', cell: (u) => `  ${safeText(u.node, 60)}`, shrinkTo: 14 },
    { title: 'makes', align: 'left', cell: (u) => u.kind },
    {
      title: 'from',
      align: 'left',
      cell: (u) => (u.pooled === null ? '' : `average of ${shapeOf(u.pooled)}`),
      shrinkTo: 12,
    },
    { title: 'dense', align: 'left', cell: (u) => [u.layers[0]?.inputs, ...u.layers.map((l) => l.outputs)].join('-') },
    { title: 'functions', align: 'left', cell: (u) => u.functions.join(', '), optional: 1 },
  ];
  return `${c.bold(`made anew for every input: ${dynamicUnits.length}`)}\n${renderTable(columns, dynamicUnits, view)}`;
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
