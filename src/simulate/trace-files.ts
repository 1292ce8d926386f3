/**
 * What each step leaves behind, as .npy files: a simulator's observer.
 *
 * Flows out: SSSS/NNN-STEP.BUFFER.npy, real maps in ONNX's order [1, C, H, W], binary ones as -1 and +1.
 */
import { writeNpy } from '../arrays/npy.js';
import { readBit } from '../contract/packing.js';
import { accessesOf, type Program } from '../program/program.js';
import { identifier } from '../text/identifier.js';
import type { BufferContents, StepObserver } from './simulate.js';

export function traceFiles(
  program: Program,
  sample: number,
  write: (name: string, bytes: Uint8Array) => void,
): StepObserver {
  return (step, index, contents) => {
    for (const ref of accessesOf(step).writes) {
      const { layout, name } = program.buffers[ref]!;
      const { channels, height, width } = layout.shape;
      const file = `${pad(sample, 4)}/${pad(index, 3)}-${identifier(step.name, 'step')}.${identifier(name, 'buffer')}.npy`;
      const values = contents(ref);
      if (layout.kind === 'rowSums') write(file, writeNpy({ shape: [height, channels], data: real(values) }));
      else if (layout.kind === 'external')
        write(file, writeNpy({ shape: [1, channels, height, width], data: real(values) }));
      else {
        const at =
          values.kind === 'real'
            ? (y: number, x: number, c: number) => values.data[(y * width + x) * channels + c]!
            : (y: number, x: number, c: number) => 2 * readBit(values.map, y, x, c) - 1;
        const data = new Float32Array(channels * height * width);
        let i = 0;
        for (let c = 0; c < channels; c++)
          for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[i++] = at(y, x, c);
        write(file, writeNpy({ shape: [1, channels, height, width], data }));
      }
    }
  };
}

const pad = (n: number, digits: number): string => String(n).padStart(digits, '0');

function real(contents: BufferContents): Float32Array {
  if (contents.kind !== 'real') throw new Error('a packed buffer is read as a real one');
  return contents.data;
}
