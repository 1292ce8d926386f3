/**
 * Program + board -> the accelerator that is built for it; or a diagnostic with the numbers and the nearest that can be had.
 *
 * Flows in: a fixed16 Program, a board, what the user wishes. Flows out: a Design. Everything about its time and size is an estimate.
 */
import { DiagnosticError, fail, makeDiagnostic } from '../../diagnostics/diagnostic.js';
import type { Program } from '../../program/program.js';
import type { Assets } from '../files.js';
import { readBoards } from './board.js';
import type { Evaluated, Situation, Sized } from './evaluate.js';
import type { Folding } from './folding.js';
import { hardwareNames } from './hardware-names.js';
import { networkFromProgram } from './network-from-program.js';
import { packPlan } from './plan-engine.js';
import { RESOURCE_NAMES, RESOURCE_TITLES, scaled } from './resources.js';
import { choices, type Found, search } from './search.js';
import { simplifyNetwork } from './simplify-network.js';
import type { Board, Design, EngineConfig } from './types.js';

export interface DesignWishes {
  readonly clockMhz?: number;
  readonly targetFps?: number;
  readonly folding?: { readonly file: string; readonly parameters: Folding };
}

/**
 * Of each resource: what is left is for place and route, which fail or slow down on full devices, and for what the estimate does not see.
 */
export const BUDGET_SHARE = 0.8;

/** Narrow ports for small engines, wide ones where maps are the bottleneck; the interconnect narrows what the processor's ports are too narrow for. */
const PORT_WIDTHS: Readonly<Record<Board['family'], readonly EngineConfig['portBits'][]>> = {
  'zynq-7000': [64, 128],
  'zynq-ultrascale+': [64, 128, 256],
};

type Seek = (board: Board, clockMhz: number) => Found;

export function chooseDesign(program: Program, board: Board, wishes: DesignWishes, assets: Assets): Design {
  const names = hardwareNames(assets);
  const { targetFps } = wishes;
  const folding = wishes.folding?.parameters ?? {};
  const widthsOf = ({ family }: Board): readonly EngineConfig['portBits'][] =>
    folding.portBits === undefined ? PORT_WIDTHS[family] : [folding.portBits];
  checkArrays(widthsOf(board), wishes.folding);
  const networks = new Map<number, Situation['network']>();
  const networkOf = (portBits: EngineConfig['portBits']): Situation['network'] => {
    const known = networks.get(portBits) ?? simplifyNetwork(networkFromProgram(program, portBits / 8));
    networks.set(portBits, known);
    return known;
  };
  const seek: Seek = (on, clockMhz) => {
    const rest = { board: on, clockMhz, budget: scaled(on.budget, BUDGET_SHARE), folding, names };
    return search((portBits) => ({ network: networkOf(portBits), ...rest }), widthsOf(on), targetFps);
  };
  const clockMhz = wishes.clockMhz ?? board.clockMhz;
  const found = seek(board, clockMhz);
  if (found.kind !== 'found') return refuse(found, board, clockMhz, wishes, seek, readBoards(assets));
  const { config, laidOut, schedule, resources } = found.best;
  return { board, clockMhz, config, plan: packPlan(laidOut, names), schedule, resources };
}

/** A folding may fix arrays that do not go together. */
function checkArrays(widths: readonly EngineConfig['portBits'][], folding: DesignWishes['folding']): void {
  if (folding === undefined || widths.some((portBits) => choices(portBits, folding.parameters, 1).length > 0)) return;
  const { pe, int8Pe, int8Simd } = folding.parameters;
  fail('DYB410', {
    node: folding.file,
    found: Object.entries({ pe, int8Pe, int8Simd })
      .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
      .concat(`portBits ${widths.join(' or ')}`)
      .join(', '),
    supported:
      'pe and int8Pe are multiples of portBits / 8; int8Simd divides portBits / 8; int8Pe * int8Simd is at most 512 and a multiple of portBits / 4',
  });
}

function refuse(
  found: Exclude<Found, { readonly kind: 'found' }>,
  board: Board,
  clockMhz: number,
  { targetFps, folding }: DesignWishes,
  seek: Seek,
  boards: readonly Board[],
): never {
  const short = found.kind === 'none' ? (found.nearest?.short ?? []) : [];
  if (short.length > 0 && folding) {
    throw new DiagnosticError(
      short.map(({ parameter, needed, fixed }) =>
        makeDiagnostic('DYB410', {
          node: `${folding.file}: ${parameter}`,
          found: `${fixed}; the network needs ${needed}`,
          hint: `leave ${parameter} out, or raise it`,
        }),
      ),
    );
  }
  const node = `${board.title} at ${clockMhz} MHz`;
  const larger = boards
    .filter((b) => b.name !== board.name && b.budget.lut > board.budget.lut)
    .sort((a, b) => a.budget.lut - b.budget.lut);
  const other = firstThatDoes(larger, seek);
  const elsewhere = other
    ? `--board ${other.board.name}: ${speedOf(other.best)} estimated at ${other.board.clockMhz} MHz`
    : null;
  if (found.kind === 'slow') {
    fail('DYB409', {
      node,
      found: `the fastest engine found is estimated at ${speedOf(found.fastest)}; --target-fps asks for ${targetFps}`,
      supported: elsewhere ?? 'no board in hw/boards is faster',
      hint: `--target-fps ${atMost(found.fastest)} or less on this board`,
    });
  }
  fail('DYB409', {
    node,
    found:
      found.nearest && found.nearest.over.length > 0
        ? overBudget(found.nearest, board)
        : 'a layer whose weights no engine holds a tile of',
    supported: elsewhere ?? 'no board in hw/boards is large enough',
    ...(folding === undefined ? {} : { hint: `${folding.file} fixes ${Object.keys(folding.parameters).join(', ')}` }),
  });
}

function firstThatDoes(
  boards: readonly Board[],
  seek: Seek,
): { readonly board: Board; readonly best: Evaluated } | null {
  for (const board of boards) {
    const found = seek(board, board.clockMhz);
    if (found.kind === 'found') return { board, best: found.best };
  }
  return null;
}

function overBudget({ resources, over }: Sized, board: Board): string {
  const most = scaled(board.budget, BUDGET_SHARE);
  const share = `${Math.round(100 * BUDGET_SHARE)} %`;
  const parts = RESOURCE_NAMES.filter((name) => over.includes(name)).map(
    (name) => `${whole(resources.total[name])} ${RESOURCE_TITLES[name]} (${share} of the board: ${whole(most[name])})`,
  );
  return `the engine nearest to fitting is estimated at ${parts.join(', ')}`;
}

/** Three digits, rounded down: asked for, it is reached. */
function atMost({ schedule: { imagesPerSecond } }: Evaluated): string {
  const unit = 10 ** (Math.floor(Math.log10(imagesPerSecond)) - 2);
  return String(Number((Math.floor(imagesPerSecond / unit) * unit).toPrecision(3)));
}
function speedOf({ schedule: { imagesPerSecond } }: Evaluated): string {
  const number = imagesPerSecond < 100 ? imagesPerSecond.toPrecision(3) : whole(imagesPerSecond);
  return `${number} pictures a second`;
}

const whole = (n: number): string => Math.floor(n).toLocaleString('en-US');
