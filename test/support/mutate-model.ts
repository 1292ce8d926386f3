/**
 * Damaged models for the fuzzer, all from one random source: bytes that change, and models that are well-formed protobuf and make
 * no sense. The second kind gets further.
 */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
type Random = () => number;
type Model = onnxProto.onnx.ModelProto;

const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.15) return mutateBytes(bytes, random);
  const model = onnx.ModelProto.decode(bytes);
  const steps = 1 + below(random, 3);
  for (let i = 0; i < steps; i++) pick(random, STEPS)(model, random);
  const made = new Uint8Array(onnx.ModelProto.encode(model).finish());
  return random() < 0.1 ? mutateBytes(made, random) : made;
}

function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const result = Uint8Array.from(bytes);
  const how = below(random, 5);
  if (how === 0) return result.subarray(0, below(random, result.length));
  if (how === 1) {
    const [from, to] = [below(random, result.length), below(random, result.length)];
    return Uint8Array.from([...result.subarray(0, Math.max(from, to)), ...result.subarray(Math.min(from, to))]);
  }
  for (let i = 1 + below(random, 8); i > 0; i--) {
    const at = below(random, Math.min(result.length, how === 2 ? 200 : result.length));
    result[at] = how === 3 ? pick(random, [0, 1, 127, 128, 255]) : below(random, 256);
  }
  return result;
}

/** Operators that take part, known and unknown. */
const OPERATORS = [
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'Abs',
  'Sign',
  'Relu',
  'PRelu',
  'LeakyRelu',
  'Sigmoid',
  'HardSigmoid',
  'HardSwish',
  'Swish',
  'Clip',
  'Where',
  'Greater',
  'Less',
  'GreaterOrEqual',
  'LessOrEqual',
  'Equal',
  'Not',
  'Cast',
  'CastLike',
  'Identity',
  'Dropout',
  'Max',
  'Min',
  'Sum',
  'Pow',
  'Mod',
  'Sqrt',
  'Exp',
  'Log',
  'Reciprocal',
  'ReduceMean',
  'ReduceSum',
  'ReduceProd',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Shape',
  'Size',
  'Gather',
  'Concat',
  'Slice',
  'Split',
  'Expand',
  'Tile',
  'ConstantOfShape',
  'Range',
  'Pad',
  'Conv',
  'Gemm',
  'MatMul',
  'BatchNormalization',
  'GlobalAveragePool',
  'AveragePool',
  'MaxPool',
  'Softmax',
  'If',
  'QuantizeLinear',
  'Erf',
  '',
  '__proto__',
];
const ATTRIBUTES = [
  'axis',
  'axes',
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'group',
  'auto_pad',
  'ceil_mode',
  'count_include_pad',
  'alpha',
  'beta',
  'epsilon',
  'transA',
  'transB',
  'to',
  'keepdims',
  'perm',
  'mode',
  'value',
  'split',
  'training_mode',
  'min',
  'max',
  'starts',
  'ends',
  '__proto__',
];
const NUMBERS = [0, 1, -1, 2, 3, 4, 7, -2, 16, 255, 65536, 2147483647, -2147483648, 2 ** 40, 2 ** 53, -(2 ** 53)];
const NAMES = [
  '',
  '__proto__',
  'constructor',
  'x',
  'input',
  'a"b',
  '../../etc',
  'line\nbreak',
  '🙂',
  'int',
  'x'.repeat(5000),
];

