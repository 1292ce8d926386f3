// What the page does: the graph moves and zooms, a chosen node is shown in the panel and marked everywhere, charts have tips.
// Names come from models and may be anything: they are only ever set as text.
(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
  const svg = byId('graph');
  const viewport = byId('viewport');
  const stage = byId('stage');
  const panel = byId('panel');
  const tip = byId('tip');
  const width = Number(svg.dataset.width);
  const height = Number(svg.dataset.height);
  const nodes = [...svg.querySelectorAll('.node')];
  const nodeOf = new Map(nodes.map((n) => [Number(n.dataset.node), n]));

  const blockTitles = [...svg.querySelectorAll('.block-title')].map((text) => ({
    text,
    room: Number(text.dataset.room),
    length: Math.max(1, text.textContent.length),
  }));

  const before = data.nodes.map(() => []);
  const after = data.nodes.map(() => []);
  for (const [from, to] of data.edges) {
    if (!after[from].includes(to)) after[from].push(to);
    if (!before[to].includes(from)) before[to].push(from);
  }

  // The view: what is drawn at `x, y` of the canvas, `scale` pixels for each of the graph's.
  svg.removeAttribute('viewBox');
  let view = { x: 0, y: 0, scale: 1 };
  let fitted = true;
  const MAX = 2.5;
  const fitView = () => {
    const { width: w, height: h } = svg.getBoundingClientRect();
    const scale = Math.min(w / width, h / height, 1.4);
    return { scale, x: (w - width * scale) / 2, y: (h - height * scale) / 2 };
  };
  const show = (next) => {
    view = next;
    viewport.setAttribute('transform', `translate(${view.x} ${view.y}) scale(${view.scale})`);
    svg.classList.toggle('far', view.scale < 0.52);
    svg.classList.toggle('farther', view.scale < 0.24);
    // Names of blocks stay readable from afar, as far as there is room for them.
    const size = Math.min(30, Math.max(13.5, 11.5 / view.scale));
    for (const { text, room, length } of blockTitles) text.style.fontSize = `${Math.min(size, room / (0.62 * length))}px`;
  };
  const fit = () => {
    fitted = true;
    show(fitView());
  };
  const zoomAt = (px, py, factor) => {
    const scale = Math.min(MAX, Math.max(fitView().scale * 0.6, view.scale * factor));
    const k = scale / view.scale;
    fitted = false;
    show({ scale, x: px - (px - view.x) * k, y: py - (py - view.y) * k });
  };
  const zoomCenter = (factor) => {
    const { width: w, height: h } = svg.getBoundingClientRect();
    zoomAt(w / 2, h / 2, factor);
  };
  const move = (dx, dy) => {
    fitted = false;
    show({ ...view, x: view.x + dx, y: view.y + dy });
  };

  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let animation = 0;
  const glide = (to) => {
    cancelAnimationFrame(animation);
    if (still.matches) return show(to);
    const from = view;
    const start = performance.now();
    const frame = (now) => {
      const t = Math.min(1, (now - start) / 260);
      const e = 1 - (1 - t) ** 3;
      show({ x: from.x + (to.x - from.x) * e, y: from.y + (to.y - from.y) * e, scale: from.scale + (to.scale - from.scale) * e });
      if (t < 1) animation = requestAnimationFrame(frame);
    };
    animation = requestAnimationFrame(frame);
  };

  const boxOf = (node) => {
    const { e, f } = node.transform.baseVal.consolidate().matrix;
    const box = node.querySelector('.box');
    return { x: e, y: f, width: box.width.baseVal.value, height: box.height.baseVal.value };
  };
  // Brings a node into sight, large enough to read.
  const reveal = (id, readable) => {
    const { width: w, height: h } = svg.getBoundingClientRect();
    const box = boxOf(nodeOf.get(id));
    const scale = readable ? Math.max(view.scale, 0.8) : view.scale;
    const left = view.x + box.x * view.scale;
    const top = view.y + box.y * view.scale;
    const inside = left > 8 && top > 8 && left + box.width * view.scale < w - 8 && top + box.height * view.scale < h - 8;
    if (inside && scale === view.scale) return;
    fitted = false;
    glide({ scale, x: w / 2 - (box.x + box.width / 2) * scale, y: h / 2 - (box.y + box.height / 2) * scale });
  };

  // Pointers: one drags, two pinch. A press that hardly moves is a click.
  const pointers = new Map();
  let pressed = null;
  const at = (event) => {
    const { left, top } = svg.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    cancelAnimationFrame(animation);
    pointers.set(event.pointerId, at(event));
    pressed = { node: event.target.closest('.node'), moved: 0 };
  });
  svg.addEventListener('pointermove', (event) => {
    const old = pointers.get(event.pointerId);
    if (!old) return;
    const now = at(event);
    pressed.moved += Math.abs(now.x - old.x) + Math.abs(now.y - old.y);
    if (pressed.moved > 4 && !svg.hasPointerCapture(event.pointerId)) {
      svg.setPointerCapture(event.pointerId);
      svg.classList.add('dragging');
    }
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(old.x - other.x, old.y - other.y));
      zoomAt((now.x + other.x) / 2, (now.y + other.y) / 2, factor);
    } else if (pressed.moved > 4) {
      move(now.x - old.x, now.y - old.y);
    }
    pointers.set(event.pointerId, now);
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    svg.classList.remove('dragging');
    if (event.type === 'pointerup' && pressed.moved <= 4 && pressed.node) choose(Number(pressed.node.dataset.node), {});
  };
  svg.addEventListener('pointerup', release);
  svg.addEventListener('pointercancel', release);
  svg.addEventListener(
    'wheel',
    (event) => {
      // The page scrolls as usual unless one asks for zoom, or the graph fills the window.
      if (!event.ctrlKey && !event.metaKey && !stage.classList.contains('expanded')) return;
      event.preventDefault();
      const { x, y } = at(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      zoomAt(x, y, Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * 0.004));
    },
    { passive: false },
  );

  const setExpanded = (on) => {
    stage.classList.toggle('expanded', on);
    byId('expand').setAttribute('aria-pressed', String(on));
    byId('expand').textContent = on ? 'Close' : 'Expand';
    fit();
  };
  byId('zoom-in').addEventListener('click', () => zoomCenter(1.35));
  byId('zoom-out').addEventListener('click', () => zoomCenter(1 / 1.35));
  byId('zoom-fit').addEventListener('click', () => glide(fitView()));
  byId('expand').addEventListener('click', () => setExpanded(!stage.classList.contains('expanded')));

  // Keys
  svg.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = Number(event.target.closest('.node')?.dataset.node ?? chosen ?? 0);
    const go = (to) => to !== undefined && nodeOf.has(to) && choose(to, { focus: true, readable: true });
    const actions = {
      Enter: () => choose(id, { readable: true }),
      ' ': () => choose(id, { readable: true }),
      ArrowDown: () => go(id + 1),
      ArrowRight: () => go(id + 1),
      ArrowUp: () => go(id - 1),
      ArrowLeft: () => go(id - 1),
      Home: () => go(0),
      End: () => go(data.nodes.length - 1),
      '+': () => zoomCenter(1.35),
      '=': () => zoomCenter(1.35),
      '-': () => zoomCenter(1 / 1.35),
      0: () => glide(fitView()),
      f: () => setExpanded(!stage.classList.contains('expanded')),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (chosen !== null) clear();
    else if (stage.classList.contains('expanded')) setExpanded(false);
  });

  // Search
  const find = byId('find');
  let matches = [];
  find.addEventListener('input', () => {
    const words = find.value.trim().toLowerCase();
    matches = words === '' ? [] : data.nodes.flatMap((n, id) => (`${n.title} ${n.name} ${n.kind}`.toLowerCase().includes(words) ? [id] : []));
    svg.classList.toggle('searching', words !== '');
    for (const [id, node] of nodeOf) node.classList.toggle('found', matches.includes(id));
  });
  find.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || matches.length === 0) return;
    const next = matches.find((id) => id > (chosen ?? -1)) ?? matches[0];
    choose(next, { readable: true });
  });

  // The panel
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const section = (title, content) => {
    panel.append(make('h4', '', title), content);
  };
  const listOf = (items, row) => {
    const list = make('ul');
    for (const item of items) {
      const li = make('li');
      li.append(...row(item));
      list.append(li);
    }
    return list;
  };
  const linksTo = (ids) => {
    const links = make('div', 'links');
    for (const id of ids) {
      const button = make('button', `k-${data.kinds[id]}`, data.nodes[id].title);
      button.type = 'button';
      button.title = data.nodes[id].name;
      button.addEventListener('click', () => choose(id, { readable: true }));
      links.append(button);
    }
    return links;
  };
  const empty = panel.querySelector('.empty');
  const overview = () => {
    panel.replaceChildren(empty);
    for (const { title, source, nodes: list } of data.largest) {
      if (list.length === 0) continue;
      const head = make('h4', '', `${title} `);
      head.append(make('span', `badge ${source}`, source));
      const rows = make('div', 'ranking');
      for (const [id, share] of list) {
        const button = make('button', `k-${data.kinds[id]}`);
        button.type = 'button';
        const label = make('span', '', data.nodes[id].title);
        label.append(make('code', '', data.nodes[id].name));
        button.append(make('i'), label, make('span', 'amount', share));
        button.addEventListener('click', () => choose(id, { readable: true }));
        rows.append(button);
      }
      panel.append(head, rows);
    }
  };
  const fill = (id) => {
    const node = data.nodes[id];
    panel.replaceChildren();
    panel.scrollTop = 0;
    const kind = make('p', `panel-kind k-${data.kinds[id]}`);
    kind.append(make('i'), node.kind);
    const name = make('p', 'panel-name');
    name.append(make('code', '', node.name));
    const close = make('button', 'close', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', clear);
    panel.append(close, kind, make('h3', '', node.title), name);

    const facts = make('dl', 'facts');
    const fact = (label, value, source) => {
      if (value === '') return;
      const dd = make('dd', '', value);
      if (source) dd.append(make('span', `badge ${source}`, source));
      facts.append(make('dt', '', label), dd);
    };
    fact('Shape', node.shapes);
    fact('Numeric', node.numeric);
    for (const [label, value, source] of node.rows) fact(label, value, source);
    fact('Runs as', node.steps);
    panel.append(facts);
    if (node.problem !== '') panel.append(make('p', 'why wrong', node.problem));
    if (node.reason !== '') panel.append(make('p', 'why', `Stayed float: ${node.reason}`));
    if (node.parts.length > 0) section('Parts, in order', listOf(node.parts, ([part, detail]) => [make('span', '', part), make('small', '', detail)]));
    if (node.buffers.length > 0) {
      section('Place in memory', listOf(node.buffers, ([role, buffer, type, bytes, where]) => {
        const label = make('span', '', role);
        const small = make('small');
        small.append(make('code', '', buffer), ` · ${type} · ${where}`);
        return [label, make('span', 'amount', bytes), small];
      }));
    }
    if (node.constants.length > 0) {
      section('Constants', listOf(node.constants, ([constant, comment, bytes]) => {
        const label = make('span');
        label.append(make('code', '', constant));
        return [label, make('span', 'amount', bytes), make('small', '', comment)];
      }));
    }
    if (node.origin.length > 0) {
      const list = listOf(node.origin, (origin) => {
        const label = make('span');
        label.append(make('code', '', origin));
        return [label];
      });
      if (node.originMore > 0) list.append(make('li', '', `and ${node.originMore} more, in report.json`));
      section(`ONNX nodes: ${node.origin.length + node.originMore}`, list);
    }
    if (before[id].length > 0) section('Reads from', linksTo(before[id]));
    if (after[id].length > 0) section('Read by', linksTo(after[id]));
  };

  let chosen = null;
  const mark = (id) => {
    chosen = id;
    const near = new Set(id === null ? [] : [...before[id], ...after[id]]);
    for (const [other, node] of nodeOf) {
      node.classList.toggle('chosen', other === id);
      node.classList.toggle('near', near.has(other));
      node.setAttribute('tabindex', other === (id ?? 0) ? '0' : '-1');
      node.setAttribute('aria-pressed', String(other === id));
    }
    for (const edge of svg.querySelectorAll('.edge')) {
      const ends = edge.dataset.to.split(' ').map(Number);
      const from = Number(edge.dataset.from);
      edge.classList.toggle('lit', id !== null && (from === id || (ends.includes(id) && before[id].includes(from))));
    }
    for (const other of document.querySelectorAll('main .bar, main .buffer, main .event, main tr[data-node]')) {
      other.classList.toggle('chosen', id !== null && Number(other.dataset.node) === id);
    }
    try {
      history.replaceState(null, '', id === null ? location.pathname : `#node-${id}`);
    } catch {
      // A page from a sandbox has no history of its own.
    }
  };
  function clear() {
    mark(null);
    overview();
  }
  const choose = (id, { focus = false, readable = false }) => {
    if (!nodeOf.has(id)) return;
    mark(id);
    fill(id);
    reveal(id, readable);
    if (focus) nodeOf.get(id).focus({ preventScroll: true });
  };

  // Charts and tables lead to the graph.
  document.addEventListener('click', (event) => {
    const mark = event.target.closest?.('.chart [data-node], tr[data-node]');
    if (!mark) return;
    choose(Number(mark.dataset.node), { readable: true });
    stage.scrollIntoView({ block: 'center', behavior: still.matches ? 'auto' : 'smooth' });
  });

  // Tips
  document.addEventListener('pointermove', (event) => {
    const mark = event.target.closest?.('[data-tip]');
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const { width: w, height: h } = tip.getBoundingClientRect();
    const x = Math.min(innerWidth - w - 8, event.clientX + 14);
    const y = event.clientY + 18 + h > innerHeight ? event.clientY - h - 12 : event.clientY + 18;
    tip.style.transform = 'none';
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${Math.max(8, y)}px`;
  });

  new ResizeObserver(() => fitted && fit()).observe(svg);
  fit();
  overview();
  const linked = /^#node-(\d+)$/.exec(location.hash);
  if (linked) choose(Number(linked[1]), { readable: true });
  document.documentElement.dataset.ready = 'true';
})();
