// The first screen, see flip_wall.py: a face that is chosen is answered at once and in place, from what the server has drawn already.
(() => {
  const show = (wall, place) => {
    const stage = wall.querySelector('.stage');
    const faces = [...wall.querySelectorAll('[data-flip]')], trials = [...wall.querySelectorAll('.trial')];
    const face = faces[place], trial = trials[place];
    if (!face || !trial) return '';
    for (const one of faces) one.setAttribute('aria-pressed', String(one === face));
    for (const one of trials) one.hidden = one !== trial;
    face.querySelector('.stamp').hidden = false; // it stays: the wall fills with what is known
    const [from, to] = [face, stage.querySelector('.portrait')].map((element) => element.querySelector('img'));
    to.src = from.src;
    to.alt = from.alt;
    stage.dataset.to = trial.dataset.to;
    stage.classList.remove('fresh');
    void stage.offsetWidth; // else the style sheet's animations would not begin anew
    stage.classList.add('fresh');
    return trial.dataset.told;
  };
  addEventListener('click', (event) => {
    const face = event.target.closest && event.target.closest('[data-flip]');
    if (!face) return;
    const wall = face.closest('.flipwall');
    wall.querySelector('[role=status]').textContent = show(wall, Number(face.dataset.flip)); // the focus stays where it is
  });
  window.mintFlip = show; // for attract.js
})();
