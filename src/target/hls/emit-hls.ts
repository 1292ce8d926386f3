/**
 * Design + golden samples -> the files of a Vitis HLS project. Flows in data, flows out data.
 *
 * Keeps true: what varies with the network is printed from templates/hls or as plain data; the engine, the simulation headers, scripts and
 * drivers are files of hw/hls, copied as they are.
 */
import type { Program } from '../../program/program.js';
import { commentText } from '../c/c-text.js';
import { countOf } from '../c/plan-c.js';
import type { Assets, GeneratedFiles } from '../files.js';
import { render } from '../render.js';
import { type Axi, axiOf, REGISTERS } from './axi.js';
import { mapsInUram } from './resources.js';
import { stepRows, traceRows } from './testbench.js';
import type { Design, EngineConfig, InputPlace, OutputPlace } from './types.js';

export interface EmitHlsOptions {
  /** C identifier: the prefix of every symbol and file. */
  readonly name: string;
  /** The model file's name and the compiler's version, for comments. */
  readonly source: string;
  readonly version: string;
  /** One line about the network. */
  readonly title: string;
  readonly goldenSamples: number;
}

/** Of the C target's kernels, what a host needs for the steps that it does itself (softmax). */
const HOST_KERNELS = [
  'dybnn_arithmetic.h',
  'dybnn_functions.h',
  'dybnn_kernels.h',
  'dybnn_sets.h',
  'dybnn_softmax_scalar.c',
  'dybnn_targets.h',
];
const HOST_READERS = ['dybnn_array.h', 'dybnn_array.c'];

/** Layout of NAME.json; pynq/dybnn_pynq.py asks for this one. */
const JSON_FORMAT = 1;

export function emitHls(
  program: Program,
  design: Design,
  golden: GeneratedFiles,
  assets: Assets,
  options: EmitHlsOptions,
): GeneratedFiles {
  const { name } = options;
  const { plan } = design;
  const view = viewOf(program, design, options);
  const file = (template: string): string => render(assets.template(`hls/${template}`), view, template);
  const files = new Map<string, string | Uint8Array>([
    ['README.md', file('README.md.ejs')],
    ['Makefile', file('Makefile.ejs')],
    [`${name}_config.hpp`, file('config.hpp.ejs')],
    [`${name}_top.hpp`, file('top.hpp.ejs')],
    [`${name}_top.cpp`, file('top.cpp.ejs')],
    [`${name}_layout.h`, file('layout.h.ejs')],
    [`${name}.json`, layoutJson(program, design, name)],
    [`${name}_program.bin`, littleEndian(plan.program)],
    [`${name}_weights0.bin`, plan.weights[0]],
    [`${name}_weights1.bin`, plan.weights[1]],
    ['testbench.cpp', file('testbench.cpp.ejs')],
    ['tcl/settings.tcl', file('settings.tcl.ejs')],
    ['host/baremetal/dybnn_registers.h', file('registers.h.ejs')],
    ['host/baremetal/main.c', file('main.c.ejs')],
    ['host/baremetal/blobs.S', file('blobs.S.ejs')],
  ]);
  for (const [path, text] of assets.hardware('hls')) files.set(placeOf(path), text);
  const kernels = assets.hardware('cpu');
  for (const path of HOST_KERNELS) files.set(`host/c/${path}`, kernels.get(path)!);
  const runner = assets.hardware('runner');
  for (const path of HOST_READERS) files.set(`host/c/${path}`, runner.get(path)!);
  for (const [path, content] of golden) files.set(`golden/${path}`, content);
  return files;
}

/** hw/hls/host, sim and tcl keep their folders; what lies beside them is the engine. */
function placeOf(path: string): string {
  return /^(host|sim|tcl)\//.test(path) ? path : `engine/${path}`;
}

