/**
 * Placed network -> descriptors: every field that the engine reads, and which data stand behind them.
 *
 * Flows in: instances in order, places of maps, packed maps and vectors. Flows out: PlannedSteps; pack-streams.ts gives their
 * streams addresses and bytes.
 * Keeps true: a parameter is in its slot when its tail runs: static ones are loaded, dynamic ones converted, where the slot
 * holds anything else.
 */
import type { PointFunction } from '../../bnn/bnn-graph.js';
import { HARD_SWISH_ALPHA, HARD_SWISH_BETA } from '../../contract/functions.js';
import { fixedReciprocal } from '../../contract/pool.js';
import { stepCycles } from './cycles.js';
import { denseParts } from './dense-parts.js';
import type { HardwareNames } from './hardware-names.js';
import {
  type DenseOp,
  type EngineNetwork,
  hasTail,
  type Int8DenseOp,
  type NetworkParam,
  type NetworkTail,
  paramsOf,
  type TailOp,
} from './network.js';
import type { Instance } from './order-instances.js';
import type { PlacedBits } from './place-bits.js';
import type { PlacedMaps } from './place-maps.js';
import type { PlacedVectors } from './place-vectors.js';
import { channelWords, divideUp, type EngineSizes, pixelsOf, sizesOf } from './sizes.js';
import { type Convolution, convolutionOf, type Grouping, groupings, tileShape } from './slots.js';
import type { DescriptorFields, EngineConfig, EngineKind, EngineStep, MapPlace } from './types.js';

export interface Placement {
  readonly maps: PlacedMaps;
  readonly bits: PlacedBits;
  readonly vectors: PlacedVectors;
  readonly pictures: number;
}

/** What a step's stream from DDR holds. */
export interface StreamOf {
  /** Index of the op whose weights and static parameters they are. */
  readonly op: number;
  /** Static parameters before the weights, by slot. */
  readonly loads: readonly string[];
  readonly weights: boolean;
}

export interface PlannedStep extends EngineStep {
  readonly stream: StreamOf | null;
  /** Index of the op that it runs, or makes a parameter for. */
  readonly op: number;
}

export class TooSmall extends Error {
  constructor(
    readonly memory: 'weightWords' | 'int8Words' | 'groupWords',
    readonly node: string,
  ) {
    super(`${node}: ${memory}`);
  }
}

export function planSteps(
  network: EngineNetwork,
  instances: readonly Instance[],
  placement: Placement,
  config: EngineConfig,
  names: HardwareNames,
): readonly PlannedStep[] {
  const draft = new Draft(network, placement, config, names);
  for (const instance of instances) draft.add(instance);
  return draft.steps;
}

class Draft {
  readonly steps: PlannedStep[] = [];
  private readonly sizes: EngineSizes;
  /** What each slot of the parameter memory holds. */
  private readonly slots = new Map<string, string>();
  /** Which op's weights each array holds as one group. */
  private readonly resident = new Map<'binaryConv' | 'int8Conv', number>();
  private readonly groupingOf = new Map<number, Grouping>();

  constructor(
    private readonly network: EngineNetwork,
    private readonly placement: Placement,
    private readonly config: EngineConfig,
    private readonly names: HardwareNames,
  ) {
    this.sizes = sizesOf(config);
  }

  add(instance: Instance): void {
    const { op, picture } = instance;
    if (hasTail(op)) return this.addTail(op, instance);
    const { vectors, pictures } = this.placement;
    const rows = picture === null ? pictures : 1;
    const at = (vector: number): number => vectors.address(vector, picture ?? 0);
    switch (op.kind) {
      case 'mean':
        return this.emit('MEAN', instance, null, {
          vector_out: at(op.output),
          outputs: op.channels,
          multiplier_bits: floatBits(op.factor),
        });
      case 'dense':
        return this.addDense(op, instance, rows, at);
      case 'int8Dense':
        return this.addInt8Dense(op, instance, rows, at);
      case 'output': {
        const floats = op.length;
        return this.emit('OUTPUT', instance, null, {
          flags: this.names.value('PER_RUN'),
          in_address: at(op.input),
          outputs: floats,
          out_address: (picture ?? 0) * floats,
        });
      }
    }
  }

