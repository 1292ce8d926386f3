/** What Vitis HLS would ignore or refuse, found in the text: each rule once, a design without a fault, and the engine itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { checkPragmas, type PragmaProblem } from '../../src/target/hls/check-pragmas.js';

const check = (text: string, top?: string): readonly PragmaProblem[] =>
  checkPragmas([{ path: 'unit.cpp', text }], top === undefined ? {} : { top });
const short = (problems: readonly PragmaProblem[]): readonly string[] =>
  problems.map((p) => `${p.line} ${p.rule}: ${p.what}`);

/** The text as the body of a function; its first line is line 1. */
const inFunction = (body: string): string => `void unit(int n, ap_int<16> *out) { ${body}\n}`;
const inLoop = (body: string): string => inFunction(`int a[8]; for (int i = 0; i < 8; ++i) { ${body}\n}`);

const CLEAN = `
#include <ap_int.h>
#include "sizes.h"
#define DEPTH 16
enum { ROWS = 4, COLUMNS = ROWS * 2 };
constexpr int twice(int x) { return 2 * x; }
template <int LANES, class C>
void unit(const ap_int<16> in[LANES], hls::stream<ap_int<16> > &stream, ap_int<32> (&sums)[LANES][C::DEPTH], int n) {
#pragma HLS INLINE off
#pragma HLS ARRAY_PARTITION variable = sums complete dim = 1
  static ap_int<16> rows[twice(ROWS)][LANES];
#pragma HLS BIND_STORAGE variable=rows type=ram_s2p impl=lutram latency=1
#pragma HLS array_partition variable=rows type=cyclic factor=LANES/2 dim=2
  typedef ap_int<C::WIDTH> number;
  const int half = LANES / 2;
lanes:
  for (int i = 0; i < half + 1; i += 2) {
#pragma HLS UNROLL factor = half skip_exit_check
    rows[0][i] = in[i];
  }
words:
  for (int w = n - 1; w >= 0; --w) {
#pragma HLS PIPELINE II = C::INTERVAL rewind style = flp
#pragma HLS LOOP_TRIPCOUNT min = 0 max = twice(DEPTH) avg = 3
#pragma HLS DEPENDENCE variable = sums type = inter direction = RAW distance = C::DISTANCE dependent = true
    number x = stream.read();
    for (int i = 0; i < LANES; ++i) sums[i][w] += x;
    for (const ap_int<16> &v : rows[0]) {
      if (v > 0) x++;
    }
  }
  do {
#pragma HLS LOOP_TRIPCOUNT max = 9
    --n;
  } while (n > 0);
  ap_int<8> fixed[ROWS] = {1, 2, {3}, twice(2)};
#ifndef __SYNTHESIS__
  printf("%d\\n", n);
  std::vector<int> seen(n);
  while (n > 0) n--;
#endif
#ifdef DYBNN_SIMULATION
  goto nowhere;
#else
  unit_of_another_kind(fixed);
#endif
}

// Another of the same name calls the first.
template <int LANES, class C>
void unit(const ap_int<16> in[LANES]) { unit<LANES, C>(in, stream, sums, 3); }

struct memory {
  ap_uint<64> words[DEPTH];
  memory() : words{0} {}
  void clear() {
#pragma HLS ARRAY_RESHAPE variable=words type=block factor=2
  }
};

extern "C" {
void top(ap_int<16> *data, int n, hls::stream<int, 4> &s) {
#pragma HLS INTERFACE mode=m_axi port=data bundle=gmem depth=64 offset=slave latency=32 \\
    max_read_burst_length=64 num_read_outstanding=8
#pragma HLS INTERFACE s_axilite port=n offset=0x10
#pragma HLS interface axis port=s register_mode=both
#pragma HLS INTERFACE mode=ap_ctrl_chain port=return
#pragma HLS DATAFLOW
  hls::stream<ap_int<16> > a("a"), b("b");
#pragma HLS STREAM variable=a depth=2*DEPTH type=fifo
#pragma HLS STREAM variable=b depth=2
  auto add = [&](int x, int y) { return x + y; };
  memory m;
  unit<4, C>(data, a, b, add(n, 1));
}
}
`;

test('a design without a fault has no problem', () => {
  expect(short(check(CLEAN, 'top'))).toEqual([]);
});

