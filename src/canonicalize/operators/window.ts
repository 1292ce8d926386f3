/**
 * Windows of convolutions and pools: explicit pads from auto_pad, output sizes, ceil_mode.
 *
 * Keeps true: pads are [top, left, bottom, right] and what ceil_mode adds is part of them, so that every window of the
 * result starts inside the input and floor arithmetic gives its size.
 */
import { OperatorProblem } from './operator.js';

export interface WindowAttributes {
  readonly auto_pad: string;
  readonly dilations: readonly number[] | null;
  readonly kernel_shape: readonly number[] | null;
  readonly pads: readonly number[] | null;
  readonly strides: readonly number[] | null;
}

export interface PoolAttributes extends WindowAttributes {
  readonly ceil_mode: number;
}

export interface WindowGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
  readonly outputHeight: number;
  readonly outputWidth: number;
}

function pair(
  values: readonly number[] | null,
  what: string,
  fallback: number | null,
  least: number,
): readonly [number, number] {
  if (values === null || values.length === 0) {
    if (fallback === null) throw new OperatorProblem('DYB202', `no ${what}`, what);
    return [fallback, fallback];
  }
  const [a, b] = values;
  if (values.length !== 2 || a === undefined || b === undefined) {
    throw new OperatorProblem('DYB202', `${what} = [${values.join(', ')}]`, 'two numbers: height, width');
  }
  if (!(a >= least && b >= least && a <= 2 ** 20 && b <= 2 ** 20)) {
    throw new OperatorProblem('DYB202', `${what} = [${a}, ${b}]`, `${least} or more`);
  }
  return [a, b];
}

/** A window with floor arithmetic. `shape` is [N, C, H, W]. */
export function resolvePads(attributes: WindowAttributes, shape: readonly number[]): WindowGeometry {
  const kernel = pair(attributes.kernel_shape, 'kernel_shape', null, 1);
  const strides = pair(attributes.strides, 'strides', 1, 1);
  const dilations = pair(attributes.dilations, 'dilations', 1, 1);
  const size = [shape[2]!, shape[3]!] as const;
  const spans = [dilations[0] * (kernel[0] - 1) + 1, dilations[1] * (kernel[1] - 1) + 1] as const;
  const pads = explicitPads(attributes, size, spans, strides);
  const output = (axis: 0 | 1): number => {
    const room = size[axis] + pads[axis] + pads[axis + 2]! - spans[axis];
    if (room < 0) {
      throw new OperatorProblem(
        'DYB205',
        `a window of ${spans[axis]} on ${size[axis]} pixels with pads [${pads.join(', ')}]`,
      );
    }
    return Math.floor(room / strides[axis]) + 1;
  };
  return { kernel, strides, dilations, pads, outputHeight: output(0), outputWidth: output(1) };
}

function explicitPads(
  attributes: WindowAttributes,
  size: readonly [number, number],
  spans: readonly [number, number],
  strides: readonly [number, number],
): readonly [number, number, number, number] {
  const { auto_pad: autoPad, pads } = attributes;
  const given = pads !== null && pads.length > 0;
  switch (autoPad) {
    case 'NOTSET': {
      if (!given) return [0, 0, 0, 0];
      const [top, left, bottom, right] = pads;
      if (pads.length !== 4 || top === undefined || left === undefined || bottom === undefined || right === undefined) {
        throw new OperatorProblem('DYB202', `pads = [${pads.join(', ')}]`, 'four numbers: top, left, bottom, right');
      }
      if (pads.some((p) => !(p >= 0 && p <= 2 ** 20)))
        throw new OperatorProblem('DYB202', `pads = [${pads.join(', ')}]`, '0 or more');
      return [top, left, bottom, right];
    }
    case 'VALID':
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      if (given && pads.some((p) => p !== 0)) {
        throw new OperatorProblem('DYB202', `auto_pad = ${autoPad} beside pads = [${pads.join(', ')}]`, 'one of them');
      }
      if (autoPad === 'VALID') return [0, 0, 0, 0];
      const sum = (axis: 0 | 1): number => {
        const outputs = Math.ceil(size[axis] / strides[axis]);
        return Math.max((outputs - 1) * strides[axis] + spans[axis] - size[axis], 0);
      };
      const split = (total: number): [number, number] => {
        const small = Math.floor(total / 2);
        return autoPad === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
      };
      const [top, bottom] = split(sum(0));
      const [left, right] = split(sum(1));
      return [top, left, bottom, right];
    }
    default:
      throw new OperatorProblem('DYB202', `auto_pad = ${autoPad}`, 'NOTSET, VALID, SAME_UPPER, SAME_LOWER');
  }
}

/** A pool's window: what ceil_mode adds at the bottom and right is returned by `ceilPads` and counted in the output size. */
export function poolGeometry(attributes: PoolAttributes, shape: readonly number[]): WindowGeometry {
  const floor = resolvePads(attributes, shape);
  const [bottom, right] = ceilPads(attributes, shape, floor);
  if (bottom === 0 && right === 0) return floor;
  const [top, left] = floor.pads;
  const pads = [top, left, floor.pads[2] + bottom, floor.pads[3] + right] as const;
  return { ...resolvePads({ ...attributes, auto_pad: 'NOTSET', pads }, shape), pads };
}

/** Rows and columns past the declared padding that the last, incomplete windows of ceil_mode reach over. */
export function ceilPads(
  attributes: PoolAttributes,
  shape: readonly number[],
  floor: WindowGeometry,
): readonly [number, number] {
  if (attributes.ceil_mode === 0 || attributes.auto_pad !== 'NOTSET') return [0, 0];
  const extra = (axis: 0 | 1): number => {
    const size = shape[2 + axis]!;
    const span = floor.dilations[axis] * (floor.kernel[axis] - 1) + 1;
    const stride = floor.strides[axis];
    const room = size + floor.pads[axis] + floor.pads[axis + 2]! - span;
    const outputs = Math.ceil(room / stride) + 1;
    // A last window that starts in the padding is dropped (PyTorch, and ONNX's own shape inference).
    const last = (outputs - 1) * stride >= size + floor.pads[axis] ? outputs - 2 : outputs - 1;
    return Math.max(last * stride - room, 0);
  };
  return [extra(0), extra(1)];
}
