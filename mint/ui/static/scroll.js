// Runs once, for the answer. A new photo's progress and answer come into view; a moved slider scrolls nothing.
let shown = '';
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
watch('value', () => {
  const part = element.querySelector('[data-visit]');
  if (!part || part.dataset.visit === shown) return;
  shown = part.dataset.visit;
  const box = part.getBoundingClientRect();
  if (box.top < 0 || box.top > window.innerHeight * 0.6) {
    part.scrollIntoView({ behavior: calm.matches ? 'auto' : 'smooth', block: 'start' });
  }
});
