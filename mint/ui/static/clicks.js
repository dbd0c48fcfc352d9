// Runs once per panel. A click on anything that carries data-pick tells the server which one.
element.addEventListener('click', (event) => {
  const picked = event.target.closest('[data-pick]');
  if (picked) trigger('click', { pick: Number(picked.dataset.pick) });
});
