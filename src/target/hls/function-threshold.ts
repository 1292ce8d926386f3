/**
 * A function between an int16 map and a sign (`sign(clip(x))`): it does not fall, so the sign is a threshold on the map's own
 * integers, found with the contract's function itself.
 *
 * Flows in: the function (clause 9), thresholds, the comparison (3.1), the map's fraction. Flows out: int16 thresholds for
 * `q >= threshold`; null where the function falls somewhere, or where no int16 says "never".
 */
import type { Compare, PointFunction } from '../../bnn/bnn-graph.js';
import { INT16_MAX, INT16_MIN } from '../../contract/fixed.js';
import { pointFunction } from '../../contract/functions.js';

const NEVER_FALLS: readonly PointFunction['kind'][] = ['relu', 'clip', 'hardSigmoid'];

export function functionThresholds(
  fn: PointFunction,
  alphas: ArrayLike<number>,
  compare: Compare,
  fraction: number,
): Int16Array | null {
  if (!NEVER_FALLS.includes(fn.kind) || (fn.kind === 'hardSigmoid' && fn.alpha < 0)) return null;
  const f = pointFunction(fn);
  const made = new Int16Array(alphas.length);
  for (let c = 0; c < alphas.length; c++) {
    const alpha = alphas[c]!;
    const holds = (q: number): boolean => {
      const y = f(q * 2 ** -fraction);
      return compare === 'gt' ? y > alpha : y >= alpha;
    };
    if (!holds(INT16_MAX)) return null;
    let below = INT16_MIN - 1;
    let above = INT16_MAX;
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (holds(middle)) above = middle;
      else below = middle;
    }
    made[c] = above;
  }
  return made;
}