function viewOf(program: Program, design: Design, options: EmitHlsOptions) {
  const { board, plan, schedule, clockMhz } = design;
  const { name } = options;
  const axi = axiOf(design);
  return {
    name,
    upper: name.toUpperCase(),
    guard: `DYBNN_${name.toUpperCase()}`,
    top: `${name}_engine`,
    source: commentText(options.source),
    version: options.version,
    title: commentText(options.title),
    estimates: estimateRows(design),
    board: {
      name: board.name,
      title: commentText(board.title),
      family: board.family,
      part: board.part,
      boardPart: board.boardPart,
      portBits: board.ports.bits,
      latencyNs: board.ddr.latencyNs,
    },
    clockMhz,
    periodNs: Number((1000 / clockMhz).toFixed(3)),
    mapsInUram: mapsInUram(board),
    rowsInLutram: design.config.rowsInLutram,
    parameters: parametersOf(design.config),
    registers: REGISTERS.map(({ name: register, offset, isAddress, what }) => ({
      name: register,
      upper: register.toUpperCase(),
      hex: hex(offset),
      hexHigh: hex(offset + 4),
      isAddress,
      what,
    })),
    axi: { ...axi, bundles: bundleLines(axi) },
    steps: stepRows(plan, schedule),
    traces: traceRows(program, plan),
    goldenSamples: options.goldenSamples,
    pictures: plan.pictures,
    mapsWords: plan.ddrWords,
    pictureWords: plan.inputWords,
    outputFloats: plan.outputFloats,
    programBytes: plan.program.byteLength,
    weightsBytes: plan.weights[0].length,
    inputShape: program.input.shape,
    outputShape: program.output.shape,
    pictureFloats: countOf(program.input.shape),
    resultFloats: countOf(program.output.shape),
    inputs: plan.inputs.map(inputRow),
    outputs: plan.outputs.map(outputRow),
    softmax: plan.hostSteps.includes('softmax') ? 1 : 0,
    baremetalRuns: plan.outputs[0]!.kind === 'map' ? 1 : BAREMETAL_RUNS,
  };
}

/** Runs of a call in the bare-metal example: enough that the processor's part is small. */
const BAREMETAL_RUNS = 4;

const RESOURCES = [
  ['LUT', 'lut'],
  ['FF', 'ff'],
  ['BRAM (36 Kb)', 'bram36'],
  ['URAM', 'uram'],
  ['DSP', 'dsp'],
] as const;

/** For the README; the report has more. */
function estimateRows({ board, schedule, resources, clockMhz, config }: Design) {
  const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
  const run = schedule.pictures === 1 ? 'one picture' : `${schedule.pictures} pictures side by side`;
  return [
    { what: `pictures a second at ${clockMhz} MHz`, value: whole(schedule.imagesPerSecond) },
    { what: `a run of the engine (${run})`, value: `${(1000 * schedule.seconds).toPrecision(3)} ms` },
    { what: 'binary array', value: `${config.pe} x 64 x ${config.pixels} XNORs a cycle` },
    ...RESOURCES.filter(([, key]) => board.budget[key] > 0).map(([name, key]) => ({
      what: name,
      value: `${whole(resources.total[key])} of ${whole(board.budget[key])} (${Math.round((100 * resources.total[key]) / board.budget[key])} %)`,
    })),
  ];
}

const hex = (offset: number): string => `0x${offset.toString(16).padStart(2, '0')}`;

function littleEndian(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(words.byteLength);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setInt32(4 * i, word, true);
  });
  return bytes;
}

type TemplateParameter = Exclude<keyof EngineConfig, 'rowsInLutram'>;

