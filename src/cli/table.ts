/**
 * A table of text that fits a width: optional columns are left out from the highest number down, then the columns that may
 * shrink do, the widest first; what does not fit ends in "…".
 */
import pc from 'picocolors';

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Shown only where there is room; the lowest number first. */
  readonly optional?: number;
  /** May become as narrow as this. */
  readonly shrinkTo?: number;
}

const GAP = 2;

export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  view: { readonly width: number; readonly color: boolean },
): string {
  const widthOf = (column: Column<Row>): number =>
    Math.max(column.title.length, ...rows.map((r) => column.cell(r).length));
  // An empty optional column says nothing.
  let shown = columns.filter((col) => col.optional === undefined || rows.some((r) => col.cell(r) !== ''));
  const least = (list: readonly Column<Row>[], squeezed: boolean): number =>
    list.reduce(
      (sum, col) => sum + (squeezed ? Math.min(widthOf(col), col.shrinkTo ?? Number.POSITIVE_INFINITY) : widthOf(col)),
      0,
    ) +
    GAP * (list.length - 1);
  for (;;) {
    const optional = shown.filter((col) => col.optional !== undefined);
    if (optional.length === 0 || least(shown, true) <= view.width) break;
    const last = optional.reduce((a, b) => (b.optional! > a.optional! ? b : a));
    shown = shown.filter((col) => col !== last);
  }
  const widths = shown.map(widthOf);
  for (let excess = least(shown, false) - view.width; excess > 0; excess--) {
    let widest = -1;
    shown.forEach((col, i) => {
      const mayShrink = col.shrinkTo !== undefined && widths[i]! > col.shrinkTo;
      if (mayShrink && (widest < 0 || widths[i]! > widths[widest]!)) widest = i;
    });
    if (widest < 0) break;
    widths[widest]!--;
  }
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const text = fitText(cell, widths[i]!);
        return shown[i]!.align === 'right' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const c = pc.createColors(view.color);
  return [
    c.dim(line(shown.map((col) => col.title))),
    ...rows.map((row) => line(shown.map((col) => col.cell(row)))),
  ].join('\n');
}

export function fitText(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
