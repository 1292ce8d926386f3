/**
 * A bar for each node of the network, in the order of its steps. Drawn by hand: a chart library would bring a document object
 * model or hundreds of kilobytes for what is a list of rectangles.
 *
 * Flows in: bars and words. Flows out: one svg element; bars carry data-node and data-tip for the script.
 */
import { element, type Html } from '../html.js';
import type { NodeKind } from '../report-data.js';
import { axisFor } from './scale.js';

export interface Bar {
  readonly node: number;
  readonly kind: NodeKind;
  readonly value: number;
  readonly tip: string;
}

export interface Span {
  readonly title: string;
  /** In bars. */
  readonly first: number;
  readonly last: number;
}

export interface BarChart {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Named runs of bars, drawn as bands. */
  readonly spans: readonly Span[];
  readonly base: 1000 | 1024;
  /** Of things that are counted one by one. */
  readonly whole?: boolean;
  readonly format: (value: number) => string;
  readonly height?: number;
  readonly names: boolean;
}

export const CHART = { width: 1120, left: 76, right: 8 } as const;

export function drawBars({ label, bars, spans, base, whole, format, height = 150, names }: BarChart): Html {
  const { width, left, right } = CHART;
  const top = 10;
  const bottom = names ? 24 : 8;
  const axis = axisFor(Math.max(0, ...bars.map((b) => b.value)), base, 4, whole ? 1 : 0);
  const pitch = (width - left - right) / Math.max(1, bars.length);
  const barWidth = Math.max(1.5, Math.min(26, pitch * 0.72));
  const plot = height - top - bottom;
  const y = (value: number): number => top + plot * (1 - value / axis.top);
  return element(
    'svg',
    { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    bands(spans, pitch, top, plot),
    axis.ticks.map((tick) => [
      element('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      element('text', { class: 'tick', x: left - 8, y: y(tick) + 4 }, format(tick)),
    ]),
    bars.map(({ node, kind, value, tip }, i) => {
      const x = left + pitch * i;
      // At least a hairline: something small is not nothing.
      const tall = value === 0 ? 0 : Math.max(1, (plot * value) / axis.top);
      return element(
        'g',
        { class: `bar k-${kind}`, 'data-node': node, 'data-tip': tip },
        element('rect', { class: 'hit', x, y: top, width: pitch, height: plot }),
        tall === 0
          ? null
          : element('rect', {
              class: 'fill',
              x: x + (pitch - barWidth) / 2,
              y: top + plot - tall,
              width: barWidth,
              height: tall,
              rx: Math.min(2, barWidth / 4),
            }),
      );
    }),
    names ? spanNames(spans, pitch, height) : null,
  );
}

function bands(spans: readonly Span[], pitch: number, y: number, height: number): Html[] {
  return spans.flatMap(({ first, last }, i) =>
    i % 2 === 0
      ? []
      : [
          element('rect', {
            class: 'band',
            x: CHART.left + pitch * first,
            y,
            width: pitch * (last - first + 1),
            height,
          }),
        ],
  );
}

/** Names under the axis where they fit. */
export function spanNames(spans: readonly Span[], pitch: number, y: number): Html[] {
  return spans.flatMap(({ title, first, last }) => {
    const room = pitch * (last - first + 1);
    if (title.length * 6 > room) return [];
    return [element('text', { class: 'span-name', x: CHART.left + pitch * first + room / 2, y: y - 8 }, title)];
  });
}
