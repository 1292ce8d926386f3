/** What a step leaves that the Program's simulator has as well: a test bench compares it bit for bit. */
import type { BufferRef } from '../../program/program.js';
import type { HardwareNames } from './hardware-names.js';
import { type EngineNetwork, hasTail, paramsOf } from './network.js';
import type { LaidOut } from './plan-engine.js';
import { channelWords, sizesOf } from './sizes.js';
import type { Trace } from './types.js';

export function tracesOf(
  { network, config, placement, steps, order }: LaidOut,
  names: HardwareNames,
): readonly Trace[] {
  const { lanes } = sizesOf(config);
  return steps.flatMap((step, at): Trace[] => {
    const op = network.ops[step.op]!;
    const pictures = step.picture === null ? Array.from({ length: order.pictures }, (_, p) => p) : [step.picture];
    return pictures.flatMap((picture): Trace[] => {
      const base = { step: at, picture };
      const vector = (v: number): Trace[] => {
        const { buffer, name, length } = network.vectors[v]!;
        if (buffer === null) return [];
        const address = placement.vectors.address(v, picture);
        const shape = { channels: length, height: 1, width: 1 };
        return [{ ...base, kind: 'vector', buffer, name, shape, address }];
      };
      switch (step.kind) {
        case 'PARAMETER': {
          if (!hasTail(op)) return [];
          const slot = step.fields.slot!;
          const found = paramsOf(op.tail).find(
            ({ param, slot: name }) => param.kind === 'vector' && param.buffer !== null && names.value(name) === slot,
          );
          if (found?.param.kind !== 'vector' || found.param.buffer === null) return [];
          const shape = { channels: op.tail.shape.channels, height: 1, width: 1 };
          return [{ ...base, kind: 'parameter', buffer: found.param.buffer, name: step.name, shape, slot }];
        }
        case 'MEAN':
        case 'INT8_DENSE':
          return op.kind === 'mean' || op.kind === 'int8Dense' ? vector(op.output) : [];
        case 'DENSE':
          return op.kind === 'dense' ? op.parts.flatMap((p) => vector(p.output)) : [];
        default:
      }
      if (!hasTail(op)) return [];
      const { tail } = op;
      const made: Trace[] = [];
      const stored = tail.store && network.maps[tail.store.map]!;
      if (stored && stored.buffer !== null && lastWriter(network, op, stored.buffer)) {
        const place = placement.maps.place(tail.store!.map, picture);
        const pixelWords = channelWords(stored.shape.channels, lanes);
        const { buffer, name, shape } = stored;
        made.push({ ...base, kind: 'map', buffer, name, shape, place, pixelWords });
      }
      if (tail.bits !== null) {
        const { buffer, name, shape } = network.bits[tail.bits]!;
        const address = placement.bits.address(tail.bits, picture);
        if (buffer !== null) made.push({ ...base, kind: 'bits', buffer, name, shape, address });
      }
      if (tail.sums && tail.sums.buffer !== null) {
        made.push({ ...base, kind: 'sums', buffer: tail.sums.buffer, name: `${op.name} sums`, shape: tail.shape });
      }
      return made;
    });
  });
}

/** A concatenation is whole after its last part. */
function lastWriter(network: EngineNetwork, op: object, buffer: BufferRef): boolean {
  const writers = network.ops.filter(
    (o) => hasTail(o) && o.tail.store !== null && network.maps[o.tail.store.map]!.buffer === buffer,
  );
  return writers.at(-1) === op;
}
