/** The table of checks for run.ts: to add a machine, a compiler or a setting, add a row. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAssets } from '../../src/host/load-assets.js';
import { PACKAGE_ROOT } from '../../src/host/package-root.js';
import { replayFile, replaySources } from '../../src/verify/replay.js';
import { type BatchItem, proveInC } from '../proof/c-batch.js';
import { ISO_FLAGS, ownSources, PROOF_FOLDER, run, runOrThrow, type Toolchain } from '../proof/toolchain.js';

export interface Check {
  readonly name: string;
  /** Commands that must be there. */
  readonly tools: readonly string[];
  /** Debian's packages that bring them. */
  readonly packages: readonly string[];
  /** What was found, in words; throws where it is wrong. */
  readonly run: (items: readonly BatchItem[]) => Promise<string>;
}

const words = (text: string): readonly string[] => text.split(' ').filter((w) => w !== '');

/** Every nth: enough of everything for settings that differ little. */
const every = (items: readonly BatchItem[], n: number): readonly BatchItem[] => items.filter((_, i) => i % n === 0);

async function replay(
  items: readonly BatchItem[],
  toolchain: Partial<Toolchain> & Pick<Toolchain, 'cc'>,
): Promise<string> {
  const full: Toolchain = { kernelFlags: ['-O2'], modelFlags: ['-O0'], linkFlags: [], emulator: [], ...toolchain };
  const { differences, runs, sets } = await proveInC(items, { toolchain: full });
  for (const [index, text] of differences)
    throw new Error(`${differences.size} models differ, first ${index}: ${text}`);
  return `${items.length} networks, ${runs} runs, kernels ${sets.join(', ')}`;
}

// ---- processors

interface Machine {
  readonly name: string;
  readonly cc: string;
  readonly flags?: string;
  readonly emulator: string;
  readonly packages: string;
}

const MACHINES: readonly Machine[] = [
  {
    name: 'aarch64 with NEON',
    cc: 'aarch64-linux-gnu-gcc',
    emulator: 'qemu-aarch64 -L /usr/aarch64-linux-gnu',
    packages: 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user',
  },
  {
    name: 'riscv64',
    cc: 'riscv64-linux-gnu-gcc',
    emulator: 'qemu-riscv64 -L /usr/riscv64-linux-gnu',
    packages: 'gcc-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user',
  },
  {
    name: '32-bit arm with VFP',
    cc: 'arm-linux-gnueabihf-gcc',
    emulator: 'qemu-arm -L /usr/arm-linux-gnueabihf',
    packages: 'gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user',
  },
  {
    name: '32-bit arm with NEON at hand',
    cc: 'arm-linux-gnueabihf-gcc',
    flags: '-march=armv7-a+neon-vfpv4 -O3',
    emulator: 'qemu-arm -L /usr/arm-linux-gnueabihf',
    packages: 'gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user',
  },
  {
    name: 'i386 with SSE',
    cc: 'i686-linux-gnu-gcc',
    flags: '-msse2 -mfpmath=sse',
    // An x86-64 processor runs it as it is, with the 32-bit library's own loader.
    emulator: '/usr/i686-linux-gnu/lib/ld-linux.so.2 --library-path /usr/i686-linux-gnu/lib',
    packages: 'gcc-i686-linux-gnu libc6-dev-i386-cross',
  },
  {
    name: 's390x, big-endian',
    cc: 's390x-linux-gnu-gcc',
    // In its ISO modes GCC says there that float expressions are double, as they were long ago.
    flags: '-fexcess-precision=fast',
    emulator: 'qemu-s390x -L /usr/s390x-linux-gnu',
    packages: 'gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user',
  },
];

const machineChecks: readonly Check[] = MACHINES.map(({ name, cc, flags, emulator, packages }) => ({
  name: `processor: ${name}`,
  tools: [cc, words(emulator)[0]!],
  packages: words(packages),
  run: (items) => {
    const own = words(flags ?? '');
    return replay(items, {
      cc: [cc],
      kernelFlags: ['-O2', ...own],
      modelFlags: ['-O0', ...own],
      emulator: words(emulator),
    });
  },
}));

