// Runs once, for the details of an answer: the network and the data that are looked at stay when another face is chosen or the limit
// moved, and what was opened stays open. On a phone the stops are folded up until somebody wants them; where there is room they are
// open, and nothing folds them.
const looked = {}, opened = new Set(), narrow = window.matchMedia('(max-width: 720px)');
let wanted = false;
const fold = () => {
  const whole = element.querySelector('.scan .whole');
  if (whole) whole.open = wanted || !narrow.matches;
};
element.addEventListener('change', ({ target }) => { if (target.name && target.name.startsWith('scan-')) looked[target.name] = target.value; });
element.addEventListener('click', ({ target }) => {
  const head = target.closest && target.closest('.whole > summary');
  if (head) wanted = !head.parentElement.open; // as it will be
});
const folds = () => [...element.querySelectorAll('details:not(.whole)')];
element.addEventListener('toggle', ({ target }) => { // of those that are still on the page
  const place = folds().indexOf(target);
  if (place >= 0) opened[target.open ? 'add' : 'delete'](place);
}, true);
watch('value', () => {
  if (!element.querySelector('.beside')) opened.clear(); // another photo
  folds().forEach((fold, place) => { fold.open ||= opened.has(place); });
  for (const [name, value] of Object.entries(looked)) {
    const radio = element.querySelector(`[name="${name}"][value="${value}"]`);
    if (radio) radio.checked = true;
  }
  fold();
});
narrow.addEventListener('change', fold);
