/**
 * The workspace over time: a rectangle for each buffer, its lifetime wide and its bytes high, where the plan put it. Two overlap
 * only in the one step that writes its result in place of its input.
 */
import { byteSize } from '../../inspect/quantity.js';
import { element, type Html } from '../html.js';
import type { ReportBuffer, ReportData } from '../report-data.js';
import { CHART, type Span } from './draw-bars.js';
import { axisFor } from './scale.js';
import { exact, shapeWords, shown, stepRange } from './words.js';

export type BufferClass = 'real' | 'bits' | 'sums' | 'vector';

export function bufferClass({ content, shape }: ReportBuffer): BufferClass {
  if (content === 'packed bits') return 'bits';
  if (content === 'row sums') return 'sums';
  return shape[1] === 1 && shape[2] === 1 ? 'vector' : 'real';
}

export function drawMemory(report: ReportData, spans: readonly Span[]): Html {
  const { width, left, right } = CHART;
  const height = 380;
  const top = 10;
  const bottom = 40;
  const plot = height - top - bottom;
  const steps = Math.max(1, report.layers.length);
  const pitch = (width - left - right) / steps;
  const total = report.totals.workspaceBytes;
  const axis = axisFor(total, 1024, 5);
  const y = (bytes: number): number => top + plot * (1 - bytes / axis.top);
  const x = (step: number): number => left + pitch * step;
  const writer = new Map(report.nodes.flatMap((n) => n.writes.map((w) => [w.buffer, n.id] as const)));
  return element(
    'svg',
    {
      class: 'chart memory',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Workspace map: ${report.buffers.length} buffers over ${report.layers.length} steps`,
    },
    spans.flatMap(({ first, last }, i) =>
      i % 2 === 0
        ? []
        : [element('rect', { class: 'band', x: x(first), y: top, width: pitch * (last - first + 1), height: plot })],
    ),
    axis.ticks.map((tick) => [
      element('line', { class: 'grid', x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      element('text', { class: 'tick', x: left - 8, y: y(tick) + 4 }, byteSize(tick)),
    ]),
    report.buffers.map((buffer, index) => {
      if (buffer.offset === null) return null;
      return element('rect', {
        class: `buffer b-${bufferClass(buffer)}`,
        x: x(buffer.firstStep),
        y: y(buffer.offset + buffer.bytes),
        width: pitch * (buffer.lastStep - buffer.firstStep + 1),
        height: Math.max(0.5, (plot * buffer.bytes) / axis.top),
        'data-node': writer.get(index) ?? null,
        'data-tip': bufferTip(buffer),
      });
    }),
    element('line', { class: 'limit', x1: left, x2: width - right, y1: y(total), y2: y(total) }),
    element('polyline', { class: 'live', points: livePoints(report.liveBytes, x, y) }),
    stepTicks(steps).map((step) =>
      element('text', { class: 'step-tick', x: x(step) + pitch / 2, y: height - 25 }, step),
    ),
    element('text', { class: 'step-tick', x: left + (width - left - right) / 2, y: height - 6 }, 'step'),
  );
}

function bufferTip(buffer: ReportBuffer): string {
  const { name, content, shape, bytes, offset, firstStep, lastStep } = buffer;
  return [
    shown(name),
    `${content}, ${shapeWords(shape)}`,
    `${exact(bytes)} bytes at ${exact(offset ?? 0)}`,
    stepRange(firstStep, lastStep),
  ].join('\n');
}

function livePoints(live: readonly number[], x: (step: number) => number, y: (bytes: number) => number): string {
  const round = (v: number): number => Math.round(v * 10) / 10;
  return live
    .map((bytes, step) => `${round(x(step))},${round(y(bytes))} ${round(x(step + 1))},${round(y(bytes))}`)
    .join(' ');
}

function stepTicks(steps: number): readonly number[] {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((e) => steps / e <= 16) ?? 5000;
  return Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
}
