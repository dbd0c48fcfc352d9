// Light or dark from the first stroke on, as gradio will choose later; and gradio's page waits behind the first screen, see first.js.
(() => {
  const asked = new URLSearchParams(location.search).get('__theme');
  const dark = asked === 'dark' || (asked !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.body.classList.toggle('dark', dark);
  document.documentElement.classList.add('waiting');
})();
