/** Speedups over ONNX Runtime float32, one thread, as horizontal bars in SVG; readable on light and dark pages. */
import type { Results } from './results.js';
import { milliseconds, times } from './units.js';

const WIDTH = 860;
const LEFT = 250;
const RIGHT = 150;
const BAR = 16;
const ROW = 20;
const GAP = 22;

const COLOURS: readonly (readonly [id: RegExp, colour: string])[] = [
  [/^c-1$/, '#2166ac'],
  [/^c-(fixed16|int8ends)/, '#1b7837'],
  [/^c-avx512/, '#4393c3'],
  [/^c-avx2/, '#67a9cf'],
  [/^c-scalar/, '#a6bddb'],
  [/^ort-int8/, '#d8a35d'],
  [/^ort/, '#b35806'],
];

export function chartSvg(results: Results): string {
  const most = Math.max(...results.networks.flatMap((n) => bars(n).map((b) => b.factor)), 1);
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const parts: string[] = [];
  let y = 56;
  for (const network of results.networks) {
    const rows = bars(network);
    parts.push(text(16, y + BAR - 4, network.name, 'start', 'bold'));
    for (const { id, label, factor, ms } of rows) {
      const colour = COLOURS.find(([pattern]) => pattern.test(id))?.[1] ?? '#888888';
      const length = Math.max(1, factor * scale);
      parts.push(text(LEFT - 8, y + BAR - 4, label, 'end'));
      parts.push(`<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${colour}"/>`);
      parts.push(text(LEFT + length + 6, y + BAR - 4, `${times(factor)} x, ${milliseconds(ms)} ms`, 'start'));
      y += ROW;
    }
    y += GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">`,
    '<style>text{fill:#222}@media (prefers-color-scheme: dark){text{fill:#ddd}}</style>',
    text(16, 24, 'Times faster than ONNX Runtime float32, one picture, one thread', 'start', 'bold'),
    text(
      16,
      42,
      `${results.machine.processor}, ONNX Runtime ${results.machine.onnxRuntime}, ${results.machine.cc}`,
      'start',
    ),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

interface Bar {
  readonly id: string;
  readonly label: string;
  readonly factor: number;
  readonly ms: number;
}

function bars(network: Results['networks'][number]): readonly Bar[] {
  return network.timings
    .filter((t) => t.threads === 1)
    .map((t) => ({
      id: t.id,
      label: t.label.replace('ONNX Runtime', 'ORT'),
      factor: network.speedups[t.id]?.median ?? 1,
      ms: t.spread.median,
    }));
}

function text(x: number, y: number, content: string, anchor: 'start' | 'end', weight = 'normal'): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x.toFixed(0)}" y="${y}" text-anchor="${anchor}" font-weight="${weight}">${escaped}</text>`;
}