/** Lists of a decoded message that was encoded without the field belong to the prototype: they are replaced before they grow. */
const STEPS: readonly ((model: Model, random: Random) => void)[] = [
  (m, r) => {
    const node = pick(r, nodes(m));
    if (node) node.opType = pick(r, OPERATORS);
  },
  (m, r) => {
    const at = below(r, nodes(m).length);
    const node = nodes(m)[at];
    if (node) node.input = (node.input ?? []).map((name) => (r() < 0.5 ? earlierValue(m, at, r) : name));
  },
  (m, r) => {
    const at = below(r, nodes(m).length);
    const node = nodes(m)[at];
    if (node) node.input = [...(node.input ?? []), earlierValue(m, at, r)];
  },
  (m, r) => {
    const node = pick(r, nodes(m));
    if (node) node.input = (node.input ?? []).slice(0, -1);
  },
  (m, r) => {
    const node = pick(r, nodes(m));
    if (node) node.output = [r() < 0.5 ? anyValue(m, r) : pick(r, NAMES), ...(node.output ?? []).slice(1)];
  },
  (m, r) => {
    const list = nodes(m);
    list.splice(below(r, list.length + 1), 0, {
      opType: pick(r, OPERATORS),
      name: pick(r, NAMES),
      input: Array.from({ length: below(r, 4) }, () => anyValue(m, r)),
      output: [`fuzz${below(r, 1000)}`],
      attribute: r() < 0.5 ? [anyAttribute(r)] : [],
    });
  },
  (m, r) => {
    const list = nodes(m);
    list.splice(below(r, list.length), 1);
  },
  (m, r) => {
    const list = nodes(m);
    const [i, j] = [below(r, list.length), below(r, list.length)];
    if (list[i] && list[j]) [list[i], list[j]] = [list[j], list[i]];
  },
  wireBetween,
  wireBetween,
  wireBetween,
  (m, r) => {
    const node = pick(r, nodes(m));
    if (node) node.attribute = [...(node.attribute ?? []), anyAttribute(r)];
  },
  (m, r) => {
    const node = pick(r, nodes(m));
    if (node?.attribute?.length) node.attribute = node.attribute.filter(() => r() < 0.6);
  },
  (m, r) => {
    const attribute = pick(r, pick(r, nodes(m))?.attribute ?? []);
    if (!attribute) return;
    if (attribute.ints?.length) attribute.ints = attribute.ints.map((v) => (r() < 0.5 ? pick(r, NUMBERS) : v));
    else if (r() < 0.5) attribute.i = pick(r, NUMBERS);
    else attribute.f = pick(r, [0, -1, 1e-30, 3e38, Number.NaN, Number.POSITIVE_INFINITY]);
  },
  (m, r) => {
    const tensor = pick(r, m.graph?.initializer ?? []);
    if (!tensor) return;
    const how = below(r, 4);
    if (how === 0) tensor.dims = (tensor.dims ?? []).map((d) => (r() < 0.5 ? pick(r, NUMBERS) : d));
    else if (how === 1) tensor.dims = [...(tensor.dims ?? [])].reverse();
    else if (how === 2) tensor.dataType = below(r, 24);
    else tensor.name = pick(r, NAMES);
  },
  // Other contents of the right size: other weights, and other shapes and axes where they are integers.
  (m, r) => {
    const tensor = pick(r, m.graph?.initializer ?? []);
    if (!tensor?.rawData?.length) return;
    const data = Uint8Array.from(tensor.rawData);
    const view = new DataView(data.buffer);
    if (tensor.dataType === 7) {
      for (let i = 0; i + 8 <= data.length; i += 8) if (r() < 0.6) view.setBigInt64(i, BigInt(pick(r, NUMBERS)), true);
    } else {
      const values = [0, 1, -1, 0.5, 1e30, 1e-40, Number.NaN];
      for (let i = 0; i + 4 <= data.length; i += 4) if (r() < 0.3) view.setFloat32(i, pick(r, values), true);
    }
    tensor.rawData = data;
  },
  (m, r) => {
    const info = pick(r, [...(m.graph?.input ?? []), ...(m.graph?.output ?? [])]);
    const type = info?.type?.tensorType;
    if (!type) return;
    const how = below(r, 3);
    if (how === 0) type.elemType = below(r, 20);
    else if (how === 1)
      type.shape = { dim: Array.from({ length: below(r, 6) }, () => ({ dimValue: pick(r, NUMBERS) })) };
    else type.shape = null;
  },
  (m, r) => {
    const info = pick(r, [...(m.graph?.input ?? []), ...(m.graph?.output ?? [])]);
    if (info) info.name = anyValue(m, r);
  },
  (m, r) => {
    m.opsetImport = [
      { domain: pick(r, ['', 'ai.onnx', 'x']), version: pick(r, [1, 9, 11, 12, 13, 17, 18, 21, 28, 2 ** 40]) },
    ];
  },
  // A loop, if the first node's output can be reached.
  (m, r) => {
    const list = nodes(m);
    const last = list.at(-1)?.output?.[0];
    const node = pick(r, list);
    if (node && last !== undefined) node.input = [last, ...(node.input ?? []).slice(1)];
  },
];

/** A node in the middle: what read its first input now reads the node. */
function wireBetween(m: Model, r: Random): void {
  const list = nodes(m);
  const at = below(r, list.length);
  const node = list[at];
  const x = node?.input?.[0];
  if (!node || !x) return;
  const name = `between${below(r, 1000)}`;
  node.input = [name, ...(node.input ?? []).slice(1)];
  const inputs = [x, ...Array.from({ length: below(r, 3) }, () => earlierValue(m, at, r))];
  const attribute = r() < 0.3 ? [anyAttribute(r)] : [];
  list.splice(at, 0, { opType: pick(r, OPERATORS), name, input: inputs, output: [name], attribute });
}

function nodes(model: Model): onnxProto.onnx.INodeProto[] {
  if (!model.graph) return [];
  if (!Object.hasOwn(model.graph, 'node')) model.graph.node = [];
  return model.graph.node ?? [];
}

function anyValue(model: Model, random: Random): string {
  const values = nodes(model).flatMap((node) => node.output ?? []);
  const named = [...(model.graph?.initializer ?? []), ...(model.graph?.input ?? [])].map((value) => value.name ?? '');
  return random() < 0.1 ? pick(random, NAMES) : (pick(random, [...values, ...named]) ?? '');
}

/** A value that node `at` may read. */
function earlierValue(model: Model, at: number, random: Random): string {
  const values = nodes(model)
    .slice(0, at)
    .flatMap((node) => node.output ?? []);
  const named = [...(model.graph?.initializer ?? []), ...(model.graph?.input ?? [])].map((value) => value.name ?? '');
  return pick(random, random() < 0.6 && values.length > 0 ? values : [...values, ...named]) ?? '';
}

function anyAttribute(random: Random): onnxProto.onnx.IAttributeProto {
  const name = pick(random, ATTRIBUTES);
  const { AttributeType } = onnx.AttributeProto;
  switch (below(random, 5)) {
    case 0:
      return { name, type: AttributeType.INT, i: pick(random, NUMBERS) };
    case 1:
      return { name, type: AttributeType.FLOAT, f: pick(random, [0, 1, -1, 0.5, 1e30]) };
    case 2:
      return {
        name,
        type: AttributeType.INTS,
        ints: Array.from({ length: below(random, 6) }, () => pick(random, NUMBERS)),
      };
    case 3:
      return {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(pick(random, ['SAME_UPPER', 'VALID', 'reflect', ''])),
      };
    default:
      return { name, type: below(random, 20), g: { name: 'sub', node: [{ opType: 'Add' }] } };
  }
}
