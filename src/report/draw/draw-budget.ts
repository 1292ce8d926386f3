/**
 * What of a device is taken: a bar for each kind of resource, its parts side by side, from nothing to all that there is. A line stands where
 * place and route begins to be hard.
 */
import { type Child, element, type Html } from '../html.js';
import type { ReportAccelerator } from '../report-data.js';
import { exact, percent, shown } from './words.js';

/** Beyond this share of a resource tools struggle to meet timing; designs are chosen below it. */
const COMFORTABLE = 0.8;
const BAR = { height: 24, gap: 16, top: 22, bottom: 8 } as const;
const WIDTH = { width: 1120, left: 76, right: 170 } as const;

export function drawBudget({ resources, board }: ReportAccelerator): Html {
  const { width, left, right } = WIDTH;
  const plot = width - left - right;
  const height = BAR.top + resources.length * (BAR.height + BAR.gap) + BAR.bottom;
  const lines = [0.25, 0.5, 0.75, 1];
  const parts = partsOf(resources);
  return element(
    'svg',
    {
      class: 'chart budget',
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `What the engine takes of ${shown(board.part)}`,
    },
    lines.map((share) => [
      element('line', {
        class: 'grid',
        x1: left + plot * share,
        x2: left + plot * share,
        y1: BAR.top - 6,
        y2: height - BAR.bottom,
      }),
      element('text', { class: 'step-tick', x: left + plot * share, y: 11 }, `${100 * share} %`),
    ]),
    resources.map((resource, i) => {
      const y = BAR.top + i * (BAR.height + BAR.gap);
      return [
        element('text', { class: 'tick', x: left - 8, y: y + BAR.height / 2 + 4 }, resource.name),
        element('rect', { class: 'whole-device', x: left, y, width: plot, height: BAR.height, rx: 3 }),
        segments(resource, parts, { x: left, y, plot }),
        element(
          'text',
          { class: 'amount', x: left + plot + 10, y: y + BAR.height / 2 + 4 },
          `${exact(resource.used)} of ${exact(resource.budget)}, ${percent(resource.used, resource.budget)}`,
        ),
      ];
    }),
    element('line', {
      class: 'limit',
      x1: left + plot * COMFORTABLE,
      x2: left + plot * COMFORTABLE,
      y1: BAR.top - 6,
      y2: height - BAR.bottom,
    }),
  );
}

/** Colours of parts, the same in every bar: the order in which they first appear. */
export function partsOf(resources: ReportAccelerator['resources']): readonly string[] {
  return [...new Set(resources.flatMap((r) => r.items.map((i) => i.what)))];
}

export const partClass = (part: number): string => `p-${part % 10}`;

function segments(
  { name, budget, items }: ReportAccelerator['resources'][number],
  parts: readonly string[],
  { x, y, plot }: { readonly x: number; readonly y: number; readonly plot: number },
): Child {
  let at = x;
  return items.map(({ what, count }) => {
    const width = budget === 0 ? 0 : (plot * count) / budget;
    const segment = element('rect', {
      class: `part ${partClass(parts.indexOf(what))}`,
      x: at,
      y,
      width: Math.max(0.6, width),
      height: BAR.height,
      'data-tip': `${shown(what)}\n${exact(count)} ${name} · ${percent(count, budget)}`,
    });
    at += width;
    return segment;
  });
}
