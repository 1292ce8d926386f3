import { expect, test } from 'vitest';
import { DiagnosticBag, DiagnosticError, makeDiagnostic } from '../../src/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../src/diagnostics/render-diagnostic.js';

const plain = { color: false } as const;

test('a diagnostic has its fields below one another, the values aligned', () => {
  const d = makeDiagnostic('DYB203', {
    node: '/layer3/conv1 (Conv, opset 13)',
    found: 'group = 2',
    supported: 'group = 1',
    hint: 're-export with groups=1',
  });
  expect(renderDiagnostics([d], plain)).toMatchInlineSnapshot(`
    "error[DYB203]: unsupported grouping
      node       /layer3/conv1 (Conv, opset 13)
      found      group = 2
      supported  group = 1
      hint       re-export with groups=1
    "
  `);
});

test('absent fields are left out, and a hint comes from the table of codes where the stage gave none', () => {
  expect(renderDiagnostics([makeDiagnostic('DYB101', { found: 'text' })], plain)).toMatchInlineSnapshot(`
    "error[DYB101]: not an ONNX model
      found      text
      hint       Give the .onnx file that the exporter wrote.
    "
  `);
});

test('several are separated by an empty line; a warning says so', () => {
  const text = renderDiagnostics(
    [makeDiagnostic('DYB304', { node: 'a' }), makeDiagnostic('DYB201', { node: 'b' })],
    plain,
  );
  expect(text.split('\n\n').map((block) => block.split(':')[0])).toEqual(['warning[DYB304]', 'error[DYB201]']);
});

test('of a million problems a thousand are kept, the count is right, and few are shown', () => {
  const bag = new DiagnosticBag();
  for (let i = 0; i < 1_000_000; i++) bag.error('DYB201', { node: `n${i}` });
  for (let i = 0; i < 1001; i++) bag.add(makeDiagnostic('DYB304', { node: `w${i}` }));
  expect(bag.errorCount).toBe(1_000_000);
  expect(bag.warnings).toHaveLength(1001);
  expect(bag.warnings.at(-1)).toMatchObject({ severity: 'warning', code: 'DYB304', more: 1 });
  let thrown: unknown;
  try {
    bag.throwIfAny();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof DiagnosticError)) throw new Error('not thrown');
  const { diagnostics } = thrown;
  expect(diagnostics).toHaveLength(2002);
  expect(diagnostics.at(-1)).toMatchObject({ severity: 'error', code: 'DYB201', more: 999_000 });
  expect(renderDiagnostics(diagnostics, plain).split('\n\n').at(-1)).toBe('and 1000951 more; --verbose shows more\n');
  const all = renderDiagnostics(diagnostics, { ...plain, limit: Number.POSITIVE_INFINITY });
  expect(all.endsWith('\n\nand 1 more\n\nand 999000 more\n')).toBe(true);
});

test('no diagnostics, no text', () => {
  expect(renderDiagnostics([], plain)).toBe('');
});

test('a name from a hostile file can neither steer the terminal nor begin a line', () => {
  const node = 'a\x1b[2J\x9b31m\u202eb\rerror[DYB000]: fake\nerror[DYB000]: fake\u2028c';
  const text = renderDiagnostics([makeDiagnostic('DYB201', { node, title: 'x\ny' })], plain);
  expect(text).toMatchInlineSnapshot(`
    "error[DYB201]: x\\u000ay
      node       a\\u001b[2J\\u009b31m\\u202eb\\u000derror[DYB000]: fake
                 error[DYB000]: fake\\u2028c
      hint       Replace it, or export a graph without it; the list is in the documentation.
    "
  `);
});

test('a name of a million characters is cut, and says how long it was', () => {
  const text = renderDiagnostics([makeDiagnostic('DYB201', { node: 'n'.repeat(1_000_000) })], plain);
  expect(text.length).toBeLessThan(1500);
  expect(text).toContain('… (1000000 characters)');
});

test("a compiler's message of many lines stays readable and bounded", () => {
  const found = Array.from({ length: 100 }, (_, i) => `x.c:${i}:\terror`).join('\n');
  const lines = renderDiagnostics([makeDiagnostic('DYB007', { found })], plain).split('\n');
  expect(lines[1]).toBe('  found      x.c:0:    error');
  expect(lines[2]).toBe('             x.c:1:    error');
  expect(lines[41]).toBe('             … 60 more lines');
});

test('more than the limit are counted', () => {
  const many = Array.from({ length: 60 }, () => makeDiagnostic('DYB201', {}));
  expect(renderDiagnostics(many, plain)).toContain('and 10 more; --verbose shows more\n');
  expect(renderDiagnostics(many, { color: false, limit: Number.POSITIVE_INFINITY })).not.toContain('more;');
});

test('colour is in the head and the labels only, and off when asked', () => {
  const d = makeDiagnostic('DYB201', { found: 'x' });
  expect(renderDiagnostics([d], { color: true })).toContain('\x1b[31merror[DYB201]\x1b[39m');
  expect(renderDiagnostics([d], plain)).not.toContain('\x1b');
});
