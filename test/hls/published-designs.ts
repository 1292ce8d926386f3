/**
 * Designs whose sizes others have published, and what our formulas say of the same parts: docs/contribute/hardware.md, "How good the estimates are".
 *
 * Flows in: numbers as their sources state them, estimateResources and blockRam. Flows out: the page's tables, the spread of the ratios included.
 * `npx tsx test/hls/published-designs.ts` writes them into the page anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets } from '../../src/host/load-assets.js';
import { findBoard, readBoards } from '../../src/target/hls/board.js';
import { hardwareNames } from '../../src/target/hls/hardware-names.js';
import { blockRam, lutRam } from '../../src/target/hls/memory-blocks.js';
import { axiAdapter, estimateResources } from '../../src/target/hls/resources.js';
import type { EngineConfig, ResourceCounts } from '../../src/target/hls/types.js';
import { FAKE_CONFIG } from './fake-design.js';

export const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'contribute', 'hardware.md');
const BEGIN = '<!-- npx tsx test/hls/published-designs.ts -->';
const END = '<!-- end -->';

const assets = loadAssets();
const board = findBoard(readBoards(assets), 'ultra96v2');
const names = hardwareNames(assets);

function item(config: Partial<EngineConfig>, start: string): ResourceCounts {
  const { items } = estimateResources({ ...FAKE_CONFIG, ...config }, board, names);
  const found = items.find(({ what }) => what.startsWith(start));
  if (found === undefined) throw new Error(`no item ${start}`);
  return found.counts;
}

/** As many bits a cycle as `bits`; our units take 64. One pixel: every unit has weights of its own, as in these designs. */
const array = (bits: number): ResourceCounts => item({ pe: bits / 64, pixels: 1 }, 'binary array');
const TAIL_OF_32 = item({ portBits: 256 }, 'tail, 32 lanes');
const CONTROL = item({}, 'control');
const REGISTERS = item({}, 'registers for the processor');
const sum = (of: 'lut' | 'ff', ...counts: readonly ResourceCounts[]): number => counts.reduce((s, c) => s + c[of], 0);

/** A number that was published, and ours; null where there is nothing to compare. */
type Pair = readonly [published: number, ours: number] | null;

/**
 * FINN's matrix-vector unit with 1-bit weights and activations: a matrix of 1024 x 64, UltraScale+ (xczu3eg). Doc/results.ipynb, figures
 * res_util_pe_final, res_util_simd_final and res_final_bram; the matrix: proj/RegressionTests/regtest_mvau.py.
 */
interface MatrixVector {
  readonly flow: 'RTL' | 'HLS';
  readonly pe: number;
  readonly simd: number;
  readonly lut: number;
  readonly ff: number;
  /** The report of the HLS flow counts RAMB18, that of the RTL flow RAMB36: here RAMB36. */
  readonly bram36: number;
}
const mvu = (...[flow, pe, simd, lut, ff, bram36]: readonly ['RTL' | 'HLS', ...number[]]): MatrixVector => ({
  ...{ flow, pe: pe!, simd: simd!, lut: lut!, ff: ff!, bram36: bram36! },
});
const MATRIX_VECTOR: readonly MatrixVector[] = [
  mvu('RTL', 1, 64, 290, 221, 2),
  mvu('RTL', 8, 64, 1361, 1063, 8),
  mvu('RTL', 16, 64, 3776, 3320, 0),
  mvu('RTL', 64, 32, 5571, 5757, 0),
  mvu('RTL', 64, 64, 12404, 9520, 0),
  mvu('HLS', 1, 64, 596, 1406, 2),
  mvu('HLS', 8, 64, 1549, 1976, 8),
  mvu('HLS', 16, 64, 2734, 2630, 16),
  mvu('HLS', 64, 32, 7412, 8399, 0),
  mvu('HLS', 64, 64, 12571, 10661, 0),
];

interface Row {
  readonly name: string;
  readonly lut: Pair;
  readonly ff: Pair;
  readonly bram36: Pair;
  /** What FINN's own formula says of the LUTs. */
  readonly finn?: number;
}

function matrixVector({ flow, pe, simd, lut, ff, bram36 }: MatrixVector): Row {
  const words = (1024 * 64) / (pe * simd);
  const ours = array(pe * simd);
  const inLuts = bram36 === 0 ? pe * lutRam(simd, words, board.family) : 0;
  return {
    name: `${flow}, PE ${pe}, SIMD ${simd}`,
    lut: [lut, ours.lut + inLuts],
    ff: [ff, ours.ff],
    bram36: bram36 === 0 ? null : [bram36, pe * blockRam(simd, words)],
    finn: finnLuts(pe, simd, words, bram36 === 0),
  };
}

