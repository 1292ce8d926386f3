/**
 * report.html in a real browser, headless. Uses the Chromium that is installed (/usr/bin/chromium, or what CHROMIUM names); without
 * one the tests are skipped and say so.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeReport } from '../../src/report/make-report.js';
import { HOSTILE, hostileNetwork } from './hostile-network.js';
import { dynamicNetwork, html, sourcesOf, TIMED, VERIFIED, WRONG } from './report-fixtures.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const installed = existsSync(executablePath);
if (!installed) console.warn(`browser tests skipped: no ${executablePath}; install chromium or set CHROMIUM`);

describe.skipIf(!installed)('in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dybnn-report-'));
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    // A test machine's Chromium may run as root, where its sandbox cannot.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => page.close());

  async function open(content: string, hash = ''): Promise<void> {
    const file = join(folder, 'report.html');
    writeFileSync(file, content);
    page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' });
    complaints = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`asks for ${request.url()}`);
    });
    await page.goto(`${pathToFileURL(file).href}${hash}`);
    await page.waitForSelector('html[data-ready]');
  }

  const report = makeReport(sourcesOf(dynamicNetwork()));
  const conv = report.nodes.find((n) => n.kind === 'binaryConv')!;
  const chosen = (): Promise<string | null> => page.locator('.node.chosen').getAttribute('data-node');

  test('opens, the graph is there and in sight, nobody complains', async () => {
    await open(html(report));
    expect(await page.locator('.node').count()).toBe(report.nodes.length);
    const graph = (await page.locator('#graph').boundingBox())!;
    const boxes = await page.locator('.node .box').evaluateAll((list) =>
      list.map((box) => {
        const { left, right, top, bottom } = box.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    for (const box of boxes) {
      expect(box.right - box.left).toBeGreaterThan(5);
      expect(box.left).toBeGreaterThanOrEqual(graph.x);
      expect(box.right).toBeLessThanOrEqual(graph.x + graph.width);
      expect(box.top).toBeGreaterThanOrEqual(graph.y);
      expect(box.bottom).toBeLessThanOrEqual(graph.y + graph.height);
    }
    expect(complaints).toEqual([]);
  });

  test('a click shows the layer', async () => {
    await open(html(report));
    await page.locator(`.node[data-node="${conv.id}"]`).click();
    const panel = page.locator('#panel');
    expect(await panel.locator('h3').textContent()).toBe(conv.title);
    const text = (await panel.textContent())!;
    expect(text).toContain(conv.name);
    expect(text).toContain(conv.counted.binaryMacs.toLocaleString('en-US'));
    expect(text).toContain(report.buffers[conv.reads[0]!.buffer]!.name);
    expect(text).toContain(conv.origin[0]!);
    expect(await chosen()).toBe(String(conv.id));
    expect(complaints).toEqual([]);
  });

  test('what verify found and what was measured is shown of a layer', async () => {
    const layer = conv.layers[0]!;
    const verify = { ...VERIFIED, layers: [{ ...VERIFIED.layers[1]!, layer }] };
    await open(
      html(makeReport({ ...sourcesOf(dynamicNetwork()), verify, times: { ...TIMED, layers: [{ layer, ms: 1.5 }] } })),
    );
    await page.locator(`.node[data-node="${conv.id}"]`).click();
    const facts = (await page.locator('#panel .facts').textContent())!;
    for (const words of ['1.50 ms · 75 %', 'every bit equal', '0 of 5,000', 'Flips3', '1.5e-6 · 4.5 ulps', '2.0e-7'])
      expect(facts).toContain(words);
    await page.keyboard.press('Escape');
    expect(await page.locator('.ranking').first().textContent()).toContain(conv.name);
    expect(await page.locator('#panel .wrong').count()).toBe(0);
    expect(await page.locator('#verified .chart').count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  test('a layer that differs stands out, and says why', async () => {
    await open(html(makeReport({ ...sourcesOf(dynamicNetwork()), verify: WRONG })));
    const wrong = page.locator('.node.wrong');
    expect(await wrong.count()).toBe(1);
    await wrong.click();
    expect(await page.locator('#panel .why.wrong').textContent()).toContain('7 values differ from ONNX Runtime');
    expect(complaints).toEqual([]);
  });

  test('a phone scrolls only down', async () => {
    await open(html(makeReport({ ...sourcesOf(dynamicNetwork()), verify: VERIFIED, times: TIMED })));
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  test('keys walk from layer to layer and close', async () => {
    await open(html(report));
    await page.locator('.node[data-node="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await chosen()).toBe('2');
    expect(await page.evaluate(`document.activeElement.getAttribute('data-node')`)).toBe('2');
    await page.keyboard.press('Escape');
    expect(await page.locator('.node.chosen').count()).toBe(0);
  });

  test('moves and zooms', async () => {
    await open(html(report));
    const transform = (): Promise<string | null> => page.locator('#viewport').getAttribute('transform');
    const fitted = await transform();
    await page.locator('#zoom-in').click();
    const zoomed = await transform();
    expect(zoomed).not.toBe(fitted);
    const graph = (await page.locator('#graph').boundingBox())!;
    await page.mouse.move(graph.x + 300, graph.y + 200);
    await page.mouse.down();
    await page.mouse.move(graph.x + 360, graph.y + 240, { steps: 4 });
    await page.mouse.up();
    expect(await transform()).not.toBe(zoomed);
    expect(await page.locator('.node.chosen').count()).toBe(0);
    await page.locator('#zoom-fit').click();
    expect(await transform()).toBe(fitted);
  });

  test('a chart leads to its layer, and tells when pointed at', async () => {
    await open(html(report));
    const bar = page.locator(`.bar[data-node="${conv.id}"]`).first();
    await bar.hover();
    expect(await page.locator('#tip').textContent()).toContain(conv.name);
    await bar.click();
    expect(await chosen()).toBe(String(conv.id));
  });

  test('a search marks and finds', async () => {
    await open(html(report));
    await page.locator('#find').fill(conv.name);
    expect(await page.locator('.node.found').count()).toBeGreaterThanOrEqual(1);
    await page.keyboard.press('Enter');
    expect(await chosen()).toBe(String(conv.id));
  });

  test('a link opens at its layer', async () => {
    await open(html(report), `#node-${conv.id}`);
    expect(await chosen()).toBe(String(conv.id));
  });

  test('names of a hostile model are text, in every panel', async () => {
    const hostile = makeReport(
      sourcesOf(hostileNetwork(), { file: HOSTILE[0]!, graph: HOSTILE[1]!, producer: HOSTILE[2]! }),
    );
    await open(html(hostile));
    for (const { id } of hostile.nodes) {
      await page.locator(`.node[data-node="${id}"]`).dispatchEvent('keydown', { key: 'Enter', bubbles: true });
      expect(await chosen()).toBe(String(id));
    }
    expect(await page.locator('h1').textContent()).toBe(HOSTILE[0]);
    expect(await page.evaluate(`'broken' in window`)).toBe(false);
    expect(await page.locator('img, script[src], iframe').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