describe('each of these is found', () => {
  test.each<readonly [string, string, string]>([
    // Pragmas and options that do not exist.
    [
      'a name that is not a pragma',
      inLoop('\n#pragma HLS PIPELIN II=1'),
      '2 unknown-pragma: Vitis HLS does not know PIPELIN',
    ],
    [
      'a pragma of older tools',
      inFunction('int a[4];\n#pragma HLS RESOURCE variable=a core=RAM_2P'),
      '2 unknown-pragma: Vitis HLS does not know RESOURCE',
    ],
    ['a condition', inLoop('\n#pragma HLS if (N > 1) UNROLL'), '2 unknown-pragma: Vitis HLS does not know IF'],
    [
      'an unknown option',
      inLoop('\n#pragma HLS PIPELINE interval=1'),
      "2 unknown-option: PIPELINE has no option 'interval'",
    ],
    ['an unknown word', inLoop('\n#pragma HLS UNROLL complete'), "2 unknown-option: UNROLL has no option 'complete'"],
    [
      'an option of another mode',
      inFunction('\n#pragma HLS INTERFACE s_axilite port=n depth=3'),
      "2 unknown-option: INTERFACE mode=s_axilite has no option 'depth'",
    ],
    ['a missing variable', inFunction('\n#pragma HLS STREAM depth=3'), "2 missing-option: STREAM lacks 'variable='"],
    [
      'a missing factor',
      inFunction('int a[8];\n#pragma HLS ARRAY_PARTITION variable=a cyclic'),
      "2 missing-option: ARRAY_PARTITION type=cyclic lacks 'factor='",
    ],
    [
      'a tripcount without max',
      inLoop('\n#pragma HLS LOOP_TRIPCOUNT min=1'),
      "2 missing-option: LOOP_TRIPCOUNT lacks 'max='",
    ],
    // Values.
    [
      'a value that is not one of the list',
      inFunction('int a[8];\n#pragma HLS ARRAY_PARTITION variable=a type=cyclical factor=2'),
      '2 option-value: ARRAY_PARTITION type=cyclical',
    ],
    ['no value', inLoop('\n#pragma HLS PIPELINE II='), "2 option-value: PIPELINE 'ii' has no value"],
    ['an interval of 0', inLoop('\n#pragma HLS PIPELINE II=0'), '2 option-value: PIPELINE ii=0'],
    ['a negative factor', inLoop('\n#pragma HLS UNROLL factor=-2'), '2 option-value: UNROLL factor=-2'],
    ['a number that is not whole', inLoop('\n#pragma HLS UNROLL factor=1.5'), '2 option-value: UNROLL factor=1.5'],
    ['a value that is not constant', inLoop('\n#pragma HLS UNROLL factor=n'), '2 option-value: UNROLL factor=n'],
    [
      'a memory that does not exist',
      inFunction('int a[8];\n#pragma HLS BIND_STORAGE variable=a type=ram_t2p impl=lutram'),
      '2 option-value: BIND_STORAGE type=ram_t2p impl=lutram: there is no such memory',
    ],
    [
      'an operator that does not exist',
      inFunction('float a;\n#pragma HLS BIND_OP variable=a op=fdiv impl=maxdsp'),
      '2 option-value: BIND_OP op=fdiv impl=maxdsp: there is no such operator',
    ],
    [
      'an operation that does not exist',
      inFunction('float a;\n#pragma HLS BIND_OP variable=a op=fpow'),
      '2 option-value: BIND_OP op=fpow',
    ],
    [
      'an offset that is not one of m_axi',
      inFunction('\n#pragma HLS INTERFACE m_axi port=out offset=16'),
      '2 option-value: INTERFACE mode=m_axi offset=16',
    ],
    [
      'a tripcount upside down',
      inLoop('\n#pragma HLS LOOP_TRIPCOUNT min=9 max=3'),
      '2 option-value: LOOP_TRIPCOUNT min=9 is more than max=3',
    ],
    // Conflicts.
    ['an option twice', inLoop('\n#pragma HLS PIPELINE II=1 II=2'), "2 conflict: PIPELINE gives 'ii' twice"],
    [
      'complete with a factor',
      inFunction('int a[8];\n#pragma HLS ARRAY_PARTITION variable=a complete factor=2'),
      '2 conflict: ARRAY_PARTITION is complete and has a factor',
    ],
    [
      'pipeline and dataflow',
      inLoop('\n#pragma HLS PIPELINE\n#pragma HLS DATAFLOW'),
      '1 conflict: PIPELINE and DATAFLOW in one scope',
    ],
    [
      'a control protocol on a parameter',
      inFunction('\n#pragma HLS INTERFACE ap_ctrl_hs port=n'),
      '2 conflict: INTERFACE mode=ap_ctrl_hs on a parameter',
    ],
    [
      'a variable loop inside a pipeline',
      inLoop('\n#pragma HLS PIPELINE\nfor (int j = 0; j < n; ++j) {\n#pragma HLS LOOP_TRIPCOUNT max=4\n a[i] += j; }'),
      "3 conflict: a loop inside a pipeline cannot be unrolled: it ends at 'n'",
    ],
    [
      'a variable loop unrolled',
      inFunction('for (int i = 0; i < n; ++i) {\n#pragma HLS LOOP_TRIPCOUNT max=4\n#pragma HLS UNROLL\n}'),
      "3 conflict: a loop that cannot be unrolled completely: it ends at 'n'",
    ],
    // Places.
    [
      'a loop pragma in a function',
      inFunction('\n#pragma HLS UNROLL'),
      '2 placement: UNROLL stands in a function, not in a loop',
    ],
    [
      'a loop pragma in a condition',
      inLoop('if (i > 1) {\n#pragma HLS UNROLL\n}'),
      '2 placement: UNROLL stands in a conditional, not in a loop',
    ],
    [
      'a pipeline in a block',
      inFunction('{\n#pragma HLS PIPELINE\n}'),
      '2 placement: PIPELINE stands in a block, which is neither a loop nor a function',
    ],
    [
      'a function pragma in a loop',
      inLoop('\n#pragma HLS INLINE'),
      '2 placement: INLINE stands in a loop, not right in a function',
    ],
    [
      'a loop pragma after a statement',
      inLoop('a[i] = 0;\n#pragma HLS PIPELINE'),
      "2 placement: PIPELINE is not at the beginning of its loop's body",
    ],
    [
      'a pragma before the brace',
      'void f()\n#pragma HLS INLINE\n{ }',
      '2 placement: INLINE stands inside a statement, or before the brace',
    ],
    ['a pragma outside functions', 'int a;\n#pragma HLS INLINE', '2 placement: INLINE stands outside every function'],
    ['a number as a name', inFunction('\n#pragma HLS 5'), "2 unknown-pragma: '#pragma HLS 5'"],
    [
      'a pipeline that is off at an interval',
      inLoop('\n#pragma HLS PIPELINE off II=2'),
      '2 conflict: PIPELINE is off and has an II',
    ],
    [
      'an unrolling that is off by a factor',
      inLoop('\n#pragma HLS UNROLL off factor=2'),
      '2 conflict: UNROLL is off and has a factor',
    ],
    [
      'no exit check without a factor',
      inLoop('\n#pragma HLS UNROLL skip_exit_check'),
      "2 missing-option: UNROLL skip_exit_check lacks 'factor='",
    ],
    [
      'a latency without numbers',
      inFunction('\n#pragma HLS LATENCY'),
      '2 missing-option: LATENCY has neither min nor max',
    ],
    [
      'an alias without a distance',
      inFunction('\n#pragma HLS ALIAS ports=out'),
      '2 conflict: ALIAS takes one of offset and distance',
    ],
    [
      'a performance without a target',
      inLoop('\n#pragma HLS PERFORMANCE unit=sec'),
      '2 missing-option: PERFORMANCE has no target',
    ],
    [
      'a dependence of one and of two',
      inLoop('\n#pragma HLS DEPENDENCE variable=a cross_variables=a,out'),
      '2 conflict: DEPENDENCE takes one of variable and cross_variables',
    ],
    [
      'no dependence at a distance',
      inLoop('\n#pragma HLS DEPENDENCE variable=a inter false distance=2'),
      '2 conflict: DEPENDENCE is false and has a distance',
    ],
    [
      'an offset that is no address',
      inFunction('\n#pragma HLS INTERFACE s_axilite port=n offset=slave'),
      '2 option-value: INTERFACE mode=s_axilite offset=slave',
    ],
    [
      'a memory port for nothing',
      inFunction('\n#pragma HLS INTERFACE m_axi port=return'),
      '2 conflict: INTERFACE mode=m_axi on the return of a void function',
    ],
    [
      'a flag with another value',
      inLoop('\n#pragma HLS PIPELINE rewind=maybe'),
      '2 option-value: PIPELINE rewind=maybe',
    ],
    [
      'a region pragma on a function',
      inFunction('\n#pragma HLS PROTOCOL fixed'),
      '2 placement: PROTOCOL stands right in a function',
    ],
    [
      'a stream that is a port of the top',
      'void top(int a[4]) {\n#pragma HLS INTERFACE ap_fifo port=a\n#pragma HLS STREAM variable=a\n}',
      "3 placement: STREAM on 'a', a port of the top function",
    ],
    // Names.
    [
      'a variable that is not declared',
      inFunction('int a[4];\n#pragma HLS ARRAY_PARTITION variable=b complete'),
      "2 unknown-name: ARRAY_PARTITION variable=b: there is no 'b'",
    ],
    [
      'a variable declared later',
      inFunction('\n#pragma HLS STREAM variable=a depth=2\n hls::stream<int> a;'),
      "2 unknown-name: STREAM variable=a: there is no 'a'",
    ],
    [
      'a variable of another block',
      inFunction('{ int a[4]; }\n#pragma HLS ARRAY_PARTITION variable=a complete'),
      "2 unknown-name: ARRAY_PARTITION variable=a: there is no 'a'",
    ],
    [
      'a port that is no parameter',
      inFunction('int a;\n#pragma HLS INTERFACE s_axilite port=a'),
      "2 unknown-name: INTERFACE port=a: there is no 'a'",
    ],
    // Loops.
    [
      'a loop to a variable',
      inFunction('\nfor (int i = 0; i < n; ++i) { }'),
      "2 loop-bound: a loop without a constant bound: it ends at 'n'",
    ],
    [
      'a loop to a constant that is none',
      inFunction('const int m = n + 1;\nfor (int i = 0; i < m; ++i) { }'),
      "2 loop-bound: a loop without a constant bound: it ends at 'm'",
    ],
    [
      'a loop from a variable',
      inFunction('\nfor (int i = n; i < 9; ++i) { }'),
      "2 loop-bound: a loop without a constant bound: it starts at 'n'",
    ],
    [
      'a loop by a variable',
      inFunction('\nfor (int i = 0; i < 9; i += n) { }'),
      "2 loop-bound: a loop without a constant bound: its step is 'i += n'",
    ],
    [
      'a loop with two conditions',
      inFunction('\nfor (int i = 0; i < 9 && n > 0; ++i) { }'),
      "2 loop-bound: a loop without a constant bound: its condition is 'i < 9 && n > 0'",
    ],
    [
      'a while loop',
      inFunction('\nwhile (n > 0) { --n; }'),
      '2 loop-bound: a loop without a constant bound: a while loop',
    ],
    [
      'a do loop',
      inFunction('\ndo { --n; } while (n > 0);'),
      '2 loop-bound: a loop without a constant bound: a do loop',
    ],
    [
      'a loop without braces',
      inFunction('\nfor (int i = 0; i < n; ++i) out[i] = 0;'),
      "2 loop-bound: a loop without braces has no bound: it ends at 'n'",
    ],
    [
      'a loop around a loop without braces',
      inFunction('\nfor (int i = 0; i < n; ++i) for (int j = 0; j < 2; ++j) { }'),
      "2 loop-bound: a loop without braces has no bound: it ends at 'n'",
    ],
    // C++.
    ['recursion', 'int f(int n) {\n  if (n < 2) return 1;\n  return n * f(n - 1);\n}', '3 recursion: f calls itself'],
    ['new', inFunction('\nint *a = new int[n];'), '2 no-hardware: new: there is no heap'],
    ['delete', inFunction('\ndelete[] out;'), '2 no-hardware: delete: there is no heap'],
    ['malloc', inFunction('\nvoid *a = malloc(8);'), '2 no-hardware: malloc(): there is no heap'],
    ['a container', inFunction('\nstd::vector<int> a;'), '2 no-hardware: std::vector: it needs a heap or a system'],
    ['goto', inFunction('\ngoto end;'), '2 no-hardware: goto'],
    ['printf', inFunction('\nprintf("%d", n);'), '2 no-hardware: printf(): there is no system'],
    ['an exception', inFunction('\nthrow 1;'), '2 no-hardware: throw: no exceptions or run-time types'],
    ['a virtual function', 'struct s {\n  virtual int f();\n};', '2 no-hardware: virtual: no call through a table'],
    ['long double', inFunction('\nlong double x = 1;'), '2 no-hardware: long double'],
    ['a pointer to a pointer', inFunction('\nint **p = 0;'), '2 no-hardware: a pointer to a pointer'],
    [
      'a cast of an ap type',
      inFunction('\nint *p = reinterpret_cast<ap_int<8> *>(out);'),
      '2 no-hardware: a pointer cast of an arbitrary precision type',
    ],
  ])('%s', (_, text, expected) => {
    expect(short(check(text))).toEqual([expected]);
  });

  test('an interface outside the top function, where that is known', () => {
    const text = 'void inner(int n) {\n#pragma HLS INTERFACE s_axilite port=n\n}\nvoid top(int n) { inner(n); }';
    expect(short(check(text, 'top'))).toEqual(['2 placement: INTERFACE in inner']);
  });
});

