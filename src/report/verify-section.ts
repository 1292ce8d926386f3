/** What `verify` found: in words, as charts, and a table of all steps. */
import type { Span } from './draw/draw-bars.js';
import { exact, shapeWords, shown, small, ulps } from './draw/words.js';
import { figure } from './figure.js';
import { type Child, element, type Html, join } from './html.js';
import { stepsOfNode, verifiedSteps } from './problems.js';
import type { CheckedStep, NearStep, ReportData, ReportNode, VerifiedLayer, VerifyResults } from './report-data.js';
import { collapsed, layerName, table } from './tables.js';

export function verifySection(report: ReportData, spans: readonly Span[]): Html {
  const { verify } = report;
  if (verify === null) return notYet(report);
  return join([
    facts(verify),
    verify.reference !== null
      ? nearnessCharts(report, spans)
      : verify.onnxRuntime === null
        ? null
        : charts(report, spans),
    flipTable(report, verify),
    collapsed(`Each of the ${verify.layers.length} steps`, verify.layers.length, stepTable(report, verify)),
  ]);
}

function notYet({ model }: ReportData): Html {
  const command = `dybnn-compile verify ${shown(model.file)} --report FOLDER`;
  return element('p', { class: 'lead' }, 'Not yet. ', element('code', {}, command), NOT_YET);
}

const NOT_YET =
  ', with the folder of this report, holds the generated C and ONNX Runtime to the simulator and measures the time of each step.';

function facts(verify: VerifyResults): Html {
  const { samples, inputs, top1 } = verify;
  const rows: readonly (readonly [string, string])[] = [
    ['Samples', `${samples}, ${shown(inputs)}`],
    ['Generated C', cWords(verify)],
    ['ONNX Runtime', onnxWords(verify)],
    ...(top1 === null ? [] : ([['Top-1', `the same class for ${top1.agree} of ${top1.of}, each run freely`]] as const)),
  ];
  return element(
    'dl',
    { class: `verdict ${verify.verdict}` },
    rows.map(([label, words]) => [element('dt', {}, label), element('dd', {}, words)]),
  );
}

function cWords({ c, layers }: VerifyResults): string {
  if (c === null) return 'not run';
  const wrong = layers.filter((l) => l.cDifference !== null).length;
  const found =
    wrong === 0 ? 'every bit of every step equal to the simulator' : `differs from the simulator at ${wrong} steps`;
  return `${found}; kernels ${c.kernels.map(shown).join(', ')}; ${shown(c.compiler)}`;
}

function onnxWords({ onnxRuntime, reference, layers }: VerifyResults): string {
  if (onnxRuntime === null) return 'not run';
  if (reference !== null) return `${shown(onnxRuntime)}, in float32: what integers cost is below, step by step`;
  const compared = layers.flatMap((l) => l.onnxRuntime ?? []);
  const sum = (f: (step: CheckedStep) => number): number => compared.reduce((total, step) => total + f(step), 0);
  const [mismatches, flips] = [sum((s) => s.mismatches), sum((s) => s.flips)];
  const found = mismatches === 0 ? 'no mismatch' : `${exact(mismatches)} mismatches`;
  const signs = flips === 0 ? 'no flip' : `${exact(flips)} flips, signs of values within rounding of their threshold`;
  return `${shown(onnxRuntime)}, ${compared.length} of ${layers.length} steps compared, each fed its values: ${found}, ${signs}`;
}

function charts(report: ReportData, spans: readonly Span[]): Html {
  const steps = verifiedSteps(report);
  const over = (node: ReportNode, f: (step: CheckedStep) => number): readonly number[] =>
    stepsOfNode(steps, node).flatMap((l) => (l.onnxRuntime === null ? [] : [f(l.onnxRuntime)]));
  const flips = (node: ReportNode): number => over(node, (s) => s.flips).reduce((a, b) => a + b, 0);
  const hasFlips = report.nodes.some((n) => flips(n) > 0);
  return join([
    figure(
      report,
      spans,
      {
        title: "Largest difference from ONNX Runtime, in units in the last place of the map's largest value",
        source: 'measured',
        value: (node) => Math.max(0, ...over(node, (s) => s.maxUlps)),
        format: ulps,
        base: 1000,
        shares: false,
      },
      !hasFlips,
    ),
    hasFlips
      ? figure(
          report,
          spans,
          { title: 'Flips', source: 'measured', value: flips, format: exact, base: 1000, whole: true },
          true,
        )
      : null,
  ]);
}

