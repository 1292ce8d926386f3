/** ONNX Runtime on the same file, where the package onnxruntime-node is installed. */
import { sampleSize } from '../../arrays/samples.js';
import { fail } from '../../diagnostics/diagnostic.js';
import type { Program } from '../../program/program.js';
import type { Engine } from '../engine.js';

/** Null: the package is not installed. */
export async function openOnnxRuntimeEngine(modelPath: string, program: Program): Promise<Engine | null> {
  let ort: typeof import('onnxruntime-node');
  try {
    ort = await import('onnxruntime-node');
  } catch {
    return null;
  }
  let session: Awaited<ReturnType<typeof ort.InferenceSession.create>>;
  try {
    session = await ort.InferenceSession.create(modelPath, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return fail('DYB501', {
      node: modelPath,
      title: 'ONNX Runtime refuses the model',
      found,
      hint: 'run the other engines: --engine c,simulator',
    });
  }
  const size = sampleSize(program.input);
  const outputSize = sampleSize(program.output);
  return {
    name: 'onnxruntime',
    description: `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(),
    run: async (inputs, count) => {
      const outputs = new Float32Array(count * outputSize);
      for (let s = 0; s < count; s++) {
        const tensor = new ort.Tensor('float32', inputs.slice(s * size, (s + 1) * size), [
          1,
          ...program.input.shape.slice(1),
        ]);
        const result = await session.run({ [program.input.name]: tensor });
        const output = result[program.output.name];
        if (!(output?.data instanceof Float32Array) || output.data.length !== outputSize) {
          throw new Error(`ONNX Runtime gave no float32 output ${program.output.name} of ${outputSize} numbers`);
        }
        outputs.set(output.data, s * outputSize);
      }
      return outputs;
    },
    close: () => session.release(),
  };
}
