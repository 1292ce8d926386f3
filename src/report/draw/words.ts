/** Text for people, from names that may be anything. */
import { safeText } from '../../diagnostics/safe-text.js';
import { quantity } from '../../inspect/quantity.js';
import type { ReportNode } from '../report-data.js';

/** Names are shown whole up to here; report.json has them all. */
const LIMIT = 200;

export const shown = (name: string): string => safeText(name, LIMIT);

/** The beginning and the end: names of one network differ at both. */
export function shorten(name: string, limit: number): string {
  const clean = safeText(name, 400);
  if (clean.length <= limit) return clean;
  const tail = Math.floor((limit - 1) * 0.55);
  return `${clean.slice(0, limit - 1 - tail)}…${clean.slice(clean.length - tail)}`;
}

export const shapeWords = (dims: readonly number[]): string => dims.join('×');

export const exact = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** A difference or a distance. */
export const small = (value: number): string => (value === 0 ? '0' : value.toExponential(1));

/** Units in the last place. */
export const ulps = (value: number): string =>
  value === 0 ? '0' : value < 100 ? value.toFixed(1) : value < 1e6 ? exact(value) : value.toExponential(1);

export function macsOf(node: ReportNode): string {
  const { binaryMacs, floatMacs } = node.counted;
  return binaryMacs + floatMacs === 0 ? '' : quantity(binaryMacs + floatMacs);
}

export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const share = (100 * part) / whole;
  return share < 0.1 ? '< 0.1 %' : `${share.toFixed(share < 10 ? 1 : 0)} %`;
}

export const stepRange = (first: number, last: number): string =>
  first === last ? `step ${first}` : `steps ${first}–${last}`;

export const KIND_WORDS: Readonly<Record<ReportNode['kind'], string>> = {
  input: 'Input',
  output: 'Output',
  binaryConv: 'Binary convolution',
  floatConv: 'Float convolution',
  dense: 'Dense layer',
  dynamicUnit: 'Dynamic unit',
  activation: 'Activation',
  pool: 'Pooling',
  arithmetic: 'Arithmetic',
  layout: 'Change of layout',
};
