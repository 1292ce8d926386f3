/** A step in the words of the report: what it is, the types it works in, its fused parts, what each buffer is to it. */
import { fixedFormat } from '../inspect/quantity.js';
import { describeWindow, shapeText } from '../program/describe-step.js';
import { accessesOf, type BufferRef, type ParamRef, type Step, type Tail } from '../program/program.js';
import type { BufferAccess, FusedPart, NodeKind } from './report-data.js';

export function kindOfStep(step: Step): NodeKind {
  switch (step.kind) {
    case 'binaryConv2d':
      return 'binaryConv';
    case 'conv2d':
      return 'floatConv';
    case 'int8Conv2d':
      return 'floatConv';
    case 'dense':
      return 'dense';
    case 'map':
      return step.fn !== null || step.tail.prelu || step.tail.bits ? 'activation' : 'arithmetic';
    case 'maxPool':
    case 'averagePool':
    case 'globalAveragePool':
      return 'pool';
    case 'softmax':
      return 'activation';
    case 'concat':
      return 'arithmetic';
    case 'unpack':
    case 'quantize':
    case 'dequantize':
    case 'toChannelsLast':
    case 'toChannelsFirst':
      return 'layout';
  }
}

export function titleOfStep(step: Step): string {
  switch (step.kind) {
    case 'binaryConv2d':
      return `Binary conv ${shortWindow(step)}`;
    case 'conv2d': {
      const depthwise = step.group > 1 ? (step.group === step.inputShape.channels ? 'Depthwise' : 'Grouped') : 'Float';
      return `${depthwise} conv ${shortWindow(step)}`;
    }
    case 'int8Conv2d':
      return `Int8 conv ${shortWindow(step)}`;
    case 'quantize':
      return 'To int16';
    case 'dequantize':
      return 'To float32';
    case 'dense':
      return `Dense ${step.inputs} → ${step.outputs}`;
    case 'map': {
      const parts = partsOfStep(step).filter((p) => p.name !== 'Row sums');
      const text = parts.map((p) => p.name).join(', ');
      return text === '' ? 'Pass' : text.charAt(0).toUpperCase() + text.slice(1);
    }
    case 'maxPool':
      return `Max pool ${shortWindow(step)}`;
    case 'averagePool':
      return `Average pool ${shortWindow(step)}`;
    case 'globalAveragePool':
      return 'Global average pool';
    case 'concat':
      return 'Concat';
    case 'unpack':
      return 'Unpack bits';
    case 'toChannelsLast':
      return 'To channels last';
    case 'toChannelsFirst':
      return 'To channels first';
    case 'softmax':
      return 'Softmax';
  }
}

/** "3x3 /2": pads and dilation are in the parts. */
function shortWindow({ window: w }: Extract<Step, { readonly window: unknown }>): string {
  const stride = w.strideHeight === w.strideWidth ? `${w.strideHeight}` : `${w.strideHeight}x${w.strideWidth}`;
  return `${w.kernelHeight}×${w.kernelWidth}${stride === '1' ? '' : ` /${stride}`}`;
}

export function numericOfStep(step: Step): string {
  switch (step.kind) {
    case 'binaryConv2d':
      return `1 bit × 1 bit → int32, exact; then ${numberOfTail(step.tail)}${step.tail.bits ? ' → 1 bit' : ''}`;
    case 'int8Conv2d':
      return `int8 × int16 → int32, exact; then ${numberOfTail(step.tail)}${step.tail.bits ? ' → 1 bit' : ''}`;
    case 'quantize':
      return `float32 → ${fixedFormat(16, step.fraction)}`;
    case 'dequantize':
      return `${fixedFormat(16, step.fraction)} → float32`;
    case 'unpack':
      return '1 bit → float32';
    default: {
      if (!('tail' in step)) return 'float32';
      const number = numberOfTail(step.tail);
      if (!step.tail.bits) return number;
      return step.tail.store === undefined ? `${number} → 1 bit` : `${number} → ${number} and 1 bit`;
    }
  }
}

function numberOfTail({ fixed }: Tail): string {
  return fixed ? fixedFormat(16, fixed.fraction) : 'float32';
}

export function partsOfStep(step: Step): readonly FusedPart[] {
  const own = ownParts(step);
  return 'tail' in step ? [...own, ...partsOfTail(step.tail)] : own;
}

