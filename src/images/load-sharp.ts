/**
 * The picture decoder: sharp (libvips), an optional dependency. Everything but pictures works without it.
 *
 * Why sharp: one maintained library for PNG, JPEG and WebP with palettes, alpha, 16 bits, CMYK, colour profiles, EXIF
 * orientation and resampling. The decoders written in JavaScript (pngjs, jpeg-js) have had no release for years, know no WebP,
 * and would leave orientation, CMYK and resampling to us.
 */
import type { SharpConstructor } from 'sharp';
import { fail } from '../diagnostics/diagnostic.js';

export async function loadSharp(forFile: string): Promise<SharpConstructor> {
  try {
    const { default: sharp } = await import('sharp');
    // One picture at a time here; the callers run several.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  } catch {
    return fail('DYB009', {
      node: forFile,
      title: 'no picture decoder',
      found: 'the package sharp is not installed, or not for this platform',
      hint: 'npm install sharp, or give the pixels as .npy',
    });
  }
}
