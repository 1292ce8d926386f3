/**
 * What each step leaves behind, as .npy files: a simulator's observer.
 *
 * Flows out: SSSS/NNN-STEP.BUFFER.npy, real maps in ONNX's order [1, C, H, W], binary ones as -1 and
 * +1, integers of fixed16 as the numbers that they stand for.
 */
import { writeNpy } from '../arrays/npy.js';
import { accessesOf, type Program } from '../program/program.js';
import { identifier } from '../text/identifier.js';
import { elementReader, realNumbers } from './buffer-contents.js';
import type { StepObserver } from './simulate.js';

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
      if (layout.kind === 'rowSums') write(file, writeNpy({ shape: [height, channels], data: realNumbers(values) }));
      else if (layout.kind === 'external')
        write(file, writeNpy({ shape: [1, channels, height, width], data: realNumbers(values) }));
      else {
        const at = elementReader(values, layout.shape);
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
