// Charts can be read: by pointer, by finger, by arrow keys and by ear, all from the rows that are saved as CSV. See chart_data.py.
(() => {
  const READ = '[data-x]', PAGE = 10;
  const all = (chart) => { // its rows; where they are bins of equal width, with the ends of each
    const rows = chart.dataset.rows.split('\n');
    if (!chart.dataset.ends) return rows;
    const [low, high] = chart.dataset.ends.split(',').map(Number);
    const edge = (i) => Number((low + ((high - low) * i) / rows.length).toPrecision(4));
    return rows.map((row, i) => `${edge(i)},${edge(i + 1)},${row}`);
  };
  let tip = null, line = null;
  const unmark = () => document.querySelectorAll('.read[data-at]').forEach((part) => part.classList.remove('read'));
  const hide = () => { for (const part of [tip, line]) if (part) part.hidden = true; unmark(); };
  const places = (chart) => {
    const given = chart.dataset.x.split(' ').map(Number), n = Number(chart.getAttribute('aria-valuemax'));
    if (given.length !== 2 || n === 2) return given;
    const wide = (given[1] - given[0]) / n;
    return Array.from({ length: n }, (_, i) => given[0] + (i + 0.5) * wide);
  };
  const show = (chart, at) => { // the row, in words, beside a line where it is drawn
    const cells = all(chart)[at].split(','), x = places(chart)[at], y = chart.dataset.y && Number(chart.dataset.y.split(' ')[at]);
    const words = chart.dataset.words ? chart.dataset.words.split('\n')[at] : chart.closest('[data-told]').dataset.told;
    const told = words.replace(/\{(\d+)\}/g, (_, n) => cells[n]).replace(/(^|[^\w.])-(?=\d)/g, '$1−');
    chart.setAttribute('aria-valuenow', at + 1);
    chart.setAttribute('aria-valuetext', told);
    if (!tip) {
      [line, tip] = ['chart-line', 'chart-tip'].map((name) => document.body.appendChild(Object.assign(document.createElement('div'), { className: name })));
      tip.setAttribute('aria-hidden', 'true'); // the chart's own value says it
    }
    const box = chart.getBoundingClientRect(), view = chart.viewBox.baseVal;
    const left = box.left + ((x - view.x) / view.width) * box.width;
    tip.textContent = told;
    tip.hidden = false;
    line.hidden = y !== undefined;
    unmark();
    chart.querySelector(`[data-at="${at}"]`)?.classList.add('read');
    Object.assign(line.style, { left: `${left}px`, top: `${box.top}px`, height: `${box.height}px` });
    const top = box.top + (y === undefined ? 0 : ((y - view.y) / view.height) * box.height);
    const wide = tip.offsetWidth, above = top - tip.offsetHeight - 6;
    tip.style.left = `${Math.max(8, Math.min(left - wide / 2, document.documentElement.clientWidth - wide - 8))}px`;
    tip.style.top = `${above > 0 ? above : box.bottom + 6}px`;
  };
  const lot = (chart, x, y) => { // of dots in lines, each row so many as its last number says: the row whose dot is there
    const [wide, step] = chart.dataset.dots.split(' ').map(Number);
    const dot = Math.floor(y / step) * wide + Math.max(0, Math.min(wide - 1, Math.floor(x / step)));
    let before = 0;
    const rows = all(chart), at = rows.findIndex((row) => (before += Number(row.split(',').at(-1))) > dot);
    return at < 0 ? rows.length - 1 : at;
  };
  const now = (chart) => Number(chart.getAttribute('aria-valuenow')) - 1;
  const point = (event) => {
    const chart = event.target.closest && event.target.closest(READ);
    if (!chart) return hide();
    const box = chart.getBoundingClientRect(), view = chart.viewBox.baseVal;
    const x = view.x + ((event.clientX - box.left) / box.width) * view.width;
    if (chart.dataset.dots) return show(chart, lot(chart, x, view.y + ((event.clientY - box.top) / box.height) * view.height));
    const far = places(chart).map((place) => Math.abs(place - x));
    show(chart, far.indexOf(Math.min(...far)));
  };
  for (const kind of ['pointermove', 'pointerdown']) addEventListener(kind, point, { passive: true });
  addEventListener('scroll', () => { // the keyboard's own way to a chart scrolls as well: its words go along
    const on = document.activeElement;
    if (tip && !tip.hidden && on && on.matches(`${READ}:focus-visible`)) show(on, now(on)); else hide();
  }, { passive: true, capture: true });
  addEventListener('focusin', ({ target }) => { if (target.matches(READ) && target.matches(':focus-visible')) show(target, now(target)); });
  addEventListener('focusout', ({ target }) => { if (target.matches && target.matches(READ)) hide(); });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
    const chart = event.target.closest && event.target.closest(READ);
    if (!chart || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = now(chart), last = Number(chart.getAttribute('aria-valuemax')) - 1;
    const by = { ArrowRight: at + 1, ArrowLeft: at - 1, PageUp: at + PAGE, PageDown: at - PAGE, Home: 0, End: last }[event.key];
    if (by !== undefined) {
      show(chart, Math.max(0, Math.min(last, by)));
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { // to the chart below or above
      const charts = [...chart.closest('[data-charts]').querySelectorAll(READ)].filter((one) => one.checkVisibility());
      const next = charts[charts.indexOf(chart) + (event.key === 'ArrowDown' ? 1 : -1)];
      if (!next) return;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: 'nearest' });
      show(next, now(next));
    } else return;
    event.preventDefault();
  });
  addEventListener('click', (event) => {
    const button = event.target.closest && event.target.closest('[data-save]');
    const section = button && button.closest('[data-charts]');
    if (!section) return;
    const parts = [section, ...section.querySelectorAll('[data-rows]')].filter((part) => part.dataset.rows);
    const rows = parts.flatMap((part) => all(part).map((row) => (part.dataset.key ? `${part.dataset.key},${row}` : row)));
    const file = new Blob([[section.dataset.columns, ...rows, ''].join('\r\n')], { type: 'text/csv' });
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: `mint-${section.dataset.charts}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000); // the browser is reading it still
  });
})();