/** Of the template's parameters; rowsInLutram is a macro. */
const PARAMETER_COMMENTS: Readonly<Record<TemplateParameter, (c: EngineConfig) => string>> = {
  portBits: () => 'of a memory port; a word is twice as wide',
  floatDepth: () => 'cycles until an accumulator of a dense layer is free again',
  floatRows: () => 'vectors that a dense layer takes in one cycle',
  floatSlots: () => 'accumulators of a float lane',
  convertLanes: () => 'floats that are converted to or from integers in a cycle',
  pe: () => 'output channels of the binary array',
  pixels: () => 'output pixels of the binary array',
  int8Pe: ({ int8Pe, int8Simd }) => `output channels of the int8 array, ${int8Pe * int8Simd} multipliers`,
  int8Simd: () => 'its inputs',
  weightWords: ({ pe }) => `64 bits each, for each of ${pe} outputs`,
  int8Words: () => 'the same of the int8 array',
  groupWords: () => 'map words of the accumulators of a slot',
  bitWords: ({ bitWords, pixels }) =>
    `64 bits each in a bank of the packed-map memory: ${(16 * pixels * bitWords) / 1024} KiB in all`,
  mapWords: ({ mapWords, portBits }) => `map memory on chip: ${(mapWords * portBits) / 4 / 1024} KiB`,
  rowWords: () => 'row buffer in front of the int8 array and the pools',
  poolWords: () => 'a row of sums of a pooled shortcut',
  storeWords: () => 'a row of sums of a map that is stored pooled; 0: none is',
  channels: () => 'most channels of a map',
  vectors: () => 'floats in the vector memory',
  weightFifo: () => 'words that the weights may be ahead',
  maxPool: () => 'whether max pools are built',
  averagePool: () => 'whether average pools are',
  functions: () => 'whether functions that multiply are: hardSigmoid, hardSwish',
  exponential: () => 'and sigmoid, swish',
};

function parametersOf(
  config: EngineConfig,
): readonly { readonly name: string; readonly value: number; readonly comment: string }[] {
  return (Object.keys(PARAMETER_COMMENTS) as TemplateParameter[]).map((key) => ({
    name: key.replace(/[A-Z]/g, '_$&').toUpperCase(),
    value: config[key],
    comment: PARAMETER_COMMENTS[key](config),
  }));
}

/** A line for each bundle: name, what its arguments are, depth. */
function bundleLines(axi: Axi): readonly { readonly padded: string }[] {
  const bundles = [...new Set(axi.ports.map((p) => p.bundle))];
  return bundles.map((bundle) => {
    const ports = axi.ports.filter((p) => p.bundle === bundle);
    const what = ports.map(({ name }) => REGISTERS.find((r) => r.name === name)!.what).join('; ');
    const elements = bundle === 'gmem_o' ? `${ports[0]!.depth} of 4 bytes` : String(ports[0]!.depth);
    return { padded: `${bundle.padEnd(9)} ${what.padEnd(62)} ${elements}` };
  });
}

function inputRow({ shape, fraction, address, rowWords, pixelLanes }: InputPlace): string {
  return [shape.channels, shape.height, shape.width, fraction, address, rowWords, pixelLanes].join(', ');
}

function outputRow(place: OutputPlace): string {
  const { channels, height, width } = place.shape;
  const [kind, words, fraction] =
    place.kind === 'map' ? ['DYBNN_RESULT_MAP', place.pixelWords, place.fraction] : ['DYBNN_RESULT_VECTOR', 0, 0];
  return [kind, channels, height, width, place.address, words, fraction].join(', ');
}

/** The same for Python. */
function layoutJson(program: Program, design: Design, name: string): string {
  const { plan, board, config, clockMhz } = design;
  return `${JSON.stringify(
    {
      format: JSON_FORMAT,
      name,
      board: board.name,
      clockMhz,
      portBytes: config.portBits / 8,
      steps: plan.steps.length,
      pictures: plan.pictures,
      mapsWords: plan.ddrWords,
      pictureWords: plan.inputWords,
      outputFloats: plan.outputFloats,
      programBytes: plan.program.byteLength,
      weightsBytes: plan.weights[0].length,
      softmax: plan.hostSteps.includes('softmax'),
      inputShape: program.input.shape,
      outputShape: program.output.shape,
      inputs: plan.inputs.map(({ shape, fraction, address, rowWords, pixelLanes }) => ({
        ...shape,
        fraction,
        address,
        rowWords,
        pixelLanes,
      })),
      outputs: plan.outputs.map(({ shape, picture: _, ...place }) => ({ ...shape, ...place })),
      registers: Object.fromEntries(REGISTERS.map((r) => [r.name, r.offset])),
    },
    null,
    1,
  )}\n`;
}
