/**
 * Many Programs, one executable: each is printed as C, compiled without optimization, linked with the kernels and the driver,
 * and run with every set of kernels and every way to split its steps.
 *
 * Flows in: Programs with inputs. Flows out: for each, nothing, or the first place where C and the simulator part.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pixelOffset } from '../../src/contract/packing.js';
import { loadAssets } from '../../src/host/load-assets.js';
import { checksum } from '../../src/program/checksum.js';
import type { Program } from '../../src/program/program.js';
import { wordsOf } from '../../src/program/program.js';
import { type BufferContents, simulate } from '../../src/simulate/simulate.js';
import { emitC } from '../../src/target/c/emit-c.js';
import { countOf, tracedBuffers } from '../../src/target/c/plan-c.js';
import {
  type BuiltKernels,
  buildKernels,
  defaultToolchain,
  ISO_FLAGS,
  inParallel,
  ownSources,
  PROOF_FOLDER,
  run,
  runOrThrow,
  type Toolchain,
} from './toolchain.js';

export interface BatchItem {
  readonly program: Program;
  /** Whole samples, one after another. */
  readonly inputs: Float32Array;
}

export interface Difference {
  /** One paragraph: step, tensor, element, both values, set of kernels, split. */
  readonly text: string;
}

export interface BatchResult {
  readonly differences: ReadonlyMap<number, Difference>;
  /** Runs of a model on one sample with one set and one split. */
  readonly runs: number;
}

export interface BatchOptions {
  readonly toolchain?: Toolchain;
  readonly kernels?: BuiltKernels;
  readonly width?: number;
}

interface Recorded {
  readonly outputs: Float32Array;
  readonly checksums: Uint32Array;
  readonly rows: number;
  readonly samples: number;
}

/** What the simulator leaves behind, as the driver's file has it. */
function record(item: BatchItem): Recorded {
  const { program, inputs } = item;
  const size = countOf(program.input.shape);
  const samples = inputs.length / size;
  const traced = tracedBuffers(program);
  const checksums: number[] = [];
  const outputs: number[] = [];
  for (let s = 0; s < samples; s++) {
    const result = simulate(program, inputs.subarray(s * size, (s + 1) * size), (_step, index, contents) => {
      for (const { step, ref } of traced) {
        if (step !== index) continue;
        const hex = checksum(contents(ref));
        checksums.push(Number.parseInt(hex.slice(0, 8), 16), Number.parseInt(hex.slice(8), 16));
      }
    });
    for (const v of result.output) outputs.push(v);
  }
  return { outputs: Float32Array.from(outputs), checksums: Uint32Array.from(checksums), rows: traced.length, samples };
}

const bitsOf = (floats: Float32Array): Uint32Array => new Uint32Array(floats.buffer, floats.byteOffset, floats.length);

