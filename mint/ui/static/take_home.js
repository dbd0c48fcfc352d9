// Runs once, for the answer of a lesson: asks for its card, and says where this page is.
element.addEventListener('click', ({ target }) => {
  const asked = target.closest('[data-card]');
  if (asked) trigger('click', { card: asked.dataset.card, place: location.origin + location.pathname });
});
