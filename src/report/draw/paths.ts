/** Lines as SVG path data. */
import type { Point } from '../layout/geometry.js';

const text = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
const between = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });

/** A uniform cubic B-spline from the first point to the last, near the others. */
export function curvePath(points: readonly Point[]): string {
  if (points.length < 3) return points.map((p, i) => `${i === 0 ? 'M' : 'L'}${text(p)}`).join('');
  const padded = [points[0]!, points[0]!, ...points, points.at(-1)!, points.at(-1)!];
  let path = `M${text(points[0]!)}`;
  for (let i = 1; i + 2 < padded.length; i++) {
    const [before, a, b, after] = [padded[i - 1]!, padded[i]!, padded[i + 1]!, padded[i + 2]!];
    const end = between(between(a, b, 2 / 3), between(b, after, 1 / 3), 1 / 2);
    if (i === 1 && before === a && a === b) continue;
    path += `C${text(between(a, b, 1 / 3))} ${text(between(a, b, 2 / 3))} ${text(end)}`;
  }
  return path;
}

/** Straight lines with rounded corners. */
export function cornerPath(corners: readonly Point[], radius = 10): string {
  let path = `M${text(corners[0]!)}`;
  for (let i = 1; i + 1 < corners.length; i++) {
    const [a, b, c] = [corners[i - 1]!, corners[i]!, corners[i + 1]!];
    const room = Math.min(radius, distance(a, b) / 2, distance(b, c) / 2);
    if (room < 0.5) continue;
    path += `L${text(between(b, a, room / distance(a, b)))}Q${text(b)} ${text(between(b, c, room / distance(b, c)))}`;
  }
  return `${path}L${text(corners.at(-1)!)}`;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
