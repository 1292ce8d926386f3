/** What a long run is at: one line that is drawn over on a terminal, a line each with --verbose, else nothing. */
import type { Terminal } from './terminal.js';

export class StatusLine {
  private readonly drawn: boolean;
  private visible = false;

  constructor(private readonly terminal: Terminal) {
    const { streams, options } = terminal;
    this.drawn = streams.errIsTerminal && streams.env.TERM !== 'dumb' && !options.quiet && !options.verbose;
  }

  show(words: string): void {
    if (!this.drawn) {
      this.terminal.detail(words);
      return;
    }
    this.terminal.streams.err(`\r${words.slice(0, this.terminal.width - 4)} ...\x1b[K`);
    this.visible = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.visible) this.terminal.streams.err('\r\x1b[K');
    this.visible = false;
  }
}
