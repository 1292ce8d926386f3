/**
 * Names that people recognise and C accepts, from ONNX's node names. "/layer1/layer1.0/conv1/Conv" -> "layer1_0_conv1".
 * For messages, symbols and comments; uniqueness is the caller's.
 */
import type { OnnxNode } from '../onnx/onnx-graph.js';
import { identifier } from '../text/identifier.js';

export function readableName(node: OnnxNode): string {
  const first = node.origin[0] ?? node.name;
  const parts = first
    .slice(0, 400)
    .split('/')
    .filter((p) => p !== '');
  const path = parts.filter((part, i) => !(parts[i + 1]?.startsWith(`${part}.`) ?? false));
  const last = path[path.length - 1];
  const isOperator = last !== undefined && new RegExp(`^${escaped(node.opType)}(_\\d+)?$`, 'i').test(last);
  const useful = isOperator && path.length > 1 ? path.slice(0, -1) : path;
  return identifier(useful.join('_'), node.opType.toLowerCase());
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '\\$&');
}
