/**
 * Dense layers of an EngineNetwork put together: what reads one vector is one step, and a negated vector is made by negated
 * weights.
 *
 * Flows in and out: an EngineNetwork. Exact: outputs of a dense layer are independent of one another (7.1), and negation is
 * exact (8.1).
 */
import type { DenseOp, DensePart, EngineNetwork, NetworkOp, VectorId } from './network.js';
import { readsOf } from './network.js';

export function simplifyNetwork(network: EngineNetwork): EngineNetwork {
  return dropUnread(mergeDense(network));
}

/** gamma's and zeta's first layers read one mean: together they fill more of the adder's latency. */
function mergeDense(network: EngineNetwork): EngineNetwork {
  const ops: NetworkOp[] = [];
  const firstOver = new Map<string, number>();
  for (const op of network.ops) {
    if (op.kind !== 'dense') {
      ops.push(op);
      continue;
    }
    const key = JSON.stringify([op.input, op.inputs, op.fn]);
    const at = firstOver.get(key);
    if (at === undefined) {
      firstOver.set(key, ops.push(op) - 1);
      continue;
    }
    const first = ops[at] as DenseOp;
    ops[at] = { ...first, parts: [...first.parts, ...op.parts] };
  }
  return { ...network, ops };
}

function dropUnread(network: EngineNetwork): EngineNetwork {
  const read = new Set<VectorId>(network.ops.flatMap((op) => readsOf(op).vectors));
  const wanted = (part: DensePart): boolean => read.has(part.output);
  const ops = network.ops.flatMap((op): NetworkOp[] => {
    if (op.kind !== 'dense') return [op];
    const parts = op.parts.filter(wanted);
    return parts.length === 0 ? [] : [{ ...op, parts }];
  });
  return ops.length === network.ops.length && ops.every((op, i) => op === network.ops[i])
    ? network
    : { ...network, ops };
}
