// On a kiosk that nobody touches: face after face drifts to the twin that shows evidence of use, the lamps answer, the truth is
// stamped on it; then the visitor's own face, in a mirror. Whatever is pressed ends it; kiosk.js starts over, and it is here again.
(() => {
  const beat = 5, mirrored = 8; // seconds of a face, and of the mirror
  const root = document.documentElement, calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  let place = 0, next = 0, stream = null;
  const find = (what) => document.querySelector(`.flipwall ${what}`); // each time: gradio draws the wall anew in another language
  const on = () => root.classList.contains('attract');
  const turnOff = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
  };
  const invite = (inviting) => {
    const trial = find('.trial:not([hidden])');
    find('.stage').classList.toggle('inviting', inviting);
    find('.invitation').hidden = !inviting;
    if (inviting && trial) trial.hidden = true;
    if (inviting) return;
    turnOff();
    find('.mirror').srcObject = null;
    find('.portrait').classList.remove('live');
  };
  const mirror = async () => { // only where the camera may be used already: a screen that nobody touches asks nobody
    try {
      const { state } = await navigator.permissions.query({ name: 'camera' });
      if (state !== 'granted') return;
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } });
      if (!on() || find('.invitation').hidden) {
        turnOff(); // it came too late
        return;
      }
      find('.mirror').srcObject = stream;
      await find('.mirror').play();
      find('.portrait').classList.add('live');
    } catch { /* without a camera there is a drawing in its place */ }
  };
  const wait = (seconds) => { clearTimeout(next); next = setTimeout(step, 1000 * seconds); };
  const step = () => {
    if (!on()) return;
    const faces = document.querySelectorAll('.flipwall [data-flip]').length;
    place = (place + 1) % (faces + 1);
    const inviting = place === faces;
    if (!calm.matches) {
      invite(inviting);
      if (place === 0) for (const stamp of document.querySelectorAll('.flipwall .face .stamp')) stamp.hidden = true; // all over again
      if (inviting) mirror(); else window.mintFlip(find('.stage').parentElement, place);
    }
    wait(inviting ? mirrored : beat);
  };
  const end = () => {
    if (!on()) return;
    clearTimeout(next);
    root.classList.remove('attract');
    invite(false);
    if (!find('.trial:not([hidden])')) window.mintFlip(find('.stage').parentElement, 0);
  };
  // At the click, not when a finger comes down: what lies under it is still what was seen, and is pressed.
  for (const kind of ['click', 'keydown', 'wheel', 'touchmove']) addEventListener(kind, end, { capture: true, passive: true });
  window.mintAttract = step; // for the tests
  const begin = () => { // the page comes with the sign of it, see Page._screen; whoever touches the first screen has ended it
    if (document.querySelector('#first')) return false;
    if (on()) wait(beat);
    return true;
  };
  if (!begin()) new MutationObserver((_, look) => { if (begin()) look.disconnect(); }).observe(root, { subtree: true, childList: true });
})();
