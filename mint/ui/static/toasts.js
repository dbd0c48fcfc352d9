// What gradio's script itself refuses it tells in English, in the terms of a programmer: a file of a wrong type or size, a server
// that does not answer. It is told in plain words and the page's language as soon as gradio has written it, before anybody sees it.
((words) => {
  const own = words[document.documentElement.lang];
  if (!own) return;
  const boxes = '[data-testid=toast-text]';
  const put = (template, names) => template.replace('{names}', () => names);
  const listed = (names) => {
    const cut = /^(.+) and (\d+) more$/s.exec(names);
    return cut ? put(own.more.replace('{n}', cut[2]), cut[1]) : names;
  };
  const told = (text) => {
    const kind = /^Invalid file types?: (.+)\. Only .+ allowed\.$/s.exec(text);
    if (kind) return put(own.kind, listed(kind[1]));
    const size = /^File\(s\) exceed the maximum allowed size of [^:]+: (.+)$/s.exec(text);
    if (size) return put(own.size, size[1].replaceAll('"', ''));
    if (text.startsWith('Connection to the server was lost.')) return own.lost;
    if (text.startsWith('Connection errored out.')) return own.unreachable;
    return text.replace(/^HTTP \d+: /, '');
  };
  const draw = (box) => {
    // Gradio makes the head a button with a button in it, to fold a text away that is shorter than its own title.
    const head = box.closest('[data-testid=toast-body]')?.querySelector('.toast-header[role=button]');
    for (const name of ['role', 'tabindex']) head?.removeAttribute(name);
    const text = box.textContent.trim(), plain = told(text);
    if (plain === text) return;
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    let rest = plain; // in the first text; gradio keeps its own nodes
    while (texts.nextNode()) [texts.currentNode.data, rest] = [rest, ''];
  };
  drawAsWritten(boxes, draw); // see rewriting.js
})(TOASTS);
