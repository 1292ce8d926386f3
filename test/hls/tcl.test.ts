/** The scripts for AMD's tools, run by a plain tclsh with stand-ins for their commands: what they ask for, and what they notice. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadAssets } from '../../src/host/load-assets.js';
import { REGISTERS } from '../../src/target/hls/axi.js';
import { findBoard, readBoards } from '../../src/target/hls/board.js';
import { emitHls } from '../../src/target/hls/emit-hls.js';
import { fakeDesign, fakeProgram } from './fake-design.js';
import { missing, tclsh } from './tools.js';

const folder = mkdtempSync(join(tmpdir(), 'dybnn-tcl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(board: string): string {
  const target = join(folder, board);
  const shape = { channels: 3, height: 8, width: 8 };
  const design = {
    ...fakeDesign({
      portBits: 64,
      inputs: [{ picture: 0, shape, fraction: 13, address: 0, rowWords: 4, pixelLanes: 4 }],
      outputs: [{ picture: 0, shape, kind: 'vector', address: 0 }],
      inputWords: 32,
      ddrWords: 32,
      outputFloats: 192,
      hostSteps: [],
    }),
    board: findBoard(readBoards(loadAssets()), board),
  };
  const options = { name: 'net', source: 'net.onnx', version: '1', title: 'a network', goldenSamples: 1 };
  for (const [path, content] of emitHls(fakeProgram(shape, shape), design, new Map(), loadAssets(), options)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), content);
  }
  return target;
}

/** As the tool writes it; `output` is a keyword of Verilog. */
const HEADER = REGISTERS.map(({ name, offset }) => {
  const port = name === 'output' ? 'OUTPUT_R' : name.toUpperCase();
  return `#define XNET_ENGINE_CONTROL_ADDR_${port}_DATA 0x${offset.toString(16)}`;
}).join('\n');

function run(project: string, script: string, env: Readonly<Record<string, string>>) {
  const work = join(project, 'build');
  const args = [join(import.meta.dirname, 'tcl-stand-in.tcl'), join(project, 'tcl', script)];
  const { status, stdout, stderr } = spawnSync(tclsh!, args, {
    encoding: 'utf8',
    env: { ...process.env, DYBNN_WORK: work, ...env },
  });
  return { status, said: stdout.replaceAll(project, 'DIR'), stderr: stderr.replaceAll(project, 'DIR') };
}

describe.skipIf(missing('tclsh', tclsh))('Vitis HLS', () => {
  const project = write('ultra96v2');

  test('simulation, synthesis, co-simulation and export', () => {
    const { status, said } = run(project, 'hls.tcl', { DYBNN_STEPS: 'csim csynth cosim export', HW_HEADER: HEADER });
    expect(status).toBe(0);
    expect(said).toMatchSnapshot();
  });

  test('only what is asked for', () => {
    const { said } = run(project, 'hls.tcl', { DYBNN_STEPS: 'csim' });
    expect(said).toContain('csim_design -O -argv DIR');
    expect(said).not.toMatch(/csynth|cosim|export/);
  });

  test('a step that does not exist', () => {
    expect(run(project, 'hls.tcl', { DYBNN_STEPS: 'synth' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no step synth'),
    });
  });

  test('registers that are elsewhere, or missing', () => {
    const moved = HEADER.replace('RUNS_DATA 0x80', 'RUNS_DATA 0x84');
    expect(run(project, 'hls.tcl', { DYBNN_STEPS: 'csynth', HW_HEADER: moved })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('runs at 0x84, expected 0x80'),
    });
    const fewer = HEADER.replace(/.*OUTPUT_R_DATA.*\n/, '');
    expect(run(project, 'hls.tcl', { DYBNN_STEPS: 'csynth', HW_HEADER: fewer })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('output is missing'),
    });
  });
});

describe.skipIf(missing('tclsh', tclsh)).each(['zcu104', 'pynq-z2'])('Vivado, %s', (board) => {
  const project = write(board);

  test('block design and bitstream', () => {
    expect(run(project, 'vivado.tcl', {})).toMatchObject({ status: 1, stderr: expect.stringContaining('make ip') });
    run(project, 'hls.tcl', { DYBNN_STEPS: 'export', HW_HEADER: HEADER });
    const { status, said, stderr } = run(project, 'vivado.tcl', {});
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(said).toMatchSnapshot();
    for (const file of ['net.bit', 'net.hwh']) expect(existsSync(join(project, 'build', file))).toBe(true);
    // Each of the core's interfaces is connected once.
    for (const pin of ['ap_clk', 'ap_rst_n', 's_axi_control', 'interrupt', 'w0', 'w1', 'm0', 'm1', 'p', 'o']) {
      const name = pin.length <= 2 ? `engine/m_axi_gmem_${pin}` : `engine/${pin}`;
      expect(said.match(new RegExp(`${name}\\b`, 'g')), name).toHaveLength(1);
    }
  });

  test('timing that is not met ends in an error', () => {
    expect(run(project, 'vivado.tcl', { SLACK: '-0.2' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('timing is not met'),
    });
  });
});
