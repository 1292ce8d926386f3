/** Networks that once went wrong in C, found by random-networks.test.ts and made small. */
import { BnnBuilder, window } from '../support/bnn-builder.js';
import type { ContractVector } from './contract-vectors.js';

export function regressionNetworks(): readonly ContractVector[] {
  const networks: ContractVector[] = [];
  const network = (title: string, make: (b: BnnBuilder) => number): void => {
    const b = new BnnBuilder(networks.length + 1);
    const graph = b.build(make(b));
    const [, c = 1, h = 1, w = 1] = graph.declaredInput.shape;
    networks.push({ clause: 'regression', title, graph, inputs: Float32Array.from(b.floats(2 * c * h * w)) });
  };
  network('a vector that is input and parameter of one pass is not overwritten by its output', (b) => {
    const v = b.dense(b.input(4, 1, 1), 4);
    const param = { kind: 'dynamic', source: v } as const;
    const bent = b.rprelu(v, b.param(v, 0.1, 0.5), b.param(v, -0.9, -0.2));
    return b.addMaps(b.binaryConv(b.rsign(bent, param), 4, window(1, 1, 0)), bent);
  });
  network('a vector of signs may be a parameter', (b) => {
    const x = b.input(3, 4, 4);
    return b.rprelu(x, { kind: 'dynamic', source: b.rsign(b.gap(x)) }, null);
  });
  network('a concatenation is compared when all of its parts are there', (b) => {
    const x = b.input(3, 4, 4);
    return b.concat(x, b.conv(x, 2), x);
  });
  network('a model that needs no workspace compiles without a warning', (b) =>
    b.activation(b.input(1, 1, 1), { kind: 'relu' }),
  );
  network('RPReLU whose result is added to itself as a vector does not become its own parameter', (b) => {
    const bent = b.rprelu(b.input(3, 1, 1), null, null);
    return b.dynamicBias(bent, bent);
  });
  network('a convolution of one pixel whose only window lies in the padding is no dense layer', (b) =>
    b.conv(b.input(2, 1, 1), 3, window(1, 3, 1)),
  );
  return networks;
}
