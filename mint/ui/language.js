// Runs before gradio does, whose own words follow the browser's language: what the address asks for comes first.
(() => {
  const asked = new URLSearchParams(location.search).get('lang');
  if (!/^[a-z]{2}$/.test(asked || '')) return;
  Object.defineProperty(navigator, 'language', { get: () => asked, configurable: true });
  Object.defineProperty(navigator, 'languages', { get: () => [asked], configurable: true });
})();
