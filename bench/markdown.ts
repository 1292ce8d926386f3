/** Results as tables and a note for a README. */
import { MODE_WORDS } from './measure-network.js';
import { NUMBER_MODES } from './prepare-network.js';
import type { NetworkResult, Results } from './results.js';
import { bytes, milliseconds, times } from './units.js';

/** What a table shows of a contender: milliseconds, and how many times faster than ONNX Runtime; undefined where it did not run. */
interface Figures {
  readonly time: (n: NetworkResult, id: string) => number | undefined;
  readonly faster: (n: NetworkResult, id: string) => number | undefined;
}

const spread = (n: NetworkResult, id: string) => n.timings.find((t) => t.id === id)?.spread;

const MEDIANS: Figures = {
  time: (n, id) => spread(n, id)?.median,
  faster: (n, id) => n.speedups[id]?.median,
};

const LEAST: Figures = {
  time: (n, id) => spread(n, id)?.least,
  faster: (n, id) => {
    const [own, other] = [spread(n, id), spread(n, id.endsWith('-2') ? 'ort-2' : 'ort-1')];
    return own && other && other.least / own.least;
  },
};

export function markdown(results: Results, chart: string): string {
  const { machine } = results;
  return [
    ...table(results, MEDIANS),
    '',
    `![How many times faster than ONNX Runtime](${chart})`,
    '',
    `One picture, one thread unless said, medians of ${results.rounds} rounds in which all take turns; "faster" is the median of`,
    `the rounds' ratios to ONNX Runtime ${machine.onnxRuntime} in float32 with as many threads. ${machine.processor}`,
    `(${machine.features.filter((f) => /avx|amx|asimd|sve/.test(f)).join(', ')}), ${machine.cc}. Measured by \`npm run bench\`.`,
    '',
    'The least time of each in all rounds of that run, which other work on the machine lengthens least, and the ratios of these:',
    '',
    ...table(results, LEAST),
    '',
  ].join('\n');
}

function table({ networks }: Results, figures: Figures): readonly string[] {
  const isas = [...new Set(networks.flatMap((n) => n.timings.map((t) => t.id)))].filter((id) =>
    /^c-(avx512|avx2|scalar)/.test(id),
  );
  const modes = NUMBER_MODES.filter((mode) => networks.some((n) => spread(n, `c-${mode}-1`)));
  const ms = (n: NetworkResult, id: string): string => {
    const time = figures.time(n, id);
    return time === undefined ? '' : `${milliseconds(time)} ms`;
  };
  const faster = (n: NetworkResult, id: string): string => {
    const ratio = figures.faster(n, id);
    return ratio === undefined ? '' : `**${times(ratio)} x**`;
  };
  const both = (n: NetworkResult, id: string): string => `${ms(n, id)}, ${faster(n, id)}`;
  const head = [
    'network',
    'ONNX Runtime float32',
    'int8',
    `C, ${networks[0]?.kernels ?? 'native'}`,
    'faster',
    'two threads',
    ...modes.map((mode) => `C, ${MODE_WORDS[mode]}`),
    ...isas.map((id) => `C, ${id.split('-')[1]}`),
    'workspace',
  ];
  const rows = networks.map((n) => [
    n.name,
    ms(n, 'ort-1'),
    ms(n, 'ort-int8-1'),
    ms(n, 'c-1'),
    faster(n, 'c-1'),
    n.scaling ? both(n, 'c-2') : '',
    ...modes.map((mode) => both(n, `c-${mode}-1`)),
    ...isas.map((id) => both(n, id)),
    bytes(n.workspaceBytes),
  ]);
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map((r) => `| ${r.join(' | ')} |`),
  ];
}
