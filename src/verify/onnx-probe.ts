/**
 * The user's own ONNX file, made to show its values between: the same bytes with more outputs declared at the end.
 *
 * A protobuf message may come in parts that are read as one, so nothing in the file is decoded or written anew.
 *
 * Flows in: the file's bytes and the compiled network. Flows out: bytes to run, and which ONNX value is which of ours.
 */
import onnxProto from 'onnx-proto';
import type { BnnGraph, ValueId } from '../bnn/bnn-graph.js';
import { readModel } from '../onnx/raw-model.js';

const { onnx } = onnxProto;

export interface OnnxProbe {
  readonly bytes: Uint8Array;
  /** ONNX's name of each of our values that the file has under that name. */
  readonly names: ReadonlyMap<ValueId, string>;
}

/** `also`: ONNX values that are none of ours and are to be shown too. */
export function probeModel(bytes: Uint8Array, graph: BnnGraph, also: readonly string[] = []): OnnxProbe {
  const raw = readModel(bytes);
  const made = new Set(raw.graph?.nodes.flatMap((n) => n.outputs) ?? []);
  const declared = new Set(raw.graph?.outputs.map((o) => o.name) ?? []);
  const inputs = new Set(raw.graph?.inputs.map((i) => i.name) ?? []);
  const names = new Map<ValueId, string>();
  for (const { id, name } of graph.values) if (made.has(name) || inputs.has(name)) names.set(id, name);
  const added = [...new Set([...names.values(), ...also])].filter((name) => made.has(name) && !declared.has(name));
  const more = onnx.ModelProto.encode(
    onnx.ModelProto.create({ graph: { output: added.map((name) => ({ name })) } }),
  ).finish();
  const joined = new Uint8Array(bytes.length + more.length);
  joined.set(bytes);
  joined.set(more, bytes.length);
  return { bytes: joined, names };
}
