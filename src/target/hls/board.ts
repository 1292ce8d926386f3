/**
 * The boards that designs are sized for: hw/boards/NAME.json, checked against what hw/boards/board.schema.json says.
 *
 * Flows in: the files' text. Flows out: Boards. A damaged file is our bug; an unknown name is the user's slip.
 */

import { fail } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../text/suggest.js';
import type { Assets } from '../files.js';
import type { Board, ResourceCounts } from './types.js';

type Json = { readonly [key: string]: unknown };

export function readBoards(assets: Assets): readonly Board[] {
  return [...assets.hardware('boards')]
    .filter(([path]) => path.endsWith('.json') && !path.endsWith('.schema.json'))
    .map(([path, text]) => parseBoard(path.replace(/\.json$/, ''), text));
}

/** The board of that name; else the diagnostic lists all and the nearest. */
export function findBoard(boards: readonly Board[], name: string): Board {
  const found = boards.find((b) => b.name === name);
  if (found) return found;
  const names = boards.map((b) => b.name);
  const near = nearest(name, names);
  return fail('DYB407', {
    node: '--board',
    found: name,
    supported: names.join(', '),
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  });
}

export function parseBoard(name: string, text: string): Board {
  const at = (path: string): string => `hw/boards/${name}.json: ${path}`;
  const json = object(JSON.parse(text), at('the file'));
  only(json, ['title', 'part', 'boardPart', 'family', 'clockMhz', 'budget', 'ports', 'ddr'], at('the file'));
  const ports = object(json.ports, at('ports'));
  const ddr = object(json.ddr, at('ddr'));
  only(ports, ['count', 'bits'], at('ports'));
  only(ddr, ['type', 'bits', 'peakGBps', 'realisticGBps', 'latencyNs', 'source'], at('ddr'));
  const { family } = json;
  if (family !== 'zynq-ultrascale+' && family !== 'zynq-7000') throw new Error(at('family'));
  const board: Board = {
    name,
    title: string(json.title, at('title')),
    part: string(json.part, at('part')),
    boardPart: string(json.boardPart, at('boardPart')),
    family,
    clockMhz: positive(json.clockMhz, at('clockMhz')),
    budget: counts(object(json.budget, at('budget')), at('budget')),
    ports: { count: positive(ports.count, at('ports.count')), bits: positive(ports.bits, at('ports.bits')) },
    ddr: {
      type: string(ddr.type, at('ddr.type')),
      bits: positive(ddr.bits, at('ddr.bits')),
      peakGBps: positive(ddr.peakGBps, at('ddr.peakGBps')),
      realisticGBps: positive(ddr.realisticGBps, at('ddr.realisticGBps')),
      latencyNs: positive(ddr.latencyNs, at('ddr.latencyNs')),
      source: string(ddr.source, at('ddr.source')),
    },
  };
  if (board.ddr.realisticGBps > board.ddr.peakGBps) throw new Error(at('ddr.realisticGBps is more than the peak'));
  return board;
}

function counts(json: Json, where: string): ResourceCounts {
  only(json, ['lut', 'ff', 'bram36', 'uram', 'dsp'], where);
  const whole = (key: string): number => {
    const value = json[key];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new Error(`${where}.${key}`);
    return value;
  };
  return { lut: whole('lut'), ff: whole('ff'), bram36: whole('bram36'), uram: whole('uram'), dsp: whole('dsp') };
}

function object(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where} is no object`);
  return value as Json;
}

function only(json: Json, known: readonly string[], where: string): void {
  for (const key of Object.keys(json)) if (!known.includes(key)) throw new Error(`${where} has an unknown ${key}`);
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${where} is no text`);
  return value;
}

function positive(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value > 0)) throw new Error(`${where} is no positive number`);
  return value;
}
