/**
 * Whole networks at random: reference, optimizer, simulator and C agree in every bit of every tensor.
 *
 * PROOF_RUNS (default 240) and PROOF_SEED set how many and which; `npm run proof:networks` is the long form.
 */
import { expect, test } from 'vitest';
import { searchNetworks } from './check-networks.js';
import { networkPlans } from './network-arbitrary.js';

const runs = Number(process.env.PROOF_RUNS ?? 240);
const seed = Number(process.env.PROOF_SEED ?? 20_240_501);

test(
  'random networks: one answer from the reference, the simulator and C with every set of kernels and every split',
  async () => {
    const started = Date.now();
    const result = await searchNetworks({
      seed,
      runs,
      arbitrary: networkPlans,
      progress: (done) => {
        if (runs > 1000 && done % 400 === 0)
          process.stderr.write(`${done} networks, ${Math.round((Date.now() - started) / 1000)} s\n`);
      },
    });
    expect(result.failure).toBeNull();
    expect(result.networks).toBe(runs);
    // The generator is worth its name: few networks overflow, and some never round, which ties optimize down exactly.
    expect(result.skipped).toBeLessThan(runs / 10);
    expect(result.exact).toBeGreaterThan(0);
    process.stdout.write(
      `${result.networks} networks (${result.skipped} overflowed, ${result.exact} never rounded), ${result.runsInC} runs in C\n`,
    );
  },
  Math.max(240_000, runs * 1000),
);
