// The first screen is drawn before gradio's scripts have come, see first_screen.py. Once the page is there it takes the screen's
// place, with the face that was chosen meanwhile, the focus where it was, and what was pressed meanwhile is pressed.
(() => {
  const root = document.documentElement, first = document.querySelector('#first');
  let wanted = '';
  const later = (element) => { // where the page has the same thing
    const face = element.closest('[data-flip]'), way = element.closest('[data-later]');
    if (way) return way.dataset.later;
    if (face) return `#flip [data-flip="${face.dataset.flip}"]`;
    if (element.closest('.ask')) return '#flip .trial:not([hidden]) .ask';
    return element.closest('[data-skip=photo]') ? '#flip [data-skip=photo]' : '';
  };
  first.addEventListener('click', (event) => {
    if (event.target.closest('[data-flip], a[href^="?"]')) return; // done already
    wanted = later(event.target) || wanted;
    for (const one of first.querySelectorAll('.wanted')) one.classList.remove('wanted');
    event.target.closest('button')?.classList.add('wanted');
  });
  const take = () => {
    const wall = document.querySelector('#flip .flipwall'), drawn = first.querySelector('.flipwall');
    if (wall && drawn) {
      const place = Number(drawn.querySelector('[data-flip][aria-pressed=true]').dataset.flip);
      if (place) window.mintFlip(wall, place);
      wall.querySelector('.stage').classList.remove('fresh'); // it was seen to move
      const stamps = wall.querySelectorAll('.face .stamp');
      drawn.querySelectorAll('.face .stamp').forEach((stamp, number) => { if (stamps[number]) stamps[number].hidden = stamp.hidden; });
    }
    const held = first.contains(document.activeElement) ? later(document.activeElement) : '';
    root.classList.remove('waiting');
    first.remove();
    if (held) document.querySelector(held)?.focus({ preventScroll: true });
    if (wanted) document.querySelector(wanted)?.click();
  };
  const whole = () => document.querySelector('gradio-app #tab-photo-button') && document.querySelector('gradio-app #photo')
    && (!first.querySelector('.flipwall') || document.querySelector('#flip .stage'));
  let style = document.querySelector('#mint');
  new MutationObserver((_, look) => {
    if (style && document.querySelector('gradio-app > *')) { // behind what gradio has brought by now
      document.head.append(style);
      style = null;
    }
    if (!whole()) return;
    look.disconnect();
    requestAnimationFrame(take); // as soon as it is laid out
  }).observe(root, { subtree: true, childList: true });
})();
