/**
 * The machine: what it is, said without names of hosts or paths, and what it can do at best (machine/peaks.c).
 */
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, loadavg, totalmem, type } from 'node:os';
import { checkoutCommit } from '../src/host/package-root.js';
import { VERSION } from '../src/version.js';
import { ONNX_RUNTIME_VERSION } from './onnx-runtime.js';
import { buildTool, CC, run, tryRun } from './processes.js';

export interface Bandwidth {
  readonly workingSet: number;
  /** Bytes a second; a copy counts what it reads and what it writes. */
  readonly read: number;
  readonly write: number;
  readonly copy: number;
}

export interface Peaks {
  readonly binaryMethod: string;
  readonly vectorBits: number;
  readonly binaryMacsPerSecond: number;
  /** By tables of activations, as the kernels for AVX2 do it. */
  readonly tableMacsPerSecond?: number;
  /** Through the matrix unit, where there is one. */
  readonly matrixMacsPerSecond?: number;
  readonly floatMacsPerSecond: number;
  readonly bandwidth: readonly Bandwidth[];
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly features: readonly string[];
  readonly caches: readonly string[];
  readonly memoryBytes: number;
  readonly system: string;
  readonly cc: string;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly dybnnCompile: string;
  /** Processes that wanted to run when the benchmark began, over a minute: the larger, the less a time says. */
  readonly loadAtStart: number;
}

const NOTABLE =
  /^(sse4_2|popcnt|avx2|fma|avx512(f|bw|dq|vl|vbmi|_vnni|_vpopcntdq|_bitalg|_bf16)|avx_vnni|amx_(tile|int8|bf16)|asimd|asimddp|sve|i8mm)$/;

export function describeMachine(): Machine {
  const commit = checkoutCommit();
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    features: cpuFlags().filter((f) => NOTABLE.test(f)),
    caches: cacheSizes(),
    memoryBytes: totalmem(),
    system: `${type()} ${arch()}`,
    cc: run(CC, ['--version']).split('\n')[0]!.trim(),
    node: process.version,
    onnxRuntime: ONNX_RUNTIME_VERSION,
    dybnnCompile: commit === undefined ? VERSION : `${VERSION} (${commit})`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

function cpuFlags(): readonly string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
  return line?.[1]?.split(/\s+/) ?? [];
}

function cacheSizes(): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < 8; i++) {
    const folder = `/sys/devices/system/cpu/cpu0/cache/index${i}`;
    if (!existsSync(folder)) break;
    const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8').trim();
    const kind = read('type');
    if (kind !== 'Instruction') found.push(`L${read('level')}${kind === 'Data' ? 'd' : ''} ${read('size')}`);
  }
  return found;
}

export function measurePeaks(folder: string): Peaks {
  const flags = ['-ffp-contract=off'];
  // Some compilers know -march=native, some only -mcpu=native.
  for (const native of ['-march=native', '-mcpu=native']) {
    if (tryRun(CC, [native, '-E', '-x', 'c', '/dev/null']) !== null) {
      flags.push(native);
      break;
    }
  }
  return JSON.parse(run(buildTool('peaks', folder, flags), [])) as Peaks;
}
