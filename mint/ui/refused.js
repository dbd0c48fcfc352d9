// Several photos that the server refuses because they are too much together: gradio's button for files says nothing of it.
// The server's own words are shown, unless gradio has shown them.
((real) => {
  const SECONDS = 12;
  const shown = (words) => [...document.querySelectorAll('.toast-body')].some((toast) => toast.textContent.includes(words));
  const show = (words) => {
    if (shown(words)) return;
    const note = document.createElement('div');
    note.className = 'refused';
    note.setAttribute('role', 'alert');
    note.textContent = words;
    note.addEventListener('click', () => note.remove());
    document.querySelector('.gradio-container').append(note);
    setTimeout(() => note.remove(), SECONDS * 1000);
  };
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    const address = new URL(asked[0] instanceof Request ? asked[0].url : asked[0], location.href);
    if ((answer.status === 413 || answer.status === 503) && address.pathname.endsWith('/gradio_api/upload')) {
      answer.clone().text().then((words) => setTimeout(show, 600, words));
    }
    return answer;
  };
})(window.fetch.bind(window));
