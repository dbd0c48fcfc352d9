"""How well the text of a page can be read: contrast of every piece of text on what is behind it, after WCAG 2.2."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Success criterion 1.4.3: 4.5 to 1, and 3 to 1 for text of 24 px or of 18.66 px in bold. Text over pictures
# and gradients, disabled controls, mere decoration (the grey cards before an answer) and what a visitor does not see are left out, as the criterion does or as
# the browser cannot tell.
_FAINT = """(scope) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = '#000'; canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = c[i] / 255; return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const found = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.querySelector(scope), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const said = node.data.trim(), element = node.parentElement;
    if (!said || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('[disabled], [aria-disabled=true], .ghosts, script, style, noscript')) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || getComputedStyle(element).clipPath === 'inset(50%)') continue;
    const layers = []; let seen = 1, picture = false;
    const plate = element.namespaceURI.endsWith('svg') && element.parentElement.querySelector(':scope > rect');
    if (plate) layers.push(rgba(getComputedStyle(plate).fill.replace('none', 'transparent')));
    for (let at = element; at && layers.at(-1)?.[3] !== 1; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath === 'inset(50%)') picture = true;
      if (style.backgroundImage !== 'none') picture = true;
      layers.push(rgba(style.backgroundColor)); seen *= Number(style.opacity);
      if (layers.at(-1)[3] === 1) break;
    }
    if (picture) continue;
    const ground = layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
    const style = getComputedStyle(element), svg = element.namespaceURI.endsWith('svg');
    const ink = rgba(svg ? style.fill : style.color); ink[3] *= seen;
    const [high, low] = [light(over(ink, ground)), light(ground)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    texts += 1;
    if (ratio < needed) found.push({ said: said.slice(0, 60), ratio: Math.round(ratio * 100) / 100, needed,
      where: element.outerHTML.slice(0, 120) });
  }
  return { texts, found };
}"""


def faint(page: Page, scope: str = "body") -> tuple[int, list[dict[str, Any]]]:
    """Count the visible texts below an element, and list those that are too faint."""
    answer = page.evaluate(_FAINT, scope)
    return answer["texts"], answer["found"]
