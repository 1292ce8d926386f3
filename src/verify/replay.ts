/**
 * Generated C held to the simulator: the files of an executable that runs many models with every set of kernels and compares
 * every bit that their steps leave behind (hw/replay/dybnn_replay.c), and the reading of what it prints.
 *
 * Flows in: Programs with samples. Flows out: sources and a file of what must come out; then failures, with their place.
 */
import { pixelOffset } from '../contract/packing.js';
import { checksum } from '../program/checksum.js';
import { type Program, wordsOf } from '../program/program.js';
import { type BufferContents, simulate } from '../simulate/simulate.js';
import { emitC } from '../target/c/emit-c.js';
import { countOf, tracedBuffers } from '../target/c/plan-c.js';
import type { Assets, GeneratedFiles } from '../target/files.js';

export interface ReplayItem {
  readonly program: Program;
  /** Whole samples, one after another. */
  readonly inputs: Float32Array;
}

/** One that differs: numbers as dybnn_replay.c takes them back, to print the tensor. */
export interface ReplayFailure {
  readonly model: number;
  readonly sample: number;
  readonly set: number;
  readonly split: number;
  /** Of the table of tensors; -1 where no tensor differs but something else is wrong. */
  readonly row: number;
  readonly what: 'tensor' | 'output' | 'input-written' | 'outside-written' | 'two-at-once';
  readonly setName: string;
  readonly splitName: string;
}

export interface ReplayOutput {
  readonly sets: readonly string[];
  /** Runs of a model on one sample with one set and one split. */
  readonly runs: number;
  readonly failures: readonly ReplayFailure[];
}

const bitsOf = (floats: Float32Array): Uint32Array => new Uint32Array(floats.buffer, floats.byteOffset, floats.length);

/** For each model: samples, rows, inputs, outputs, checksums of each sample's rows; all little-endian words of 32 bits. */
export function replayFile(items: readonly ReplayItem[]): Uint8Array {
  const parts = items.flatMap(recordItem);
  const bytes = new Uint8Array(4 * parts.reduce((sum, p) => sum + p.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    for (const word of part) {
      view.setUint32(at, word, true);
      at += 4;
    }
  }
  return bytes;
}

function recordItem(item: ReplayItem): readonly Uint32Array[] {
  const { program, inputs } = item;
  const size = countOf(program.input.shape);
  const samples = inputs.length / size;
  const traced = tracedBuffers(program);
  const outputs = new Float32Array(samples * countOf(program.output.shape));
  const checksums: number[] = [];
  for (let s = 0; s < samples; s++) {
    const result = simulate(program, inputs.subarray(s * size, (s + 1) * size), (_step, index, contents) => {
      for (const { step, ref } of traced) {
        if (step !== index) continue;
        const hex = checksum(contents(ref));
        checksums.push(Number.parseInt(hex.slice(0, 8), 16), Number.parseInt(hex.slice(8), 16));
      }
    });
    outputs.set(result.output, s * result.output.length);
  }
  return [Uint32Array.of(samples, traced.length), bitsOf(inputs), bitsOf(outputs), Uint32Array.from(checksums)];
}

export interface ReplaySources {
  readonly files: GeneratedFiles;
  /** What to compile, besides the kernels, the runner's header and dybnn_replay.c. */
  readonly units: readonly string[];
}

/** Two units a model: its C with its weights and its table of tensors, and the weights' assembly where they are large. */
export function replaySources(items: readonly ReplayItem[], assets: Assets): ReplaySources {
  const files = new Map<string, string | Uint8Array>();
  const units: string[] = [];
  items.forEach(({ program }, index) => {
    const name = `p${index}`;
    const project = emitC(
      program,
      { files: new Map(), samples: 0 },
      { ...assets, hardware: () => new Map() },
      {
        name,
        source: 'the model',
        version: '',
        title: 'replay',
        weights: 'auto',
        parallelFrom: 0,
      },
    );
    for (const [path, content] of project) if (path.startsWith(name)) files.set(path, content);
    files.set(`${name}_main.c`, project.get('main.c')!);
    const assembly = project.has(`${name}_weights.S`);
    if (assembly) units.push(`${name}_weights.S`);
    files.set(`${name}_unit.c`, unitSource(name, assembly));
    units.push(`${name}_unit.c`);
  });
  files.set('table.c', tableSource(items.length));
  return { files, units: [...units, 'table.c'] };
}

function unitSource(name: string, assembly: boolean): string {
  return [
    'extern const char *replay_set;',
    '#define DYBNN_ISA replay_set',
    `#include "${name}.c"`,
    ...(assembly ? [] : [`#include "${name}_weights.c"`]),
    `#define main ${name}_main`,
    '#define dybnn_runner_main replay_capture',
    `int ${name}_main(int argc, char **argv);`,
    `#include "${name}_main.c"`,
    '',
  ].join('\n');
}

function tableSource(count: number): string {
  const names = Array.from({ length: count }, (_, i) => `p${i}_main`);
  return [
    'typedef int replay_main(int argc, char **argv);',
    `replay_main ${names.join(', ')};`,
    'extern replay_main *const replay_models[];',
    'extern const int replay_model_count;',
    `replay_main *const replay_models[] = { ${names.join(', ')} };`,
    `const int replay_model_count = ${count};`,
    '',
  ].join('\n');
}

/** Null where the executable did not come to its end. */
export function parseReplay(stdout: string): ReplayOutput | null {
  const runs = /^(\d+) runs$/m.exec(stdout)?.[1];
  const sets = /^sets (.*)$/m.exec(stdout)?.[1];
  if (runs === undefined || sets === undefined) return null;
  const failures = [...stdout.matchAll(/^FAILED (\d+) (\d+) (\d+) (\d+) (-?\d+) (\S+) (\S+) (\S+)$/gm)].map((m) => ({
    model: Number(m[1]),
    sample: Number(m[2]),
    set: Number(m[3]),
    split: Number(m[4]),
    row: Number(m[5]),
    what: m[6] as ReplayFailure['what'],
    setName: m[7]!,
    splitName: m[8]!,
  }));
  return { runs: Number(runs), sets: sets.split(' '), failures };
}

/** Arguments with which the executable prints the tensor that differs. */
export function dumpArguments(f: ReplayFailure): readonly string[] {
  return [f.model, f.sample, f.set, f.split, f.row].map(String);
}

/** The step that made the tensor of a row. */
export function stepOfRow(program: Program, row: number): number {
  return tracedBuffers(program)[row]!.step;
}

/** One sentence: step, tensor, first element that differs, both values. `dump`: what the executable printed for it. */
export function describeFailure(item: ReplayItem, failure: ReplayFailure, dump: string): string {
  const how = `kernels ${failure.setName}, units ${failure.splitName}, sample ${failure.sample}`;
  if (failure.what !== 'tensor') return `${WORDS[failure.what]} (${how})`;
  const { step: stepIndex, ref } = tracedBuffers(item.program)[failure.row]!;
  const step = item.program.steps[stepIndex]!;
  const buffer = item.program.buffers[ref]!;
  const { channels, height, width } = buffer.layout.shape;
  const expected = wordsLeftBy(item, failure.sample, stepIndex, ref);
  const found = dump
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 16));
  const different = found.flatMap((word, i) => (word === expected.words[i] ? [] : [i]));
  const where = `step ${stepIndex} ${step.name} (${step.kind}), ${buffer.layout.kind} ${buffer.name} of ${channels}x${height}x${width}`;
  const [at] = different;
  if (at === undefined) return `${where}: differs, but not when run alone (${how})`;
  const packed = expected.kind === 'packed';
  const perPixel = packed ? 2 * wordsOf(channels) : channels;
  const pixel = Math.floor(at / perPixel);
  const channel = packed ? 32 * (at % perPixel) + lowestBit(found[at]! ^ expected.words[at]!) : at % perPixel;
  const show = { packed: hex, real: floatOf, integers: integerOf }[expected.kind];
  return `${where}: ${different.length} of ${found.length} ${packed ? 'half words' : 'values'} differ, first at channel ${channel}, y ${Math.floor(pixel / width)}, x ${pixel % width}: C ${show(found[at]!)}, simulator ${show(expected.words[at]!)} (${how})`;
}

