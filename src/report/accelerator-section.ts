/** The accelerator that a project of the hardware back end describes: in words, what it takes of the device, its time, step by step. */
import { byteSize, quantity } from '../inspect/quantity.js';
import { drawBudget, partClass, partsOf } from './draw/draw-budget.js';
import { bytesOf, drawTimeline } from './draw/draw-timeline.js';
import { exact, percent, shown } from './draw/words.js';
import { badge } from './figure.js';
import { element, type Html, join } from './html.js';
import type { ReportAccelerator, ReportData } from './report-data.js';
import { collapsed, layerName, table } from './tables.js';
import { milliseconds } from './times.js';

/** Nothing where there is none: the page has no empty section. */
export function acceleratorSection(report: ReportData): Html {
  const { accelerator } = report;
  if (accelerator === null) return join([]);
  const parts = partsOf(accelerator.resources);
  return element(
    'section',
    { id: 'accelerator', 'aria-labelledby': 'accelerator-title' },
    element('h2', { id: 'accelerator-title' }, 'Accelerator'),
    element('p', { class: 'lead' }, LEAD),
    facts(accelerator),
    element(
      'figure',
      {},
      element(
        'figcaption',
        {},
        `What it takes of the device, ${shown(accelerator.board.part)}; the line is at 80 %`,
        badge('estimated'),
      ),
      element('div', { class: 'scroll' }, drawBudget(accelerator)),
      element(
        'div',
        { class: 'legend' },
        parts.map((what, i) =>
          element('span', { class: 'key' }, element('i', { class: `part-key ${partClass(i)}` }), shown(what)),
        ),
      ),
    ),
    element(
      'figure',
      {},
      element('figcaption', {}, `One run of the engine, ${runWords(accelerator)}`, badge('estimated')),
      element(
        'p',
        { class: 'note' },
        'Each rectangle is a step, in the row of the unit that works. Outlined ones wait for memory; the lowest row is the share of its bandwidth that a step asks for.',
      ),
      element('div', { class: 'scroll' }, drawTimeline(report, accelerator)),
    ),
    boundTable(accelerator),
    collapsed(
      `Each of the engine's ${accelerator.steps.length} steps`,
      accelerator.steps.length,
      stepTable(report, accelerator),
    ),
    collapsed('The size of the engine', Number.POSITIVE_INFINITY, configTable(accelerator)),
  );
}

export function acceleratorLink({ accelerator }: ReportData): Html {
  return accelerator === null ? join([]) : element('a', { href: '#accelerator' }, 'Accelerator');
}

const LEAD =
  'Everything here is estimated, from formulas: the engine has been simulated bit for bit, never synthesised and never run on a board. Another network within the same limits runs on the same bitstream with another program and other weights.';

const runWords = ({ pictures }: ReportAccelerator): string =>
  pictures === 1 ? 'one picture' : `${pictures} pictures side by side`;

function facts(accelerator: ReportAccelerator): Html {
  const { board, clockMhz, picturesPerSecond, seconds, pictures, cycles, bytes, roofline, ddr } = accelerator;
  const bound = roofline.cyclesSeconds >= roofline.ddrSeconds ? 'the engine' : 'memory';
  const rows: readonly (readonly [string, string])[] = [
    ['Board', `${shown(board.title)}, ${clockMhz} MHz`],
    ['Pictures a second', exact(picturesPerSecond)],
    [
      'A run',
      `${milliseconds(1000 * seconds)}, ${runWords(accelerator)}; ${exact(cycles)} cycles, ${byteSize(bytes)} through memory${pictures === 1 ? '' : `, ${byteSize(bytes / pictures)} a picture`}`,
    ],
    [
      'Roofline',
      `${milliseconds(1000 * roofline.cyclesSeconds)} for the cycles alone, ${milliseconds(1000 * roofline.ddrSeconds)} for the bytes alone at ${ddr.realisticGBps} GB/s: bound by ${bound}`,
    ],
    ['Memory', `${ddr.type}, ${ddr.peakGBps} GB/s at best. ${ddr.source}`],
    [
      'In memory',
      `${byteSize(ddr.weightsBytes)} of weights, ${byteSize(ddr.mapsBytes)} for maps and pictures of a run`,
    ],
  ];
  return element(
    'dl',
    { class: 'verdict' },
    rows.map(([label, words]) => [element('dt', {}, label), element('dd', {}, words)]),
  );
}

function boundTable({ steps, seconds }: ReportAccelerator): Html {
  const bounds = [...new Set(steps.map((s) => s.bound))]
    .map((bound) => {
      const list = steps.filter((s) => s.bound === bound);
      return { bound, count: list.length, seconds: list.reduce((sum, s) => sum + s.seconds, 0) };
    })
    .sort((a, b) => b.seconds - a.seconds);
  return table(
    [
      { title: 'What a step waits for', cell: (b) => b.bound },
      { title: 'Steps', number: true, cell: (b) => exact(b.count) },
      { title: 'Time', number: true, cell: (b) => milliseconds(1000 * b.seconds) },
      { title: 'Share', number: true, cell: (b) => percent(b.seconds, seconds) },
    ],
    bounds,
    () => null,
  );
}

function stepTable({ nodes }: ReportData, { steps }: ReportAccelerator): Html {
  const nodeOf = new Map(nodes.flatMap((n) => n.layers.map((l) => [l, n.id] as const)));
  return table(
    [
      { title: '#', number: true, cell: ({ index }) => String(index) },
      { title: 'Step', cell: ({ step }) => layerName(step.name) },
      { title: 'Kind', cell: ({ step }) => step.kind.toLowerCase().replaceAll('_', ' ') },
      { title: 'Cycles', number: true, cell: ({ step }) => exact(step.cycles) },
      { title: 'Time', number: true, cell: ({ step }) => milliseconds(1000 * step.seconds) },
      { title: 'Read', number: true, cell: ({ step }) => bytes(step.readBytes) },
      { title: 'Written', number: true, cell: ({ step }) => bytes(step.writeBytes) },
      { title: 'Weights', number: true, cell: ({ step }) => bytes(step.weightBytes) },
      { title: 'Bytes a cycle', number: true, cell: ({ step }) => quantity(bytesOf(step) / Math.max(1, step.cycles)) },
      { title: 'Bound by', cell: ({ step }) => step.bound },
    ],
    steps.map((step, index) => ({ step, index })),
    ({ step }) => nodeOf.get(step.layer) ?? null,
  );
}

const bytes = (count: number): string => (count === 0 ? '' : byteSize(count));

function configTable({ config }: ReportAccelerator): Html {
  return table(
    [
      { title: 'Parameter', cell: ([name]) => layerName(name.replace(/[A-Z]/g, '_$&').toUpperCase()) },
      { title: 'Value', number: true, cell: ([, value]) => exact(value) },
    ],
    Object.entries(config),
    () => null,
  );
}
