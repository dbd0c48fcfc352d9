// The tabs answer the arrow keys, Home and End, as the WAI-ARIA pattern of tabs asks; gradio's answer clicks only.
addEventListener('keydown', (event) => {
  const tab = event.target.closest && event.target.closest('[role=tab]');
  if (!tab || event.altKey || event.ctrlKey || event.metaKey) return;
  const tabs = [...tab.closest('[role=tablist]').querySelectorAll('[role=tab]')].filter((one) => one.checkVisibility());
  const at = tabs.indexOf(tab), last = tabs.length - 1;
  const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs[to].click();
  tabs[to].focus();
});
// Gradio gives each radio button of a choice a name of its own, so that the browser does not know them as one.
addEventListener('keydown', (event) => {
  const radio = event.target.closest && event.target.closest('fieldset input[type=radio]');
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!radio || !by || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...radio.closest('fieldset').querySelectorAll('input[type=radio]')];
  const to = all[(all.indexOf(radio) + by + all.length) % all.length];
  event.preventDefault();
  to.focus();
  to.click();
});
