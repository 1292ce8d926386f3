/**
 * Fusion: from the value that a step makes, follow the graph as long as the next node can be part of the same pass, then
 * decide what the pass leaves in memory: the map, sums of its rows for a global average pool, packed bits for a sign.
 *
 * The order within a tail is fixed (scale, bias, shortcut, PReLU, sinks), so what may follow depends on how far the tail has
 * come. A node is taken in only where all else that it reads is in memory already.
 */
import type { AddNode, BnnNode, ConcatNode, RSignNode, ValueId } from '../bnn/bnn-graph.js';
import type { Shortcut, Tail } from '../program/program.js';
import type { LoweringContext } from './lowering-context.js';

type Stage = 'fresh' | 'scaled' | 'added' | 'activated';
const STAGES: readonly Stage[] = ['fresh', 'scaled', 'added', 'activated'];
const before = (a: Stage, b: Stage): boolean => STAGES.indexOf(a) < STAGES.indexOf(b);

export interface TailDraft {
  tail: Omit<Tail, 'shape'>;
  stage: Stage;
  value: ValueId;
  readonly origin: string[];
}

export function startTail(value: ValueId, tail: Omit<Tail, 'shape'> = {}, stage: Stage = 'fresh'): TailDraft {
  return { tail, stage, value, origin: [] };
}

/** Takes `node` into the tail if it fits. `name` prefixes constants. */
export function extendTail(context: LoweringContext, draft: TailDraft, node: BnnNode, name: string): boolean {
  const addition = additionToTail(context, draft, node, name);
  if (!addition) return false;
  const { statistics, ...tail } = draft.tail;
  // They are of the values after scale and bias: another bias makes other values.
  const kept = addition.stage === 'scaled' || statistics === undefined ? {} : { statistics };
  draft.tail = { ...tail, ...kept, ...addition.tail };
  draft.stage = addition.stage;
  draft.value = node.output;
  draft.origin.push(...node.origin);
  context.absorbed.add(node);
  return true;
}

function additionToTail(
  context: LoweringContext,
  draft: TailDraft,
  node: BnnNode,
  name: string,
): { readonly tail: Omit<Tail, 'shape'>; readonly stage: Stage } | null {
  switch (node.kind) {
    case 'ScaleBias': {
      if (draft.stage !== 'fresh' || !context.isReady(node.bias)) return null;
      const scale = node.scale ? { scale: context.constants.addFloats(`${name}_scale`, 'scale', node.scale) } : {};
      const bias = node.bias ? { bias: context.param(node.bias, `${name}_bias`, 'bias') } : {};
      return { tail: { ...scale, ...bias, ...statisticsOf(context, node.output) }, stage: 'scaled' };
    }
    case 'Add': {
      if (!before(draft.stage, 'added') || node.a === node.b) return null;
      const shortcut = readShortcut(context, node, draft.value);
      return shortcut ? { tail: { shortcut }, stage: 'added' } : null;
    }
    case 'RPReLU': {
      if (!before(draft.stage, 'activated') || !context.isReady(node.gamma) || !context.isReady(node.zeta)) return null;
      return {
        tail: {
          prelu: {
            gamma: node.gamma && context.param(node.gamma, `${name}_gamma`, 'gamma'),
            slope: context.constants.addFloats(`${name}_slope`, 'slope (beta)', node.slope),
            zeta: node.zeta && context.param(node.zeta, `${name}_zeta`, 'zeta'),
            compare: node.compare,
          },
        },
        stage: 'activated',
      };
    }
    case 'Activation': {
      // relu(x) = x > 0 ? x : +0 is PReLU with slope 0 whose -0 an added +0 makes +0 (clauses 5.2, 9.1).
      if (node.fn.kind !== 'relu' || !before(draft.stage, 'activated')) return null;
      const zeros = context.constants.addFloats('zeros', 'zeros', new Float64Array(context.shapeOf(node.x).channels));
      return {
        tail: { prelu: { gamma: null, slope: zeros, zeta: { kind: 'constant', ref: zeros }, compare: 'gt' } },
        stage: 'activated',
      };
    }
    default:
      return null;
  }
}