  private emit(
    kind: EngineKind,
    { op, index: opIndex, picture }: Instance,
    stream: Omit<StreamOf, 'op'> | null,
    fields: DescriptorFields,
    name = op.name,
  ): void {
    const several = this.placement.pictures > 1 && picture !== null;
    this.steps.push({
      kind,
      name: several ? `${name} [${picture}]` : name,
      source: op.source,
      picture,
      op: opIndex,
      stream: stream && { ...stream, op: opIndex },
      fields: { kind: this.names.value(kind), ...fields },
    });
  }

  // ---- the float unit

  private addDense(op: DenseOp, instance: Instance, rows: number, at: (vector: number) => number): void {
    const { floatLanes } = this.sizes;
    const { vectors } = this.placement;
    const { groups, outputs } = denseParts(this.network, op, floatLanes);
    const blockGroups = blockGroupsFor(groups, divideUp(rows, this.config.floatRows), this.config.floatSlots);
    this.emit(
      'DENSE',
      instance,
      { loads: [], weights: true },
      {
        in_address: at(op.input),
        in_stride: vectors.stride(op.input),
        vector_out: at(op.parts[0]!.output),
        out_stride: vectors.stride(op.parts[0]!.output),
        inputs: op.inputs,
        outputs,
        rows,
        block_groups: blockGroups,
        weights_words: groups * (1 + op.inputs),
        ...functionFields(op.fn),
      },
    );
  }

  private addInt8Dense(op: Int8DenseOp, instance: Instance, rows: number, at: (vector: number) => number): void {
    const { floatLanes, lanes, int8RowWords } = this.sizes;
    const { vectors } = this.placement;
    const perTile = divideUp(op.inputs, this.config.int8Simd);
    const tiles = divideUp(op.outputs, this.config.int8Pe);
    const tileWords = perTile * int8RowWords;
    if (perTile > (tiles === 1 ? this.config.int8Words : this.config.int8Words / 2)) {
      throw new TooSmall('int8Words', op.name);
    }
    const arriving = tiles > 1 ? divideUp(tileWords, rows) : 0;
    this.resident.delete('int8Conv');
    this.emit(
      'INT8_DENSE',
      instance,
      { loads: [], weights: true },
      {
        in_address: at(op.input),
        in_stride: vectors.stride(op.input),
        vector_out: at(op.output),
        out_stride: vectors.stride(op.output),
        inputs: op.inputs,
        outputs: op.outputs,
        rows,
        multiplier_bits: floatBits(op.multiplier),
        in_channels: op.inputs,
        in_pixel_lanes: lanes * channelWords(op.inputs, lanes),
        out_channels: op.outputs,
        tile_words: tileWords,
        groups: tiles,
        slot_tiles: 1,
        slot_iterations: Math.max(perTile, this.config.int8Pe / floatLanes, arriving),
        weights_words: tiles * tileWords + divideUp(op.outputs, floatLanes / 2),
      },
    );
  }

  // ---- steps with a tail

  private addTail(op: TailOp, instance: Instance): void {
    const picture = instance.picture ?? 0;
    this.convertParameters(op.tail, instance, picture);
    const { fields: loadFlags, loads, words } = this.staticLoads(op.tail);
    const tail = this.tailFields(op.tail, picture);
    const input = this.inputFields(op, picture);
    const weights = this.weightFields(op, instance.index);
    const flags = (tail.flags ?? 0) | loadFlags | (input.flags ?? 0);
    const stream = loads.length > 0 || weights.loads ? { loads, weights: weights.loads } : null;
    this.emit(KINDS[op.kind], instance, stream, {
      ...tail,
      ...input,
      ...weights.fields,
      flags,
      parameters_words: words,
    });
  }

