/** ONNX Runtime on one input: the meaning of a model according to somebody else. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export async function runOnnx(
  bytes: Uint8Array,
  shape: readonly number[],
  input: Float32Array,
): Promise<{ readonly shape: readonly number[]; readonly data: Float32Array }> {
  const options = { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
  const session = await InferenceSession.create(bytes, options);
  const name = session.inputNames[0]!;
  const result = await session.run({ [name]: new Tensor('float32', input, [...shape]) });
  const output = result[session.outputNames[0]!]!;
  return { shape: output.dims, data: output.data as Float32Array };
}
