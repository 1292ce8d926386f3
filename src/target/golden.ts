/** Golden samples: inputs, outputs and a checksum of everything that each step leaves behind, all from the simulator. */
import { writeNpy } from '../arrays/npy.js';
import { checksum } from '../program/checksum.js';
import type { BufferRef, Program } from '../program/program.js';
import { addCounts } from '../simulate/saturation-warnings.js';
import { type BufferContents, simulate } from '../simulate/simulate.js';
import { identifier } from '../text/identifier.js';
import { countOf, tracedBuffers } from './c/plan-c.js';
import type { GeneratedFiles } from './files.js';

export interface Golden {
  readonly files: GeneratedFiles;
  readonly samples: number;
}

export interface SimulatedGolden extends Golden {
  /** Results of fixed16 that were clipped, by step. */
  readonly saturated: ReadonlyMap<string, number>;
}

/** Sees everything that gets a line in checksums.txt. */
export type GoldenObserver = (sample: number, row: number, ref: BufferRef, contents: BufferContents) => void;

/** `inputs`: whole samples, one after another. */
export function makeGolden(program: Program, inputs: Float32Array, observe?: GoldenObserver): SimulatedGolden {
  const size = countOf(program.input.shape);
  const samples = inputs.length / size;
  const traced = tracedBuffers(program);
  const outputs = new Float32Array(samples * countOf(program.output.shape));
  const lines: string[] = [];
  const saturated = new Map<string, number>();
  for (let s = 0; s < samples; s++) {
    const result = simulate(program, inputs.subarray(s * size, (s + 1) * size), (_step, index, contents) => {
      traced.forEach(({ step, ref }, row) => {
        if (step !== index) return;
        const name = identifier(program.buffers[ref]!.name, 'buffer');
        lines.push(`${s} ${row} ${checksum(contents(ref))} ${name}`);
        observe?.(s, row, ref, contents(ref));
      });
    });
    addCounts(saturated, result.saturated);
    outputs.set(result.output, s * result.output.length);
  }
  return {
    samples,
    saturated,
    files: new Map<string, string | Uint8Array>([
      ['input.npy', writeNpy({ shape: [samples, ...program.input.shape.slice(1)], data: inputs })],
      ['output.npy', writeNpy({ shape: [samples, ...program.output.shape.slice(1)], data: outputs })],
      ['checksums.txt', `${lines.join('\n')}\n`],
    ]),
  };
}

/**
 * Inputs for a model of which nothing is known: smooth shapes with a little noise between 0 and 1, like a picture's pixels;
 * seeded, so that the same model gives the same project.
 */
export function syntheticInputs(program: Program, samples: number): Float32Array {
  const [, channels = 1, height = 1, width = 1] = program.input.shape;
  const random = mulberry32(0x0b1b2b3b);
  const data = new Float32Array(samples * countOf(program.input.shape));
  let i = 0;
  for (let s = 0; s < samples; s++) {
    for (let c = 0; c < channels; c++) {
      const [fx, fy, phase] = [1 + 3 * random(), 1 + 3 * random(), 7 * random()];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const wave = Math.sin((fx * x) / width + phase) * Math.cos((fy * y) / height - phase);
          data[i++] = Math.min(1, Math.max(0, 0.5 + 0.4 * wave + 0.1 * (random() - 0.5)));
        }
      }
    }
  }
  return data;
}

/** A small seeded generator of numbers in [0, 1); not for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
