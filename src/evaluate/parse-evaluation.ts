/** JSON -> Evaluation, checked: the file may be of another program, or half of one. */
import { fail } from '../diagnostics/diagnostic.js';
import { ENGINE_NAMES } from './engine.js';
import type { Evaluation, SampleResult } from './evaluation.js';

export function parseEvaluation(text: string, name: string): Evaluation {
  const broken = (found: string): never =>
    fail('DYB503', {
      node: name,
      title: 'not results of evaluate',
      found,
      supported: 'a file that evaluate --results wrote',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken('no JSON');
  }
  const v = value as Partial<Evaluation> | null;
  if (typeof v !== 'object' || v?.format !== 'dybnn-compile evaluation') return broken('JSON of another kind');
  if (v.formatVersion !== 1) return broken(`format version ${String(v.formatVersion)}`);
  const whole =
    typeof v.model?.sha256 === 'string' &&
    isWhole(v.total) &&
    isWhole(v.classes) &&
    Array.isArray(v.classNames) &&
    Array.isArray(v.engines) &&
    v.engines.every((e) => ENGINE_NAMES.includes(e)) &&
    (v.numbers === undefined || typeof v.numbers?.fractions === 'string') &&
    Array.isArray(v.samples);
  if (!whole) return broken('missing fields');
  const engines = v.engines!.length;
  const wrong = (v.samples as unknown[]).findIndex((s) => !isSample(s, engines, v.classes!));
  if (wrong >= 0) return broken(`a sample that is not whole, number ${wrong}`);
  return v as Evaluation;
}

function isSample(value: unknown, engines: number, classes: number): value is SampleResult {
  const s = value as Partial<SampleResult> | null;
  return (
    typeof s === 'object' &&
    isWhole(s?.index) &&
    isWhole(s.label) &&
    Array.isArray(s.best) &&
    s.best.length === engines &&
    s.best.every((list) => Array.isArray(list) && list.length > 0 && list.every((c) => isWhole(c) && c < classes)) &&
    Array.isArray(s.sameBits) &&
    s.sameBits.length === engines &&
    (s.saturated === undefined || isCounts(s.saturated))
  );
}

function isCounts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isWhole);
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
