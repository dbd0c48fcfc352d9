// On a screen that strangers pass by: large type, no way out, and nothing left of whoever was here before.
(() => {
  const idle = 90, warned = 15; // seconds without a touch, and of these how many the warning is up
  const root = document.documentElement;
  root.classList.add('kiosk');
  let left = idle, touched = false, box = null;
  const asked = new URLSearchParams(location.search).get('lang');
  const language = asked && asked === root.lang ? `?lang=${asked}` : ''; // nothing else of an address is kept
  const start = ({ type }) => {
    if (type === 'pointermove' && root.classList.contains('attract')) return; // see attract.js: nobody is here yet
    touched = true;
    left = idle;
    if (box) { box.remove(); box = null; }
  };
  for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) addEventListener(kind, start, { passive: true });
  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[href]');
    if (link && link.origin !== location.origin) event.preventDefault();
  }, true);
  window.mintIdle = (seconds) => { touched = true; left = seconds; }; // for the tests
  setInterval(() => {
    if (!touched) return;
    left -= 1;
    if (left <= 0) location.replace(location.pathname + language); // a new session: the server forgets the old one
    else if (left <= warned) {
      if (!box) {
        box = document.createElement('div');
        box.className = 'idle';
        box.setAttribute('role', 'alert');
        document.body.append(box);
      }
      const spanish = root.lang.startsWith('es');
      box.textContent = spanish ? `¿Sigue ahí? La página empieza de nuevo en ${left} s. Toque para seguir.`
        : `Still there? This page starts over in ${left} s. Touch to stay.`;
    }
  }, 1000);
})();
