/**
 * The engine over one run: a rectangle for each step, as wide as it takes, in the row of the unit that works; below, how much of the
 * memory's bandwidth the step asks for. Steps that wait for memory are outlined.
 */
import { element, type Html } from '../html.js';
import type { ReportAccelerator, ReportData, ReportNode } from '../report-data.js';
import { milliseconds } from '../times.js';
import { CHART } from './draw-bars.js';
import { axisFor } from './scale.js';
import { exact, shown } from './words.js';

type Step = ReportAccelerator['steps'][number];

/** Rows, and the kinds of steps in each. */
const ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['binary', ['BINARY_CONV']],
  ['int8', ['INT8_CONV', 'INT8_DENSE']],
  ['tail only', ['PASS', 'MAX_POOL', 'AVERAGE_POOL']],
  ['float unit', ['MEAN', 'DENSE', 'PARAMETER', 'OUTPUT']],
];
const ROW = { height: 30, gap: 8 } as const;
const DDR_HEIGHT = 46;

export function drawTimeline({ nodes }: ReportData, accelerator: ReportAccelerator): Html {
  const { width, left, right } = CHART;
  const { steps, seconds, ddr } = accelerator;
  const plot = width - left - right;
  const axis = axisFor(seconds, 1000, 8);
  // The axis may end before its last tick: the chart is as long as the run.
  const x = (at: number): number => left + (plot * at) / seconds;
  const top = 6;
  const ddrTop = top + ROWS.length * (ROW.height + ROW.gap) + 4;
  const bottom = ddrTop + DDR_HEIGHT;
  const nodeOf = new Map(nodes.flatMap((n) => n.layers.map((l) => [l, n] as const)));
  const starts = [0];
  for (const { seconds: long } of steps) starts.push(starts.at(-1)! + long);
  return element(
    'svg',
    {
      class: 'chart timeline',
      viewBox: `0 0 ${width} ${bottom + 22}`,
      role: 'img',
      'aria-label': `Timeline of one run: ${steps.length} steps in ${milliseconds(1000 * seconds)}`,
    },
    axis.ticks
      .filter((t) => t <= seconds)
      .map((tick) => [
        element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: top, y2: bottom }),
        element('text', { class: 'step-tick', x: x(tick), y: bottom + 15 }, milliseconds(1000 * tick)),
      ]),
    ROWS.map(([label], row) =>
      element('text', { class: 'tick', x: left - 8, y: rowY(top, row) + ROW.height / 2 + 4 }, label),
    ),
    element('text', { class: 'tick', x: left - 8, y: ddrTop + DDR_HEIGHT / 2 + 4 }, 'memory'),
    element('line', { class: 'grid', x1: left, x2: width - right, y1: ddrTop, y2: ddrTop }),
    steps.map((step, i) => {
      const node = nodeOf.get(step.layer);
      const row = ROWS.findIndex(([, kinds]) => kinds.includes(step.kind));
      const wide = Math.max(0.3, x(starts[i + 1]!) - x(starts[i]!));
      const share = step.seconds === 0 ? 0 : Math.min(1, bytesOf(step) / (ddr.realisticGBps * 1e9 * step.seconds));
      return element(
        'g',
        { class: `event k-${node?.kind ?? 'layout'}`, 'data-node': node?.id ?? null, 'data-tip': tip(step, node) },
        element('rect', {
          class: step.bound === 'DDR' ? 'busy waits' : 'busy',
          x: x(starts[i]!),
          y: rowY(top, Math.max(0, row)),
          width: wide,
          height: ROW.height,
        }),
        share === 0
          ? null
          : element('rect', {
              class: 'bandwidth',
              x: x(starts[i]!),
              y: ddrTop + DDR_HEIGHT * (1 - share),
              width: wide,
              height: DDR_HEIGHT * share,
            }),
      );
    }),
  );
}

const rowY = (top: number, row: number): number => top + row * (ROW.height + ROW.gap);

export const bytesOf = (s: Step): number => s.readBytes + s.writeBytes + s.weightBytes;

function tip(step: Step, node: ReportNode | undefined): string {
  return [
    node === undefined ? step.kind : shown(node.title),
    shown(step.name),
    `${milliseconds(1000 * step.seconds)} · ${exact(step.cycles)} cycles · ${exact(bytesOf(step))} bytes of memory`,
    `bound by ${step.bound}`,
  ].join('\n');
}
