// Gradio names some of its parts in English only, for screen readers and in tips. They are told in the page's language
// whenever they appear; {what} stands for anything.
((tables) => {
  const table = tables[document.documentElement.lang];
  if (!table) return;
  const attributes = ['aria-label', 'title', 'alt'];
  const told = (name) => {
    if (name in table) return table[name];
    for (const [english, own] of Object.entries(table)) {
      const [before, after] = english.split('{what}');
      if (after !== undefined && name.startsWith(before)) return own.replace('{what}', () => name.slice(before.length));
    }
    return name;
  };
  const name = (element) => {
    for (const attribute of attributes) {
      const now = element.getAttribute(attribute);
      if (now && told(now) !== now) element.setAttribute(attribute, told(now));
    }
  };
  const found = attributes.map((attribute) => `[${attribute}]`).join();
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'attributes') name(target);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        name(node);
        node.querySelectorAll(found).forEach(name);
      }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: attributes });
})(TABLES);
