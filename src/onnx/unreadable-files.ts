/**
 * External data that cannot be had: one file that is missing fails for each tensor in it, and is said once.
 *
 * Flows in: refusals, tensor by tensor. Flows out: a DYB103 for each file and kind of reason.
 */
import type { DiagnosticBag } from '../diagnostics/diagnostic.js';
import { displayName } from './describe.js';

interface Refusal {
  readonly location: string;
  /** The first tensor, and the reason of the last: where a file is too short it asks for the most. */
  readonly where: string;
  reason: string;
  count: number;
}

export class UnreadableFiles {
  private readonly refusals = new Map<string, Refusal>();

  refuse(where: string, location: string, reason: string): void {
    const key = `${reason.replace(/\d+/g, '#')}\n${location}`;
    const known = this.refusals.get(key);
    if (known) {
      known.count++;
      known.reason = reason;
    } else {
      this.refusals.set(key, { location, where, reason, count: 1 });
    }
  }

  report(bag: DiagnosticBag): void {
    for (const { location, where, reason, count } of this.refusals.values()) {
      bag.error('DYB103', {
        node: count === 1 ? where : `${where} and ${count - 1} more`,
        found: `${displayName(location)}: ${reason}`,
      });
    }
  }
}
