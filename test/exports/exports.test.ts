/**
 * Exports as people make them (generate.py made them with PyTorch): each is raised to the network it is, and the simulator
 * computes what ONNX Runtime computed when the fixture was made.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../src/arrays/npy.js';
import { type BnnGraph, type BnnNode, type ChannelParam, inputsOf } from '../../src/bnn/bnn-graph.js';
import { canonicalize } from '../../src/canonicalize/canonicalize.js';
import { importOnnx } from '../../src/onnx/index.js';
import { externalDataBeside } from '../../src/onnx/node-external-data.js';
import { mergePairedConvolutions } from '../../src/optimize/merge-paired-convolutions.js';
import { OPTIMIZE_PASSES, optimize } from '../../src/optimize/optimize.js';
import { buildProgram } from '../../src/pipeline.js';
import { stepCost } from '../../src/program/cost.js';
import type { Program } from '../../src/program/program.js';
import { raise } from '../../src/raise/raise.js';
import { simulate } from '../../src/simulate/simulate.js';

const FOLDER = join(import.meta.dirname, 'fixtures');

/**
 * ONNX Runtime adds in other orders, so outputs differ by rounding. The fixtures' inputs keep every value at least
 * `smallestMargin` away from its threshold, so no sign flips and the difference stays this small relative to the largest
 * output.
 */
const TOLERANCE = 1e-4;

interface Expectation {
  readonly what: string;
  readonly input: string;
  readonly output: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly binaryMacs: number;
  readonly floatMacs: number;
  /** False where ONNX Runtime must differ: its sign(0) is 0, one bit says +1 (clause 3.1). */
  readonly comparable?: boolean;
}

const isDynamic = (...params: (ChannelParam | null)[]): boolean => params.some((p) => p?.kind === 'dynamic');

/** Values between a global average pool and the parameter that a dynamic unit makes. */
function insideUnits(graph: BnnGraph, sources: ReadonlySet<number>): ReadonlySet<number> {
  const producer = new Map(graph.nodes.map((n) => [n.output, n]));
  const inside = new Set<number>();
  const open = [...sources];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = producer.get(id)!;
    if (inside.has(id)) continue;
    inside.add(id);
    if (node.kind !== 'GlobalAveragePool') open.push(...inputsOf(node));
  }
  return inside;
}

function count(graph: BnnGraph): Record<string, number> {
  const producer = new Map(graph.nodes.map((n) => [n.output, n]));
  // A parameter and its negation come from one unit.
  const unitOf = (id: number): number => {
    const node = producer.get(id)!;
    return node.kind === 'Activation' && node.fn.kind === 'negate' ? node.x : id;
  };
  const sources = new Set(
    graph.nodes
      .flatMap((n) =>
        n.kind === 'RSign'
          ? [n.threshold]
          : n.kind === 'RPReLU'
            ? [n.gamma, n.zeta]
            : n.kind === 'ScaleBias'
              ? [n.bias]
              : [],
      )
      .flatMap((p) => (p?.kind === 'dynamic' ? [unitOf(p.source)] : [])),
  );
  const units = insideUnits(graph, sources);
  const of = (f: (n: BnnNode) => boolean): number => graph.nodes.filter((n) => f(n) && !units.has(n.output)).length;
  return {
    binary: of((n) => n.kind === 'BinaryConv2d'),
    rsignStatic: of((n) => n.kind === 'RSign' && !isDynamic(n.threshold)),
    rsignDynamic: of((n) => n.kind === 'RSign' && isDynamic(n.threshold)),
    rpreluStatic: of((n) => n.kind === 'RPReLU' && !isDynamic(n.gamma, n.zeta)),
    rpreluDynamic: of((n) => n.kind === 'RPReLU' && isDynamic(n.gamma, n.zeta)),
    dynamicUnits: sources.size,
    float: of((n) => n.kind === 'Conv2d'),
    avgPool: of((n) => n.kind === 'AveragePool'),
    maxPool: of((n) => n.kind === 'MaxPool'),
    globalAvgPool: of((n) => n.kind === 'GlobalAveragePool'),
    add: of((n) => n.kind === 'Add'),
    concat: of((n) => n.kind === 'Concat'),
    softmax: of((n) => n.kind === 'Softmax'),
  };
}

/** The fixture's own counts, with convolutions and dense layers taken together: a dense layer is one over a vector. */
function expectedCounts({ counts }: Expectation): Record<string, number> {
  const { binaryConv = 0, binaryDense = 0, conv = 0, dense = 0, ...others } = counts;
  return { ...others, binary: binaryConv + binaryDense, float: conv + dense };
}

/** All passes but the one that makes one convolution of a pair. */
const PASSES = OPTIMIZE_PASSES.filter((pass) => pass !== mergePairedConvolutions);

function binaryMacs(program: Program): number {
  return program.steps.reduce((sum, step) => sum + stepCost(program, step).binaryMacs, 0);
}

const names = readdirSync(FOLDER)
  .filter((f) => f.endsWith('.onnx'))
  .map((f) => f.slice(0, -5));

describe('exports', () => {
  test('there are hundreds of them', () => {
    expect(names.length).toBeGreaterThan(300);
  });

  test.each(names)('%s', (name) => {
    const path = join(FOLDER, `${name}.onnx`);
    const expected = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Expectation;
    const bytes = readFileSync(path);
    const options = { modelName: name, readExternal: externalDataBeside(path) };
    const raised = raise(canonicalize(importOnnx(bytes, options)).graph, { zeroWeights: 'refuse' });
    expect(count(optimize(raised.graph, PASSES))).toEqual(expectedCounts(expected));

    const { program } = buildProgram(bytes, options);
    expect(binaryMacs(program)).toBe(expected.binaryMacs);

    const input = readNpy(readFileSync(join(FOLDER, expected.input)), expected.input).data;
    const want = readNpy(readFileSync(join(FOLDER, expected.output)), expected.output).data;
    const size = program.input.shape.reduce((p, d) => p * d, 1);
    const got = Float32Array.from(
      Array.from({ length: input.length / size }, (_, s) => [
        ...simulate(program, input.subarray(s * size, (s + 1) * size)).output,
      ]).flat(),
    );
    expect(got.length).toBe(want.length);
    if (expected.comparable === false) return;
    const largest = want.reduce((max, v) => Math.max(max, Math.abs(v)), 1);
    const error = want.reduce((max, v, i) => Math.max(max, Math.abs(v - got[i]!)), 0);
    expect(error).toBeLessThanOrEqual(TOLERANCE * largest);
  });
});
