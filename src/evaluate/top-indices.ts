/** The `count` largest entries, the first of equals first. */
export function topIndices(values: Float32Array, count: number): number[] {
  const order = Array.from(values.keys());
  return order.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count);
}
