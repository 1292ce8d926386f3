/** Something that runs the network on a batch. */
export const ENGINE_NAMES = ['c', 'simulator', 'onnxruntime'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface Engine {
  readonly name: EngineName;
  /** How it was made, for the report: "gcc 12.2.0, avx512 kernels". */
  readonly description: string;
  /** Whole samples, one after another, to their outputs in the same order. May be called again before it is done. */
  readonly run: (inputs: Float32Array, count: number) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** Engines that promise the same bits; ONNX Runtime cannot (see CONTRACT.md). */
export function isBitExact(name: EngineName): boolean {
  return name !== 'onnxruntime';
}
