/**
 * onnxruntime-node where it is installed. It is no dependency of the package: compiling needs it nowhere.
 *
 * Flows in: a model's bytes and its input's shape. Flows out: a session for verify, with graph optimizations off, so that the
 * values between are those that the file describes.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OnnxGraph } from '../onnx/index.js';
import { type Engine, type OnnxRuntimeEngine, OnnxRuntimeError } from '../verify/verify-model.js';
import { temporaryFolder } from './temporary-folder.js';

export interface RuntimeOptions {
  /** For external data: the folder that the model lies in, and the files that it names there. */
  readonly folder: string;
  readonly externalFiles: readonly string[];
  readonly onnx: OnnxGraph;
}

export async function findOnnxRuntime(options: RuntimeOptions): Promise<Engine<OnnxRuntimeEngine>> {
  let ort: typeof import('onnxruntime-node');
  try {
    ort = await import('onnxruntime-node');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : `cannot be loaded: ${words(error)}`;
    return { absent: `onnxruntime-node ${why}` };
  }
  const version = versionOf();
  return {
    version,
    open: async (bytes) => {
      const { path: folder, remove } = temporaryFolder('verify');
      try {
        const path = join(folder, 'model.onnx');
        writeFileSync(path, bytes);
        for (const name of options.externalFiles) {
          mkdirSync(dirname(join(folder, name)), { recursive: true });
          cpSync(join(options.folder, name), join(folder, name));
        }
        const session = await refusing(() =>
          ort.InferenceSession.create(path, {
            graphOptimizationLevel: 'disabled',
            logSeverityLevel: 4,
            intraOpNumThreads: 1,
          }),
        );
        return {
          run: (input, names) => runOnce(ort, session, options.onnx, input, names),
          close: () => session.release(),
        };
      } finally {
        remove();
      }
    },
  };
}

async function runOnce(
  ort: typeof import('onnxruntime-node'),
  session: import('onnxruntime-node').InferenceSession,
  onnx: OnnxGraph,
  input: Float32Array,
  names: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const declared = onnx.inputs[0]!;
  const rest = (declared.shape ?? []).slice(1).map(Number);
  const known = rest.reduce((product, d) => product * d, 1);
  const batch = typeof declared.shape?.[0] === 'number' ? declared.shape[0] : 1;
  // A batch that the file fixes is filled with copies of the one sample.
  const data = new Float32Array(batch * input.length);
  for (let i = 0; i < batch; i++) data.set(input, i * input.length);
  const shape = known === input.length ? [batch, ...rest] : [batch, input.length];
  const fetched = names.filter((name) => session.outputNames.includes(name));
  const results = await refusing(() =>
    session.run({ [declared.name]: new ort.Tensor('float32', data, shape) }, fetched),
  );
  const values = new Map<string, Float32Array>([[declared.name, input]]);
  for (const name of fetched) {
    const tensor = results[name];
    if (!tensor || !(tensor.data instanceof Float32Array)) continue;
    values.set(name, tensor.data.subarray(0, tensor.data.length / batch));
  }
  return values;
}

async function refusing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new OnnxRuntimeError(`ONNX Runtime refuses the model: ${words(error)}`);
  }
}

const words = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);

function versionOf(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version?: unknown };
  return typeof version === 'string' ? version : 'of unknown version';
}
