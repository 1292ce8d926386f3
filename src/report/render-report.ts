/**
 * Flows in: ReportData and the templates. Flows out: report.html, one file that needs nothing else.
 * Keeps true: names come in as text; no markup is put together from strings outside of html.ts.
 */
import { byteSize, quantity } from '../inspect/quantity.js';
import { acceleratorLink, acceleratorSection } from './accelerator-section.js';
import type { Span } from './draw/draw-bars.js';
import { drawGraph } from './draw/draw-graph.js';
import { bufferClass, drawMemory } from './draw/draw-memory.js';
import { exact, KIND_WORDS, percent, shapeWords, shorten, shown } from './draw/words.js';
import { badge, type Figure, figure } from './figure.js';
import { type Child, element, type Html, join, scriptJson, trusted } from './html.js';
import type { Layout } from './layout/geometry.js';
import { layoutGraph } from './layout/layout-graph.js';
import { panelData } from './panel-data.js';
import { renderHtml } from './render-html.js';
import {
  CONSTANT_ROLES,
  type NodeKind,
  type NumberSource,
  type ReportData,
  type ReportNode,
  SOURCES,
  type VerifiedLayer,
  type VerifyResults,
} from './report-data.js';
import { dynamicTable, floatTable, stepTable } from './tables.js';
import { milliseconds, timeOfNode, timesOfSteps } from './times.js';
import { verifySection } from './verify-section.js';

export interface ReportTemplates {
  readonly page: string;
  readonly style: string;
  readonly script: string;
}

export function renderReport(report: ReportData, templates: ReportTemplates): string {
  const layout = layoutGraph(report.nodes, report.edges);
  const spans = spansOf(layout);
  const { model } = report;
  return renderHtml(
    templates.page,
    {
      title: shown(model.file),
      style: trusted(templates.style),
      script: trusted(templates.script),
      data: scriptJson(panelData(report)),
      model: shown(model.file),
      about: aboutModel(report),
      cards: cards(report),
      legend: legend(report.nodes),
      graph: drawGraph(report, layout),
      operationsWords: operationsWords(report),
      operations: operations(report, spans),
      weights: weights(report, spans),
      memoryWords: memoryWords(report),
      memory: drawMemory(report, stepSpans(report, layout)),
      memoryLegend: memoryLegend(report),
      floatWords: floatWords(report),
      floatTable: floatTable(report),
      dynamicTable: dynamicTable(report),
      accelerator: acceleratorSection(report),
      acceleratorLink: acceleratorLink(report),
      verify: verifySection(report, spans),
      stepCount: report.layers.length,
      stepTable: stepTable(report),
      sources: join(
        Object.entries(SOURCES).map(([name, text]) => element('div', {}, badge(name as NumberSource), ` ${text}`)),
      ),
      version: report.generator.version,
    },
    'report/report.html.ejs',
  );
}

function aboutModel({ model, input, output, nodes }: ReportData): string {
  const parts = [
    `${shapeWords(input.shape)} → ${shapeWords(output.shape)}`,
    model.name === '' ? '' : `graph “${shorten(model.name, 60)}”`,
    model.producer === '' ? '' : `from ${shorten(model.producer, 60)}`,
    `opset ${model.opset}`,
    `${model.nodes} ONNX nodes, drawn as ${nodes.length}`,
  ];
  return parts.filter((p) => p !== '').join(' · ');
}

function card(label: string, value: string, note: Child, source: NumberSource): Html {
  const [number, ...unit] = value.split(' ');
  return element(
    'div',
    { class: 'card' },
    element('div', { class: 'card-label' }, label, badge(source)),
    element(
      'div',
      { class: 'card-value' },
      number!,
      unit.length > 0 ? element('small', {}, ` ${unit.join(' ')}`) : null,
    ),
    element('div', { class: 'card-note' }, note),
  );
}

