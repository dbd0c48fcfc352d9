// Stands first in the page's head. Gradio's own words follow navigator.language, read once; the server has put the language
// that it speaks with this visitor into the page, and both have to agree.
(() => {
  const language = document.documentElement.lang;
  Object.defineProperty(navigator, 'language', { get: () => language, configurable: true });
  Object.defineProperty(navigator, 'languages', { get: () => [language], configurable: true });
})();
