"""From a photo that is given to the verdict in the browser, against the bare library: ``python -m tests.benchmarks.page``.

The page's time is taken in the browser, from the file to the verdict in its document. The examples are given as files: on the
wall they are looked at ahead of the click. The library's is what
no audit by both twins can do without: decode the photo, find the face, and the forwards through each network: the face
and its altered views, then the tries of the search, batch by batch, and its outcome. Both are taken in turn, pair by pair, on the same examples and with the same threads.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import time
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright

from mint.auditors.realign import BATCHES
from mint.auditors.views import shown_views
from mint.membership import MembershipTest
from mint.networks.modules.light_names import EQUALISED
from mint.storage.paths import EXAMPLES
from mint.ui.examples import load_examples
from mint.vision.faces import find
from mint.vision.images import open_photo
from tests.browser.driving import chromium, open_page, serving

FORWARDS = (1 + len(shown_views(EQUALISED)), *BATCHES, 1)
# Until another verdict stands on the page than the one before; ``start`` is what asks for it.
VERDICT = """(start) => new Promise((done) => {
  const answer = document.querySelector('#answer'), before = answer.querySelector('.result')?.dataset.visit;
  const seen = () => answer.querySelector('.result .word')
    && answer.querySelector('.result').dataset.visit !== before;
  const started = performance.now();
  const observer = new MutationObserver(() => {
    if (seen()) { observer.disconnect(); requestAnimationFrame(() => done(performance.now() - started)); }
  });
  observer.observe(answer, { childList: true, subtree: true, characterData: true });
  start();
})"""
CLICK = f'(index) => ({VERDICT})(() => document.querySelector(`#examples [data-pick="${{index}}"]`).click())'
GIVE = f"""(coded) => {{
  const photo = Uint8Array.from(atob(coded), (c) => c.charCodeAt(0)), files = new DataTransfer();
  files.items.add(new File([photo], 'photo.png', {{ type: 'image/png' }}));
  const input = document.querySelector('#photo input[type=file]');
  return ({VERDICT})(() => {{ input.files = files.files; input.dispatchEvent(new Event('change', {{ bubbles: true }})); }});
}}"""


def clicked(page: Page, index: int) -> float:
    """Milliseconds from a click on an example to the verdict."""
    return float(page.evaluate(CLICK, index))


def given(page: Page, photo: Path) -> float:
    """Milliseconds from giving a photo, as a visitor does, to the verdict."""
    return float(page.evaluate(GIVE, base64.b64encode(photo.read_bytes()).decode()))


def main() -> None:
    """Time both in turn and print the median of the paired ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", 0)) or os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # of the page
    examples = load_examples(EXAMPLES / "faces")
    test = MembershipTest.load()
    networks = [bundle.network for bundle in test.bundles.values()]

    @torch.inference_mode()
    def bare(index: int) -> float:
        started = time.perf_counter()
        crop = find(open_photo(examples[index].path.read_bytes()))[0].crop
        pixels = torch.from_numpy(crop.copy())[None].permute(0, 3, 1, 2).float()
        for network in networks:
            for batch in FORWARDS:
                network.model(network.preprocess(pixels.expand(batch, -1, -1, -1)))
        return (time.perf_counter() - started) * 1e3

    ours, theirs = [], []
    with serving("app.py") as url, sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page()
        open_page(page, url)
        for number in range(options.rounds + 3):
            index = number % len(examples)
            pair = [
                call(index) for call in ((lambda i: given(page, examples[i].path)), bare)[:: 1 if number % 2 else -1]
            ]
            page_ms, bare_ms = pair if number % 2 else pair[::-1]
            page.wait_for_function("() => document.querySelector('#details .layers, #details table')")
            page.wait_for_timeout(200)  # the server ends what it began with the verdict
            if number >= 3:  # the first are warm-up
                ours.append(page_ms)
                theirs.append(bare_ms)
        browser.close()
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    print(
        f"{options.threads} threads, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {sum(FORWARDS)} forwards a network"
    )
    print(f"photo to verdict {statistics.median(ours):.0f} ms | bare library {statistics.median(theirs):.0f} ms | "
          f"ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f} in 80 % of {len(ratios)} pairs, goal 1.50)")  # fmt: skip


if __name__ == "__main__":
    main()