// ---- compilers and levels on this machine

const LEVELS = ['-O0', '-O1', '-O2', '-O3', '-Os', '-O3 -flto', '-O3 -march=native', '-O3 -std=gnu11 -march=native'];
const COMPILERS = [
  { cc: 'gcc', packages: ['gcc'] },
  { cc: 'clang', packages: ['clang'] },
] as const;

const levelChecks: readonly Check[] = COMPILERS.flatMap(({ cc, packages }) =>
  LEVELS.map((level) => ({
    name: `compiler: ${cc} ${level}`,
    tools: [cc, ...(cc === 'clang' && level.includes('lto') ? ['ld.lld'] : [])],
    packages: [...packages, ...(cc === 'clang' && level.includes('lto') ? ['lld'] : [])],
    run: (items: readonly BatchItem[]) => {
      const flags = words(level);
      const link = level.includes('lto') ? [...flags, ...(cc === 'clang' ? ['-fuse-ld=lld'] : [])] : [];
      return replay(every(items, 4), { cc: [cc], kernelFlags: flags, modelFlags: flags, linkFlags: link });
    },
  })),
);

const SANITIZED = ['-g', '-O1', '-fno-omit-frame-pointer'];
const sanitizerChecks: readonly Check[] = [
  ...COMPILERS.map(({ cc, packages }) => ({
    name: `sanitizers: ${cc} address, undefined`,
    tools: [cc],
    packages: [...packages, ...(cc === 'clang' ? ['libclang-rt-14-dev'] : [])],
    run: (items: readonly BatchItem[]) => {
      const flags = [...SANITIZED, '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
      return replay(every(items, 2), { cc: [cc], kernelFlags: flags, modelFlags: flags, linkFlags: flags });
    },
  })),
  {
    name: 'sanitizers: gcc thread',
    tools: ['gcc'],
    packages: ['gcc'],
    run: (items) => {
      const flags = [...SANITIZED, '-fsanitize=thread'];
      return replay(every(items, 8), { cc: ['gcc'], kernelFlags: flags, modelFlags: flags, linkFlags: flags });
    },
  },
  {
    // The workspace is undefined before a run, the zones around it may not be touched.
    name: 'valgrind: nothing is read before it is written',
    tools: ['gcc', 'valgrind'],
    packages: ['gcc', 'valgrind'],
    run: (items) => {
      const flags = ['-g', '-O1', '-DDYBNN_REPLAY_VALGRIND'];
      return replay(every(items, 12), {
        cc: ['gcc'],
        kernelFlags: flags,
        modelFlags: ['-g', '-O1'],
        emulator: ['valgrind', '-q', '--error-exitcode=9', '--exit-on-first-error=yes'],
      });
    },
  },
];

// ---- static checks

/** A whole generated project's sources, as a user gets them. */
function writeProject(items: readonly BatchItem[]): {
  folder: string;
  kernels: readonly string[];
  units: readonly string[];
} {
  mkdirSync(PROOF_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(PROOF_FOLDER, 'static-'));
  const { files } = replaySources(items, loadAssets());
  for (const [path, content] of [...files, ...ownSources()]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const models = [...files.keys()].filter((path) => /^p\d+(_weights)?\.c$/.test(path));
  const kernels = [...ownSources().keys()].filter((path) => /^(kernels|runner)\/.*\.c$/.test(path));
  return { folder, kernels, units: models };
}

async function inProject(
  items: readonly BatchItem[],
  action: (project: ReturnType<typeof writeProject>) => Promise<string>,
): Promise<string> {
  const project = writeProject(items);
  try {
    return await action(project);
  } finally {
    rmSync(project.folder, { recursive: true, force: true });
  }
}

const WARNINGS = words(
  '-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wundef -Wdouble-promotion -Wvla -Werror',
);

const staticChecks: readonly Check[] = [
  ...COMPILERS.flatMap(({ cc, packages }) => [
    {
      name: `warnings: ${cc}, C99`,
      tools: [cc],
      packages,
      run: (items: readonly BatchItem[]) =>
        inProject(every(items, 20), async ({ folder, kernels, units }) => {
          for (const file of [...kernels, ...units]) {
            await runOrThrow([cc, '-std=c99', '-O2', ...WARNINGS, '-I.', '-c', '-o', '/dev/null', file], {
              cwd: folder,
            });
          }
          return `${kernels.length + units.length} files with ${WARNINGS.length - 1} kinds of warnings`;
        }),
    },
    {
      name: `warnings: ${cc}, as C++`,
      tools: [cc === 'gcc' ? 'g++' : 'clang++'],
      packages: cc === 'gcc' ? ['g++'] : packages,
      run: (items: readonly BatchItem[]) =>
        inProject(every(items, 20), async ({ folder, kernels, units }) => {
          const cxx = cc === 'gcc' ? 'g++' : 'clang++';
          const flags = [
            ...(cc === 'clang' ? ['-Wno-deprecated'] : []),
            ...words('-x c++ -std=c++11 -O1 -Wall -Wextra -Wpedantic -Werror -I. -c'),
          ];
          for (const file of [...kernels, ...units])
            await runOrThrow([cxx, ...flags, '-o', '/dev/null', file], { cwd: folder });
          return `${kernels.length + units.length} files`;
        }),
    },
  ]),
  {
    name: 'habits: no allocation, no state, nothing called but memcpy, memset, strcmp',
    tools: ['gcc', 'nm'],
    packages: ['gcc', 'binutils'],
    run: (items) =>
      inProject(every(items, 20), async ({ folder, kernels, units }) => {
        const mine = kernels.filter((k) => k.startsWith('kernels/'));
        const allowed =
          /^(dybnn_|p\d+_|replay_|memcpy$|memset$|memmove$|strcmp$|__cpu_|_GLOBAL_OFFSET_TABLE_$|__stack_chk)/;
        const called = new Set<string>();
        for (const file of [...mine, ...units]) {
          await runOrThrow(['gcc', '-std=c99', '-O2', '-I.', '-c', '-o', 'x.o', file], { cwd: folder });
          for (const line of (await runOrThrow(['nm', '-P', 'x.o'], { cwd: folder })).split('\n')) {
            const [symbol = '', type = ''] = line.split(' ');
            if (/^[bBdDsSgGC]$/.test(type) && !/sets/.test(symbol))
              throw new Error(`${file}: ${symbol} is memory that may change`);
            if (type === 'U' && !allowed.test(symbol)) throw new Error(`${file} calls ${symbol}`);
            if (type === 'U' && !/^(dybnn_|p\d+_)/.test(symbol)) called.add(symbol);
          }
        }
        return `${mine.length + units.length} files, from outside only ${[...called].sort().join(', ')}`;
      }),
  },
  {
    name: 'cppcheck',
    tools: ['cppcheck'],
    packages: ['cppcheck'],
    run: (items) =>
      inProject(every(items, 60), async ({ folder, kernels, units }) => {
        const flags = words(
          '--std=c99 --enable=warning,performance,portability --inline-suppr --error-exitcode=9 --quiet -I. --suppress=missingInclude --suppress=unknownMacro --check-level=exhaustive',
        ).filter((f) => f !== '--check-level=exhaustive');
        const result = await run(['cppcheck', ...flags, ...kernels, ...units], { cwd: folder });
        if (result.status !== 0) throw new Error(result.stderr);
        return `${kernels.length + units.length} files`;
      }),
  },
  {
    name: 'clang-tidy',
    tools: ['clang-tidy'],
    packages: ['clang-tidy'],
    run: (items) =>
      inProject(every(items, 60), async ({ folder, kernels, units }) => {
        const off = words(
          '-bugprone-easily-swappable-parameters -bugprone-narrowing-conversions -bugprone-implicit-widening-of-multiplication-result -clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling -bugprone-assignment-in-if-condition -bugprone-reserved-identifier -bugprone-macro-parentheses',
        );
        const checks = [
          '-*',
          'bugprone-*',
          'clang-analyzer-*',
          'misc-no-recursion',
          'misc-redundant-expression',
          ...off,
        ].join(',');
        for (const file of [...kernels.filter((k) => k.startsWith('kernels/')), ...units]) {
          const result = await run(
            ['clang-tidy', '--quiet', `--checks=${checks}`, '--warnings-as-errors=*', file, '--', '-std=c99', '-I.'],
            { cwd: folder },
          );
          if (result.status !== 0) throw new Error(`${file}\n${result.stdout.slice(0, 3000)}`);
        }
        return `${kernels.length + units.length} files, no recursion among them`;
      }),
  },
];

// ---- refusals

interface Refusal {
  readonly name: string;
  readonly cc: string;
  readonly flags: string;
  readonly packages: string;
}

const REFUSALS: readonly Refusal[] = [
  ...[
    '-ffast-math',
    '-Ofast',
    '-funsafe-math-optimizations',
    '-ffinite-math-only',
    '-fassociative-math -fno-signed-zeros -fno-trapping-math',
    '-freciprocal-math',
  ].flatMap((flags) => [
    { name: `gcc ${flags}`, cc: 'gcc', flags, packages: 'gcc' },
    ...(flags.startsWith('-ff') || flags === '-Ofast'
      ? [{ name: `clang ${flags}`, cc: 'clang', flags, packages: 'clang' }]
      : []),
  ]),
  {
    name: 's390x in an ISO mode',
    cc: 's390x-linux-gnu-gcc',
    flags: '-std=c99',
    packages: 'gcc-s390x-linux-gnu libc6-dev-s390x-cross',
  },
  {
    name: 'i386 with x87',
    cc: 'i686-linux-gnu-gcc',
    flags: '-mfpmath=387 -mno-sse',
    packages: 'gcc-i686-linux-gnu libc6-dev-i386-cross',
  },
];

const refusalChecks: readonly Check[] = [
  ...REFUSALS.map(({ name, cc, flags, packages }) => ({
    name: `refusal: ${name}`,
    tools: [cc],
    packages: words(packages),
    run: () =>
      inProject([], async ({ folder, kernels }) => {
        const own = kernels.filter((k) => k.startsWith('kernels/') && !/dispatch/.test(k));
        for (const file of [...own, 'kernels/dybnn_dispatch.c']) {
          const result = await run([cc, '-std=c99', '-O2', ...words(flags), '-I.', '-c', '-o', '/dev/null', file], {
            cwd: folder,
          });
          if (result.status === 0) throw new Error(`${file} compiles`);
          if (!/dybnn: /.test(result.stderr))
            throw new Error(`${file} fails, but not for the reason given: ${result.stderr.slice(0, 300)}`);
        }
        return `all ${own.length + 1} files of kernels refuse, with the reason`;
      }),
  })),
  {
    name: 'refusal: linked with -ffast-math, which flushes subnormals at run time',
    tools: ['gcc'],
    packages: ['gcc'],
    run: async (items) => {
      const toolchain: Toolchain = {
        cc: ['gcc'],
        kernelFlags: ['-O2'],
        modelFlags: ['-O0'],
        linkFlags: ['-ffast-math'],
        emulator: [],
      };
      const { differences } = await proveInC(items.slice(0, 1), { toolchain });
      const said = [...differences.values()].join(' ');
      if (!/flushes subnormals/.test(said)) throw new Error(`it runs: ${said}`);
      return 'the program says so and does not run';
    },
  },
];

// ---- microcontrollers

interface Board {
  readonly name: string;
  readonly board: string;
  readonly flags: string;
}

const BOARDS: readonly Board[] = [
  {
    name: 'Cortex-M4 with float unit',
    board: 'mps2-an386',
    flags: '-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16',
  },
  { name: 'Cortex-M3 without', board: 'mps2-an385', flags: '-mcpu=cortex-m3 -mfloat-abi=soft' },
  {
    name: 'Cortex-M7 with float unit',
    board: 'mps2-an500',
    flags: '-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-sp-d16',
  },
];

const boardChecks: readonly Check[] = BOARDS.map(({ name, board, flags }) => ({
  name: `microcontroller: ${name}`,
  tools: ['arm-none-eabi-gcc', 'qemu-system-arm'],
  packages: words('gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm'),
  run: (items) => runOnBoard(every(items.filter(isSmall), 6), board, words(flags)),
}));

/** A board's memory holds the data of many. */
function isSmall({ program, inputs }: BatchItem): boolean {
  const constants = program.constants.reduce((sum, { value }) => sum + value.data.byteLength, 0);
  return constants + inputs.byteLength < 48 << 10;
}

/** No operating system, no heap: test/machines/cortex-m. */
async function runOnBoard(items: readonly BatchItem[], board: string, flags: readonly string[]): Promise<string> {
  mkdirSync(PROOF_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(PROOF_FOLDER, 'board-'));
  try {
    const { files, units } = replaySources(items, loadAssets());
    const own = join(PACKAGE_ROOT, 'test/machines/cortex-m');
    const all = new Map<string, string | Uint8Array>([...files, ...ownSources()]);
    for (const name of readdirSync(own)) all.set(name, readFileSync(join(own, name)));
    all.set('data.c', dataSource(replayFile(items)));
    for (const [path, content] of all) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const kernels = [...all.keys()].filter((path) => /^kernels\/.*\.c$/.test(path));
    const cc = [
      'arm-none-eabi-gcc',
      ...flags,
      ...ISO_FLAGS.filter((f) => f !== '-Wpedantic'),
      '-Os',
      '-ffunction-sections',
      '-fdata-sections',
      '-ffreestanding',
      '-I.',
    ];
    const link = ['-nostartfiles', '-specs=nano.specs', '-Wl,--gc-sections', '-T', 'link.ld'];
    await runOrThrow([...cc, ...link, '-o', 'replay.elf', 'main.c', 'data.c', ...units, ...kernels], { cwd: folder });
    const symbols = await runOrThrow(['arm-none-eabi-nm', 'replay.elf'], { cwd: folder });
    if (/\b(malloc|_malloc_r|_sbrk|free)\b/.test(symbols)) throw new Error('a heap was linked in');
    const emulator = [
      'qemu-system-arm',
      '-M',
      board,
      '-nographic',
      '-semihosting-config',
      'enable=on,target=native',
      '-kernel',
      'replay.elf',
    ];
    const result = await run(emulator, { cwd: folder, timeout: 900_000 });
    const said = `${result.stdout}${result.stderr}`;
    const [, runs, failed] = /(\d+) runs, (\d+) failed/.exec(said) ?? [];
    if (failed !== '0' || runs === undefined || Number(runs) === 0)
      throw new Error(said.slice(0, 1500) || 'nothing was said');
    return `${items.length} networks, ${runs} runs, no heap, no operating system`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function dataSource(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: string[] = [
    '#include <stdint.h>',
    'extern const uint32_t replay_data[];',
    'const uint32_t replay_data[] = {',
  ];
  for (let i = 0; i < bytes.length; i += 32) {
    const row: string[] = [];
    for (let j = i; j < Math.min(i + 32, bytes.length); j += 4) row.push(`0x${view.getUint32(j, true).toString(16)}u,`);
    lines.push(row.join(' '));
  }
  return `${lines.join('\n')}\n};\n`;
}

export const CHECKS: readonly Check[] = [
  ...machineChecks,
  ...boardChecks,
  ...levelChecks,
  ...refusalChecks,
  ...staticChecks,
  ...sanitizerChecks,
];
