/** Results as tables of at most 100 columns. */
import type { Layer, NetworkResult, Results } from './results.js';
import { bytes, macs, milliseconds, percent, times } from './units.js';

const WIDTH = 100;
const SLOWEST_SHOWN = 14;

export function machineText({ machine, peaks }: Pick<Results, 'machine' | 'peaks'>): string {
  const { matrixMacsPerSecond, tableMacsPerSecond } = peaks;
  const tera = (rate: number | undefined, where: string): string =>
    rate === undefined ? '' : `${(rate / 1e12).toFixed(2)} T ${where}, `;
  const lines = [
    `${machine.processor}, ${machine.cores} cores, ${machine.caches.join(', ')}`,
    ...wrap(`${machine.features.join(' ')}`, WIDTH),
    `dybnn-compile ${machine.dybnnCompile}; Node ${machine.node}; ONNX Runtime ${machine.onnxRuntime}`,
    machine.cc,
    `peaks of one thread: ${(peaks.binaryMacsPerSecond / 1e12).toFixed(2)} T binary MACs/s (${peaks.binaryMethod}),`,
    `  ${tera(tableMacsPerSecond, 'by tables in AVX2')}${tera(matrixMacsPerSecond, 'in AMX')}${(peaks.floatMacsPerSecond / 1e9).toFixed(1)} G float MACs/s (mul, add)`,
    `  copying ${peaks.bandwidth
      .filter((_, i) => i % 3 === 1)
      .map((b) => `${(b.copy / 1e9).toFixed(0)} GB/s in ${bytes(b.workingSet)}`)
      .join(', ')}`,
  ];
  if (machine.loadAtStart > 0.5) {
    lines.push(
      `other work on this machine (load ${machine.loadAtStart.toFixed(1)}): trust the ratios more than the times`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export function networkText(network: NetworkResult): string {
  return [
    heading(
      `${network.name}  ${network.inputShape.join('x')}, ${macs(network.binaryMacs)} binary and ${macs(network.floatMacs)} float MACs`,
    ),
    timingTable(network),
    factsText(network),
    '',
    kindTable(network),
    '',
    layerTable(network),
    '',
  ].join('\n');
}

export function summaryText(results: Results): string {
  const rows = results.networks.map((n) => {
    const c1 = timing(n, 'c-1');
    const s1 = n.speedups['c-1'];
    const s2 = n.speedups['c-2'];
    const int8 = n.speedups['ort-int8-1'];
    const bound = sum(n.layers, (l) => l.bound) / 1000;
    return [
      n.name,
      c1 ? milliseconds(c1.spread.median) : '-',
      s1 ? `${times(s1.median)} x` : '-',
      s2 ? `${times(s2.median)} x` : '-',
      n.scaling ? times(n.scaling.median) : '-',
      s1 && int8 ? `${times(s1.median / int8.median)} x` : '-',
      milliseconds(bound),
      percent(bound / (sum(n.layers, (l) => l.time) / 1000)),
    ];
  });
  const head = ['', 'C, ms', 'vs float32', '2 threads', '1 -> 2', 'vs int8', 'bound, ms', 'reached'];
  return `${heading('Summary: generated C, one thread, against ONNX Runtime')}\n${table([head, ...rows])}\n`;
}

function timingTable(network: NetworkResult): string {
  const rows = network.timings.map((t) => {
    const s = network.speedups[t.id];
    return [
      t.label,
      String(t.threads),
      milliseconds(t.spread.median),
      `${milliseconds(t.spread.lower)}..${milliseconds(t.spread.upper)}`,
      milliseconds(t.spread.least),
      s ? `${times(s.median)} x` : '',
      s ? `${times(s.lower)}..${times(s.upper)}` : '',
    ];
  });
  return table([['', 'threads', 'median ms', 'quartiles', 'least', 'faster', 'quartiles'], ...rows]);
}

function factsText(n: NetworkResult): string {
  const scaling = n.scaling ? `two threads ${times(n.scaling.median)} x one; ` : '';
  const classes = Object.entries(n.sameClass).map(([id, same]) => `${id} ${same ? 'agrees' : 'DIFFERS'}`);
  return [
    `compile ${n.compile.seconds.toFixed(1)} s, ${bytes(n.compile.peakBytes)}; simulator ${n.simulateSeconds.toFixed(2)} s a picture; gcc ${n.build.seconds.toFixed(1)} s, ${bytes(n.build.peakBytes)}`,
    `model ${bytes(n.modelBytes)} -> program ${bytes(n.programBytes)}, ${bytes(n.weightBytes)} of it weights; workspace ${bytes(n.workspaceBytes)}, ${(n.workspaceBytes / Math.max(1, n.workspaceLowerBound)).toFixed(2)} x the lower bound`,
    `${scaling}the call of ONNX Runtime itself ${milliseconds(n.callMs)} ms`,
    `bits: ${n.bits}; first class: ${classes.join(', ')}`,
  ].join('\n');
}

/** Kinds of steps, with what bounds them. */
function kindTable(network: NetworkResult): string {
  const total = sum(network.layers, (l) => l.time);
  const kinds = [...new Set(network.layers.map((l) => l.kind))];
  const rows = kinds
    .map((kind) => ({ kind, layers: network.layers.filter((l) => l.kind === kind) }))
    .sort((a, b) => sum(b.layers, (l) => l.time) - sum(a.layers, (l) => l.time))
    .map(({ kind, layers }) => groupRow(kind, layers, total));
  const head = ['kind of step', 'steps', 'us', 'share', 'bound us', 'reached', 'popcount peak'];
  return table([head, ...rows, groupRow('all, 1 thread', network.layers, total)]);
}

function groupRow(name: string, layers: readonly Layer[], total: number): string[] {
  const time = sum(layers, (l) => l.time);
  const bound = sum(layers, (l) => l.bound);
  const peak = sum(layers, (l) => l.popcountTime);
  return [
    name,
    String(layers.length),
    time.toFixed(0),
    percent(time / total),
    bound.toFixed(0),
    percent(bound / time),
    peak > 0 ? percent(peak / time) : '',
  ];
}

function layerTable(network: NetworkResult): string {
  const total = sum(network.layers, (l) => l.time);
  const slowest = [...network.layers].sort((a, b) => b.time - a.time);
  const row = (l: Layer): string[] => [
    clip(l.name, 20),
    clip(l.what, 31),
    l.time.toFixed(1),
    percent(l.time / total),
    l.bound.toFixed(1),
    l.by,
    percent(l.bound / l.time),
    l.popcountTime > 0 ? percent(l.popcountTime / l.time) : '',
  ];
  const head = ['slowest steps', '', 'us', 'share', 'bound', 'by', 'reached', 'popc'];
  return table([head, ...slowest.slice(0, SLOWEST_SHOWN).map(row)], 2);
}

const timing = (n: NetworkResult, id: string) => n.timings.find((t) => t.id === id);

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

const clip = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

const heading = (text: string): string => `${text}\n${'-'.repeat(Math.min(WIDTH, text.length))}`;

/** The first `left` columns flush left, the others right. */
function table(rows: readonly (readonly string[])[], left = 1): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)));
  return rows
    .map((r) =>
      r
        .map((cell, c) => (c < left ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
