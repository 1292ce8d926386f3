/**
 * What a compiled network is and what it costs, as data: the terminal's table, report.json and the C files' headline print it.
 *
 * Flows in: what the front end made. Flows out: an InspectReport, plain enough for JSON.
 * Keeps true: totals are the sums of the layers; everything is counted from sizes, nothing is measured.
 */
import type { BnnGraph, MapShape } from '../bnn/bnn-graph.js';
import type { Numbers } from '../fixed/numbers.js';
import type { OnnxGraph } from '../onnx/index.js';
import { stepCost, trafficOf } from '../program/cost.js';
import { describeTail, describeWindow } from '../program/describe-step.js';
import type { NumericMode, Program, Step } from '../program/program.js';
import { countParameters, type Parameters } from './count-parameters.js';
import { type DynamicUnit, findDynamicUnits } from './dynamic-units.js';
import { fixedFormat } from './quantity.js';

export interface LayerReport {
  readonly index: number;
  readonly name: string;
  readonly kind: Step['kind'];
  /** "binary conv 3x3, stride 2x2, pads 1 1 1 1" */
  readonly operation: string;
  /** What happens to each value once it is computed: "scale and bias, shortcut, DyPReLU". */
  readonly tail: string;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly binaryMacs: number;
  readonly floatMacs: number;
  /** Of 8 bits with 16. */
  readonly int8Macs: number;
  /** What its values are where they are integers; null: float32, or bits alone. */
  readonly numbers: LayerNumbers | null;
  readonly weightBytes: number;
  /** Bytes of input, output and workspace that the layer reads and writes. */
  readonly trafficBytes: number;
  /** Nodes of the ONNX file that it stands for. */
  readonly origin: readonly string[];
}

export interface LayerNumbers {
  /** "int16 Q5.11": five bits before the point, the sign among them, and eleven behind it. */
  readonly format: string;
  /** Bits behind the point. */
  readonly fraction: number;
  /** The largest of what the layer computes, without its sign: seen in calibration or expected (`ranges`). */
  readonly largest: number | null;
  /** Results that were clipped; null: nothing was run. */
  readonly saturated: number | null;
}

export interface FloatLayer {
  readonly name: string;
  readonly operation: string;
  readonly macs: number;
  readonly reason: string;
}

export interface InspectReport {
  readonly format: 'dybnn-compile report';
  readonly formatVersion: 1;
  readonly model: {
    /** The file's name. */
    readonly file: string;
    /** The graph's own name. */
    readonly name: string;
    readonly producer: string;
    readonly opset: number;
    readonly nodes: number;
  };
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly output: { readonly name: string; readonly shape: readonly number[] };
  readonly numeric: NumericMode;
  /** Where the ranges of integers come from; null where there are none. */
  readonly ranges: {
    readonly source: 'calibrated' | 'estimated';
    /** That were calibrated with. */
    readonly samples: number;
    /** On what was run to see how much is clipped: "2 golden samples"; null: on nothing. */
    readonly ranOn: string | null;
  } | null;
  readonly totals: {
    readonly layers: number;
    readonly binaryMacs: number;
    readonly floatMacs: number;
    readonly int8Macs: number;
    /** Of the float ones, those in the layers that make thresholds and shifts. */
    readonly dynamicMacs: number;
    readonly parameters: Parameters;
    /** All constants of the generated program: packed weights, scales, thresholds, tables. */
    readonly constantBytes: number;
    /** The ONNX file's own float constants, as float32. */
    readonly floatModelBytes: number;
    readonly workspaceBytes: number;
    readonly workspaceLowerBound: number;
  };
  readonly layers: readonly LayerReport[];
  readonly dynamicUnits: readonly DynamicUnit[];
  readonly floatLayers: readonly FloatLayer[];
}

export interface Inspected {
  readonly modelName: string;
  readonly onnx: OnnxGraph;
  readonly bnn: BnnGraph;
  readonly program: Program;
  /** Left out: all is float32. */
  readonly numbers?: Numbers | null;
  /** What a run clipped, by step. */
  readonly saturated?: { readonly counts: ReadonlyMap<string, number>; readonly where: string };
}

export function inspectProgram({ modelName, onnx, bnn, program, numbers = null, saturated }: Inspected): InspectReport {
  const numbersAt = (index: number): LayerNumbers | null => {
    const own = numbers?.steps[index] ?? null;
    const clipped = saturated ? (saturated.counts.get(program.steps[index]!.name) ?? 0) : null;
    return own && { ...own, format: fixedFormat(16, own.fraction), saturated: clipped };
  };
  const layers = program.steps.map((step, index) => layerOf(program, step, index, numbersAt(index)));
  const dynamicUnits = findDynamicUnits(bnn);
  const sum = (f: (layer: LayerReport) => number): number => layers.reduce((total, layer) => total + f(layer), 0);
  return {
    format: 'dybnn-compile report',
    formatVersion: 1,
    model: { file: modelName, name: onnx.name, producer: onnx.producer, opset: onnx.opset, nodes: onnx.nodes.length },
    input: program.input,
    output: program.output,
    numeric: program.numeric,
    ranges: numbers && { source: numbers.source, samples: numbers.samples, ranOn: saturated?.where ?? null },
    totals: {
      layers: layers.length,
      binaryMacs: sum((l) => l.binaryMacs),
      floatMacs: sum((l) => l.floatMacs),
      int8Macs: sum((l) => l.int8Macs),
      dynamicMacs: dynamicMacs(dynamicUnits),
      parameters: countParameters(bnn),
      constantBytes: program.constants.reduce((total, c) => total + c.value.data.byteLength, 0),
      floatModelBytes: 4 * floatElements(onnx),
      workspaceBytes: program.workspaceBytes,
      workspaceLowerBound: program.workspaceLowerBound,
    },
    layers,
    dynamicUnits,
    floatLayers: floatLayersOf(program, bnn, dynamicUnits),
  };
}

