// Runs once, for the answer. A new photo's progress and answer come into view, and the page is told; a moved slider does neither.
let shown = '';
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
const place = element.closest('.block'); // gradio draws the answer anew within it
place.dataset.answer = '';
place.tabIndex = -1;
place.setAttribute('role', 'region');
place.setAttribute('aria-label', 'Answer');
watch('value', () => {
  const part = element.querySelector('[data-visit]');
  if (!part || part.dataset.visit === shown) return;
  shown = part.dataset.visit;
  const box = part.getBoundingClientRect();
  if ('stay' in part.dataset) { /* what it tells of is in sight already */ } else if (box.top < 0 || box.top > window.innerHeight * 0.6) {
    part.scrollIntoView({ behavior: calm.matches ? 'auto' : 'smooth', block: 'start' });
  }
  element.dispatchEvent(new Event('answer', { bubbles: true }));
});
