/** What no parameter of the engine changes (hw/hls/README.md, "What the compiler must see to"). */
export interface EngineLimits {
  readonly poolPixels: number;
  readonly poolPixelsExcludingPad: number;
}

export const ENGINE_LIMITS: EngineLimits = { poolPixels: 2048, poolPixelsExcludingPad: 64 };
