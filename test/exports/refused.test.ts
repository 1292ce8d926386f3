/**
 * Models that must be refused (refused.py broke one thing in each of them): a diagnostic, with the right code, on the right
 * node, that says what it must; never another exception, never a program.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Diagnostic, DiagnosticError } from '../../src/diagnostics/diagnostic.js';
import { externalDataBeside } from '../../src/onnx/node-external-data.js';
import { buildProgram } from '../../src/pipeline.js';

const FOLDER = join(import.meta.dirname, 'fixtures', 'refused');

interface Expected {
  /** One of these. */
  readonly codes: readonly string[];
  /** On one of these; none: no node is to blame. */
  readonly nodes: readonly string[];
  /** All of these, case aside. */
  readonly keywords: readonly string[];
}

interface Refused {
  readonly name: string;
  readonly diagnostics: readonly Expected[];
}

function compile(name: string): void {
  const path = join(FOLDER, `${name}.onnx`);
  buildProgram(readFileSync(path), { modelName: name, readExternal: externalDataBeside(path) });
}

function diagnosticsOf(name: string): readonly Diagnostic[] {
  try {
    compile(name);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return [];
}

function fits(d: Diagnostic, expected: Expected): boolean {
  const text = [d.title, d.node, d.found, d.supported, d.hint].join('\n').toLowerCase();
  return (
    expected.codes.includes(d.code) &&
    (expected.nodes.length === 0 || expected.nodes.some((node) => d.node?.includes(node))) &&
    expected.keywords.every((keyword) => text.includes(keyword.toLowerCase()))
  );
}

const names = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.json'))
  .map((f) => f.slice(0, -5));

describe('refused models', () => {
  test('the model that they break compiles', () => {
    compile('base');
  });

  test.each(names)('%s', (name) => {
    const { diagnostics } = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Refused;
    const found = diagnosticsOf(name);
    expect(found.length).toBeGreaterThan(0);
    const missing = diagnostics.filter((expected) => !found.some((d) => fits(d, expected)));
    expect({ missing, found: missing.length > 0 ? found : [] }).toEqual({ missing: [], found: [] });
  });
});
