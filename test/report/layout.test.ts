/** The network's drawing: boxes apart, blocks in order. */
import { describe, expect, test } from 'vitest';
import { axisFor } from '../../src/report/draw/scale.js';
import type { Box } from '../../src/report/layout/geometry.js';
import { layoutGraph } from '../../src/report/layout/layout-graph.js';
import { nameKey, splitBlocks } from '../../src/report/layout/split-blocks.js';
import { makeReport } from '../../src/report/make-report.js';
import { branchedNetwork, dynamicNetwork, sourcesOf, staticNetwork, tangledNetwork } from './report-fixtures.js';

const NETWORKS = [
  ['dynamic', makeReport(sourcesOf(dynamicNetwork(5)))],
  ['static', makeReport(sourcesOf(staticNetwork()))],
  ['branched', makeReport(sourcesOf(branchedNetwork()))],
  ['tangled', makeReport(sourcesOf(tangledNetwork()))],
] as const;

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width - 0.5 && b.x < a.x + a.width - 0.5 && a.y < b.y + b.height - 0.5 && b.y < a.y + a.height - 0.5;
const inside = (a: Box, b: Box): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

describe.each(NETWORKS)('%s', (_, { nodes, edges }) => {
  const layout = layoutGraph(nodes, edges);

  test('no two nodes overlap, nor two blocks', () => {
    for (const boxes of [layout.nodes, layout.blocks] as readonly (readonly Box[])[]) {
      boxes.forEach((a, i) => {
        for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
      });
    }
  });

  test('each node is inside its block, each block inside the drawing', () => {
    const sheet = { x: 0, y: 0, width: layout.width, height: layout.height };
    for (const block of layout.blocks) {
      expect(inside(block, sheet)).toBe(true);
      for (const id of block.nodes) expect(inside(layout.nodes[id]!, block)).toBe(true);
    }
    expect(layout.blocks.flatMap((b) => b.nodes)).toEqual(nodes.map((n) => n.id));
  });

  test('every edge is drawn once; lines have places', () => {
    expect(layout.edges.map((e) => `${e.from} ${e.to} ${e.kind}`).sort()).toEqual(
      edges.map((e) => `${e.from} ${e.to} ${e.kind}`).sort(),
    );
    const points = [...layout.edges.flatMap((e) => e.points), ...layout.connectors.flatMap((c) => c.corners)];
    expect(points.every((p) => Number.isFinite(p.x) && Number.isFinite(p.y))).toBe(true);
    expect(layout.edges.every((e) => e.points.length >= 2)).toBe(true);
  });

  test('an edge that leaves a block starts at its last node and ends in the next', () => {
    const blocks = splitBlocks(nodes, edges);
    const blockOf = (id: number): number => blocks.findIndex((b) => b.first <= id && id <= b.last);
    for (const { from, to } of edges) {
      if (blockOf(from) === blockOf(to)) continue;
      expect(blocks[blockOf(from)]!.last).toBe(from);
      expect(blockOf(to)).toBe(blockOf(from) + 1);
    }
  });
});

test('a repeated block looks the same and keeps its own names', () => {
  const { nodes, edges } = makeReport(sourcesOf(dynamicNetwork(9)));
  const layout = layoutGraph(nodes, edges);
  expect(new Set(layout.nodes.map((n) => n.id)).size).toBe(nodes.length);
});

test.each([
  ['blocks_0_sign1_3', 'blocks_0'],
  ['layer1_0_conv1', 'layer1_0'],
  ['/layers.3/conv/Conv', '/layers.3'],
  ['stem_0', 'stem_0'],
  ['conv1', 'conv1'],
  ['classifier', 'classifier'],
  ['', ''],
])('%s belongs to %s', (name, key) => expect(nameKey(name)).toBe(key));

test.each([
  [83_264, 1024, [0, 25_600, 51_200, 76_800, 102_400]],
  [462_000_000, 1000, [0, 200e6, 400e6, 600e6]],
  [3, 1000, [0, 1, 2, 3]],
  [0, 1000, [0]],
] as const)('an axis up to %d has round numbers', (largest, base, ticks) => {
  const axis = axisFor(largest, base);
  expect(axis.ticks).toEqual(ticks);
  expect(axis.top).toBeGreaterThanOrEqual(largest);
});