function ownParts(step: Step): readonly FusedPart[] {
  switch (step.kind) {
    case 'quantize':
      return [{ name: 'To int16', detail: `${step.fraction} bits after the point` }];
    case 'dequantize':
      return [{ name: 'To float32', detail: `from ${step.fraction} bits after the point` }];
    case 'binaryConv2d':
      return [{ name: 'Binary conv', detail: `${describeWindow(step.window)}; XNOR and population count` }];
    case 'conv2d':
      return [
        {
          name: 'Float conv',
          detail: `${describeWindow(step.window)}${step.group > 1 ? `, ${step.group} groups` : ''}`,
        },
      ];
    case 'int8Conv2d':
      return [
        {
          name: 'Int8 conv',
          detail: `${describeWindow(step.window)}${step.group > 1 ? `, ${step.group} groups` : ''}; int8 × int16 → int32, exact`,
        },
      ];
    case 'dense':
      return [
        { name: 'Dense', detail: `${step.inputs} inputs, ${step.outputs} outputs` },
        ...(step.fn ? [{ name: step.fn.kind, detail: 'on each output' }] : []),
      ];
    case 'map':
      return step.fn ? [{ name: step.fn.kind, detail: 'on each value' }] : [];
    case 'maxPool':
    case 'averagePool':
      return [
        {
          name: step.kind === 'maxPool' ? 'Max pool' : 'Average pool',
          detail: `${describeWindow(step.window)}${step.kind === 'averagePool' && step.countIncludePad ? ', padding counts' : ''}`,
        },
      ];
    case 'globalAveragePool':
      return [{ name: 'Global average', detail: `of ${shapeText(step.shape)}, from sums of rows` }];
    case 'concat':
      return [{ name: 'Concat', detail: `${step.shape.channels} channels at channel ${step.offset}` }];
    case 'softmax':
      return [{ name: 'Softmax', detail: `over ${step.count} channels` }];
    case 'unpack':
    case 'toChannelsLast':
    case 'toChannelsFirst':
      return [];
  }
}

const made = (p: ParamRef | null): string =>
  p === null ? '0' : p.kind === 'buffer' ? 'made for every input' : 'learned, fixed';

function partsOfTail(tail: Tail): readonly FusedPart[] {
  const parts: FusedPart[] = [];
  const { scale, bias, shortcut, prelu, bits } = tail;
  if (scale !== undefined || bias !== undefined) {
    const name = scale === undefined ? 'bias' : bias === undefined ? 'scale' : 'scale and bias';
    parts.push({ name, detail: `per channel${bias?.kind === 'buffer' ? '; bias made for every input' : ''}` });
  }
  if (shortcut) {
    const pool = shortcut.pool === 2 ? ', 2×2 average' : '';
    const copies = shortcut.channels === tail.shape.channels ? '' : ', repeated';
    parts.push({ name: 'shortcut', detail: `adds ${shortcut.channels} channels${pool}${copies}` });
  }
  if (prelu) {
    const dynamic = prelu.gamma?.kind === 'buffer' || prelu.zeta?.kind === 'buffer';
    const detail = `gamma ${made(prelu.gamma)}; zeta ${made(prelu.zeta)}; x ${sign(prelu.compare)} gamma`;
    parts.push({ name: dynamic ? 'DyPReLU' : 'RPReLU', detail });
  }
  if (tail.rowSums !== undefined) parts.push({ name: 'Row sums', detail: 'for the average that follows' });
  if (bits) {
    const dynamic = bits.threshold.kind === 'buffer';
    const detail = `threshold ${made(bits.threshold)}; +1 where x ${sign(bits.compare)} it`;
    parts.push({ name: dynamic ? 'DySign' : 'RSign', detail });
  }
  return parts;
}

const sign = (compare: 'ge' | 'gt'): string => (compare === 'ge' ? '≥' : '>');

export function accessRoles(step: Step): {
  readonly reads: readonly BufferAccess[];
  readonly writes: readonly BufferAccess[];
} {
  const { reads, writes } = accessesOf(step);
  return {
    reads: reads.map((buffer) => ({ buffer, role: roleOfRead(step, buffer) })),
    writes: writes.map((buffer) => ({ buffer, role: roleOfWrite(step, buffer) })),
  };
}

function roleOfRead(step: Step, ref: BufferRef): string {
  if (!('tail' in step)) return 'input';
  const is = (p: ParamRef | null | undefined): boolean => p?.kind === 'buffer' && p.ref === ref;
  const { bias, shortcut, prelu, bits } = step.tail;
  const roles = [
    step.input === ref && 'input',
    shortcut?.buffer === ref && 'shortcut',
    is(bias) && 'bias',
    is(prelu?.gamma) && 'gamma',
    is(prelu?.zeta) && 'zeta',
    is(bits?.threshold) && 'threshold',
  ].filter((r) => r !== false);
  return roles.join(', ');
}

function roleOfWrite(step: Step, ref: BufferRef): string {
  if (!('tail' in step)) return 'output';
  return step.tail.rowSums === ref ? 'row sums' : step.tail.bits?.buffer === ref ? 'bits' : 'output';
}