/** What is known of a value that is a tail's after scale and bias. */
export function statisticsOf(context: LoweringContext, value: ValueId): Pick<Tail, 'statistics'> {
  const { statistics } = context.index.value(value);
  return statistics ? { statistics } : {};
}

/** The other operand of an addition as a shortcut, where it is in memory or costs nothing to read from there. */
function readShortcut(context: LoweringContext, add: AddNode, value: ValueId): Shortcut | null {
  const other = add.a === value ? add.b : add.a;
  const source = shortcutSource(context, add, other);
  const buffer = context.real.get(source.value);
  if (buffer === undefined) return null;
  return { buffer, channels: context.shapeOf(source.value).channels, pool: source.pool };
}

/** Looks through an average pool of 2x2, or a concatenation of one map with itself, that only this addition reads. */
function shortcutSource(
  context: LoweringContext,
  add: AddNode,
  other: ValueId,
): { readonly value: ValueId; readonly pool: 1 | 2 } {
  const node = context.index.producer.get(other);
  if (node && isFreeShortcut(context, node, add)) {
    return node.kind === 'AveragePool' ? { value: node.x, pool: 2 } : { value: (node as ConcatNode).xs[0]!, pool: 1 };
  }
  return { value: other, pool: 1 };
}

/** Whether `node` need not be a step: the addition that reads it can read its input instead. */
export function isFreeShortcut(context: LoweringContext, node: BnnNode, add: BnnNode | null): boolean {
  const user = add ?? context.index.soleUser(node.output);
  if (user?.kind !== 'Add' || context.index.soleUser(node.output) !== user) return false;
  const other = user.a === node.output ? user.b : user.a;
  const conv = context.index.producer.get(other);
  if (conv?.kind !== 'BinaryConv2d' || context.index.soleUser(other) !== user) return false;
  if (node.kind === 'Concat') return node.xs.every((x) => x === node.xs[0]);
  if (node.kind !== 'AveragePool') return false;
  const w = node.window;
  const exact = w.kernelHeight === 2 && w.kernelWidth === 2 && w.strideHeight === 2 && w.strideWidth === 2;
  const noPads = w.padTop === 0 && w.padLeft === 0 && w.padBottom === 0 && w.padRight === 0;
  const input = context.shapeOf(node.x);
  const output = context.shapeOf(node.output);
  return exact && noPads && 2 * output.height <= input.height && 2 * output.width <= input.width;
}

/** Follows sole users into the tail, then decides the sinks. */
export function closeTail(context: LoweringContext, draft: TailDraft, name: string): Tail {
  for (;;) {
    const next = context.index.soleUser(draft.value);
    if (!next || !extendTail(context, draft, next, name)) break;
  }
  return { shape: context.shapeOf(draft.value), ...draft.tail, ...sinks(context, draft, name) };
}

function sinks(context: LoweringContext, draft: TailDraft, name: string): Pick<Tail, 'store' | 'rowSums' | 'bits'> {
  const users = context.index.users.get(draft.value) ?? [];
  const sign = users.find((u): u is RSignNode => u.kind === 'RSign' && context.isReady(u.threshold));
  const sums = users.some((u) => u.kind === 'GlobalAveragePool');
  const needsMap =
    draft.value === context.graph.output || users.some((u) => u !== sign && u.kind !== 'GlobalAveragePool');
  return {
    ...(needsMap ? { store: context.realBuffer(draft.value, name) } : {}),
    ...(sums ? { rowSums: context.rowSumsBuffer(draft.value, `${name}_row_sums`) } : {}),
    ...(sign ? { bits: signSink(context, sign, draft) } : {}),
  };
}

export function signSink(context: LoweringContext, sign: RSignNode, draft: TailDraft): NonNullable<Tail['bits']> {
  context.absorbed.add(sign);
  draft.origin.push(...sign.origin);
  const threshold = sign.threshold ?? {
    kind: 'static',
    values: new Float64Array(context.shapeOf(sign.x).channels),
  };
  return {
    threshold: context.param(threshold, `${sign.name}_threshold`, 'threshold (alpha)'),
    compare: sign.compare,
    buffer: context.bitsBuffer(sign.output, `${sign.name}_bits`),
  };
}
