/**
 * Numpy broadcasting: the shape of the result, and loops over the elements.
 *
 * Keeps true: the loops touch each output element once, in row-major order; neighbouring axes that all operands walk alike
 * are merged first, so that the inner loop is long.
 */
import { OperatorProblem, sizeOf } from './operator.js';

/** Throws OperatorProblem where the shapes do not go together. */
export function broadcastShapes(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length), 0);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((s) => s !== 1) ?? 1;
    if (sizes.some((s) => s !== 1 && s !== size)) {
      throw new OperatorProblem('DYB205', `shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} together`);
    }
    return size;
  });
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** Row-major strides of `shape` seen as `target`; 0 along broadcast axes. */
function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = new Array<number>(target.length).fill(0);
  let step = 1;
  for (let axis = target.length - 1; axis >= 0; axis--) {
    const size = shape[axis - target.length + shape.length] ?? 1;
    if (size !== 1) strides[axis] = step;
    step *= size;
  }
  return strides;
}

/**
 * Calls `row(outputStart, length, starts, steps)` for runs along the innermost merged axis. starts[k] and steps[k] say how
 * operand k is walked.
 */
export function forEachRow(
  target: readonly number[],
  operands: readonly (readonly number[])[],
  row: (outputStart: number, length: number, starts: readonly number[], steps: readonly number[]) => void,
): void {
  if (sizeOf(target) === 0) return;
  const strides = operands.map((shape) => broadcastStrides(shape, target));
  const axes: { size: number; steps: number[] }[] = [];
  target.forEach((size, axis) => {
    if (size === 1) return;
    const steps = strides.map((s) => s[axis]!);
    const outer = axes.at(-1);
    if (outer?.steps.every((step, k) => step === steps[k]! * size)) {
      outer.size *= size;
      outer.steps = steps;
    } else axes.push({ size, steps });
  });
  const inner = axes.pop() ?? { size: 1, steps: strides.map(() => 0) };
  const index = axes.map(() => 0);
  const starts = operands.map(() => 0);
  for (let outputStart = 0; ; outputStart += inner.size) {
    row(outputStart, inner.size, starts, inner.steps);
    let axis = axes.length - 1;
    for (; axis >= 0; axis--) {
      const { size, steps } = axes[axis]!;
      index[axis]! += 1;
      const wrapped = index[axis] === size;
      for (let k = 0; k < starts.length; k++) starts[k]! += wrapped ? steps[k]! * (1 - size) : steps[k]!;
      if (!wrapped) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