/** What integers cost: a noise far below the signal at each step, and what it comes to. */
function nearnessCharts(report: ReportData, spans: readonly Span[]): Html {
  const steps = verifiedSteps(report);
  const least = (node: ReportNode, f: (l: VerifiedLayer) => number | null): number => {
    const all = stepsOfNode(steps, node).flatMap((l) => f(l) ?? []);
    return all.length === 0 ? 0 : Math.max(0, Math.min(...all));
  };
  const chart = (title: string, f: (l: VerifiedLayer) => number | null, last: boolean): Html =>
    figure(
      report,
      spans,
      {
        title,
        source: 'measured',
        value: (node) => least(node, f),
        format: (v) => `${v.toFixed(1)} dB`,
        base: 1000,
        shares: false,
      },
      last,
    );
  const against = `against ${report.verify?.reference ?? 'float32'}`;
  return join([
    chart(`Signal-to-noise of each step's own rounding ${against}`, (l) => l.nearness?.own.snr ?? null, false),
    chart('The same, run freely from the input on', (l) => l.nearness?.free.snr ?? null, true),
  ]);
}

export function decibels({ reals, snr }: NearStep): string {
  return reals === 0 ? '' : snr === null ? 'equal' : `${snr.toFixed(1)} dB`;
}

/** "12 of 3,136" */
export function flipWords({ signs, flips }: NearStep): string {
  return signs === 0 ? '' : `${exact(flips)} of ${exact(signs)}`;
}

function flipTable(report: ReportData, { flips }: VerifyResults): Html | null {
  if (flips.length === 0) return null;
  return collapsed(
    'Flips, the widest first',
    flips.length,
    table(
      [
        { title: 'Step', cell: (f) => layerName(report.layers[f.layer]!.name) },
        { title: 'Sample', number: true, cell: (f) => exact(f.sample) },
        { title: 'Channel', number: true, cell: (f) => exact(f.channel) },
        { title: 'y', number: true, cell: (f) => exact(f.y) },
        { title: 'x', number: true, cell: (f) => exact(f.x) },
        { title: 'From its threshold', number: true, cell: (f) => small(f.margin) },
        { title: 'Rounding explains', number: true, cell: (f) => small(f.bound) },
      ],
      flips,
      (f) => nodeOfLayer(report, f.layer),
    ),
  );
}

function stepTable(report: ReportData, { c, onnxRuntime, reference, layers }: VerifyResults): Html {
  const near =
    (f: (n: NonNullable<VerifiedLayer['nearness']>) => string) =>
    (l: VerifiedLayer): Child =>
      l.nearness === null ? '' : f(l.nearness);
  const checked =
    (f: (step: CheckedStep) => string) =>
    (l: VerifiedLayer): Child =>
      l.onnxRuntime === null ? '' : f(l.onnxRuntime);
  const some = (count: number): string => (count === 0 ? '' : exact(count));
  return table(
    [
      { title: '#', number: true, cell: (l) => String(l.layer) },
      { title: 'Step', cell: (l) => layerName(report.layers[l.layer]!.name) },
      { title: 'Output', cell: (l) => shapeWords(report.layers[l.layer]!.output) },
      ...(c === null
        ? []
        : [{ title: 'C', cell: (l: VerifiedLayer): Child => (l.cDifference === null ? 'equal' : 'differs') }]),
      ...(reference === null
        ? []
        : [
            { title: 'Own rounding', number: true, cell: near((n) => decibels(n.own)) },
            { title: 'Flips', number: true, cell: near((n) => flipWords(n.own)) },
            { title: 'Run freely', number: true, cell: near((n) => decibels(n.free)) },
            { title: 'Flips', number: true, cell: near((n) => flipWords(n.free)) },
          ]),
      ...(onnxRuntime === null || reference !== null
        ? []
        : [
            { title: 'Max error', number: true, cell: checked((s) => small(s.maxError)) },
            { title: 'Ulps', number: true, cell: checked((s) => ulps(s.maxUlps)) },
            { title: 'Flips', number: true, cell: checked((s) => some(s.flips)) },
            { title: 'Mismatches', number: true, cell: checked((s) => some(s.mismatches)) },
            { title: 'Of', number: true, cell: checked((s) => exact(s.compared)) },
            {
              title: 'Smallest margin',
              number: true,
              cell: checked((s) => (s.smallestMargin === null ? '' : small(s.smallestMargin))),
            },
            {
              title: 'Run freely, ulps',
              number: true,
              cell: (l: VerifiedLayer): Child => (l.freeRunning === null ? '' : ulps(l.freeRunning.maxUlps)),
            },
            {
              title: 'Flips',
              number: true,
              cell: (l: VerifiedLayer): Child => (l.freeRunning === null ? '' : some(l.freeRunning.flips)),
            },
          ]),
    ],
    layers,
    (l) => nodeOfLayer(report, l.layer),
  );
}

const nodeOfLayer = ({ nodes }: ReportData, layer: number): number | null =>
  nodes.find((n) => n.layers.includes(layer))?.id ?? null;
