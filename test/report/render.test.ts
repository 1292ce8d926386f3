/** report.html as text: one file, nothing from outside, names never markup. */
import { describe, expect, test } from 'vitest';
import { readPictures } from '../../examples/fashion-mnist/pictures.js';
import { axisFor } from '../../src/report/draw/scale.js';
import { element, Html, scriptJson, trusted } from '../../src/report/html.js';
import { makeReport } from '../../src/report/make-report.js';
import { renderHtml } from '../../src/report/render-html.js';
import { HOSTILE, hostileNetwork } from './hostile-network.js';
import {
  ACCELERATED,
  dynamicNetwork,
  html,
  NEAR,
  reportOfFile,
  sourcesOf,
  staticNetwork,
  TIMED,
  VERIFIED,
  WRONG,
} from './report-fixtures.js';

describe('report.html', () => {
  const sources = sourcesOf(dynamicNetwork());
  const page = html(makeReport(sources));

  test('the same report gives the same file', () => {
    expect(html(makeReport(sources))).toBe(page);
  });

  test('asks for nothing from outside', () => {
    const markup = page.replace(/<(style|script)[\s\S]*?<\/\1>/g, '');
    expect(markup).not.toMatch(/\s(src|srcset|poster|data|action)=/);
    expect([...markup.matchAll(/(?:xlink:)?href="([^"]*)"/g)].filter(([, to]) => !to!.startsWith('#'))).toEqual([]);
    expect(page).not.toMatch(/@import|url\((?!#)|fetch\(|XMLHttpRequest|import\(|<link|<iframe/);
    expect(page).toContain("default-src 'none'");
  });

  test('every node is drawn, every number has its source', () => {
    const report = makeReport(sources);
    expect(page.match(/class="node k-/g)).toHaveLength(report.nodes.length);
    expect(page).toContain('badge estimated');
    expect(page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/undefined|NaN|\[object/);
  });

  test('a network as deep as those for ImageNet stays small', () => {
    expect(html(makeReport(sourcesOf(dynamicNetwork(13)))).length).toBeLessThan(2_000_000);
  });

  test('times and what verify found are shown where there are some', () => {
    const more = html(makeReport({ ...sources, verify: VERIFIED, times: TIMED }));
    expect(more).toMatch(/card-label">Time<span class="badge measured"/);
    expect(more).toMatch(/card-label">Mismatches<span class="badge measured"/);
    expect(more).toContain('["Smallest margin","2.0e-7","simulated"]');
    expect(more).toContain('["Largest error","1.5e-6 · 4.5 ulps","measured"]');
    expect(more).toContain('["Generated C","every bit equal","measured"]');
    expect(more).toContain('median of 50 runs, 1 thread, a processor, kernels avx2, cc 12, -O3.');
    expect(more).toContain('<summary>Flips, the widest first</summary>');
    expect(more).not.toContain('class="node k-binaryConv wrong"');
    expect(page).not.toContain('card-label">Time<');
    expect(page).toContain('dybnn-compile verify net.onnx --report FOLDER');
  });

  test('an accelerator: what it takes, its time, and that all of it is estimated', () => {
    const more = html(makeReport({ ...sources, accelerator: ACCELERATED }));
    expect(more).toContain('<a href="#accelerator">Accelerator</a>');
    expect(more).toMatch(/card-label">Pictures a second<span class="badge estimated"/);
    expect(more).toContain('41,000 of 70,560, 58 %');
    expect(more.match(/class="event k-/g)).toHaveLength(ACCELERATED.steps.length);
    expect(more.match(/class="busy waits"/g)).toHaveLength(1);
    expect(more).toContain(
      '1.20 ms for the cycles alone, 800 µs for the bytes alone at 3.94 GB/s: bound by the engine',
    );
    const section = /<section id="accelerator"[\s\S]*?<\/section>/.exec(more)![0];
    expect(section).toContain('never synthesised and never run on a board');
    expect(section.match(/badge (?!estimated)/)).toBeNull();
    expect(page).not.toContain('accelerator');
  });

  test('integers: formats, the largest seen or expected, what was clipped', () => {
    const model = 'examples/fashion-mnist/models/reactnet.onnx';
    const calibration = readPictures().inputs.slice(0, 784);
    const calibrated = html(reportOfFile(model, { numeric: 'fixed16', calibration }));
    expect(calibrated).toContain('>Largest seen</th>');
    expect(calibrated).toContain('>Format</th>');
    expect(calibrated).toMatch(/\["Largest seen","[\d.]+","simulated"\]/);
    expect(calibrated).toMatch(/card-label">Int8 MACs<span class="badge counted"/);
    expect(calibrated).toContain('1 bit × 1 bit → int32, exact; then int16 Q');
    expect(calibrated).not.toContain('>Clipped</th>');
    const estimated = html(reportOfFile(model, { numeric: 'fixed16' }));
    expect(estimated).toMatch(/\["Largest expected","[\d.]+","estimated"\]/);
    const report = reportOfFile(model, { numeric: 'fixed16' });
    const layers = report.layers.map((l) => ({ ...l, numbers: l.numbers && { ...l.numbers, saturated: l.index } }));
    const ran = html({ ...report, layers, ranges: { ...report.ranges!, ranOn: '2 golden samples' } });
    expect(ran).toContain('>Clipped</th>');
    expect(ran).toContain('["Clipped","1 over 2 golden samples","simulated"]');
    expect(page).not.toMatch(/Largest (seen|expected)|Int8 MACs/);
  });

  test('what integers cost, step by step', () => {
    const near = html(makeReport({ ...sources, verify: NEAR }));
    expect(near).toContain('["Own rounding","72.3 dB · 12 of 3,136 flips","measured"]');
    expect(near).toContain('["Run freely","31.2 dB · 90 of 3,136 flips","measured"]');
    expect(near).toMatch(/>equal<\/td><td class="number"><\/td><td class="number">20.5 dB</);
    expect(near).toContain('own rounding against the float32 simulator');
    expect(near).not.toContain('Max error');
  });

  test('an axis of counts has whole numbers', () => {
    expect(axisFor(1, 1000, 4, 1)).toEqual({ top: 1, ticks: [0, 1] });
    expect(axisFor(3, 1000, 4, 1).ticks).toEqual([0, 1, 2, 3]);
    expect(axisFor(1, 1000).ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  test('a step that differs stands out', () => {
    const wrong = html(makeReport({ ...sources, verify: WRONG }));
    expect(wrong.match(/class="node k-\w+ wrong"/g)).toHaveLength(1);
    expect(wrong).toContain(
      '7 values differ from ONNX Runtime by more than rounding explains; the generated C differs: step 1',
    );
    expect(wrong.match(/<\/script/g)).toHaveLength(2);
  });

  test('a network without dynamic units, or without binary convolutions', () => {
    expect(html(makeReport(sourcesOf(staticNetwork())))).toContain('no dynamic units');
  });
});

describe('a hostile model', () => {
  const page = html(
    makeReport(sourcesOf(hostileNetwork(), { file: HOSTILE[0]!, graph: HOSTILE[1]!, producer: HOSTILE[2]! })),
  );

  test('opens no element and closes none', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).not.toMatch(/<img|<svg onload|<\/style>[\s\S]*<\/style>/);
  });

  test('shows control and direction marks as text, long names shortened', () => {
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(page).not.toContain('A'.repeat(300));
  });

  test('its data is JSON', () => {
    const [, json] = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)!;
    expect(() => JSON.parse(json!)).not.toThrow();
  });
});

describe('templates of HTML', () => {
  test('escape what they print', () => {
    expect(renderHtml('<p><%= view.x %></p>', { x: `<b a="1">&'` }, 't')).toBe(
      '<p>&lt;b a=&quot;1&quot;&gt;&amp;&#39;</p>',
    );
    expect(renderHtml('<%= view.x %>', { x: element('b', { title: '"' }, '<') }, 't')).toBe(
      '<b title="&quot;">&lt;</b>',
    );
  });

  test('cannot print without escaping', () => {
    expect(() => renderHtml('<%- view.x %>', { x: '' }, 't')).toThrow('<%- does not escape');
  });

  test('throw on what the view lacks, and on what is no text', () => {
    expect(() => renderHtml('<%= view.y %>', { x: '' }, 't')).toThrow('no y in the view');
    expect(() => renderHtml('<%= view.constructor %>', { x: '' }, 't')).toThrow('no constructor in the view');
    expect(() => renderHtml('<%= [1] %>', { x: '' }, 't')).toThrow('neither text');
  });

  test('do not run what they print', () => {
    expect(renderHtml('<%= view.x %>', { x: '<%= 1 + 1 %>' }, 't')).toBe('&lt;%= 1 + 1 %&gt;');
  });
});

test('elements', () => {
  expect(element('p', { a: null, b: 1.26 }, 'x', null, ['<', trusted('<br>')]).markup).toBe('<p b="1.3">x&lt;<br></p>');
  expect(element('rect', { x: 1 }).markup).toBe('<rect x="1"/>');
  expect(element('text', {}).markup).toBe('<text></text>');
});

test('JSON in a script ends no script', () => {
  const value = { a: '</script><!--\u2028' };
  const { markup } = scriptJson(value);
  expect(markup).not.toMatch(/[<>\u2028]/);
  expect(JSON.parse(markup)).toEqual(value);
  expect(scriptJson(value)).toBeInstanceOf(Html);
});
