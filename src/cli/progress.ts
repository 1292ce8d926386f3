/**
 * How far a long run is: one line that is redrawn on a terminal, a plain line now and then elsewhere.
 */
import type { Terminal } from './terminal.js';

/** Seconds between two looks: on a terminal, and in a log. */
const REDRAW_MS = 100;
const LOG_MS = 10_000;

export class Progress {
  private readonly start = performance.now();
  private readonly drawn: boolean;
  private last = 0;
  private done = 0;

  /** `before`: what an earlier run has done already. */
  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
    private readonly before: number,
    private readonly unit: string,
  ) {
    this.drawn = terminal.streams.errIsTerminal && terminal.streams.env.TERM !== 'dumb';
  }

  advance(count: number, note: string): void {
    this.done += count;
    if (this.terminal.options.quiet) return;
    const now = performance.now();
    if (now - this.last < (this.drawn ? REDRAW_MS : LOG_MS)) return;
    // A log needs no line for what is over at once.
    if (!this.drawn && now - this.start < LOG_MS) return;
    this.last = now;
    this.terminal.streams.err(this.drawn ? `\r${this.bar(note)}\x1b[K` : `${this.line(note)}\n`);
  }

  /** Takes the drawn line away. */
  end(): void {
    if (this.drawn && this.last > 0) this.terminal.streams.err('\r\x1b[K');
  }

  private line(note: string): string {
    const reached = this.before + this.done;
    const seconds = (performance.now() - this.start) / 1000;
    const rate = this.done / Math.max(seconds, 1e-3);
    const left = rate > 0 ? (this.total - reached) / rate : 0;
    const percent = ((100 * reached) / this.total).toFixed(0);
    return `${reached}/${this.total} ${this.unit}  ${percent} %  ${note}  ${rate.toFixed(rate < 10 ? 1 : 0)}/s  ${duration(left)} left`;
  }

  private bar(note: string): string {
    const width = 24;
    const full = Math.round((width * (this.before + this.done)) / this.total);
    return `[${'#'.repeat(full)}${'-'.repeat(width - full)}] ${this.line(note)}`.slice(0, this.terminal.width - 1);
  }
}

/** 75 -> "1:15" */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