function layerOf(program: Program, step: Step, index: number, numbers: LayerNumbers | null): LayerReport {
  const cost = stepCost(program, step);
  const tail = 'tail' in step ? describeTail(step.tail).replace(/^; /, '') : '';
  const { operation, input, output } = describeOperation(step);
  return {
    index,
    name: step.name,
    kind: step.kind,
    operation,
    tail,
    input,
    output,
    binaryMacs: cost.binaryMacs,
    floatMacs: cost.floatMacs,
    int8Macs: cost.int8Macs,
    numbers,
    weightBytes: cost.constantBytes,
    trafficBytes: trafficOf(program, step),
    origin: step.origin,
  };
}

const dims = (s: MapShape): readonly number[] => [s.channels, s.height, s.width];

function describeOperation(step: Step): Pick<LayerReport, 'operation' | 'input' | 'output'> {
  switch (step.kind) {
    case 'binaryConv2d':
      return {
        operation: `binary conv ${describeWindow(step.window)}`,
        input: dims(step.inputShape),
        output: dims(step.tail.shape),
      };
    case 'conv2d': {
      const group = step.group === 1 ? '' : `, group ${step.group}`;
      return {
        operation: `float conv ${describeWindow(step.window)}${group}`,
        input: dims(step.inputShape),
        output: dims(step.tail.shape),
      };
    }
    case 'int8Conv2d':
      return {
        operation: `int8 conv ${describeWindow(step.window)}${step.group === 1 ? '' : `, group ${step.group}`}`,
        input: dims(step.inputShape),
        output: dims(step.tail.shape),
      };
    case 'quantize':
    case 'dequantize':
      return {
        operation: step.kind === 'quantize' ? 'float32 to int16' : 'int16 to float32',
        input: dims(step.shape),
        output: dims(step.shape),
      };
    case 'dense':
      return {
        operation: `dense${step.fn ? `, ${step.fn.kind}` : ''}`,
        input: [step.inputs],
        output: [step.outputs],
      };
    case 'map':
      return { operation: step.fn?.kind ?? 'pass', input: dims(step.tail.shape), output: dims(step.tail.shape) };
    case 'maxPool':
    case 'averagePool':
      return {
        operation: `${step.kind === 'maxPool' ? 'max' : 'average'} pool ${describeWindow(step.window)}`,
        input: dims(step.inputShape),
        output: dims(step.tail.shape),
      };
    case 'globalAveragePool':
      return { operation: 'global average', input: dims(step.shape), output: [step.shape.channels] };
    case 'concat':
      return {
        operation: `concat at channel ${step.offset}`,
        input: dims(step.shape),
        output: [step.outputChannels, step.shape.height, step.shape.width],
      };
    case 'unpack':
      return { operation: 'unpack', input: dims(step.shape), output: dims(step.shape) };
    case 'toChannelsLast':
      return { operation: 'to channels last', input: dims(step.shape), output: dims(step.shape) };
    case 'toChannelsFirst':
      return { operation: 'to channels first', input: dims(step.shape), output: dims(step.shape) };
    case 'softmax':
      return { operation: 'softmax', input: [step.count], output: [step.count] };
  }
}

/** A layer that serves two units is counted once. */
function dynamicMacs(units: readonly DynamicUnit[]): number {
  const macs = new Map(units.flatMap((u) => u.layers).map((l) => [l.name, l.macs]));
  return [...macs.values()].reduce((total, m) => total + m, 0);
}

function floatElements(onnx: OnnxGraph): number {
  const isFloat = (type: string): boolean => type === 'float32' || type === 'float64';
  let count = 0;
  for (const tensor of onnx.constants.values()) if (isFloat(tensor.type)) count += tensor.data.length;
  for (const node of onnx.nodes) {
    const value = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
    if (value?.kind === 'tensor' && isFloat(value.value.type)) count += value.value.data.length;
  }
  return count;
}

function floatLayersOf(program: Program, bnn: BnnGraph, units: readonly DynamicUnit[]): FloatLayer[] {
  const makesThreshold = new Set(units.flatMap((u) => u.layers.map((l) => l.name)));
  const reasons = new Map(bnn.nodes.map((n) => [n.name, n.kind === 'Conv2d' ? n.floatReason : null]));
  return program.steps.flatMap((step): FloatLayer[] => {
    if (step.kind !== 'conv2d' && step.kind !== 'dense') return [];
    if (makesThreshold.has(step.name)) return [];
    const given = step.kind === 'conv2d' ? step.floatReason : (reasons.get(step.name) ?? null);
    return [
      {
        name: step.name,
        operation: describeOperation(step).operation,
        macs: stepCost(program, step).floatMacs,
        reason: given ?? 'its input is real-valued',
      },
    ];
  });
}
