/** A Design without an engine behind it: for tests of what a project says of its memory. */
import type { MapShape } from '../../src/bnn/bnn-graph.js';
import { loadAssets } from '../../src/host/load-assets.js';
import type { Program } from '../../src/program/program.js';
import { findBoard, readBoards } from '../../src/target/hls/board.js';
import type { Design, EngineConfig, EnginePlan } from '../../src/target/hls/types.js';

export const FAKE_CONFIG: EngineConfig = {
  portBits: 128,
  floatDepth: 8,
  floatRows: 1,
  floatSlots: 32,
  convertLanes: 2,
  pe: 32,
  pixels: 2,
  int8Pe: 16,
  int8Simd: 4,
  weightWords: 144,
  int8Words: 256,
  groupWords: 64,
  bitWords: 1024,
  mapWords: 4096,
  rowWords: 1024,
  rowsInLutram: 0,
  poolWords: 64,
  storeWords: 0,
  channels: 256,
  vectors: 2048,
  weightFifo: 512,
  maxPool: 1,
  averagePool: 1,
  functions: 1,
  exponential: 1,
};

type Parts = Pick<EnginePlan, 'inputs' | 'outputs' | 'ddrWords' | 'inputWords' | 'outputFloats' | 'hostSteps'> & {
  readonly portBits: EngineConfig['portBits'];
};

export function fakeDesign({ portBits, ...parts }: Parts): Design {
  const board = findBoard(readBoards(loadAssets()), 'ultra96v2');
  const config = { ...FAKE_CONFIG, portBits };
  const counts = { lut: 1, ff: 1, bram36: 1, uram: 0, dsp: 1 };
  return {
    board,
    clockMhz: board.clockMhz,
    config,
    plan: {
      config,
      pictures: parts.inputs.length,
      steps: [],
      program: new Int32Array(64),
      weights: [new Uint8Array(64), new Uint8Array(64)],
      traces: [],
      ...parts,
    },
    schedule: {
      clockMhz: board.clockMhz,
      pictures: parts.inputs.length,
      steps: [],
      cycles: 1,
      bytes: 1,
      seconds: 1,
      imagesPerSecond: 1,
      roofline: { cyclesSeconds: 1, ddrSeconds: 1 },
    },
    resources: { items: [{ what: 'all', counts }], total: counts },
  };
}

export function fakeProgram(input: MapShape, output: MapShape): Program {
  const declared = (name: string, { channels, height, width }: MapShape) => ({
    name,
    shape: [1, channels, height, width],
  });
  return {
    name: 'net',
    numeric: 'fixed16',
    input: declared('input', input),
    output: declared('output', output),
    steps: [],
    buffers: [],
    constants: [],
    workspaceBytes: 0,
    workspaceLowerBound: 0,
  };
}
