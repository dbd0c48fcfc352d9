// A lesson's card, see take_home.py. An address that carries one after its "#" shows it at once, before anything else of the page is
// there; nothing of it is sent. On the page itself a card can be printed, and shared or
// copied; and a report can be printed on a kiosk, where no file is saved.
((tables) => {
  const words = tables[document.documentElement.lang] || tables.en;
  const pattern = new RegExp(words.pattern);
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  const line = (parent, kind, text, style = '') => {
    const element = document.createElement(kind);
    element.textContent = text;
    element.className = style;
    parent.append(element);
    return element;
  };
  const show = () => {
    if (!location.hash.startsWith('#card=')) return;
    document.querySelector('dialog.card-home')?.remove();
    const found = pattern.exec(location.hash.slice(6));
    const box = document.createElement('dialog');
    box.className = 'card-home';
    line(box, 'p', 'MINT', 'name');
    const title = line(box, 'h2', found && words.networks[found[1]] ? words.title : words.unknown);
    title.id = 'card-home-title';
    box.setAttribute('aria-labelledby', title.id);
    if (found && words.networks[found[1]]) {
      const said = (place) => words.verdicts[found[place]];
      const values = { network: words.networks[found[1]], alpha: found[2], before: said(3), p: found[4], after: said(5), q: found[6],
        control: said(7), still: said(8) };
      for (const template of words.lines) line(box, 'p', fill(template, values));
      line(box, 'p', words.fine.join(' '), 'fine');
    }
    const close = line(box, 'button', words.close);
    close.type = 'button';
    close.addEventListener('click', () => box.close());
    box.addEventListener('close', () => {
      box.remove();
      history.replaceState(null, '', location.pathname + location.search); // and the address has forgotten it
    });
    document.body.append(box);
    box.showModal();
  };
  show(); // the first screen is there by now, see first_screen.py
  addEventListener('hashchange', show);
  const share = async (button) => {
    const { share: url, title, text, done } = button.dataset;
    if (navigator.share) await navigator.share(url ? { title, url } : { title, text });
    else {
      await navigator.clipboard.writeText(url || text);
      button.textContent = done;
    }
  };
  addEventListener('click', ({ target }) => {
    const button = target.closest && target.closest('[data-print], [data-share], [data-print-report]');
    if (!button) return;
    if ('printReport' in button.dataset) { // a kiosk's, see downloads.py
      button.closest('.downloads').querySelector('iframe').contentWindow.print();
      return;
    }
    if ('print' in button.dataset) {
      document.documentElement.classList.add('printing-card');
      addEventListener('afterprint', () => document.documentElement.classList.remove('printing-card'), { once: true });
      print();
    } else {
      share(button).catch((error) => { // an address without https: the words stand there to be copied by hand
        if (error.name === 'AbortError') return;
        button.replaceWith(Object.assign(document.createElement('input'), { className: 'by-hand', readOnly: true, ariaLabel: button.dataset.title,
          value: button.dataset.share || button.dataset.text }));
      });
    }
  });
})(TABLES_OF_CARDS);