function cards({ totals, layers, verify, times, accelerator }: ReportData): Html {
  const { parameters } = totals;
  const smaller = totals.floatModelBytes > totals.constantBytes && totals.constantBytes > 0;
  const list = [
    card(
      'Binary MACs',
      quantity(totals.binaryMacs),
      binaryNote(layers.filter((l) => l.kind === 'binaryConv2d').length),
      'counted',
    ),
    card(
      'Float MACs',
      quantity(totals.floatMacs),
      totals.dynamicMacs > 0 ? `${quantity(totals.dynamicMacs)} of them in dynamic units` : 'no dynamic units',
      'counted',
    ),
    ...(totals.int8Macs === 0
      ? []
      : [card('Int8 MACs', quantity(totals.int8Macs), 'weights of 8 bits, values of 16', 'counted')]),
    card(
      'Parameters',
      quantity(parameters.binary + parameters.float),
      `${quantity(parameters.binary)} of one bit, ${quantity(parameters.float)} float`,
      'counted',
    ),
    card(
      'Constants',
      byteSize(totals.constantBytes),
      smaller
        ? `${(totals.floatModelBytes / totals.constantBytes).toFixed(1)} times smaller than as float32 (${byteSize(totals.floatModelBytes)})`
        : `as float32: ${byteSize(totals.floatModelBytes)}`,
      'counted',
    ),
    card(
      'Workspace',
      byteSize(totals.workspaceBytes),
      `no plan could need less than ${byteSize(totals.workspaceLowerBound)}`,
      'counted',
    ),
    times === null
      ? card('Steps', String(totals.layers), 'each is one call of a kernel', 'counted')
      : card(
          'Time',
          milliseconds(times.totalMs),
          `kernels ${shown(times.kernels)}, ${times.threads} thread${times.threads === 1 ? '' : 's'}`,
          'measured',
        ),
  ];
  if (accelerator !== null) {
    const { picturesPerSecond, board, clockMhz } = accelerator;
    list.push(
      card(
        'Pictures a second',
        quantity(picturesPerSecond),
        `on ${shown(board.title)} at ${clockMhz} MHz, never synthesised`,
        'estimated',
      ),
    );
  }
  if (verify !== null) list.push(verifyCard(verify));
  return join(list);
}

function verifyCard({ layers, c, onnxRuntime, samples }: VerifyResults): Html {
  const sum = (f: (layer: VerifiedLayer) => number): number => layers.reduce((total, l) => total + f(l), 0);
  const wrong = sum((l) => (l.onnxRuntime?.mismatches ?? 0) + (l.cDifference === null ? 0 : 1));
  const compared = [
    ...(c === null ? [] : ['generated C']),
    ...(onnxRuntime === null ? [] : [`ONNX Runtime, ${exact(sum((l) => l.onnxRuntime?.flips ?? 0))} flips`]),
  ];
  const note = `${compared.join(' and ')}; ${samples} sample${samples === 1 ? '' : 's'}`;
  return card('Mismatches', quantity(wrong), note, 'measured');
}

const binaryNote = (count: number): string =>
  count === 0 ? 'no binary convolutions' : `in ${count} binary convolution${count === 1 ? '' : 's'}`;

function legend(nodes: readonly ReportNode[]): Html {
  const kinds = new Set<NodeKind>(nodes.map((n) => n.kind));
  kinds.delete('input');
  kinds.delete('output');
  const dots = [...kinds].map((kind) =>
    element('span', { class: `key k-${kind}` }, element('i', {}), KIND_WORDS[kind]),
  );
  return join(dots);
}

function spansOf(layout: Layout): readonly Span[] {
  return layout.blocks.map(({ nodes, title }) => ({
    title: title === null ? '' : shorten(title, 24),
    first: nodes[0]!,
    last: nodes.at(-1)!,
  }));
}

/** The same in steps. */
function stepSpans(report: ReportData, layout: Layout): readonly Span[] {
  return layout.blocks.flatMap(({ nodes, title }) => {
    const steps = nodes.flatMap((id) => report.nodes[id]!.layers);
    return steps.length === 0 ? [] : [{ title: title ?? '', first: Math.min(...steps), last: Math.max(...steps) }];
  });
}

function operationsWords({ times }: ReportData): string {
  const bars = 'One bar for each node of the graph, in the order of execution.';
  if (times === null) return bars;
  const { machine, kernels, compiler, threads, runs, totalMs } = times;
  const how = [
    `median of ${runs} runs`,
    `${threads} thread${threads === 1 ? '' : 's'}`,
    shown(machine),
    `kernels ${shown(kernels)}`,
    ...(compiler === null ? [] : [shown(compiler)]),
  ];
  return `${bars} Time: ${milliseconds(totalMs)} a run, ${how.join(', ')}.`;
}

