/**
 * Flows in: the Program, the BnnGraph it came from, the InspectReport, and what was verified and timed, if anything.
 * Flows out: ReportData.
 * Keeps true: nothing is counted here that InspectReport or cost.ts counts; sums over nodes are the report's totals.
 */
import type { BnnGraph } from '../bnn/bnn-graph.js';
import type { InspectReport } from '../inspect/inspect-program.js';
import { fixedFormat } from '../inspect/quantity.js';
import { stepCost } from '../program/cost.js';
import { type Buffer, type BufferLayout, fractionOf, type Program, type Step } from '../program/program.js';
import { constantsOfStep } from './constants-of-step.js';
import { accessRoles, kindOfStep, numericOfStep, partsOfStep, titleOfStep } from './describe-node.js';
import { groupSteps, type StepGroup } from './group-steps.js';
import {
  type BufferAccess,
  type ConstantRole,
  type EdgeKind,
  type FusedPart,
  type MeasuredTimes,
  type ReportAccelerator,
  type ReportBuffer,
  type ReportConstant,
  type ReportData,
  type ReportEdge,
  type ReportNode,
  SOURCES,
  type VerifyResults,
} from './report-data.js';

export interface ReportSources {
  readonly program: Program;
  readonly bnn: BnnGraph;
  readonly inspect: InspectReport;
  readonly version: string;
  readonly verify?: VerifyResults | null;
  readonly times?: MeasuredTimes | null;
  readonly accelerator?: ReportAccelerator | null;
}

export function makeReport(sources: ReportSources): ReportData {
  const { program, bnn, inspect, version, verify, times, accelerator } = sources;
  const groups = groupSteps(program);
  const used = usedConstants(program, groups);
  const uses = usesOfBuffers(groups, program);
  const groupNodes = groups.map((group, i) => nodeOf(program, inspect, group, i + 1, used, uses));
  const nodes = [inputNode(program), ...groupNodes, outputNode(program, groupNodes.length + 1)];
  return {
    ...inspect,
    generator: { name: 'dybnn-compile', version },
    numbers: SOURCES,
    nodes,
    edges: edgesOf(program, nodes),
    buffers: buffersOf(program, bnn),
    constants: program.constants.map(
      (c, ref): ReportConstant => ({
        name: c.name,
        comment: c.comment,
        type: c.value.type,
        role: used.get(ref)?.role ?? 'tables',
        bytes: c.value.data.byteLength,
        node: used.get(ref)?.node ?? null,
      }),
    ),
    liveBytes: program.steps.map((_, step) => liveBytes(program, step)),
    verify: verify ?? null,
    times: times ?? null,
    accelerator: accelerator ?? null,
  };
}

type UsedConstants = ReadonlyMap<number, { readonly node: number; readonly role: ConstantRole }>;

/** A constant that several nodes share belongs to the first. */
function usedConstants(program: Program, groups: readonly StepGroup[]): UsedConstants {
  const used = new Map<number, { node: number; role: ConstantRole }>();
  groups.forEach((group, i) => {
    for (const index of group.steps) {
      for (const { ref, role } of constantsOfStep(program.steps[index]!)) {
        if (!used.has(ref)) used.set(ref, { node: i + 1, role });
      }
    }
  });
  return used;
}

/** What each buffer is to those who read it: "threshold", "gamma". */
function usesOfBuffers(groups: readonly StepGroup[], program: Program): ReadonlyMap<number, ReadonlySet<string>> {
  const uses = new Map<number, Set<string>>();
  for (const index of groups.flatMap((g) => g.steps)) {
    for (const { buffer, role } of accessRoles(program.steps[index]!).reads) {
      uses.set(buffer, (uses.get(buffer) ?? new Set()).add(role));
    }
  }
  return uses;
}

