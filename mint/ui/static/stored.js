// The page of stored answers: one language at a time, the one that is asked for after the "#" or that the browser prefers.
(() => {
  const parts = [...document.querySelectorAll('main > [lang]')];
  const faces = [...parts[0].querySelectorAll('.choices img')];
  for (const image of document.querySelectorAll('img[data-face]')) image.src = faces[image.dataset.face].src; // the pictures are in the file once
  const speak = () => {
    const wanted = [location.hash.slice(1), ...(navigator.languages || [])].map((name) => name.slice(0, 2));
    const found = wanted.map((name) => parts.find((part) => part.lang === name)).find(Boolean) || parts[0];
    for (const part of parts) part.hidden = part !== found;
    document.documentElement.lang = found.lang;
    document.title = found.dataset.title;
  };
  addEventListener('hashchange', speak);
  speak();
})();