function operations(report: ReportData, spans: readonly Span[]): Html {
  const { times } = report;
  const figures: Figure[] = [
    {
      title: 'Binary multiply-accumulates',
      source: 'counted',
      value: (n) => n.counted.binaryMacs,
      format: quantity,
      base: 1000,
    },
    {
      title: 'Float multiply-accumulates',
      source: 'counted',
      value: (n) => n.counted.floatMacs,
      format: quantity,
      base: 1000,
    },
    {
      title: 'Scalar work, binary operations taken 64 at a time',
      source: 'estimated',
      value: (n) => n.estimated.operations,
      format: quantity,
      base: 1000,
    },
  ];
  if (times !== null) {
    const ms = timesOfSteps(report);
    figures.unshift({
      title: 'Time',
      source: 'measured',
      // In seconds, so that the axis is round in the unit that is printed.
      value: (n) => timeOfNode(ms, n) / 1000,
      format: (seconds) => milliseconds(1000 * seconds),
      base: 1000,
    });
  }
  const shownFigures = figures.filter((f) => report.nodes.some((n) => f.value(n) > 0));
  return join(shownFigures.map((f, i) => figure(report, spans, f, i === shownFigures.length - 1)));
}

function weights(report: ReportData, spans: readonly Span[]): Html {
  const { totals } = report;
  const roles = CONSTANT_ROLES.map((role) => ({
    role,
    bytes: report.constants.filter((c) => c.role === role).reduce((sum, c) => sum + c.bytes, 0),
  })).filter((r) => r.bytes > 0);
  const largest = Math.max(totals.floatModelBytes, totals.constantBytes, 1);
  const part = (width: number, className: string, tip: string): Html =>
    element('span', { class: className, style: `width:${((100 * width) / largest).toFixed(3)}%`, 'data-tip': tip });
  return join([
    element(
      'div',
      { class: 'sizes' },
      element('div', { class: 'size-label' }, 'As float32'),
      element(
        'div',
        { class: 'size-bar' },
        part(totals.floatModelBytes, 'whole', `The ONNX file's float constants\n${byteSize(totals.floatModelBytes)}`),
      ),
      element('div', { class: 'size-value' }, byteSize(totals.floatModelBytes)),
      element('div', { class: 'size-label' }, 'Compiled'),
      element(
        'div',
        { class: 'size-bar' },
        roles.map(({ role, bytes }) => part(bytes, roleClass(role), `${role}\n${byteSize(bytes)}`)),
      ),
      element('div', { class: 'size-value' }, byteSize(totals.constantBytes)),
    ),
    element(
      'div',
      { class: 'legend' },
      roles.map(({ role, bytes }) =>
        element('span', { class: 'key' }, element('i', { class: roleClass(role) }), `${role} ${byteSize(bytes)}`),
      ),
      badge('counted'),
    ),
    figure(
      report,
      spans,
      {
        title: 'Bytes of constants',
        source: 'counted',
        value: (n) => n.counted.constantBytes,
        format: byteSize,
        base: 1024,
      },
      true,
    ),
  ]);
}

const roleClass = (role: string): string => `r-${role.replaceAll(' ', '-')}`;

function memoryWords({ totals, buffers }: ReportData): string {
  const inWorkspace = buffers.filter((b) => b.offset !== null);
  const sum = inWorkspace.reduce((total, b) => total + b.bytes, 0);
  const bound =
    totals.workspaceBytes === totals.workspaceLowerBound
      ? 'the least that any plan could need'
      : `${percent(totals.workspaceBytes - totals.workspaceLowerBound, totals.workspaceLowerBound)} above the least that any plan could need`;
  return `${inWorkspace.length} buffers of ${byteSize(sum)} together share ${byteSize(totals.workspaceBytes)}: ${bound}.`;
}

const BUFFER_WORDS = { real: 'real map', bits: 'packed bits', sums: 'row sums', vector: 'vector' } as const;

function memoryLegend({ buffers }: ReportData): Html {
  const classes = [...new Set(buffers.filter((b) => b.offset !== null).map(bufferClass))];
  return join([
    classes.map((c) => element('span', { class: 'key' }, element('i', { class: `b-${c}` }), BUFFER_WORDS[c])),
    element('span', { class: 'key' }, element('i', { class: 'live-key' }), 'bytes alive'),
    element('span', { class: 'key' }, element('i', { class: 'limit-key' }), 'workspace'),
    badge('counted'),
  ]);
}

function floatWords({ floatLayers, totals }: ReportData): string {
  if (floatLayers.length === 0) return 'Every convolution and dense layer outside of the dynamic units is binary.';
  const macs = floatLayers.reduce((sum, l) => sum + l.macs, 0);
  const count = `${floatLayers.length} layer${floatLayers.length === 1 ? '' : 's'}`;
  return `${count} with ${quantity(macs)} float multiply-accumulates, ${percent(macs, totals.floatMacs + totals.binaryMacs)} of all multiply-accumulates.`;
}
