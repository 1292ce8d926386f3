/** A VerifyReport on a terminal: the engines, a row a layer, flips with their margins, the first mismatch, the verdict. */
import pc from 'picocolors';
import { safeText } from '../diagnostics/safe-text.js';
import type { LayerReport, Mismatch, Nearness, VerifyReport } from '../verify/report.js';
import { type Column, fitText, renderTable } from './table.js';

export interface VerifyView {
  readonly width: number;
  readonly color: boolean;
}

const SHOWN_FLIPS = 5;

export function renderVerify(report: VerifyReport, view: VerifyView): string {
  const c = pc.createColors(view.color);
  const fit = (text: string): string => fitText(text, view.width);
  const samples = `${report.samples} sample${report.samples === 1 ? '' : 's'}`;
  const blocks = [
    [
      c.bold(fit(`${safeText(report.model, 100)}: ${samples} (${report.inputs})`)),
      ...cLines(report).map(fit),
      fit(`ONNX Runtime  ${onnxWords(report)}`),
      ...(report.reference === null ? [] : [fit(`${numbersWord(report)}beside ${report.reference}`)]),
    ].join('\n'),
    renderTable(columns(report), report.layers, view),
    flipText(report, fit),
    report.firstMismatch === null ? '' : c.red(mismatchText(report.firstMismatch, fit)),
    report.c.status === 'compared' && report.c.differences.length > 0
      ? c.red(report.c.differences.map((d) => `C differs: ${safeText(d, 400)}`).join('\n'))
      : '',
    verdictText(report, c),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function cLines({ c }: VerifyReport): readonly string[] {
  if (c.status === 'absent') return [`generated C   not compared: ${safeText(c.reason, 300)}`];
  const found = c.differences.length === 0 ? 'every bit equal to the simulator' : 'differs from the simulator';
  return [`generated C   ${found}`, `              kernels ${c.sets.join(', ')}; ${safeText(c.compiler, 80)}`];
}

function onnxWords({ onnxRuntime, layers }: VerifyReport): string {
  if (onnxRuntime.status === 'absent') return `not compared: ${safeText(onnxRuntime.reason, 300)}`;
  const compared = layers.filter((l) => l.teacherForced !== null || l.nearness !== null).length;
  return `${onnxRuntime.version}, ${compared} of ${layers.length} steps compared`;
}

function numbersWord({ numeric }: VerifyReport): string {
  return numeric === 'fixed16' ? 'fixed16       ' : 'int8 ends     ';
}

function columns(report: VerifyReport): readonly Column<LayerReport>[] {
  const integers = report.reference !== null;
  const onnx = report.onnxRuntime.status === 'compared' && !integers;
  const forced = (f: (t: NonNullable<LayerReport['teacherForced']>) => string) => (l: LayerReport) =>
    l.teacherForced === null ? '' : f(l.teacherForced);
  const free = (f: (t: NonNullable<LayerReport['freeRunning']>) => string) => (l: LayerReport) =>
    l.freeRunning === null ? '' : f(l.freeRunning);
  return [
    { title: '#', align: 'right', cell: (l) => String(l.step) },
    { title: 'layer', align: 'left', cell: (l) => safeText(l.name, 60), shrinkTo: 24 },
    ...(report.c.status === 'compared'
      ? [{ title: 'C', align: 'left', cell: (l: LayerReport) => (l.c === null ? 'equal' : 'DIFFERS') } as const]
      : []),
    ...(integers ? nearnessColumns() : []),
    ...(onnx
      ? ([
          { title: 'max error', align: 'right', cell: forced((t) => short(t.maxError)), optional: 3 },
          { title: 'ulps', align: 'right', cell: forced((t) => short(t.maxUlps)) },
          { title: 'flips', align: 'right', cell: forced((t) => (t.flips === 0 ? '' : String(t.flips))) },
          {
            title: 'mismatches',
            align: 'right',
            cell: forced((t) => (t.mismatches === 0 ? '' : String(t.mismatches))),
          },
          { title: 'of', align: 'right', cell: forced((t) => String(t.compared)), optional: 2 },
          { title: 'free ulps', align: 'right', cell: free((t) => short(t.maxUlps)), optional: 1 },
          {
            title: 'free flips',
            align: 'right',
            cell: free((t) => (t.flips === 0 ? '' : String(t.flips))),
            optional: 1,
          },
        ] as const)
      : []),
  ];
}

/** What each step's integers cost, and what has come together by then. */
function nearnessColumns(): readonly Column<LayerReport>[] {
  const own = (f: (n: Nearness) => string) => (l: LayerReport) => (l.nearness === null ? '' : f(l.nearness.own));
  const free = (f: (n: Nearness) => string) => (l: LayerReport) => (l.nearness === null ? '' : f(l.nearness.free));
  return [
    { title: 'own dB', align: 'right', cell: own(decibels) },
    { title: 'flips', align: 'right', cell: own(flipShare) },
    { title: 'dB', align: 'right', cell: free(decibels) },
    { title: 'all flips', align: 'right', cell: free(flipShare) },
    { title: 'signs', align: 'right', cell: own((n) => (n.signs === 0 ? '' : String(n.signs))), optional: 1 },
  ];
}

function decibels({ reals, snr }: Nearness): string {
  return reals === 0 ? '' : snr === null ? 'equal' : snr.toFixed(1);
}

/** "12 0.03 %" */
function flipShare({ signs, flips }: Nearness): string {
  return signs === 0 ? '' : flips === 0 ? '0' : `${flips} ${((100 * flips) / signs).toFixed(2)} %`;
}

function short(x: number): string {
  if (x === 0) return '0';
  return x >= 1e6 || x < 1e-2 ? x.toExponential(1) : x < 100 ? x.toFixed(1) : x.toFixed(0);
}

function flipText({ layers }: VerifyReport, fit: (text: string) => string): string {
  const flips = layers.flatMap((l) => l.teacherForced?.flipExamples.map((flip) => ({ flip, layer: l.name })) ?? []);
  const total = layers.reduce((sum, l) => sum + (l.teacherForced?.flips ?? 0), 0);
  if (total === 0) return '';
  const largest = flips.sort((a, b) => b.flip.margin - a.flip.margin).slice(0, SHOWN_FLIPS);
  const lines = largest.map(({ flip, layer }) =>
    fit(
      `  ${safeText(layer, 60)}, channel ${flip.channel}, y ${flip.y}, x ${flip.x}: ${flip.margin.toExponential(1)} from the threshold, rounding explains ${flip.bound.toExponential(1)}`,
    ),
  );
  return [
    `${total} flips: signs of values within rounding of their threshold${total > lines.length ? ', the widest:' : ':'}`,
    ...lines,
  ].join('\n');
}

function mismatchText(m: Mismatch, fit: (text: string) => string): string {
  return [
    `first mismatch: step ${m.step} ${safeText(m.stepName, 60)}, sample ${m.sample}, channel ${m.channel}, y ${m.y}, x ${m.x}`,
    fit(`  value      ${safeText(m.value, 120)}`),
    fit(`  nodes      ${safeText(m.origin.join(', '), 200)}`),
    fit(`  simulator  ${m.simulator}`),
    fit(`  ONNX       ${m.onnxRuntime}`),
    fit(`  rounding explains ${m.bound.toExponential(1)}`),
  ].join('\n');
}

function verdictText(report: VerifyReport, c: ReturnType<typeof pc.createColors>): string {
  const lines: string[] = [];
  if (report.top1 !== null) {
    lines.push(
      `top-1, each running freely: simulator and ${report.reference ?? 'ONNX Runtime'} agree on ${report.top1.agree} of ${report.top1.of} samples`,
    );
  }
  const agreed = agreement(report);
  if (report.verdict === 'agree' && agreed !== '') lines.push(c.green(agreed));
  if (report.verdict === 'differ') lines.push(c.red('they differ'));
  if (report.verdict === 'nothing compared') lines.push(c.yellow('nothing was compared'));
  if (report.reference !== null) {
    lines.push(
      c.dim(
        `dB: signal-to-noise against ${report.reference}; own dB and flips: each step fed its values, so that only the step's own rounding shows.`,
      ),
    );
  } else if (report.onnxRuntime.status === 'compared') {
    lines.push(
      c.dim(
        "ulps, flips, mismatches: each step fed ONNX Runtime's values. Units in the last place of the map's largest value.",
      ),
    );
  }
  return lines.join('\n');
}

function agreement({ c, onnxRuntime, reference }: VerifyReport): string {
  return [
    ...(c.status === 'compared' ? ['C equals the simulator in every bit'] : []),
    ...(onnxRuntime.status === 'compared' && reference === null ? ['ONNX Runtime agrees with it within rounding'] : []),
  ].join('; ');
}
