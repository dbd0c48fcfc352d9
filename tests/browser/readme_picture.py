"""The README's picture and the Space's thumbnail, taken from the real page: ``python -m tests.browser.readme_picture``.

Both show an example: a picture of a fictional person, audited by the shipped twins.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.driving import ROOT, choose_example, chromium, open_page, serving

FOLDER = ROOT / ".github"
EXAMPLE = 0
PICTURE, THUMBNAIL = (1280, 1060), (1200, 630)  # the second is what networks ask of a preview
# The thumbnail is the same page without what a small picture cannot show.
FOR_A_THUMBNAIL = """() => {
  for (const part of document.querySelectorAll('#flip, #twins')) part.remove();
  document.querySelector('.languages')?.remove();
  document.querySelector('#things > .tab-wrapper').style.display = 'none';
  document.querySelector('.gradio-container main').style.setProperty('max-width', '1136px', 'important');
  document.querySelector('.left').style.display = 'none';
}"""


def picture(page: Page, url: str, size: tuple[int, int], script: str = "") -> Image.Image:
    """The top of the page with the answer to an example."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_page(page, url)
    choose_example(page, EXAMPLE)
    expect(page.locator("#details .chart .track").first).to_be_attached()
    if script:
        page.evaluate(script)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    return Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with serving("app.py") as url, sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_context(reduced_motion="reduce", color_scheme="light", locale="en-GB").new_page()
        picture(page, url, PICTURE).save(options.folder / "page.webp", quality=88, method=6)
        picture(page, url, THUMBNAIL, FOR_A_THUMBNAIL).save(options.folder / "thumbnail.jpg", quality=90, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
