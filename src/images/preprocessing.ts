/**
 * Pixels to numbers, as PyTorch's usual transforms do it: scaled to 0..1, minus the mean, over the deviation, each operation
 * rounded to float32 (torchvision's ToTensor and Normalize give the same bits).
 */
export interface Preprocessing {
  /** The shorter side becomes this long, then the middle is cut out in the model's size. Null: the sizes must match. */
  readonly resize: number | null;
  /** Per channel of the model. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Channels last, 0..maximum. */
export interface Pixels {
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly maximum: 255 | 65535;
}

/** To float32, channels first; one channel of pixels serves all of the model's. */
export function normalize(pixels: Pixels, channels: number, { mean, std }: Preprocessing): Float32Array {
  const { data, width, height, maximum } = pixels;
  const area = width * height;
  const output = new Float32Array(channels * area);
  for (let c = 0; c < channels; c++) {
    const from = pixels.channels === 1 ? 0 : c;
    const m = Math.fround(mean[c]!);
    const s = Math.fround(std[c]!);
    for (let i = 0; i < area; i++) {
      const scaled = Math.fround(data[i * pixels.channels + from]! / maximum);
      output[c * area + i] = Math.fround(scaled - m) / s;
    }
  }
  return output;
}

/** ITU-R 601 luma, with Pillow's rounding: what `convert('L')` gives. */
export function toGrey(pixels: Pixels): Pixels {
  if (pixels.channels === 1) return pixels;
  const { data, channels } = pixels;
  const grey = new (pixels.maximum === 255 ? Uint8Array : Uint16Array)(pixels.width * pixels.height);
  for (let i = 0; i < grey.length; i++) {
    const p = i * channels;
    grey[i] = Math.floor((data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) / 65536);
  }
  return { ...pixels, data: grey, channels: 1 };
}

export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** torchvision's Resize(shorter): the other side in proportion, rounded down. */
export function resizedSize(
  width: number,
  height: number,
  shorter: number,
): { readonly width: number; readonly height: number } {
  return width <= height
    ? { width: shorter, height: Math.floor((shorter * height) / width) }
    : { width: Math.floor((shorter * width) / height), height: shorter };
}

/** torchvision's CenterCrop: halves go to the even side. */
export function centreCrop(
  width: number,
  height: number,
  to: { readonly width: number; readonly height: number },
): Crop {
  const half = (space: number): number => {
    const low = Math.floor(space / 2);
    return space % 2 === 0 || low % 2 === 0 ? low : low + 1;
  };
  return { left: half(width - to.width), top: half(height - to.height), width: to.width, height: to.height };
}