  /** Dynamic parameters that their slots do not hold: the float unit converts them. */
  private convertParameters(tail: NetworkTail, instance: Instance, picture: number): void {
    for (const { slot, param } of paramsOf(tail)) {
      if (param.kind !== 'vector' || this.slots.get(slot) === keyOf(param, picture)) continue;
      this.emit(
        'PARAMETER',
        instance,
        null,
        {
          in_address: this.placement.vectors.address(param.vector, picture),
          outputs: tail.shape.channels,
          slot: this.names.value(slot),
          multiplier_bits: floatBits(param.multiplier),
        },
        `${instance.op.name} ${slot.toLowerCase()}`,
      );
      this.slots.set(slot, keyOf(param, picture));
    }
  }

  /** Static ones: of those in the stream, the last are loaded where only they are missing, else all. */
  private staticLoads(tail: NetworkTail): { fields: number; loads: readonly string[]; words: number } {
    const constants = paramsOf(tail).filter(({ param }) => param.kind === 'constant');
    const first = constants.findIndex(({ slot, param }) => this.slots.get(slot) !== keyOf(param, 0));
    const loads = first < 0 ? [] : constants.slice(first);
    for (const { slot, param } of loads) this.slots.set(slot, keyOf(param, 0));
    const words = channelWords(tail.shape.channels, this.sizes.lanes);
    return {
      fields: loads.reduce((bits, { slot }) => bits | (1 << (LOAD_SHIFT + this.names.value(slot))), 0),
      loads: loads.map(({ slot }) => slot),
      words: loads.reduce((sum, { slot }) => sum + (slot === 'OFFSET' ? 2 : 1) * words, 0),
    };
  }

  private tailFields(tail: NetworkTail, picture: number): DescriptorFields {
    const { shape, shortcut, store, bits, prelu, scale, sums, alpha, signs } = tail;
    const { maps } = this.placement;
    const { lanes } = this.sizes;
    const flag = (name: string, on: unknown): number => (on ? this.names.value(name) : 0);
    const flags =
      flag('HAS_SCALE', scale) |
      flag('HAS_BIAS', tail.bias) |
      flag('HAS_SHORTCUT', shortcut) |
      flag('HAS_PRELU', prelu) |
      flag('HAS_GAMMA', prelu?.gamma) |
      flag('HAS_ZETA', prelu?.zeta) |
      flag('PRELU_GE', prelu?.ge) |
      flag('STORE', store) |
      flag('SUMS', sums) |
      flag('BITS', bits !== null) |
      flag('BITS_GT', alpha?.gt) |
      (signs === null ? 0 : flag('SIGNS', true)) |
      (store?.pool ? flag('POOL_STORE', true) : 0);
    const stored = store && this.network.maps[store.map]!;
    const pixelWords = stored ? channelWords(stored.shape.channels, lanes) : 0;
    const at = store ? shifted(maps.place(store.map, picture), store.channel / lanes) : null;
    const from = shortcut && maps.place(shortcut.map, picture);
    const fromShape = shortcut && this.network.maps[shortcut.map]!.shape;
    return {
      flags,
      out_height: shape.height,
      out_width: shape.width,
      out_channels: shape.channels,
      entry_shift: tail.entryShift,
      ...(at
        ? {
            out_address: at.address,
            out_chip_address: at.chipAddress,
            out_chip_pixels: at.chipPixels,
            out_pixel_words: pixelWords,
          }
        : {}),
      ...(bits === null ? {} : { bits_address: this.placement.bits.address(bits, picture) }),
      ...(scale ? { scale_shift: scale.shift } : {}),
      ...(prelu ? { slope_shift: prelu.slopeShift } : {}),
      ...(signs === null ? {} : { sign_unit: signs }),
      ...(store?.pool ? { store_shift: store.pool.shift } : {}),
      ...(shortcut && from && fromShape
        ? {
            shortcut_address: from.address,
            shortcut_chip_address: from.chipAddress,
            shortcut_chip_pixels: from.chipPixels,
            shortcut_channels: shortcut.channels,
            shortcut_pool: shortcut.pool,
            shortcut_width: fromShape.width,
            shortcut_shift: shortcut.shift,
          }
        : {}),
    };
  }

