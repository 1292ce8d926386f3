/** A network whose names try to become markup, script, template or escape sequences. */
import type { BnnGraph } from '../../src/bnn/bnn-graph.js';
import { dynamicNetwork } from './report-fixtures.js';

export const HOSTILE: readonly string[] = [
  '"><img src=x onerror="window.broken=1">',
  '</script><script>window.broken=2</script>',
  "'><svg onload=window.broken=3>",
  '</style><style>*{display:none}</style>',
  '<%= process.exit(1) %>',
  '<%- include("/etc/passwd") %>',
  '\u202Egnp.exe\u0007\u001b[31m\u200b',
  `long_${'A'.repeat(5000)}`,
  '__proto__',
  'constructor',
  '\ud800 alone',
  '&lt;b&gt; `$ {{x}} -->',
  'javascript:window.broken=4',
];

export function hostileNetwork(): BnnGraph {
  const graph = dynamicNetwork(2);
  const hostile = (i: number): string => HOSTILE[i % HOSTILE.length]!;
  return {
    ...graph,
    name: hostile(0),
    nodes: graph.nodes.map((node, i) => ({
      ...node,
      name: `${hostile(i)}${i}`,
      origin: [hostile(i + 1), hostile(i + 2)],
    })),
    values: graph.values.map((value, i) => ({ ...value, name: hostile(i) })),
    declaredInput: { ...graph.declaredInput, name: hostile(1) },
    declaredOutput: { ...graph.declaredOutput, name: hostile(3) },
  };
}
