/** A thread of the simulator engine: holds the program, simulates batches. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Program } from '../../program/program.js';
import { type SimulatorReply, simulateBatch } from './simulator-engine.js';

const program = workerData as Program;

parentPort?.on('message', ({ id, inputs }: { readonly id: number; readonly inputs: Float32Array }) => {
  let reply: SimulatorReply;
  try {
    reply = { id, output: simulateBatch(program, inputs) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error : new Error(String(error)) };
  }
  parentPort?.postMessage(reply);
});
