/**
 * What a caller asks of the hardware back end, checked before anything is built.
 *
 * Flows in: options as they were typed. Flows out: a board and wishes; or a diagnostic. An option that has nothing to act on is
 * refused as well.
 */
import { fail } from '../../diagnostics/diagnostic.js';
import type { NumericMode } from '../../program/program.js';
import type { Assets } from '../files.js';
import { findBoard, readBoards } from './board.js';
import type { DesignWishes } from './choose-design.js';
import { parseFolding } from './folding.js';
import type { Board } from './types.js';

export interface HlsOptions {
  /** One of hw/boards. */
  readonly board?: string;
  readonly clockMhz?: number;
  /** Pictures a second. */
  readonly targetFps?: number;
  /** A file that fixes parameters of the engine: its text, and its name for messages. */
  readonly folding?: { readonly text: string; readonly file: string };
}

const OPTIONS: readonly (readonly [keyof HlsOptions, string])[] = [
  ['board', '--board'],
  ['clockMhz', '--clock'],
  ['targetFps', '--target-fps'],
  ['folding', '--folding'],
];

/** For a target without hardware. */
export function refuseHlsOptions(options: HlsOptions): void {
  const given = OPTIONS.filter(([key]) => options[key] !== undefined).map(([, option]) => option);
  if (given.length === 0) return;
  fail('DYB411', {
    node: given.join(', '),
    found: '--target c',
    hint: `${given.length === 1 ? 'it is' : 'they are'} for --target hls`,
  });
}

export interface HlsRequest {
  readonly board: Board;
  readonly wishes: DesignWishes;
}

export function hlsRequest(
  options: HlsOptions & { readonly numeric?: NumericMode; readonly weights?: string },
  assets: Assets,
): HlsRequest {
  const boards = readBoards(assets);
  const { board, clockMhz, targetFps, folding, numeric, weights } = options;
  if (numeric !== undefined && numeric !== 'fixed16') {
    fail('DYB411', {
      node: `--numeric ${numeric}`,
      found: '--target hls',
      supported: '--numeric fixed16, which is its default',
      hint: "the engine's maps are 16-bit integers; --target c computes in float32",
    });
  }
  if (weights !== undefined) {
    fail('DYB411', { node: '--weights', found: '--target hls', hint: 'it is for --target c' });
  }
  if (board === undefined) {
    const names = boards.map((b) => b.name).join(', ');
    fail('DYB411', { node: '--target hls', found: 'no --board', supported: names, hint: 'name one with --board' });
  }
  return {
    board: findBoard(boards, board),
    wishes: {
      ...(clockMhz === undefined ? {} : { clockMhz: atLeastOne('--clock', clockMhz) }),
      ...(targetFps === undefined ? {} : { targetFps: atLeastOne('--target-fps', targetFps) }),
      ...(folding === undefined
        ? {}
        : { folding: { file: folding.file, parameters: parseFolding(folding.text, folding.file) } }),
    },
  };
}

const MOST_MHZ = 1000;

/** For callers without a command line, which checks numbers itself. */
function atLeastOne(option: string, value: number): number {
  if (!(value > 0) || (option === '--clock' && value > MOST_MHZ)) {
    const most = option === '--clock' ? ` up to ${MOST_MHZ} MHz` : '';
    fail('DYB411', { node: option, found: String(value), supported: `a number above 0${most}`, hint: 'leave it out' });
  }
  return value;
}