  private inputFields(op: TailOp, picture: number): DescriptorFields {
    const { lanes } = this.sizes;
    const { maps, bits } = this.placement;
    const window = 'window' in op ? windowFields(op.window) : {};
    if (op.kind === 'binaryConv') {
      const { shape } = this.network.bits[op.input]!;
      return {
        in_address: bits.address(op.input, picture),
        in_height: shape.height,
        in_width: shape.width,
        in_channels: shape.channels,
        in_pixel_lanes: lanes * channelWords(shape.channels, lanes),
        ...window,
      };
    }
    const { shape, role } = this.network.maps[op.input]!;
    const place = maps.place(op.input, picture);
    const isInput = role === 'input';
    const pool = op.kind === 'averagePool' ? fixedReciprocal(op.window.kernelHeight * op.window.kernelWidth) : null;
    const pixelLanes = isInput ? maps.inputPixelLanes : lanes * channelWords(shape.channels, lanes);
    return {
      flags:
        (isInput ? this.names.value('PER_RUN') : 0) |
        ('excludePad' in op && op.excludePad ? this.names.value('EXCLUDE_PAD') : 0),
      in_address: place.address,
      in_chip_address: place.chipAddress,
      in_chip_pixels: place.chipPixels,
      in_height: shape.height,
      in_width: shape.width,
      in_channels: shape.channels,
      in_pixel_lanes: pixelLanes,
      in_row_words: isInput ? maps.inputRowWords : shape.width * channelWords(shape.channels, lanes),
      ...window,
      ...(pool ? { pool_factor: pool.multiplier, pool_shift: pool.shift } : {}),
    };
  }

  private weightFields(op: TailOp, opIndex: number): { readonly fields: DescriptorFields; readonly loads: boolean } {
    const conv = convolutionOf(this.network, op);
    if (conv === null) {
      const pooled = op.tail.shortcut?.pool === 2 ? 4 : 1;
      const window = 'window' in op ? op.window.kernelHeight * op.window.kernelWidth : 1;
      return { fields: { groups: 1, slot_tiles: 1, slot_iterations: Math.max(window, pooled) }, loads: false };
    }
    const grouping = this.groupingFor(op, conv, opIndex);
    const { tileWords } = tileShape(this.config, conv);
    const kept = grouping.groups === 1 && this.resident.get(conv.kind) === opIndex;
    if (grouping.groups === 1) this.resident.set(conv.kind, opIndex);
    else this.resident.delete(conv.kind);
    return {
      loads: !kept,
      fields: {
        groups: grouping.groups,
        slot_tiles: grouping.slotTiles,
        slot_iterations: grouping.iterations,
        tile_words: tileWords,
        weights_words: kept ? 0 : grouping.groups * grouping.slotTiles * tileWords,
      },
    };
  }

  /**
   * Whole maps as one run where something lies in DDR; else the quickest. The same for every picture, as they share the
   * stream.
   */
  private groupingFor(op: TailOp, conv: Convolution, opIndex: number): Grouping {
    const known = this.groupingOf.get(opIndex);
    if (known) return known;
    const found = groupings(this.config, conv);
    if (found.length === 0) {
      const tile = tileShape(this.config, conv);
      const rows = tile.weightRows > (tile.tiles === 1 ? tile.memoryRows : tile.memoryRows / 2);
      throw new TooSmall(rows ? (op.kind === 'binaryConv' ? 'weightWords' : 'int8Words') : 'groupWords', op.name);
    }
    const pictures = Array.from({ length: this.placement.pictures }, (_, p) => p);
    const inDdr = this.needsOneGroup(op, opIndex) || pictures.some((p) => this.touchesDdr(op, p));
    const chosen = inDdr ? found[0]! : this.quickest(op, conv, found);
    if (chosen.groups > 1 && this.needsOneGroup(op, opIndex)) throw new TooSmall('weightWords', op.name);
    this.groupingOf.set(opIndex, chosen);
    return chosen;
  }

