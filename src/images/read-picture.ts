/**
 * A PNG, JPEG or WebP file to one sample of a model.
 *
 * Flows in: the file's bytes and the model's input shape. Flows out: float32, channels first.
 * Handled: grey and colour (converted to what the model takes), palettes, 16 bits (kept), EXIF orientation (applied), CMYK
 * and colour profiles (to sRGB), alpha (dropped, as Pillow does). Anything else is DYB009.
 */
import type { Sharp, SharpConstructor } from 'sharp';
import { DiagnosticError, fail } from '../diagnostics/diagnostic.js';
import type { DeclaredArray } from '../program/program.js';
import { loadSharp } from './load-sharp.js';
import { centreCrop, normalize, type Pixels, type Preprocessing, resizedSize, toGrey } from './preprocessing.js';

export const PICTURE_NAME = /\.(png|jpe?g|webp)$/i;

/** Decoded pixels at most; a small file can claim to hold far more than memory. */
const MAX_PIXELS = 2 ** 27;

export async function readPicture(
  bytes: Uint8Array,
  name: string,
  declared: DeclaredArray,
  preprocessing: Preprocessing,
): Promise<Float32Array> {
  const { channels, height, width } = pictureShape(declared, name);
  if (pictureKind(bytes) === null) {
    fail('DYB009', { node: name, found: 'neither PNG, JPEG nor WebP', supported: 'PNG, JPEG, WebP' });
  }
  const sharp = await loadSharp(name);
  let pixels: Pixels;
  try {
    pixels = await decode(sharp, bytes, name, { width, height }, preprocessing.resize);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    const found = error instanceof Error ? error.message : 'no reason given';
    return fail('DYB009', { node: name, found, hint: 'convert it to an 8-bit RGB or grey PNG' });
  }
  return normalize(channels === 1 ? toGrey(pixels) : pixels, channels, preprocessing);
}

/** Throws where the model does not take pictures. */
export function pictureShape(
  declared: DeclaredArray,
  name: string,
): { channels: number; height: number; width: number } {
  const [, channels = 0, height = 0, width = 0] = declared.shape;
  if (declared.shape.length !== 4 || (channels !== 1 && channels !== 3)) {
    fail('DYB003', {
      node: name,
      found: `a picture for the input [${['N', ...declared.shape.slice(1)].join(', ')}]`,
      supported: 'pictures where the input is [N, 1 or 3, height, width]',
      hint: 'give the data as .npy',
    });
  }
  return { channels, height, width };
}

function pictureKind(bytes: Uint8Array): 'png' | 'jpeg' | 'webp' | null {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'webp' : null;
}

async function decode(
  sharp: SharpConstructor,
  bytes: Uint8Array,
  name: string,
  size: { readonly width: number; readonly height: number },
  resize: number | null,
): Promise<Pixels> {
  const source = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, autoOrient: true });
  const meta = await source.metadata();
  const { width, height } = meta.autoOrient;
  const deep = meta.depth === 'ushort';
  const grey = meta.space === 'b-w' || meta.space === 'grey16';
  const picture = fitted(source, name, { width, height }, size, resize);
  const space = grey ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb';
  const { data, info } = await picture
    .removeAlpha()
    .toColourspace(space)
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    data: deep ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)) : data,
    width: info.width,
    height: info.height,
    channels: info.channels,
    maximum: deep ? 65535 : 255,
  };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In the model's size: as it is where that fits, scaled and cut where that is asked for; else DYB003. */
export function fitted(picture: Sharp, name: string, from: Size, to: Size, resize: number | null): Sharp {
  checkSize(name, from, to, resize);
  if (resize === null) return picture;
  const scaled = resizedSize(from.width, from.height, resize);
  return picture
    .resize({ ...scaled, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .extract(centreCrop(scaled.width, scaled.height, to));
}

export function checkSize(name: string, from: Size, to: Size, resize: number | null): void {
  const least = Math.max(to.width, to.height);
  if (resize !== null && resize < least) {
    fail('DYB003', {
      node: name,
      found: `--resize ${resize}`,
      supported: `${least} or more: the model takes ${to.width}x${to.height}`,
      hint: `--resize ${least}`,
    });
  }
  if (resize === null && (from.width !== to.width || from.height !== to.height)) {
    fail('DYB003', {
      node: name,
      found: `a picture of ${from.width}x${from.height}`,
      supported: `${to.width}x${to.height}`,
      hint: `--resize ${least} scales the shorter side and cuts out the middle`,
    });
  }
}
