// Runs once, for the details of an answer: the network and the data that are looked at stay when another face is chosen.
const looked = {};
element.addEventListener('change', ({ target }) => { if (target.name && target.name.startsWith('scan-')) looked[target.name] = target.value; });
watch('value', () => {
  for (const [name, value] of Object.entries(looked)) {
    const radio = element.querySelector(`[name="${name}"][value="${value}"]`);
    if (radio) radio.checked = true;
  }
});
