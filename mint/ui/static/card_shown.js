// Runs once, for the place of a card: a card that was made comes into view, with the focus on it.
watch('value', () => {
  const card = element.querySelector('.takehome');
  if (!card) return;
  card.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth', block: 'nearest' });
  card.focus({ preventScroll: true });
});