function nodeOf(
  program: Program,
  inspect: InspectReport,
  group: StepGroup,
  id: number,
  used: UsedConstants,
  uses: ReadonlyMap<number, ReadonlySet<string>>,
): ReportNode {
  const steps = group.steps.map((i) => program.steps[i]!);
  const layers = group.steps.map((i) => inspect.layers[i]!);
  const first = steps[0]!;
  const last = steps.at(-1)!;
  const accesses = steps.map(accessRoles);
  const writes = unique(accesses.flatMap((a) => a.writes));
  const constants = unique(steps.flatMap((s) => constantsOfStep(s)).map((c) => ({ buffer: c.ref, role: '' }))).map(
    (c) => c.buffer,
  );
  const sum = (f: (layer: (typeof layers)[number]) => number): number => layers.reduce((total, l) => total + f(l), 0);
  const floatLayer = group.kind === 'step' ? inspect.floatLayers.find((l) => l.name === first.name) : undefined;
  return {
    id,
    kind: group.kind === 'dynamicUnit' ? 'dynamicUnit' : kindOfStep(first),
    title: group.kind === 'dynamicUnit' ? unitTitle(writes, uses) : titleOfStep(first),
    name: group.kind === 'dynamicUnit' ? commonName(steps) : last.name,
    layers: group.steps,
    input: layers[0]!.input,
    output: layers.at(-1)!.output,
    numeric: group.kind === 'dynamicUnit' ? 'float32' : numericOfStep(first),
    parts: group.kind === 'dynamicUnit' ? unitParts(steps, writes, uses, program) : steps.flatMap(partsOfStep),
    reads: unique(accesses.flatMap((a) => a.reads)),
    writes,
    constants,
    origin: [...new Set(layers.flatMap((l) => l.origin))],
    counted: {
      binaryMacs: sum((l) => l.binaryMacs),
      floatMacs: sum((l) => l.floatMacs),
      constantBytes: constants
        .filter((ref) => used.get(ref)?.node === id)
        .reduce((total, ref) => total + program.constants[ref]!.value.data.byteLength, 0),
      trafficBytes: sum((l) => l.trafficBytes),
    },
    estimated: { operations: steps.reduce((total, s) => total + stepCost(program, s).operations, 0) },
    floatReason: floatLayer?.reason ?? null,
  };
}

function unique(accesses: readonly BufferAccess[]): BufferAccess[] {
  return [...new Map(accesses.map((a) => [`${a.buffer} ${a.role}`, a])).values()];
}

const PARAMETERS = ['threshold', 'gamma', 'zeta', 'bias'];

function parametersMade(
  writes: readonly BufferAccess[],
  uses: ReadonlyMap<number, ReadonlySet<string>>,
): readonly { readonly role: string; readonly buffer: number }[] {
  return PARAMETERS.flatMap((role) =>
    writes
      .filter(({ buffer }) => [...(uses.get(buffer) ?? [])].some((use) => use.split(', ').includes(role)))
      .map(({ buffer }) => ({ role, buffer })),
  );
}

function unitTitle(writes: readonly BufferAccess[], uses: ReadonlyMap<number, ReadonlySet<string>>): string {
  const roles = [...new Set(parametersMade(writes, uses).map((p) => p.role))];
  return `Makes ${roles.join(', ')}`;
}

function unitParts(
  steps: readonly Step[],
  writes: readonly BufferAccess[],
  uses: ReadonlyMap<number, ReadonlySet<string>>,
  program: Program,
): readonly FusedPart[] {
  const made = parametersMade(writes, uses).map(
    ({ role, buffer }): FusedPart => ({
      name: role,
      detail: `${program.buffers[buffer]!.layout.shape.channels} numbers, anew for every input`,
    }),
  );
  return [...steps.flatMap(partsOfStep), ...made];
}

/** What the names of a unit's steps begin with, up to a whole word. */
function commonName(steps: readonly Step[]): string {
  const [first, ...rest] = steps.map((s) => s.name);
  let length = first!.length;
  for (const name of rest) {
    let i = 0;
    while (i < length && name[i] === first![i]) i++;
    length = i;
  }
  const prefix = first!.slice(0, length).replace(/[^\p{L}\p{N}]+[\p{L}\p{N}]*$/u, '');
  return prefix === '' ? first! : prefix;
}

