/** ONNX Runtime's sessions for one network: float32 with one and two threads, and the int8 copy. */
import type { Program } from '../src/program/program.js';
import { RuntimeSession } from './onnx-runtime.js';
import { modelForRanges, quantizeModel } from './quantize.js';
import type { Contender } from './rounds.js';
import { medianOf } from './statistics.js';

export type Opponent = Contender & { readonly session: RuntimeSession };

type Make = (id: string, label: string, model: Uint8Array, threads: number) => Promise<Opponent>;

export async function openOpponents(
  model: Uint8Array,
  sample: Float32Array,
  { input }: Program,
  withInt8: boolean,
): Promise<readonly Opponent[]> {
  const make: Make = async (id, label, bytes, threads) => {
    const session = await RuntimeSession.open(bytes, sample, input.shape, threads);
    return { id, label, threads, session, batch: async (runs) => medianOf(await session.time(runs)) };
  };
  const opponents: Opponent[] = [];
  for (const threads of [1, 2]) opponents.push(await make(`ort-${threads}`, 'ONNX Runtime float32', model, threads));
  if (withInt8) opponents.push(await fasterInt8(model, sample, input, make));
  return opponents;
}

/** Which of the two kinds of int8 activations is faster depends on the processor: the faster one competes. */
async function fasterInt8(
  model: Uint8Array,
  sample: Float32Array,
  input: Program['input'],
  make: Make,
): Promise<Opponent> {
  const watcher = await RuntimeSession.open(modelForRanges(model), sample, input.shape, 1);
  const ranges = new Map(await watcher.ranges());
  ranges.set(
    input.name,
    sample.reduce((most, v) => Math.max(most, Math.abs(v)), 0),
  );
  await watcher.close();
  const int8 = await make('ort-int8-1', 'ONNX Runtime int8', quantizeModel(model, ranges, 'int8'), 1);
  const uint8 = await make('ort-int8-1', 'ONNX Runtime int8', quantizeModel(model, ranges, 'uint8'), 1);
  const signedWins = (await int8.batch(7)) <= (await uint8.batch(7));
  await (signedWins ? uint8 : int8).session.close();
  return signedWins ? int8 : uint8;
}
