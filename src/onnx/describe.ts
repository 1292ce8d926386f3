/**
 * How nodes, values and shapes are named in messages. Names come from the file: they are shortened and their control
 * characters escaped, so that a message stays one line whatever the file holds.
 */
import { escapeUnsafe } from '../diagnostics/safe-text.js';
import type { Dimension, OnnxNode, TensorType } from './onnx-graph.js';

const MAX_NAME = 80;

export function displayName(name: string): string {
  const points = [...name.slice(0, 4 * MAX_NAME)];
  const short =
    points.length <= MAX_NAME && name.length <= 4 * MAX_NAME
      ? name
      : `${points.slice(0, MAX_NAME - 20).join('')}… (${name.length} characters)`;
  return escapeUnsafe(short);
}

/** "/layer3/conv1 (Conv, opset 13)" */
export function describeNode(node: Pick<OnnxNode, 'name' | 'opType' | 'domain'>, opset: number): string {
  const where = node.domain === '' ? `opset ${opset}` : `domain ${displayName(node.domain)}`;
  return `${displayName(node.name)} (${displayName(node.opType)}, ${where})`;
}

export function describeShape(shape: readonly Dimension[] | null): string {
  if (shape === null) return 'unknown shape';
  return `[${shape.map((d) => (d === null ? '?' : typeof d === 'string' ? displayName(d) : String(d))).join(', ')}]`;
}

export function describeType(type: TensorType): string {
  return `${type.type} ${describeShape(type.shape)}`;
}

/** "a, b and 3 more" */
export function describeNames(names: readonly string[], limit = 5): string {
  const shown = names.slice(0, limit).map(displayName).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