  /** A pooled map leaves in its own order; bits are written over rows of the packed map that the step reads. */
  private needsOneGroup(op: TailOp, opIndex: number): boolean {
    return op.tail.store?.pool !== undefined || this.placement.bits.overlaid.has(opIndex);
  }

  private touchesDdr(op: TailOp, picture: number): boolean {
    const { maps } = this.placement;
    const refs = [op.tail.store?.map, op.tail.shortcut?.map].filter((m) => m !== undefined);
    return refs.some((m) => maps.place(m, picture).chipPixels < pixelsOf(this.network.maps[m]!.shape));
  }

  private quickest(op: TailOp, conv: Convolution, found: readonly Grouping[]): Grouping {
    const { tileWords } = tileShape(this.config, conv);
    const base = { ...this.tailFields(op.tail, 0), ...this.inputFields(op, 0) };
    const cost = (g: Grouping): number =>
      stepCycles(
        KINDS[op.kind],
        {
          ...base,
          groups: g.groups,
          slot_tiles: g.slotTiles,
          slot_iterations: g.iterations,
          tile_words: tileWords,
          weights_words: 1,
        },
        this.config,
        this.names,
      ).total;
    return found.reduce((best, g) => (cost(g) < cost(best) ? g : best));
  }
}

export const LOAD_SHIFT = 16;

export const KINDS = {
  binaryConv: 'BINARY_CONV',
  int8Conv: 'INT8_CONV',
  pass: 'PASS',
  maxPool: 'MAX_POOL',
  averagePool: 'AVERAGE_POOL',
} as const satisfies Record<TailOp['kind'], EngineKind>;

function keyOf(param: NetworkParam, picture: number): string {
  return param.kind === 'constant'
    ? `constant ${param.ref} ${param.plus ?? 0}`
    : `vector ${param.vector} ${param.multiplier} ${picture}`;
}

function shifted(place: MapPlace, words: number): MapPlace {
  return { ...place, address: place.address + words, chipAddress: place.chipAddress + words };
}

function windowFields(w: {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}): DescriptorFields {
  return {
    kernel_h: w.kernelHeight,
    kernel_w: w.kernelWidth,
    stride_h: w.strideHeight,
    stride_w: w.strideWidth,
    dilation_h: w.dilationHeight,
    dilation_w: w.dilationWidth,
    pad_top: w.padTop,
    pad_left: w.padLeft,
  };
}

/** Groups of FLOAT_LANES outputs; each part begins one. */
/** Blocks as equal as they can be: a short one would still take FLOAT_DEPTH cycles an input. */
export function blockGroupsFor(groups: number, turns: number, floatSlots: number): number {
  const most = Math.max(1, Math.floor(floatSlots / turns));
  return divideUp(groups, divideUp(groups, most));
}

/** The engine's numbers for clause 9's functions (dybnn_float.hpp, enum function). */
export function functionFields(fn: PointFunction | null): DescriptorFields {
  const fields = (number: number, alpha: number, beta: number): DescriptorFields => ({
    function: number,
    alpha_bits: floatBits(Math.fround(alpha)),
    beta_bits: floatBits(Math.fround(beta)),
  });
  switch (fn?.kind) {
    case undefined:
      return fields(0, 0, 0);
    case 'relu':
      return fields(1, 0, 0);
    case 'clip':
      return fields(2, fn.lo, fn.hi);
    case 'hardSigmoid':
      return fields(3, fn.alpha, fn.beta);
    case 'hardSwish':
      return fields(4, HARD_SWISH_ALPHA, HARD_SWISH_BETA);
    case 'sigmoid':
      return fields(5, 0, 0);
    case 'swish':
      return fields(6, 0, 0);
    case 'negate':
      return fields(7, 0, 0);
  }
}

/** A binary32 by its bits, as an int32. */
export function floatBits(value: number): number {
  const float = Math.fround(value);
  if (float !== value) throw new Error(`${value} is no binary32`);
  return new Int32Array(Float32Array.of(float).buffer)[0]!;
}
