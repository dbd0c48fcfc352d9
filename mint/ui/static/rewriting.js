// Calls `draw` with every element that `boxes` selects as soon as gradio has written into it, before anybody sees it.
function drawAsWritten(boxes, draw) {
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const box = (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest(boxes);
      if (box) draw(box);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches(boxes)) draw(node);
        node.querySelectorAll(boxes).forEach(draw);
      }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
}
