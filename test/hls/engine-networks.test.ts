/** Random networks and a trained one on three engines in C++: every tensor that can be looked at, every step's cycles. ENGINE_RUNS and ENGINE_SEED: how many, which. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../src/host/temporary-folder.js';
import { ENGINES, runNetworks, runTrained } from './engine-networks.js';
import { versionOf } from './sim-build.js';

const compiler = process.env.CXX ?? 'g++';
const found = await versionOf(compiler);
if (found === null) console.warn(`random networks on the engine: skipped, there is no ${compiler}`);
const MODEL = join(import.meta.dirname, '..', '..', 'examples', 'fashion-mnist', 'models', 'dybnn.onnx');
const folder = temporaryFolder('hls-networks');
afterAll(folder.remove);
const count = Number(process.env.ENGINE_RUNS ?? 80);
const seed = Number(process.env.ENGINE_SEED ?? 1);

describe.skipIf(found === null)('random networks on the engine', () => {
  test.each(ENGINES.map((engine) => [`${engine.portBits} bits, ${engine.pe} x ${engine.pixels}`, engine] as const))(
    '%s',
    async (_name, engine) => {
      const result = await runNetworks(engine, { seed: seed + engine.portBits, count, compiler, into: folder.path });
      expect(result.text).toMatch(/^plans: \d+ passed, 0 failed\n$/);
      // Many networks are none for the accelerator: float operators on maps, outputs of several kinds.
      expect(result.ran).toBeGreaterThan(count / 10);
      process.stdout.write(`${result.ran} networks, ${result.refused} refused: ${result.text}`);
    },
    Math.max(900_000, count * 4000),
  );

  test.each(ENGINES.map((engine) => [`${engine.portBits} bits, ${engine.pe} x ${engine.pixels}`, engine] as const))(
    'the trained DyBNN, %s',
    async (_name, engine) => {
      const result = await runTrained(engine, MODEL, { compiler, into: folder.path });
      expect(result.text).toMatch(/^plans: \d+ passed, 0 failed\n$/);
      expect(result.pooledStores).toBeGreaterThan(0);
      // With eight pixels side by side the maps fit the same words apart.
      if (engine.pixels < 8) expect(result.overlaid).toBeGreaterThan(0);
    },
    900_000,
  );
});
