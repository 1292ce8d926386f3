/**
 * What must not stay behind if the process ends early: drafts of folders, temporary builds.
 *
 * While something is registered, Ctrl-C and a termination run its action before the process ends; otherwise signals keep
 * their own effect, which is quicker.
 */
const actions = new Set<() => void>();
const NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
const SIGNALS = Object.keys(NUMBERS) as NodeJS.Signals[];

/** Registers an action; the function returned unregisters it without running it. */
export function cleanUpOnExit(action: () => void): () => void {
  if (actions.size === 0) {
    process.on('exit', runAll);
    for (const signal of SIGNALS) process.on(signal, endBySignal);
  }
  actions.add(action);
  return () => {
    if (!actions.delete(action) || actions.size > 0) return;
    process.off('exit', runAll);
    for (const signal of SIGNALS) process.off(signal, endBySignal);
  };
}

function runAll(): void {
  for (const action of [...actions]) action();
}

/** A command that listens itself ends by itself, and unregisters what it no longer needs. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  process.exit(128 + NUMBERS[signal]!);
}