function driverFile(items: readonly BatchItem[]): Uint8Array {
  const parts: Uint32Array[] = [];
  for (const item of items) {
    const recorded = record(item);
    parts.push(
      Uint32Array.of(recorded.samples, recorded.rows),
      bitsOf(item.inputs),
      bitsOf(recorded.outputs),
      recorded.checksums,
    );
  }
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

/** One translation unit a network: model, weights and table of tensors. */
function writeUnit(folder: string, index: number, program: Program): string {
  const name = `p${index}`;
  const golden = { files: new Map<string, string>(), samples: 0 };
  const files = emitC(program, golden, ASSETS, {
    name,
    source: 'plan',
    version: '0',
    title: 'proof',
    weights: 'c',
    parallelFrom: 0,
  });
  for (const suffix of ['.c', '.h', '_weights.c', '_weights.h'])
    writeFileSync(join(folder, name + suffix), files.get(name + suffix)!);
  writeFileSync(join(folder, `${name}_main.c`), files.get('main.c')!);
  const unit = [
    '#include <stdint.h>',
    'extern const char *proof_set;',
    '#define DYBNN_ISA proof_set',
    `#include "${name}.c"`,
    `#include "${name}_weights.c"`,
    `#define main ${name}_main`,
    '#define dybnn_runner_main proof_model',
    `int ${name}_main(int argc, char **argv);`,
    `#include "${name}_main.c"`,
    '',
  ];
  const path = join(folder, `${name}_unit.c`);
  writeFileSync(path, unit.join('\n'));
  return path;
}

/** Only what a model file needs: no kernels are copied a hundred times over. */
const ASSETS = { ...loadAssets(), hardware: () => new Map<string, string>() };

export interface BuiltBatch {
  readonly items: readonly BatchItem[];
  readonly folder: string;
  readonly objects: readonly string[];
}

/** Compiles the models; linkBatch then joins them with kernels, of which mutants want many. */
export async function compileBatch(items: readonly BatchItem[], options: BatchOptions = {}): Promise<BuiltBatch> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const kernels = options.kernels ?? (await buildKernels(toolchain, ownSources()));
  mkdirSync(PROOF_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(PROOF_FOLDER, 'batch-'));
  const units = items.map((item, i) => writeUnit(folder, i, item.program));
  const declared = units.map((_, i) => `proof_main p${i}_main;`).join('\n');
  const table = units.map((_, i) => `p${i}_main`).join(', ');
  const tablePath = join(folder, 'table.c');
  writeFileSync(
    tablePath,
    `typedef int proof_main(int, char **);\n${declared}\nextern proof_main *const proof_models[];\nextern const int proof_model_count;\nproof_main *const proof_models[] = { ${table} };\nconst int proof_model_count = ${units.length};\n`,
  );
  writeFileSync(join(folder, 'data.bin'), driverFile(items));
  const flags = [...ISO_FLAGS, ...toolchain.modelFlags, '-I', kernels.folder, '-c'];
  const width = options.width ?? 2;
  const all = [...units, tablePath];
  const share = Math.ceil(all.length / width);
  const shares = Array.from({ length: width }, (_, i) => all.slice(i * share, (i + 1) * share)).filter(
    (s) => s.length > 0,
  );
  await inParallel(
    shares.map((s) => () => runOrThrow([...toolchain.cc, ...flags, ...s], { cwd: folder })),
    width,
  );
  return { items, folder, objects: all.map((path) => path.replace(/\.c$/, '.o')) };
}

export async function runBatch(
  batch: BuiltBatch,
  kernels: BuiltKernels,
  options: BatchOptions = {},
): Promise<BatchResult> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const program = join(batch.folder, `driver-${Math.random().toString(36).slice(2)}`);
  await runOrThrow([
    ...toolchain.cc,
    ...toolchain.linkFlags,
    '-o',
    program,
    ...batch.objects,
    ...kernels.objects,
    '-pthread',
  ]);
  const data = join(batch.folder, 'data.bin');
  const result = await run([...toolchain.emulator, program, data], { timeout: 600_000 });
  const differences = new Map<number, Difference>();
  for (const [, model, sample, set, split, row, wrong, setName, splitName] of result.stdout.matchAll(
    /^FAILED (\d+) (\d+) (\d+) (\d+) (-?\d+) (\S+) (\S+) (\S+)$/gm,
  )) {
    const how = `kernels ${setName}, units ${splitName}, sample ${sample}`;
    const item = batch.items[Number(model)]!;
    const place =
      wrong === 'tensor'
        ? await describePlace(
            item,
            Number(sample),
            Number(row),
            async () => (await run([...toolchain.emulator, program, data, model!, sample!, set!, split!, row!])).stdout,
          )
        : wrong!;
    differences.set(Number(model), { text: `${place} (${how})` });
  }
  rmSync(program, { force: true });
  const runs = Number(/^(\d+) runs$/m.exec(result.stdout)?.[1] ?? -1);
  if (runs < 0 || (result.status !== 0 && differences.size === 0)) {
    return {
      runs: Math.max(runs, 0),
      differences: new Map([
        ...differences,
        [-1, { text: `the driver ended with ${result.status}: ${result.stderr.slice(0, 2000)}` }],
      ]),
    };
  }
  return { runs, differences };
}

