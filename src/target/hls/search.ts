/**
 * The engine for a network on a board: the fastest within the budget, or the smallest that is fast enough.
 *
 * Flows in: a Situation for each word width, a speed to reach. Flows out: an evaluated candidate; or what came nearest.
 * First every shape of the arrays, each with one picture and nothing run again; then, for those that did best, one kind of change after another as
 * long as any helps: convolutions run again, pictures side by side, more memory for weights on their way, other arrays. The same situation gives the
 * same engine.
 */
import { type Candidate, type Evaluated, evaluate, fits, run, type Situation, type Sized, sizeUp } from './evaluate.js';
import type { Folding } from './folding.js';
import { joinPoints } from './order-instances.js';
import { recomputable } from './recompute.js';
import { RESOURCE_NAMES } from './resources.js';
import type { EngineChoice } from './size-engine.js';
import { SIMD } from './sizes.js';
import type { EngineConfig } from './types.js';

export type Found =
  | { readonly kind: 'found'; readonly best: Evaluated }
  /** None is fast enough. */
  | { readonly kind: 'slow'; readonly fastest: Evaluated }
  /** None fits: the one that is over the budget by least. Null: not even the arrays go together, or hold the network. */
  | { readonly kind: 'none'; readonly nearest: Sized | null };

const PIXELS: readonly EngineConfig['pixels'][] = [1, 2, 4, 8];
const INT8_SIMD: readonly number[] = [1, 2, 4, 8, 16];
const ROWS_IN_LUTRAM: readonly EngineConfig['rowsInLutram'][] = [0, 1];
const FLOAT_ROWS: readonly EngineConfig['floatRows'][] = [1, 2];
const MOST_INT8_PRODUCTS = 512;
/** The depths of a block RAM and of two, four in a row. */
const WEIGHT_WORDS: readonly number[] = [512, 1024, 2048];
const PICTURES: readonly number[] = [2, 3, 4, 6, 8, 10, 16];
/** Arrays that are looked at further. */
const FINALISTS = 4;
const MOST_JOIN_POINTS = 12;
const FIRST_WEIGHT_FIFO = 512;
const WEIGHT_FIFOS: readonly number[] = [1024, 2048, 4096];
const MOST_ROUNDS = 3;
const ARRAYS = [
  'pe',
  'pixels',
  'int8Pe',
  'int8Simd',
  'floatRows',
  'rowsInLutram',
  'weightWords',
  'weightFifo',
] as const satisfies readonly (keyof EngineChoice)[];

const NO_PICTURES = { pictures: 1, joinAt: 0 } as const;

/** The networks of every word width that is tried, made once. */
export type SituationOf = (portBits: EngineConfig['portBits']) => Situation;

export function search(
  situationOf: SituationOf,
  portWidths: readonly EngineConfig['portBits'][],
  targetFps: number | undefined,
): Found {
  const of = (e: Candidate): Situation => situationOf(e.choice.portBits);
  const sized = portWidths.flatMap((portBits) => {
    const situation = situationOf(portBits);
    return choices(portBits, situation.folding, 1).flatMap((choice) => {
      const found = sizeUp(situation, { choice, order: NO_PICTURES, again: [] });
      return found ? [found] : [];
    });
  });
  const fitting = worthTrying(sized.filter(fits)).flatMap((e) => run(of(e), e) ?? []);
  if (fitting.length === 0)
    return { kind: 'none', nearest: least(sized, (e) => 1000 * e.short.length + fill(e, of(e))) };
  const improved = finalistsOf(fitting, of, targetFps).map((e) => improve(of(e), e));
  const all = [...fitting, ...improved];
  const fastest = least(all, (e) => -speed(e))!;
  if (targetFps === undefined) return { kind: 'found', best: fastest };
  const best = least(
    all.filter((e) => speed(e) >= targetFps),
    (e) => fill(e, of(e)),
  );
  return best ? { kind: 'found', best } : { kind: 'slow', fastest };
}

const speed = (e: Evaluated): number => e.schedule.imagesPerSecond;

/** The first of those with the least. */
function least<T>(all: readonly T[], of: (one: T) => number): T | null {
  return all.reduce<T | null>((best, next) => (best === null || of(next) < of(best) ? next : best), null);
}

/** The quickest; where a speed is asked for, also the smallest, which may reach it once improved. */
function finalistsOf(
  fitting: readonly Evaluated[],
  of: (e: Evaluated) => Situation,
  targetFps: number | undefined,
): readonly Evaluated[] {
  const bySpeed = [...fitting].sort((a, b) => speed(b) - speed(a));
  if (targetFps === undefined) return bySpeed.slice(0, FINALISTS);
  const hopeful = bySpeed.filter((e) => speed(e) * 2 >= targetFps);
  const bySize = [...hopeful].sort((a, b) => fill(a, of(a)) - fill(b, of(b)));
  return [...new Set([...bySpeed.slice(0, FINALISTS), ...bySize.slice(0, 2 * FINALISTS)])];
}

/** The largest share of the budget that something takes, then the sum of all shares. */
function fill(e: Sized, { budget }: Situation): number {
  const shares = RESOURCE_NAMES.map((name) => (budget[name] === 0 ? 0 : e.resources.total[name] / budget[name]));
  return Math.max(...shares) + shares.reduce((sum, s) => sum + s, 0) / 100;
}

