/** ONNX Runtime on the same file, where the package onnxruntime-node is installed. */
import { sampleSize } from '../../arrays/samples.js';
import type { Compiled } from '../../compile.js';
import { fail } from '../../diagnostics/diagnostic.js';
import { errorCode } from '../../host/file-errors.js';
import type { Engine } from '../engine.js';

type Runtime = typeof import('onnxruntime-node');

/** Null: the package is not installed. */
export async function openOnnxRuntimeEngine(modelPath: string, { program, onnx }: Compiled): Promise<Engine | null> {
  const refused = (title: string, error: unknown): never =>
    fail('DYB501', {
      node: modelPath,
      title,
      found: error instanceof Error ? error.message : String(error),
      hint: 'run the other engines: --engine c,simulator',
    });
  let ort: Runtime;
  try {
    ort = await import('onnxruntime-node');
  } catch (error) {
    if (errorCode(error) === 'ERR_MODULE_NOT_FOUND') return null;
    return refused('ONNX Runtime cannot be loaded', error);
  }
  const session = await ort.InferenceSession.create(modelPath, { intraOpNumThreads: 1, logSeverityLevel: 4 }).catch(
    (error: unknown) => refused('ONNX Runtime refuses the model', error),
  );
  const size = sampleSize(program.input);
  const outputSize = sampleSize(program.output);
  const shape = program.input.shape.slice(1);
  // Where the file fixes a batch, so many samples go in at once; the last batch is filled up with zeros.
  const declared = onnx.inputs[0]?.shape?.[0];
  const batch = typeof declared === 'number' ? declared : 1;
  return {
    name: 'onnxruntime',
    description: `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(),
    run: async (inputs, count) => {
      const outputs = new Float32Array(count * outputSize);
      for (let first = 0; first < count; first += batch) {
        const data = new Float32Array(batch * size);
        data.set(inputs.subarray(first * size, Math.min(first + batch, count) * size));
        const tensor = new ort.Tensor('float32', data, [batch, ...shape]);
        const result = await session.run({ [program.input.name]: tensor });
        const output = result[program.output.name]?.data;
        if (!(output instanceof Float32Array) || output.length !== batch * outputSize) {
          throw new Error(
            `ONNX Runtime gave no float32 output ${program.output.name} of ${batch}x${outputSize} numbers`,
          );
        }
        outputs.set(output.subarray(0, Math.min(batch, count - first) * outputSize), first * outputSize);
      }
      return { outputs };
    },
    close: () => session.release(),
  };
}