export function removeBatch(batch: BuiltBatch): void {
  rmSync(batch.folder, { recursive: true, force: true });
}

/** Compile, run, clean up. */
export async function proveInC(items: readonly BatchItem[], options: BatchOptions = {}): Promise<BatchResult> {
  const toolchain = options.toolchain ?? defaultToolchain;
  const kernels = options.kernels ?? (await buildKernels(toolchain, ownSources()));
  const batch = await compileBatch(items, { ...options, kernels });
  try {
    return await runBatch(batch, kernels, options);
  } finally {
    removeBatch(batch);
  }
}

// ---- where exactly

/** The simulator's contents of a traced row as the driver prints them, one word of 32 bits each. */
function contentsOf(item: BatchItem, sample: number, row: number): { words: Uint32Array; packed: boolean } {
  const { program, inputs } = item;
  const size = countOf(program.input.shape);
  const wanted = tracedBuffers(program)[row]!;
  let found: BufferContents | null = null;
  simulate(program, inputs.subarray(sample * size, (sample + 1) * size), (_step, index, contents) => {
    if (index === wanted.step) {
      const c = contents(wanted.ref);
      found =
        c.kind === 'real'
          ? { kind: 'real', data: c.data.slice() }
          : { kind: 'packed', map: { ...c.map, data: c.map.data.slice() } };
    }
  });
  const contents = found as BufferContents | null;
  if (contents === null) throw new Error('the simulator has no such tensor');
  if (contents.kind === 'real') return { words: bitsOf(contents.data), packed: false };
  const { map } = contents;
  const rowHalfWords = 2 * wordsOf(map.shape.channels) * map.shape.width;
  const words: number[] = [];
  for (let y = 0; y < map.shape.height; y++) {
    const start = pixelOffset(map, y, 0);
    words.push(...map.data.subarray(start, start + rowHalfWords));
  }
  return { words: Uint32Array.from(words), packed: true };
}

async function describePlace(
  item: BatchItem,
  sample: number,
  row: number,
  dump: () => Promise<string>,
): Promise<string> {
  const { step: stepIndex, ref } = tracedBuffers(item.program)[row]!;
  const step = item.program.steps[stepIndex]!;
  const buffer = item.program.buffers[ref]!;
  const { channels, width } = buffer.layout.shape;
  const expected = contentsOf(item, sample, row);
  const found = (await dump())
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 16));
  const different = found.flatMap((word, i) => (word === expected.words[i] ? [] : [i]));
  const where = `step ${stepIndex} ${step.kind} ${step.name}, ${buffer.layout.kind} ${buffer.name} (${channels}x${buffer.layout.shape.height}x${width})`;
  if (different.length === 0) return `${where}: differs, but not when run alone`;
  const at = different[0]!;
  const hex = (n: number): string => `0x${(n >>> 0).toString(16).padStart(8, '0')}`;
  if (expected.packed) {
    const halfWords = 2 * wordsOf(channels);
    const pixel = Math.floor(at / halfWords);
    const bit = Math.log2(((found[at]! ^ expected.words[at]!) & -(found[at]! ^ expected.words[at]!)) >>> 0);
    const c = 32 * (at % halfWords) + bit;
    return `${where}: ${different.length} of ${found.length} words differ, first y ${Math.floor(pixel / width)} x ${pixel % width} channel ${c}: C ${hex(found[at]!)}, simulator ${hex(expected.words[at]!)}`;
  }
  const float = (word: number): string => {
    const value = new Float32Array(Uint32Array.of(word).buffer)[0]!;
    return `${Object.is(value, -0) ? '-0' : value} ${hex(word)}`;
  };
  const pixel = Math.floor(at / channels);
  return `${where}: ${different.length} of ${found.length} differ, first y ${Math.floor(pixel / width)} x ${pixel % width} channel ${at % channels}: C ${float(found[at]!)}, simulator ${float(expected.words[at]!)}`;
}
