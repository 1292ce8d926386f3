/**
 * What the engine's headers say once and the compiler must know: the fields of a descriptor, its enumerations, constants of time and size.
 *
 * Flows in: the text of hw/hls. Flows out: names and numbers. A name that the compiler uses and the header lacks is our bug.
 */
import type { Assets } from '../files.js';
import type { DescriptorFields } from './types.js';

export interface HardwareNames {
  /** In order. */
  readonly fields: readonly string[];
  readonly descriptorWords: number;
  /** Members of the enumerations: kinds, slots, flags. */
  readonly value: (name: string) => number;
  /** Constants of dybnn_cycles.hpp. */
  readonly cycles: (name: string) => number;
  /** Constants of dybnn_types.hpp: sizes that no parameter changes. */
  readonly size: (name: string) => number;
}

export function hardwareNames(assets: Assets): HardwareNames {
  const hardware = assets.hardware('hls');
  const read = (path: string): string => {
    const text = hardware.get(path);
    if (text === undefined) throw new Error(`hw/hls/${path} is missing`);
    return text;
  };
  return parseHardwareNames(read('dybnn_descriptor.hpp'), read('dybnn_cycles.hpp'), read('dybnn_types.hpp'));
}

function parseHardwareNames(descriptor: string, cycles: string, types: string): HardwareNames {
  const values = enumerators(descriptor);
  const words = constantsOf(descriptor).get('DESCRIPTOR_WORDS');
  if (words === undefined) throw new Error('dybnn_descriptor.hpp has no DESCRIPTOR_WORDS');
  const named = (what: string, map: ReadonlyMap<string, number>) => (name: string) => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`${what} has no ${name}`);
    return found;
  };
  return {
    fields: fieldsOf(descriptor),
    descriptorWords: words,
    value: named('dybnn_descriptor.hpp', values),
    cycles: named('dybnn_cycles.hpp', constantsOf(cycles)),
    size: named('dybnn_types.hpp', constantsOf(types)),
  };
}

/** One descriptor as the words that the engine reads. */
export function packDescriptor(names: HardwareNames, fields: DescriptorFields): Int32Array {
  const words = new Int32Array(names.descriptorWords);
  for (const [name, value] of Object.entries(fields)) {
    const index = names.fields.indexOf(name);
    if (index < 0) throw new Error(`a descriptor has no field ${name}`);
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31) {
      throw new Error(`${name} = ${value} is no int32`);
    }
    words[index] = value;
  }
  return words;
}

function withoutComments(text: string): string {
  return text.replace(/\/\/[^\n]*/g, '').replace(/\/\*[\s\S]*?\*\//g, '');
}

function fieldsOf(text: string): readonly string[] {
  const body = /struct descriptor \{([\s\S]*?)\n\};/.exec(withoutComments(text))?.[1];
  if (body === undefined) throw new Error('dybnn_descriptor.hpp has no struct descriptor');
  const found = [...body.matchAll(/std::int32_t (\w+)(?:\[(\d+)\])?;/g)];
  return found.flatMap(([, name, count]) => (count === undefined ? [name!] : []));
}

function enumerators(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [, body] of withoutComments(text).matchAll(/enum \w+ : std::int32_t \{([\s\S]*?)\}/g)) {
    for (const [, name, value, shift] of body!.matchAll(/(\w+) = (\d+)(?: << (\d+))?/g)) {
      found.set(name!, Number(value) * 2 ** Number(shift ?? 0));
    }
  }
  return found;
}

function constantsOf(text: string): ReadonlyMap<string, number> {
  const found = withoutComments(text).matchAll(/constexpr int (\w+) = (\d+);/g);
  return new Map([...found].map(([, name, value]) => [name!, Number(value)]));
}
