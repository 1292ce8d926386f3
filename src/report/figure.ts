/** A bar chart with a bar for each node, and the mark that says where a number comes from. */
import { type Bar, drawBars, type Span } from './draw/draw-bars.js';
import { percent, shown } from './draw/words.js';
import { element, type Html } from './html.js';
import { type NumberSource, type ReportData, type ReportNode, SOURCES } from './report-data.js';

export const badge = (source: NumberSource): Html =>
  element('span', { class: `badge ${source}`, title: SOURCES[source] }, source);

export interface Figure {
  readonly title: string;
  readonly source: NumberSource;
  readonly value: (node: ReportNode) => number;
  readonly format: (value: number) => string;
  readonly base: 1000 | 1024;
  /** Of things that are counted one by one: no tick between two whole numbers. */
  readonly whole?: boolean;
  /** A sum over all nodes that a bar is a share of; false where a sum says nothing. */
  readonly shares?: boolean;
}

/** `names`: of the blocks, under the axis. */
export function figure(report: ReportData, spans: readonly Span[], chart: Figure, names: boolean): Html {
  const { title, source, format, base, whole = false } = chart;
  return element(
    'figure',
    {},
    element('figcaption', {}, title, badge(source)),
    element(
      'div',
      { class: 'scroll' },
      drawBars({
        label: `${title}, a bar for each node`,
        bars: bars(report, chart),
        spans,
        base,
        whole,
        format,
        names,
      }),
    ),
  );
}

function bars(report: ReportData, { value, format, shares = true }: Figure): readonly Bar[] {
  const whole = report.nodes.reduce((sum, n) => sum + value(n), 0);
  const share = (own: number): string => (shares ? ` · ${percent(own, whole)}` : '');
  return report.nodes.map((node) => ({
    node: node.id,
    kind: node.kind,
    value: value(node),
    tip: `${shown(node.title)}\n${shown(node.name)}\n${format(value(node))}${share(value(node))}`,
  }));
}
