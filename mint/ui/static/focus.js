// Where the keyboard goes: past the head, by the links that a first Tab shows; to the camera, from the visitor's own place among
// the faces; and to an answer, once it is there. The answer takes the focus only from whoever asked for it and has pressed nothing
// since.
(() => {
  const asks = '[data-pick], [data-done], #teach-start, .photo-input .capture-button, .photo-input .source-selection button:nth-of-type(3)';
  const quiet = ['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock']; // by themselves they do nothing here, and silence screen readers
  let pressed = 0, asked = -1; // how often something was pressed, and at which of these an answer was asked for
  const count = (event) => { if (!quiet.includes(event.key)) pressed += 1; };
  for (const kind of ['pointerdown', 'keydown', 'click']) addEventListener(kind, count, { capture: true, passive: true });
  addEventListener('click', ({ target }) => { if (target.closest && target.closest(asks)) asked = pressed; }, true);
  for (const kind of ['change', 'drop', 'paste']) {
    addEventListener(kind, ({ target }) => { if (kind !== 'change' || target.type === 'file') asked = pressed; }, true);
  }
  const shown = (element) => element && element.checkVisibility({ visibilityProperty: true }); // the page may wait behind its first screen
  addEventListener('answer', ({ target }) => { // see scroll.js
    const answer = target.querySelector('[data-visit]'), place = target.closest('[data-answer]');
    if (pressed === asked && /^(\d|problem)/.test(answer.dataset.visit) && shown(place)) place.focus({ preventScroll: true });
  });
  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('[data-skip]');
    if (!link) return;
    event.preventDefault(); // an address with a place in it would be kept
    const fold = link.dataset.skip.startsWith('#tab-') && document.querySelector(`${link.dataset.skip}-button`);
    if (fold) { // what is in a tab is drawn once it is opened
      fold.click();
      fold.focus({ preventScroll: true });
      fold.scrollIntoView({ block: 'start' });
      return;
    }
    const section = link.dataset.skip[0] === '#' && document.querySelector(link.dataset.skip);
    const tab = [...document.querySelectorAll('[role=tabpanel]')].find(shown);
    if (link.dataset.skip === 'photo') {
      const photo = document.querySelector('#photo');
      if (!shown(photo)) return; // see first.js
      photo.scrollIntoView({ block: 'center' });
      [...photo.querySelectorAll('button')].find(shown)?.focus({ preventScroll: true });
      return;
    }
    const answer = link.dataset.skip === 'answer' && [...tab.querySelectorAll('[data-answer]')].find(shown);
    const place = section || answer || tab || document.querySelector('#first .ways');
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: 'start' });
  });
})();