function inputNode(program: Program): ReportNode {
  return endNode(program, 'input', 0);
}
function outputNode(program: Program, id: number): ReportNode {
  return endNode(program, 'output', id);
}
function endNode(program: Program, place: 'input' | 'output', id: number): ReportNode {
  const declared = program[place];
  const access = program.buffers.flatMap((b, buffer) => (b.placement.kind === place ? [{ buffer, role: place }] : []));
  return {
    id,
    kind: place,
    title: place === 'input' ? 'Input' : 'Output',
    name: declared.name,
    layers: [],
    input: declared.shape.slice(1),
    output: declared.shape.slice(1),
    numeric: 'float32',
    parts: [],
    reads: place === 'output' ? access : [],
    writes: place === 'input' ? access : [],
    constants: [],
    origin: [],
    counted: { binaryMacs: 0, floatMacs: 0, constantBytes: 0, trafficBytes: 0 },
    estimated: { operations: 0 },
    floatReason: null,
  };
}

function edgesOf(program: Program, nodes: readonly ReportNode[]): readonly ReportEdge[] {
  const writers = new Map<number, number[]>();
  for (const node of nodes) {
    for (const { buffer } of node.writes) writers.set(buffer, [...(writers.get(buffer) ?? []), node.id]);
  }
  const edges = new Map<string, { from: number; to: number; kind: EdgeKind; buffers: number[] }>();
  for (const node of nodes) {
    for (const { buffer, role } of node.reads) {
      const kind = edgeKind(program.buffers[buffer]!, role);
      for (const from of writers.get(buffer) ?? []) {
        if (from === node.id) continue;
        const key = `${from} ${node.id} ${kind}`;
        const edge = edges.get(key);
        if (edge) edge.buffers.push(buffer);
        else edges.set(key, { from, to: node.id, kind, buffers: [buffer] });
      }
    }
  }
  return [...edges.values()];
}

function edgeKind({ layout }: Buffer, role: string): EdgeKind {
  if (layout.kind === 'bits') return 'bits';
  if (layout.kind === 'rowSums') return 'sums';
  if (role === 'shortcut') return 'shortcut';
  return role.split(', ').every((r) => PARAMETERS.includes(r)) ? 'params' : 'real';
}

const CONTENT = { map: 'real map', external: 'real map', bits: 'packed bits', rowSums: 'row sums' } as const;

function buffersOf(program: Program, bnn: BnnGraph): readonly ReportBuffer[] {
  const names = new Map(bnn.values.map((v) => [v.id, v.name]));
  return program.buffers.map(({ name, value, layout, bytes, placement, firstStep, lastStep }) => ({
    name,
    value: names.get(value) ?? '',
    content: CONTENT[layout.kind],
    format: formatOf(layout),
    shape: [layout.shape.channels, layout.shape.height, layout.shape.width],
    bytes,
    offset: placement.kind === 'workspace' ? placement.offset : null,
    place: placement.kind,
    firstStep,
    lastStep,
  }));
}

function formatOf(layout: BufferLayout): string {
  if (layout.kind === 'bits') return '1 bit';
  const fraction = fractionOf(layout);
  if (fraction === null) return 'float32';
  return layout.kind === 'rowSums' ? fixedFormat(32, fraction) : fixedFormat(16, fraction);
}

/** A buffer that takes the place of one that its step reads for the last time counts once. */
function liveBytes(program: Program, step: number): number {
  const live = program.buffers
    .flatMap(({ placement, bytes, firstStep, lastStep }) =>
      placement.kind === 'workspace' && firstStep <= step && step <= lastStep
        ? [{ start: placement.offset, end: placement.offset + bytes }]
        : [],
    )
    .sort((a, b) => a.start - b.start);
  let total = 0;
  let covered = 0;
  for (const { start, end } of live) {
    total += Math.max(0, end - Math.max(start, covered));
    covered = Math.max(covered, end);
  }
  return total;
}
