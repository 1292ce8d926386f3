/**
 * The simulation headers under hw/hls/sim: every operation on awkward and random values, compared with a model in BigInt; misuse that must
 * not pass; no warnings. The whole exercise, and AMD's own headers beside ours: test/hls/amd-headers.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/host/run-program.js';
import { temporaryFolder } from '../../src/host/temporary-folder.js';
import { exercise, QUICK_PARTS, SIM_HEADERS, STRICT_FLAGS, versionOf } from './sim-build.js';
import { expectedLine, OPERATIONS } from './sim-model.js';

const compiler = process.env.CXX ?? 'g++';
const found = await versionOf(compiler);
if (found === null) console.warn(`simulation headers: skipped, there is no ${compiler}`);
const folder = temporaryFolder('hls-sim');
afterAll(folder.remove);

/** What the compiler says to a function of these statements. */
async function compile(cxx: string, name: string, statements: string, ...flags: string[]) {
  const source = join(folder.path, `${name}.cpp`);
  const program = join(folder.path, name);
  const includes = '#include <ap_fixed.h>\n#include <ap_int.h>\n#include <hls_stream.h>\n';
  writeFileSync(source, `${includes}int main(int argc, char **) {\n  (void)argc;\n${statements}\n  return 0;\n}\n`);
  const ran = await runProgram(cxx, ['-std=c++14', `-I${SIM_HEADERS}`, ...flags, '-o', program, source]);
  return { program, built: ran.kind === 'done', text: ran.kind === 'missing' ? '' : ran.stderr };
}

/** Each ends the program that it is in: what is written, and what must be said. */
const MISUSE: readonly (readonly [name: string, statements: string, says: RegExp])[] = [
  [
    'a read of an empty stream',
    'hls::stream<int> s("weights to array"); s.write(1); s.read(); return s.read();',
    /^hls::stream 'weights to array' is read while empty/,
  ],
  [
    'a reversed range',
    'ap_uint<16> x = 1; return static_cast<int>(x.range(3, 8));',
    /16 bits: .*range\(3, 8\) does not lie inside/,
  ],
  ['a range beyond the number', 'ap_uint<16> x = 1; x.range(16, 9) = 1; return 0;', /range\(16, 9\)/],
  ['a bit beyond the number', 'ap_uint<16> x = 1; x[16] = 1; return 0;', /bit 16 of a number of 16 bits/],
  ['NaN', 'double zero = 0; ap_fixed<16, 8> x = zero / zero; return x[0];', /a NaN or an infinity/],
  ['division by zero', 'ap_uint<16> x = 1, y = 0; return (x / y).to_int();', /16 bits is divided by zero/],
];

describe.skipIf(found === null)('the simulation headers', () => {
  test('every operation gives the number and the type that the model gives', async () => {
    const options = { compiler, headers: SIM_HEADERS, flags: ['-O0', ...STRICT_FLAGS], into: folder.path };
    const outputs = await Promise.all(QUICK_PARTS.map((part) => exercise(part, options)));
    const lines = outputs.flatMap((text) => text.trimEnd().split('\n'));
    const wrong = lines.flatMap((line) =>
      line === expectedLine(line) ? [] : [{ line, expected: expectedLine(line) }],
    );
    expect(wrong.slice(0, 10)).toEqual([]);
    const met = new Set(lines.map((line) => line.split(' ')[0]));
    expect(OPERATIONS.filter((operation) => !met.has(operation))).toEqual([]);
  });

  test('misuse ends the run with a sentence', async () => {
    const cases = MISUSE.map(([, statements], at) => `if (argc == ${at + 2}) { ${statements} }`);
    const { program, text } = await compile(compiler, 'misuse', cases.join('\n'));
    expect(text).toBe('');
    for (const [at, [name, , says]] of MISUSE.entries()) {
      const ran = await runProgram(program, Array(at + 1).fill('x'));
      expect(ran, name).toMatchObject({ kind: 'failed', status: 'SIGABRT', stderr: expect.stringMatching(says) });
    }
  });

  test('a stream that dies with values in it is reported', async () => {
    const { program } = await compile(compiler, 'left', '{ hls::stream<int, 4> s("maps"); s.write(1); s.write(2); }');
    expect(await runProgram(program, [])).toMatchObject({
      stderr: "hls::stream 'maps' still holds 2 values at its end\n",
    });
  });

  test.each([
    ['division of mixed signedness', 'ap_int<8> a = 1; ap_uint<8> b = 1; return (a / b).to_int();'],
    ['a range of an ap_int in an expression', 'ap_int<8> a = 1; return (a.range(3, 0) + ap_uint<4>(1)).to_int();'],
    ['xor_reduce of an ap_int', 'ap_int<8> a = 1; return a.xor_reduce();'],
    ['*= by a wider number', 'ap_int<65> a = 1; a *= ap_int<128>(1);'],
    ['without integer bits', 'ap_fixed<8, 0> a = 0.25; return a.to_int();'],
    ['deleted function', 'ap_uint<8> a = 1; ap_uint<40> b = (a, 1); return b[0];'],
  ])('%s does not compile', async (message, statements) => {
    const { built, text } = await compile(compiler, message.replace(/\W/g, '-'), statements, '-fsyntax-only');
    expect(built).toBe(false);
    expect(text).toContain(message);
  });

  const everything = `
    ap_uint<512> word = 0; ap_int<16> lane = -3; ap_fixed<16, 8, AP_RND, AP_SAT> f = 1.25; hls::stream<ap_uint<64>, 8> s("s");
    for (int i = 0; i < 32; ++i) {
#pragma HLS UNROLL
      word.range(16 * i + 15, 16 * i) = lane;
    }
    ap_uint<4> high, low; ap_uint<8> byte = 0xa5; (high, low) = byte; byte[0] = high[1];
    s << ap_uint<64>(word.range(63, 0)); ap_uint<64> bits = s.read() ^ 5; f += lane; f = f * f - 1;
    short narrow = lane.to_short(); float real = lane * 0.5f; if (f > 2 && bits != 0 && byte < 300) return narrow + int(real);`;
  test.each([
    ['g++', 'c++14'],
    ['g++', 'c++17'],
    ['clang++', 'c++14'],
    ['clang++', 'c++17'],
  ])('%s has nothing to warn of in %s', async (cxx, standard) => {
    if ((await versionOf(cxx)) === null) return console.warn(`warnings of ${cxx}: skipped, there is none`);
    const flags = [`-std=${standard}`, '-fsyntax-only', ...STRICT_FLAGS];
    expect(await compile(cxx, `warn-${cxx}-${standard}`, everything, ...flags)).toMatchObject({
      built: true,
      text: '',
    });
  });
});