/** matrixvectoractivation_hls.py, lut_estimation, for weights and activations of one bit, without thresholds; 12 bits hold sums of 1024. */
function finnLuts(pe: number, simd: number, words: number, inLuts: boolean): number {
  const [fixed, factor, accumulator] = [300, 1.1, 12];
  const products = 2 * simd;
  const tree = 2 * (2 * simd - 1);
  return fixed + factor * pe * (products + tree + accumulator) + (inLuts ? pe * simd * Math.ceil(words / 64) : 0);
}

/**
 * Units of FracNet, FracBNN's network for ImageNet, as Vivado 2019.2 counts cells: LUTs (two of a pair as two), flip-flops, a few carry chains.
 * Log of synthesis, "Report Instance Areas".
 */
const cells = (c: ResourceCounts): number => c.lut + c.ff;
const UNITS: readonly (readonly [name: string, published: number, ours: number])[] = [
  // Registers of weights: in ours, theirs are elsewhere.
  ['3x3 convolution, 32 outputs x 9 taps x 32 bits', 31512, cells(array(32 * 9 * 32)) - 32 * 9 * 32],
  ['1x1 convolution, 32 outputs x 32 bits', 5133, cells(array(32 * 32)) - 32 * 32],
  ['scale, bias, shortcut, RPReLU, 32 lanes', 32865, cells(TAIL_OF_32)],
  ['m_axi, 512 bits, both directions', 7287, cells(axiAdapter(512, 2))],
  ['m_axi, 512 bits, reads', 4439, cells(axiAdapter(512, 1))],
  ['m_axi, 32 bits, both directions', 1853, cells(axiAdapter(32, 2))],
  ['m_axi, 32 bits, reads', 974, cells(axiAdapter(32, 1))],
];

/** The same logs, "Block RAM: Final Mapping Report"; the words that the design asks for, from the HLS report. */
const MEMORIES: readonly (readonly [words: number, bits: number, bram36: number])[] = [
  [101700, 32, 128],
  [51200, 32, 64],
  [2260, 16, 2],
  [2034, 16, 1],
  [1000, 24, 1],
  [904, 16, 0.5],
  [256, 576, 8],
  [256, 515, 7.5],
  [256, 35, 0.5],
  [32, 512, 7.5],
];

/** Binary layers of BNN-PYNQ (config.h): PE, SIMD, words of weights of a PE. */
const LFC: readonly (readonly [pe: number, simd: number, words: number])[] = [
  [32, 64, 416],
  [64, 32, 512],
  [32, 64, 512],
  [16, 8, 512],
];
/** Without the first layer, whose activations have 8 bits. */
const CNV: typeof LFC = [
  [32, 32, 36],
  [16, 32, 144],
  [16, 32, 288],
  [4, 32, 2304],
  [1, 32, 18432],
  [1, 4, 32768],
  [1, 8, 32768],
  [4, 1, 8192],
];
const bits = (layers: typeof LFC): number => layers.reduce((s, [pe, simd]) => s + pe * simd, 0);
/** Up to 64 words lie in LUTs. */
const weightBlocks = (layers: typeof LFC): number =>
  layers.reduce((s, [pe, simd, words]) => s + (words <= 64 ? 0 : pe * blockRam(simd, words)), 0);

function wholeDesigns(): readonly Row[] {
  const fracnet = [
    ...[array(32 * 9 * 32), array(32 * 32), TAIL_OF_32, CONTROL, REGISTERS],
    ...[axiAdapter(512, 2), axiAdapter(512, 1), axiAdapter(32, 1)],
  ];
  const first = 2 * blockRam(32, 51200) + 32 * (blockRam(16, 2034) + blockRam(16, 904)) + 2 * blockRam(32, 225);
  const second =
    blockRam(32, 101700) +
    32 * (blockRam(16, 2260) + blockRam(16, 904)) +
    blockRam(24, 1000) +
    blockRam(512, 32) +
    2 * blockRam(32, 225);
  const ports = axiAdapter(512, 2).bram36 + axiAdapter(512, 1).bram36;
  return [
    {
      name: 'FracNet, xczu3eg: arrays, 32 tails, ports, control; memories',
      lut: [51224, sum('lut', ...fracnet)],
      ff: [90939, sum('ff', ...fracnet)],
      bram36: [200.5, first + ports + axiAdapter(32, 1).bram36],
    },
    {
      name: 'FracNet, an earlier state: memories',
      ...{ lut: null, ff: null },
      bram36: [241.5, second + ports + axiAdapter(32, 2).bram36],
    },
    {
      name: 'LFC-W1A1, xc7z020: arrays; weights',
      lut: [28360, array(bits(LFC)).lut],
      ff: [33470, array(bits(LFC)).ff],
      bram36: [110, weightBlocks(LFC)],
    },
    {
      name: 'CNV-W1A1, xc7z020: binary arrays; their weights',
      lut: [26072, array(bits(CNV)).lut],
      ff: [41312, array(bits(CNV)).ff],
      bram36: [124, weightBlocks(CNV)],
    },
  ];
}