const WORDS: Readonly<Record<Exclude<ReplayFailure['what'], 'tensor'>, string>> = {
  output: 'every tensor is right, but not the output',
  'input-written': 'the input was written to',
  'outside-written': 'something was written outside the workspace, the input or the output',
  'two-at-once': 'two runs at once in two workspaces disturb each other',
};

const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

/** Of an int16 map, or of exact sums: the integer, with its sign. */
const integerOf = (word: number): string => String(word | 0);

function floatOf(word: number): string {
  const value = new Float32Array(Uint32Array.of(word).buffer)[0]!;
  return `${Object.is(value, -0) ? '-0' : value} (${hex(word)})`;
}

interface Words {
  readonly words: Uint32Array;
  readonly kind: 'packed' | 'real' | 'integers';
}

/** What the simulator leaves in a buffer, in the order in which the executable prints it. */
function wordsLeftBy(item: ReplayItem, sample: number, stepIndex: number, ref: number): Words {
  const size = countOf(item.program.input.shape);
  const input = item.inputs.subarray(sample * size, (sample + 1) * size);
  const found: Words[] = [];
  simulate(item.program, input, (_step, index, contents) => {
    if (index === stepIndex) found.push(wordsOfContents(contents(ref)));
  });
  return found[0]!;
}

function wordsOfContents(contents: BufferContents): Words {
  if (contents.kind === 'real') return { words: bitsOf(contents.data).slice(), kind: 'real' };
  if (contents.kind !== 'packed') return { words: Uint32Array.from(contents.data), kind: 'integers' };
  const { map } = contents;
  const rowHalfWords = 2 * wordsOf(map.shape.channels) * map.shape.width;
  const words = new Uint32Array(rowHalfWords * map.shape.height);
  for (let y = 0; y < map.shape.height; y++) {
    const start = pixelOffset(map, y, 0);
    words.set(map.data.subarray(start, start + rowHalfWords), y * rowHalfWords);
  }
  return { words, kind: 'packed' };
}
