/** Results as a table and a note for a README. */
import { MODE_WORDS } from './measure-network.js';
import { NUMBER_MODES } from './prepare-network.js';
import type { NetworkResult, Results } from './results.js';
import { bytes, milliseconds, times } from './units.js';

export function markdown(results: Results, chart: string): string {
  const { machine } = results;
  const isas = [...new Set(results.networks.flatMap((n) => n.timings.map((t) => t.id)))].filter((id) =>
    /^c-(avx512|avx2|scalar)/.test(id),
  );
  const modes = NUMBER_MODES.filter((mode) =>
    results.networks.some((n) => n.timings.some((t) => t.id === `c-${mode}-1`)),
  );
  const kernels = results.networks[0]?.kernels ?? 'native';
  const head = [
    'network',
    'ONNX Runtime float32',
    'int8',
    `C, ${kernels}`,
    'faster',
    'two threads',
    ...modes.map((mode) => `C, ${MODE_WORDS[mode]}`),
    ...isas.map((id) => `C, ${id.split('-')[1]}`),
    'workspace',
  ];
  const rows = results.networks.map((n) => [
    n.name,
    ms(n, 'ort-1'),
    ms(n, 'ort-int8-1'),
    ms(n, 'c-1'),
    faster(n, 'c-1'),
    n.scaling ? `${ms(n, 'c-2')}, ${faster(n, 'c-2')}` : '',
    ...modes.map((mode) => `${ms(n, `c-${mode}-1`)}, ${faster(n, `c-${mode}-1`)}`),
    ...isas.map((id) => `${ms(n, id)}, ${faster(n, id)}`),
    bytes(n.workspaceBytes),
  ]);
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map((r) => `| ${r.join(' | ')} |`),
    '',
    `![How many times faster than ONNX Runtime](${chart})`,
    '',
    `One picture, one thread unless said, medians of ${results.rounds} rounds in which all take turns; "faster" is the median of`,
    `the rounds' ratios to ONNX Runtime ${machine.onnxRuntime} in float32 with as many threads. ${machine.processor}`,
    `(${machine.features.filter((f) => /avx|amx|asimd|sve/.test(f)).join(', ')}), ${machine.cc}. Measured by \`npm run bench\`.`,
    '',
  ].join('\n');
}

function ms(n: NetworkResult, id: string): string {
  const t = n.timings.find((x) => x.id === id);
  return t ? `${milliseconds(t.spread.median)} ms` : '';
}

function faster(n: NetworkResult, id: string): string {
  const s = n.speedups[id];
  return s ? `**${times(s.median)} x**` : '';
}
