// Gradio draws these words in English only, and not as this page would: what stands on the camera's button, and where somebody
// stands in line, as "queue: 3/11 | 4.2/19.6s" (the place, the seconds so far, those in all if known). They are told in the page's
// language as soon as gradio has written them, before anybody sees them.
((words) => {
  const own = words[document.documentElement.lang];
  if (!own) return;
  const boxes = '[data-testid=status-tracker] .progress-text, .photo-input button .wrap';
  const left = (seconds) => (seconds < 90 ? `${Math.ceil(seconds)}\u00a0s` : `${Math.round(seconds / 60)}\u00a0min`);
  const told = (text) => {
    if (text === 'Click to Access Webcam') return own.camera;
    if (text === 'processing |') return own.working;
    const place = /^queue: (\d+)\/\d* \|$/.exec(text);
    if (place) return own.place.replace('{n}', place[1]);
    const time = /^([\d.]+)(?:\/([\d.]+|null))?s$/.exec(text);
    if (time) return time[2] > time[1] - 0 ? `· ${own.left.replace('{time}', left(time[2] - time[1]))}` : '';
    return text;
  };
  const draw = (box) => {
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode, text = node.data.trim();
      if (text && told(text) !== text) node.data = told(text);
    }
    if (box.matches('.progress-text')) box.style.visibility = box.textContent.trim() ? '' : 'hidden';
  };
  drawAsWritten(boxes, draw); // see rewriting.js
})(WORDS);
