/**
 * Calls of the model's local functions become copies of their bodies.
 *
 *     y = pkg.fn<alpha = 2>(x)   with   fn<alpha>(a) -> (b) { t = Mul(a, a);  b = LeakyRelu<alpha = @alpha>(t) }
 *     becomes   call/t = Mul(x, x);  y = LeakyRelu<alpha = 2>(call/t)
 *
 * Exporter: torch.export ("dynamo") before it inlined by itself, and onnxscript.
 *
 * Flows in: raw nodes and functions. Flows out: raw nodes without calls of local functions.
 * Keeps true: no two copies share a value name; functions that call themselves, and sums of copies past the limit, are refused.
 */
import type { DiagnosticBag } from '../diagnostics/diagnostic.js';
import { displayName } from './describe.js';
import type { RawAttribute, RawFunction, RawGraph, RawNode } from './raw-model.js';

const MAX_NODES = 200_000;
/** From here on the operators that we read mean the same in every version. */
const SETTLED_OPSET = 13;
/** Calls inside calls; torch's own go three deep. */
const MAX_DEPTH = 32;
/** Parts of made-up names are cut here: a long name copied into every inner one would multiply. */
const MAX_NAME_PART = 200;

export function inlineFunctions(
  graph: RawGraph,
  functions: readonly RawFunction[],
  opset: number,
  bag: DiagnosticBag,
): readonly RawNode[] {
  if (functions.length === 0) return graph.nodes;
  const library = new Map<string, RawFunction>();
  for (const fn of functions) {
    const key = functionKey(fn);
    if (library.has(key)) {
      bag.error('DYB106', { node: `function ${displayName(fn.name)}`, found: 'two functions of this name' });
    }
    library.set(key, fn);
  }
  const taken = new Set<string>(graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]));
  for (const { name } of [...graph.initializers, ...graph.inputs]) taken.add(name);
  const result: RawNode[] = [];
  let visited = 0;
  const expand = (node: RawNode, active: readonly string[]): boolean => {
    visited += 1;
    if (visited > MAX_NODES) {
      bag.error('DYB206', { found: `more than ${MAX_NODES} nodes once local functions are inlined` });
      return false;
    }
    const fn = library.get(functionKey({ domain: node.domain, name: node.opType, overload: node.overload }));
    if (fn === undefined) {
      result.push(node);
      return true;
    }
    const key = functionKey(fn);
    const version = fn.opsetImports.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? opset;
    if (version !== opset && Math.min(version, opset) < SETTLED_OPSET) {
      bag.error('DYB206', {
        node: `function ${displayName(fn.name)}`,
        found: `a local function of opset ${version} in a model of opset ${opset}`,
        supported: `one opset, or both ${SETTLED_OPSET} or newer`,
      });
      return false;
    }
    if (active.includes(key) || active.length >= MAX_DEPTH) {
      const found = active.includes(key) ? 'a local function that calls itself' : `calls nested ${MAX_DEPTH} deep`;
      bag.error('DYB206', { node: `function ${displayName(fn.name)}`, found });
      return false;
    }
    if (node.inputs.length > fn.inputs.length || node.outputs.length > fn.outputs.length) {
      bag.error('DYB106', {
        node: `${displayName(node.name)} (${displayName(node.opType)})`,
        found: `a call with ${node.inputs.length} inputs and ${node.outputs.length} outputs`,
        supported: `the ${fn.inputs.length} and ${fn.outputs.length} of the function`,
      });
      return true;
    }
    return instantiate(fn, node, taken).every((inner) => expand(inner, [...active, key]));
  };
  for (const node of graph.nodes) if (!expand(node, [])) break;
  return result;
}

/** Names may hold any character: lengths keep two different triples from making one key. */
function functionKey(fn: { readonly domain: string; readonly name: string; readonly overload: string }): string {
  const domain = fn.domain === 'ai.onnx' ? '' : fn.domain;
  return `${domain.length}:${domain}${fn.name.length}:${fn.name}${fn.overload}`;
}

function instantiate(fn: RawFunction, call: RawNode, taken: Set<string>): RawNode[] {
  const caller = call.name !== '' ? call.name : (call.outputs.find((name) => name !== '') ?? call.opType);
  const prefix = caller.slice(0, MAX_NAME_PART);
  const names = new Map<string, string>([['', '']]);
  fn.inputs.forEach((formal, i) => {
    names.set(formal, call.inputs[i] ?? '');
  });
  fn.outputs.forEach((formal, i) => {
    const actual = call.outputs[i] ?? '';
    // An output that is an input of the function as well is passed through by an Identity below.
    if (actual !== '' && !fn.inputs.includes(formal)) names.set(formal, actual);
  });
  const rename = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const fresh = freshName(`${prefix}/${name.slice(0, MAX_NAME_PART)}`, taken);
    names.set(name, fresh);
    return fresh;
  };
  const actuals = new Map<string, RawAttribute>();
  for (const attribute of [...fn.attributeDefaults, ...call.attributes]) actuals.set(attribute.name, attribute);
  const nodes = fn.nodes.map((node) => ({
    ...node,
    name: `${prefix}/${(node.name !== '' ? node.name : node.opType).slice(0, MAX_NAME_PART)}`,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: bindAttributes(node.attributes, actuals),
  }));
  const passed = fn.outputs.flatMap((formal, i): RawNode[] => {
    const actual = call.outputs[i] ?? '';
    if (actual === '' || !fn.inputs.includes(formal)) return [];
    const identity = { inputs: [rename(formal)], outputs: [actual], opType: 'Identity', domain: '', overload: '' };
    return [{ ...identity, name: `${prefix}/Identity`, attributes: [] }];
  });
  return [...nodes, ...passed];
}

function freshName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = taken.size; taken.has(name); i++) name = `${wanted}_${i}`;
  taken.add(name);
  return name;
}

/** `@alpha` takes the call's value; an attribute whose formal has neither value nor default is left out, as ONNX says. */
function bindAttributes(
  attributes: readonly RawAttribute[],
  actuals: ReadonlyMap<string, RawAttribute>,
): RawAttribute[] {
  return attributes.flatMap((attribute) => {
    if (attribute.refAttrName === '') return [attribute];
    const actual = actuals.get(attribute.refAttrName);
    return actual === undefined ? [] : [{ ...actual, name: attribute.name }];
  });
}
