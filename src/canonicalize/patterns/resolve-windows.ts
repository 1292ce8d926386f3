/**
 *     Conv<auto_pad, ...> | AveragePool<ceil_mode, ...> | MaxPool<...>    becomes    the same with explicit pads and nothing implied
 *
 * Exporter: TensorFlow's write auto_pad, PyTorch's ceil_mode.
 *
 * What ceil_mode adds is padding that is never counted: for MaxPool and for AveragePool without count_include_pad it becomes
 * plain pads. With count_include_pad it would be counted, so the node stays and is refused.
 */
import { isOp } from '../graph-view.js';
import { averagePoolAttributes, convAttributes, maxPoolAttributes } from '../operators/network.js';
import { ceilPads, poolGeometry, resolvePads, type WindowGeometry } from '../operators/window.js';
import { readCall } from '../read-call.js';
import type { DraftAttributes, Rule } from '../rewrite.js';

export const resolveWindows: Rule = {
  name: 'resolve windows',
  roots: ['Conv', 'AveragePool', 'MaxPool'],
  apply(node, view, draft) {
    const window = (geometry: WindowGeometry): DraftAttributes => ({
      kernel_shape: [...geometry.kernel],
      strides: [...geometry.strides],
      dilations: [...geometry.dilations],
      pads: [...geometry.pads],
    });
    const same = (wanted: DraftAttributes): boolean =>
      node.attributes.size === Object.keys(wanted).length &&
      Object.entries(wanted).every(([name, value]) => {
        const attribute = node.attributes.get(name);
        return JSON.stringify(attribute?.kind === 'unsupported' ? null : attribute?.value) === JSON.stringify(value);
      });
    const replaced = (wanted: DraftAttributes): string | null =>
      same(wanted) ? null : draft.node(node.opType, node.inputs, wanted);

    if (isOp(node, 'Conv')) {
      const { attributes, types } = readCall(node, convAttributes, view);
      const kernel = types[1]!.shape.slice(2);
      const geometry = resolvePads({ ...attributes, kernel_shape: kernel }, types[0]!.shape);
      return replaced({ ...window(geometry), group: attributes.group });
    }
    if (isOp(node, 'MaxPool')) {
      if (node.outputs.length > 1 && node.outputs[1] !== '' && view.uses(node.outputs[1]!) > 0) return null;
      const { attributes, types } = readCall(node, maxPoolAttributes, view);
      return replaced(window(poolGeometry(attributes, types[0]!.shape)));
    }
    const { attributes, types } = readCall(node, averagePoolAttributes, view);
    const shape = types[0]!.shape;
    const geometry = poolGeometry(attributes, shape);
    const padded = geometry.pads.some((p) => p > 0);
    const extra = ceilPads(attributes, shape, resolvePads(attributes, shape));
    if (attributes.count_include_pad !== 0 && extra.some((p) => p > 0)) return null;
    return replaced({ ...window(geometry), count_include_pad: padded && attributes.count_include_pad !== 0 ? 1 : 0 });
  },
};
