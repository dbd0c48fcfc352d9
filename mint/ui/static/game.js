// Runs once, for the table of the game. The marks stay in the browser until the visitor asks for the answers.
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-again]')) trigger('click', { again: true });
  if (event.target.closest('[data-done]')) {
    const marked = [...element.querySelectorAll('input[data-place]:checked')];
    trigger('click', { places: marked.map((box) => Number(box.dataset.place)) });
  }
});