const number = (n: number): string => String(n < 300 ? Math.round(n * 10) / 10 : Math.round(n));
const ratio = (pair: Pair): string => (pair === null ? '' : (pair[1] / pair[0]).toFixed(2));
const both = (pair: Pair): string => (pair === null ? '' : `${number(pair[0])} / ${number(pair[1])}`);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cellsOfRow: readonly string[]): string => `| ${cellsOfRow.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const rowsOf = (rows: readonly Row[]): string[][] =>
  rows.map((r) => [r.name, ...[r.lut, r.ff, r.bram36].flatMap((pair) => [both(pair), ratio(pair)])]);

function spread(what: string, pairs: readonly Pair[]): string {
  const ratios = pairs.flatMap((pair) => (pair === null ? [] : [pair[1] / pair[0]])).sort((a, b) => a - b);
  const middle = ratios[Math.floor(ratios.length / 2)]!;
  return `| ${what} | ${ratios[0]!.toFixed(2)} | ${middle.toFixed(2)} | ${ratios.at(-1)!.toFixed(2)} |`;
}

export function publishedTables(): string {
  const units = MATRIX_VECTOR.map(matrixVector);
  const designs = wholeDesigns();
  const memories = MEMORIES.map(([words, width, bram36]): Pair => [bram36, blockRam(width, words)]);
  const head = ['LUT', 'ratio', 'FF', 'ratio', 'RAMB36', 'ratio'];
  return [
    "**FINN matrix-vector unit**, 1-bit weights and activations; published / ours, and FINN's own formula for the LUTs:",
    table(
      ['unit', ...head, "FINN's ratio"],
      rowsOf(units).map((row, i) => [...row, ratio([units[i]!.lut![0], units[i]!.finn!])]),
    ),
    '**Units of FracNet**, cells (LUTs and flip-flops):',
    table(
      ['unit', 'published', 'ours', 'ratio'],
      UNITS.map(([name, published, ours]) => [name, number(published), number(ours), ratio([published, ours])]),
    ),
    '**Memories of FracNet**, RAMB36:',
    table(
      ['words x bits', 'published', 'ours', 'ratio'],
      MEMORIES.map(([words, width], i) => [`${words} x ${width}`, ...memories[i]!.map(number), ratio(memories[i]!)]),
    ),
    '**Whole designs**, published / those parts of it that our formulas know:',
    table(['design: parts', ...head], rowsOf(designs)),
    '**Spread of the ratio** (ours to published):',
    [
      '| | least | middle | most |\n| --- | ---: | ---: | ---: |',
      spread(
        'LUT, matrix-vector units of 8 PE and more',
        units.filter((_, i) => MATRIX_VECTOR[i]!.pe > 1).map((r) => r.lut),
      ),
      spread(
        'FF, the same',
        units.filter((_, i) => MATRIX_VECTOR[i]!.pe > 1).map((r) => r.ff),
      ),
      spread(
        'cells, units of FracNet',
        UNITS.map(([, published, ours]): Pair => [published, ours]),
      ),
      spread('RAMB36, memories', [...memories, ...units.map((r) => r.bram36)]),
      spread(
        'RAMB36, FracNet as a whole',
        designs.slice(0, 2).map((r) => r.bram36),
      ),
    ].join('\n'),
  ].join('\n\n');
}

/** The page with the tables put in. */
export function withTables(page: string): string {
  const [from, to] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  if (from < BEGIN.length || to < from) throw new Error(`${PAGE} has no place for the tables`);
  return `${page.slice(0, from)}\n\n${publishedTables()}\n\n${page.slice(to)}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
