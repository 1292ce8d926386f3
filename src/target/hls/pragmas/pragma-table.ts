/**
 * The pragmas of Vitis HLS 2022.2 and later: their options, the values these take, and where each may stand.
 *
 * After AMD's UG1399, "HLS Pragmas", and the rules that its open compiler front end applies to them. Names are matched without regard to case, as there.
 * Older spellings that are still taken (`complete` for `type=complete`) are in the table too; those that are ignored or deprecated are not.
 */

export type Value =
  /** An integer constant expression. */
  | { readonly kind: 'constant' }
  | { readonly kind: 'real' }
  /** A variable, a member of one, or a list of these. */
  | { readonly kind: 'variable' }
  /** `return`, or a parameter of the function. */
  | { readonly kind: 'port' }
  /** A function. */
  | { readonly kind: 'identifier' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  /** Stands alone, or as `off=true`. */
  | { readonly kind: 'flag' }
  /** Older spelling: the word alone gives this option this value. */
  | { readonly kind: 'means'; readonly option: string };

/** `loop`: right in a loop's body. `function`: right in a function's. `region`: any braces in a function. */
export type Place = 'loop' | 'function' | 'function-or-loop' | 'region' | 'inner-region' | 'scope-of-variable';

export interface PragmaRule {
  readonly place: Place;
  readonly options: Readonly<Record<string, Value>>;
  readonly required: readonly string[];
}

const constant: Value = { kind: 'constant' };
const real: Value = { kind: 'real' };
const variable: Value = { kind: 'variable' };
const port: Value = { kind: 'port' };
const identifier: Value = { kind: 'identifier' };
const flag: Value = { kind: 'flag' };
const oneOf = (...values: readonly string[]): Value => ({ kind: 'one-of', values });
const means = (option: string): Value => ({ kind: 'means', option });
/** An option with these values, each of which may also stand alone. */
const worded = (option: string, ...values: readonly string[]): Readonly<Record<string, Value>> => ({
  [option]: oneOf(...values),
  ...Object.fromEntries(values.map((v) => [v, means(option)])),
});
const rule = (place: Place, options: Readonly<Record<string, Value>>, ...required: readonly string[]): PragmaRule => ({
  place,
  options,
  required,
});

const STORAGE_TYPES = [
  'fifo',
  'ram_1p',
  'ram_1wnr',
  'ram_2p',
  'ram_s2p',
  'ram_t2p',
  'rom_1p',
  'rom_2p',
  'rom_np',
] as const;
const STORAGE_IMPLEMENTATIONS = ['auto', 'bram', 'bram_ecc', 'lutram', 'uram', 'uram_ecc', 'srl', 'memory'] as const;

const shape = {
  variable,
  factor: constant,
  dim: constant,
  off: flag,
  ...worded('type', 'cyclic', 'block', 'complete'),
};

export const INTERFACE_MODES: Readonly<Record<string, readonly string[]>> = {
  m_axi: [
    'bundle',
    'depth',
    'offset',
    'name',
    'num_read_outstanding',
    'num_write_outstanding',
    'max_read_burst_length',
    'max_write_burst_length',
    'latency',
    'max_widen_bitwidth',
    'channel',
  ],
  s_axilite: ['bundle', 'register', 'offset', 'clock', 'name', 'storage_impl'],
  axis: ['register', 'register_mode', 'depth', 'name'],
  ap_memory: ['depth', 'latency', 'storage_type', 'name'],
  bram: ['depth', 'latency', 'storage_type', 'name'],
  ap_fifo: ['register', 'depth', 'name'],
  ap_none: ['register', 'name', 'direct_io'],
  ap_ack: ['register', 'depth', 'name', 'direct_io'],
  ap_ovld: ['register', 'depth', 'name', 'direct_io'],
  ap_hs: ['register', 'depth', 'name', 'interrupt', 'direct_io'],
  ap_vld: ['register', 'depth', 'name', 'interrupt', 'direct_io'],
  ap_ctrl_none: ['name'],
  ap_ctrl_hs: ['name'],
  ap_ctrl_chain: ['name'],
};

export const PRAGMAS: Readonly<Record<string, PragmaRule>> = {
  aggregate: rule('scope-of-variable', { variable, ...worded('compact', 'none', 'bit', 'byte', 'auto') }, 'variable'),
  alias: rule('function', { ports: variable, offset: constant, distance: constant }, 'ports'),
  allocation: rule(
    'region',
    { ...worded('type', 'function', 'operation'), instances: identifier, limit: constant },
    'type',
    'instances',
    'limit',
  ),
  array_partition: rule('scope-of-variable', shape, 'variable'),
  array_reshape: rule('scope-of-variable', { ...shape, object: flag }, 'variable'),
  bind_op: rule(
    'scope-of-variable',
    { variable, op: identifier, impl: identifier, latency: constant },
    'variable',
    'op',
  ),
  bind_storage: rule(
    'scope-of-variable',
    { variable, type: oneOf(...STORAGE_TYPES), impl: oneOf(...STORAGE_IMPLEMENTATIONS), latency: constant },
    'variable',
    'type',
  ),
  cache: rule(
    'function',
    { port, lines: constant, depth: constant, write_mode: oneOf('write_back', 'write_through') },
    'port',
  ),
  dataflow: rule('function-or-loop', { disable_start_propagation: flag }),
  dependence: rule('function-or-loop', {
    variable,
    cross_variables: variable,
    distance: constant,
    ...worded('class', 'array', 'pointer'),
    ...worded('type', 'intra', 'inter'),
    ...worded('direction', 'raw', 'war', 'waw'),
    ...worded('dependent', 'true', 'false'),
  }),
  disaggregate: rule('scope-of-variable', { variable }, 'variable'),
  expression_balance: rule('region', { off: flag }),
  function_instantiate: rule('function', { variable }, 'variable'),
  inline: rule('function', { off: flag, recursive: flag }),
  interface: rule(
    'function',
    {
      port,
      ...worded('mode', ...Object.keys(INTERFACE_MODES)),
      bundle: identifier,
      depth: constant,
      offset: identifier,
      name: identifier,
      num_read_outstanding: constant,
      num_write_outstanding: constant,
      max_read_burst_length: constant,
      max_write_burst_length: constant,
      latency: constant,
      max_widen_bitwidth: constant,
      channel: constant,
      register: flag,
      register_mode: oneOf('forward', 'reverse', 'both', 'off'),
      clock: identifier,
      storage_impl: oneOf('auto', 'bram', 'uram'),
      storage_type: identifier,
      interrupt: constant,
      direct_io: oneOf('true', 'false'),
    },
    'port',
    'mode',
  ),
  latency: rule('region', { min: constant, max: constant }),
  loop_flatten: rule('loop', { off: flag }),
  loop_merge: rule('region', { force: flag }),
  loop_tripcount: rule('loop', { min: constant, max: constant, avg: constant }, 'max'),
  occurrence: rule('inner-region', { cycle: constant, off: flag }),
  performance: rule('region', {
    target_ti: real,
    target_tl: real,
    assume_ti: real,
    assume_tl: real,
    unit: oneOf('cycle', 'sec'),
    scope: oneOf('loop', 'region'),
  }),
  pipeline: rule('function-or-loop', { ii: constant, off: flag, rewind: flag, style: oneOf('stp', 'flp', 'frp') }),
  protocol: rule('inner-region', worded('mode', 'floating', 'fixed')),
  reset: rule('scope-of-variable', { variable, off: flag }, 'variable'),
  stable: rule('function', { variable }, 'variable'),
  stream: rule(
    'scope-of-variable',
    { variable, depth: constant, type: oneOf('fifo', 'pipo', 'shared', 'unsync') },
    'variable',
  ),
  top: rule('function', { name: identifier }),
  unroll: rule('loop', { factor: constant, skip_exit_check: flag, off: flag }),
};

/** What older tools knew, and what to write now. */
export const REPLACED: Readonly<Record<string, string>> = {
  resource: 'BIND_OP for an operation, BIND_STORAGE for a memory',
  data_pack: 'AGGREGATE',
  array_map: 'nothing: Vitis HLS ignores it',
  clock: 'nothing: Vitis HLS ignores it',
  shared: 'STREAM type=shared',
  if: 'the pragma without a condition: not every version that is supported reads one',
};

/** Memories that exist: which implementations a type of storage has. */
export function implementationsOf(type: string): readonly string[] {
  if (type === 'fifo') return ['auto', 'memory', 'bram', 'lutram', 'srl', 'uram'];
  if (type.startsWith('rom')) return ['auto', 'bram', 'lutram'];
  if (type === 'ram_s2p') return ['auto', 'bram', 'bram_ecc', 'lutram', 'uram', 'uram_ecc'];
  if (type === 'ram_t2p') return ['auto', 'bram', 'uram'];
  return ['auto', 'bram', 'lutram', 'uram'];
}

/** Operations that can be bound, and to what. */
export const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  ...each(['add', 'sub', 'mul'], ['fabric', 'dsp']),
  ...each(['fadd', 'fsub'], ['fabric', 'fulldsp', 'primitivedsp']),
  fmul: ['fabric', 'meddsp', 'fulldsp', 'maxdsp', 'primitivedsp'],
  ...each(['fdiv', 'fsqrt', 'ddiv', 'dsqrt', 'hdiv', 'hsqrt'], ['fabric']),
  ...each(['fexp', 'flog', 'dexp', 'dlog'], ['fabric', 'meddsp', 'fulldsp']),
  ...each(['frecip', 'frsqrt', 'drecip', 'drsqrt'], ['fabric', 'fulldsp']),
  ...each(['dadd', 'dsub'], ['fabric', 'fulldsp']),
  dmul: ['fabric', 'meddsp', 'fulldsp', 'maxdsp'],
  ...each(['hadd', 'hsub'], ['fabric', 'meddsp', 'fulldsp']),
  hmul: ['fabric', 'fulldsp', 'maxdsp'],
};

function each(
  operations: readonly string[],
  implementations: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(operations.map((o) => [o, implementations]));
}