/** Without those beside which another has arrays as large in every respect, and as much memory. */
function worthTrying(all: readonly Sized[]): readonly Sized[] {
  const measures = ({ config }: Sized): readonly number[] => [
    config.mapWords,
    config.portBits,
    config.weightWords,
    config.weightFifo,
    // Neither shape of an array is better for every network.
    config.pe,
    config.pixels,
    config.int8Pe,
    config.int8Simd,
    config.floatRows,
  ];
  const rows = all.map(measures);
  return all.filter(
    (_, i) =>
      !rows.some(
        (other, j) =>
          j !== i && other.every((m, k) => m >= rows[i]![k]!) && (j < i || other.some((m, k) => m > rows[i]![k]!)),
      ),
  );
}

/** Arrays whose parts divide one another, those of a folding file kept. */
export function choices(
  portBits: EngineConfig['portBits'],
  folding: Folding,
  pictures: number,
): readonly EngineChoice[] {
  const lanes = portBits / 8;
  const wordBits = 2 * portBits;
  const pes = folding.pe === undefined ? [1, 2, 4].map((n) => n * lanes) : [folding.pe];
  const pixels = folding.pixels === undefined ? PIXELS : [folding.pixels];
  const int8Pes = folding.int8Pe === undefined ? [1, 2, 4].map((n) => n * lanes) : [folding.int8Pe];
  const simds = folding.int8Simd === undefined ? INT8_SIMD : [folding.int8Simd];
  const rows = folding.floatRows === undefined ? FLOAT_ROWS.filter((n) => n <= pictures) : [folding.floatRows];
  const inLutram = folding.rowsInLutram === undefined ? ROWS_IN_LUTRAM : [folding.rowsInLutram];
  const depths = folding.weightWords === undefined ? WEIGHT_WORDS : [folding.weightWords];
  const weightFifo = folding.weightFifo ?? FIRST_WEIGHT_FIFO;
  const made: EngineChoice[] = [];
  for (const pe of pes.filter((n) => n % lanes === 0 && (n * SIMD) % wordBits === 0)) {
    for (const p of pixels) {
      for (const int8Pe of int8Pes.filter((n) => n % lanes === 0)) {
        for (const int8Simd of simds.filter((s) => lanes % s === 0 && int8Pe * s <= MOST_INT8_PRODUCTS)) {
          if ((8 * int8Pe * int8Simd) % wordBits !== 0) continue;
          for (const weightWords of depths) {
            for (const floatRows of rows) {
              for (const rowsInLutram of inLutram) {
                made.push({
                  portBits,
                  pe,
                  pixels: p,
                  int8Pe,
                  int8Simd,
                  floatRows,
                  rowsInLutram,
                  weightWords,
                  weightFifo,
                });
              }
            }
          }
        }
      }
    }
  }
  return made;
}

/** One kind of change after another, as long as any helps. */
function improve(situation: Situation, start: Evaluated): Evaluated {
  const changes = [runAgain, sideBySide, otherArrays];
  let best = start;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = best;
    for (const change of changes) best = change(situation, best);
    if (best === before) break;
  }
  return best;
}

const better = (a: Evaluated, b: Evaluated | null): Evaluated =>
  b && b.schedule.imagesPerSecond > a.schedule.imagesPerSecond ? b : a;

/** Convolutions from the largest maps on, each kept where it helps; two at once, as one may only make another worth it. */
function runAgain(situation: Situation, start: Evaluated): Evaluated {
  let best = start;
  let misses = 0;
  const all = recomputable(situation.network);
  for (const [i, index] of all.entries()) {
    if (best.again.includes(index)) continue;
    const more = all.slice(i, i + 2).filter((n) => !best.again.includes(n));
    const before = best;
    for (let n = 1; n <= more.length; n++) {
      const again = [...before.again, ...more.slice(0, n)];
      best = better(best, evaluate(situation, { ...candidateOf(before), again }));
    }
    misses = before === best ? misses + 1 : 0;
    if (misses >= 3) break;
  }
  return best;
}

function sideBySide(situation: Situation, start: Evaluated): Evaluated {
  let best = start;
  const points = joinPoints(situation.network.ops);
  const step = Math.max(1, Math.ceil(points.length / MOST_JOIN_POINTS));
  let misses = 0;
  for (const pictures of PICTURES) {
    const before = best;
    for (let i = 0; i < points.length; i += step) {
      best = better(best, evaluate(situation, { ...candidateOf(best), order: { pictures, joinAt: points[i]! } }));
    }
    misses = best === before ? misses + 1 : 0;
    if (misses >= 3) break;
  }
  const { pictures, joinAt } = best.order;
  if (pictures === 1) return best;
  const at = points.indexOf(joinAt);
  return points
    .slice(Math.max(0, at - step + 1), at + step)
    .reduce(
      (b, point) => better(b, evaluate(situation, { ...candidateOf(b), order: { pictures, joinAt: point } })),
      best,
    );
}

/** What was best for one picture need not be for several: engines that differ in one or two parameters. */
function otherArrays(situation: Situation, start: Evaluated): Evaluated {
  const { order, choice: now } = start;
  const { folding } = situation;
  const fifos = folding.weightFifo === undefined ? [FIRST_WEIGHT_FIFO, ...WEIGHT_FIFOS] : [folding.weightFifo];
  const near = choices(now.portBits, folding, order.pictures)
    .flatMap((choice) => fifos.map((weightFifo): EngineChoice => ({ ...choice, weightFifo })))
    .filter((choice) => {
      const changed = ARRAYS.filter((name) => choice[name] !== now[name]).length;
      return changed > 0 && changed <= 2;
    });
  const sized = near.flatMap((choice) => {
    const found = sizeUp(situation, { ...candidateOf(start), choice });
    return found && fits(found) ? [found] : [];
  });
  return worthTrying(sized).reduce<Evaluated>((best, e) => better(best, run(situation, e)), start);
}

const candidateOf = ({ choice, order, again }: Candidate): Candidate => ({ choice, order, again });
