"""What a visitor of the page waits for, beside an earlier commit: ``python -m tests.benchmarks.page_side_by_side --base 2ba9e17``.

As ``side_by_side``: both trees are asked the same in turns, with the same interpreter and browser, and a line is the median of
the pairs' ratios with the quartiles. Both pages are started once, and each visit is a new visitor's, in a profile of its own.
Times are taken in the browser, from the click or the file to what the visitor waits for; the first paint is Chromium's own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mint.storage.paths import EXAMPLES
from tests.benchmarks.page import clicked, given
from tests.benchmarks.side_by_side import ROOT, Line, checked_out, paired, table
from tests.benchmarks.start import PAINTED
from tests.browser.driving import chromium, serving

PAINT, VERDICT, OWN, GROUP, LESSON = LINES = (
    "address to first paint",
    "click on an example to the verdict",
    "photo of one face to the verdict",
    "photo of six faces to the first answer",
    "“Teach” to the first step that is drawn",
)
FACES, SIDE = 6, 400
CLICKS = 5  # after one that does not count; their median is taken
LONGEST_MS = 600_000
SEEN = """([shown, button]) => new Promise((done) => {
  const started = performance.now();
  const look = () => document.querySelector(shown) ? requestAnimationFrame(() => done(performance.now() - started)) : setTimeout(look, 5);
  document.querySelector(button).click();
  look();
})"""


def six_faces(folder: Path) -> Path:
    """Paste six examples into one photo, the first one largest."""
    pictures = [Image.open(path).convert("RGB") for path in sorted((EXAMPLES / "faces").glob("*-openpeople.*"))[:FACES]]
    photo = Image.new("RGB", (SIDE * FACES, SIDE), "#777")
    for place, picture in enumerate(pictures):
        side = SIDE - (20 if place else 0)
        photo.paste(picture.resize((side, side)), (place * SIDE, 0))
    photo.save(folder / "six.png")
    return folder / "six.png"


def visit(url: str, browser: Browser, photo: Path, clicks: int = CLICKS) -> dict[str, float]:
    """Visit a page that runs, and return what took how many seconds."""
    with browser.new_context(locale="en-GB") as context:  # with a cache of its own
        page = context.new_page()
        page.set_default_timeout(LONGEST_MS)
        expect.set_options(timeout=LONGEST_MS)
        page.goto(url, wait_until="commit")
        page.evaluate(PAINTED)
        found = {PAINT: page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1e3}
        expect(page.locator("#status .ready")).to_be_visible()
        answered = [_clicked(page, index) for index in range(clicks + 1)][1:]
        found[VERDICT] = sorted(answered)[len(answered) // 2]
        alone = [_given(page, path) for path in sorted((EXAMPLES / "people").glob("*-1-*"))[: clicks + 1]][1:]
        found[OWN] = sorted(alone)[len(alone) // 2]
        found[GROUP] = _group(page, photo)
        found[LESSON] = _lesson(page)
    return found


def _clicked(page: Page, index: int) -> float:
    """Return the seconds to a verdict, once what came after the one before has come."""
    return _settled(page, clicked(page, index))


def _given(page: Page, photo: Path) -> float:
    """Return the seconds from a photo to its verdict."""
    return _settled(page, given(page, photo))


def _settled(page: Page, milliseconds: float) -> float:
    """Return the seconds, once what comes after a verdict has come."""
    page.wait_for_function("() => document.querySelector('#details .layers, #details table')")
    page.wait_for_timeout(300)  # the server ends what it began with the verdict
    return milliseconds / 1e3


def _group(page: Page, photo: Path) -> float:
    """Return the seconds to the first answer about one of many faces."""
    page.evaluate("document.querySelector('#answer [data-visit]').dataset.visit = 'old'")
    started = time.perf_counter()
    page.set_input_files("#photo input[type=file]", str(photo))
    page.wait_for_selector("#answer .result:not([data-visit=old]) .word")
    seconds = time.perf_counter() - started
    expect(page.locator("#faces .thumb")).to_have_count(FACES, timeout=90_000)  # all of them are answered in the end
    page.wait_for_function("() => document.querySelector('#details .layers, #details table')")
    return seconds


def _lesson(page: Page) -> float:
    """Return the seconds from the button to the first step of the lesson."""
    page.locator("#tab-teach-button").click()
    page.locator("#teach-examples [data-pick]").nth(6).click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    shown = '#teach-answer .bar:not([aria-valuenow="0"])'
    return float(page.evaluate(SEEN, [shown, "#teach-start"])) / 1e3


def main() -> None:
    """Print the table, and write it as JSON if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.page_side_by_side", description=__doc__)
    parser.add_argument("--base", default="2ba9e17", help="a commit; the one that the issue names, if not given")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=CLICKS, help="on examples in each visit; their median is taken")
    parser.add_argument("--json", type=Path, help="write the lines here as well")
    options = parser.parse_args()
    runs: list[Any] = []
    with ExitStack() as stack:
        base = stack.enter_context(checked_out(options.base))
        photo = six_faces(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        urls = {tree: stack.enter_context(serving("app.py", tree=tree)) for tree in (base, ROOT)}
        browser = chromium(stack.enter_context(sync_playwright()))

        def measure(tree: Path) -> dict[str, float]:
            return visit(urls[tree], browser, photo, options.clicks)

        for tree in (base, ROOT):  # once, uncounted: what is imported and read late is there then
            print(f"uncounted: {measure(tree)}", file=sys.stderr, flush=True)
        for pair in paired(measure, base, ROOT, options.pairs):  # type: ignore[arg-type]
            runs.append(pair)
            print(pair, file=sys.stderr, flush=True)
        browser.close()
    lines = [Line.of(what, "s", *([each[side][what] for each in runs] for side in (0, 1))) for what in LINES]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.pairs} pairs")
    print(table(lines))
    if options.json:
        options.json.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