test('a constant of another file is one', () => {
  const unit = { path: 'unit.hpp', text: inFunction('for (int i = 0; i < LANES; ++i) { }') };
  expect(checkPragmas([unit])).toHaveLength(1);
  expect(checkPragmas([unit, { path: 'sizes.hpp', text: 'constexpr int LANES = 16;' }])).toEqual([]);
});

test('a problem says where it is and what to do', () => {
  expect(check(inFunction('\n#pragma HLS STREAM variable=n depth=2.5'))).toEqual([
    {
      path: 'unit.cpp',
      line: 2,
      rule: 'option-value',
      what: 'STREAM depth=2.5',
      hint: 'a whole number is expected',
    },
  ]);
});

describe("the engine's own files", () => {
  const folder = join(PACKAGE_ROOT, 'hw', 'hls');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.hpp'))
    .map((name) => ({ path: name, text: readFileSync(join(folder, name), 'utf8') }));
  const isPragma = (line: string): boolean => /^\s*#pragma HLS /.test(line);
  const places = files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => (isPragma(line) ? [{ path, line: at + 1, text: line }] : [])),
  );
  const key = (at: { readonly path: string; readonly line: number }): string => `${at.path}:${at.line}`;
  /** The problems once every pragma that holds this is changed so. */
  const changed = (holds: RegExp, change: (line: string) => string): readonly PragmaProblem[] =>
    checkPragmas(
      files.map(({ path, text }) => ({
        path,
        text: text
          .split('\n')
          .map((line) => (isPragma(line) && holds.test(line) ? change(line) : line))
          .join('\n'),
      })),
    );

  test('have no problem', () => {
    expect(places.length).toBeGreaterThan(100);
    expect(checkPragmas(files)).toEqual([]);
  });

  test('no pragma of them goes unseen: each is found when its name is spoilt', () => {
    const found = changed(/./, (line) => line.replace(/(HLS \w+)/, '$1X'));
    const seen = new Set(found.filter((p) => p.rule === 'unknown-pragma').map(key));
    expect(places.map(key).filter((at) => !seen.has(at))).toEqual([]);
  });

  test('no variable of a pragma goes unseen: each is missed when it has another name', () => {
    const found = changed(/variable/, (line) => line.replace(/(variable\s*=\s*)\w+/, '$1nothing'));
    const seen = new Set(found.filter((p) => p.rule === 'unknown-name').map(key));
    const named = places.filter(({ text }) => text.includes('variable'));
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(key).filter((at) => !seen.has(at))).toEqual([]);
  });

  test('no trip count of them is idle: each loop is found without it', () => {
    const found = changed(/LOOP_TRIPCOUNT/, () => '').filter((p) => p.rule === 'loop-bound');
    const counts = places.filter(({ text }) => text.includes('LOOP_TRIPCOUNT'));
    expect(found.length).toBe(counts.length);
    const nextTo = (at: (typeof counts)[number]): boolean =>
      found.some((p) => p.path === at.path && p.line < at.line && at.line - p.line <= 3);
    expect(counts.filter((at) => !nextTo(at)).map(key)).toEqual([]);
  });
});
