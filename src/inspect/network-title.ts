/** A network in one line, for the head of its files and of the report. */
import type { InspectReport } from './inspect-program.js';
import { quantity, shapeOf } from './quantity.js';

export function networkTitle(report: InspectReport): string {
  const binary = report.layers.filter((l) => l.kind === 'binaryConv2d').length;
  const { totals, dynamicUnits } = report;
  const parts = [
    binary === 0
      ? 'no binary convolutions'
      : `${binary} binary convolution${binary === 1 ? '' : 's'} (${quantity(totals.binaryMacs)} MACs)`,
    `${quantity(totals.floatMacs)} float MACs`,
  ];
  if (dynamicUnits.length > 0) parts.push(`${dynamicUnits.length} dynamic unit${dynamicUnits.length === 1 ? '' : 's'}`);
  const shapes = `${shapeOf(report.input.shape.slice(1))} -> ${shapeOf(report.output.shape.slice(1))}`;
  return `${shapes}: ${parts.join(', ')}`;
}
