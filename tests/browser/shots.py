"""Pictures of every state of the page, for eyes: ``python -m tests.browser.shots FOLDER [--fake EXAMPLES]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from mint.paths import EXAMPLES
from tests.browser.driving import choose_example, chromium, open_page, open_sliders, serving, set_slider, upload

SIZES = {"1280": (1280, 900), "390": (390, 844)}


def shoot(page: Page, url: str, photos: dict[str, Path], out: Path, name: str) -> None:
    def keep(state: str, full: bool = True) -> None:
        page.evaluate("document.activeElement && document.activeElement.blur()")
        if full:
            page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=str(out / f"{state}-{name}.png"), full_page=full, animations="disabled")

    open_page(page, url)
    keep("1-empty")
    page.locator('#examples [data-pick="0"]').click()
    expect(page.locator("#answer .working")).to_be_visible()
    keep("2-working", full=False)
    expect(page.locator("#answer .truth")).to_be_visible()
    keep("3-example")
    upload(page, photos["several"])
    page.locator("#faces .thumb").nth(1).click()
    expect(page.locator('#faces .thumb[aria-pressed="true"] .tag')).to_have_text("2")
    open_sliders(page)
    set_slider(page, "alpha", "0.001")
    expect(page.locator("#answer .facts").first).to_contain_text("0.001 or less")
    page.locator("#proof-fold > summary").click()
    keep("4-several-sliders-proof")
    for state in ("none", "broken"):
        upload(page, photos[state])
        expect(page.locator("#answer .problem")).to_be_visible()
        keep(f"5-{state}", full=False)
    choose_example(page, page.locator("#examples [data-pick]").count() - 1)
    keep("6-neither", full=False)


def make_photos(folder: Path, face: Path) -> dict[str, Path]:
    one = Image.open(face).convert("RGB")
    one.thumbnail((420, 420))
    wide = Image.new("RGB", (one.width * 3, one.height), "#777")
    for i in range(3):
        part = one.resize((int(one.width * (1 - 0.2 * i)), int(one.height * (1 - 0.2 * i))))
        wide.paste(part, (i * one.width, 0))
    wide.save(folder / "several.jpg")
    Image.new("RGB", (640, 480), "#8a9aa0").save(folder / "none.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20)
    return {"several": folder / "several.jpg", "none": folder / "none.png", "broken": folder / "broken.png"}


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    fake = Path(sys.argv[3]) if "--fake" in sys.argv else None
    command = ("-m", "tests.browser.server", str(fake), "0.8") if fake else ("app.py",)
    folder = fake or EXAMPLES / "faces"
    with tempfile.TemporaryDirectory() as place, serving(*command) as url, sync_playwright() as playwright:
        photos = make_photos(Path(place), sorted(p for p in folder.iterdir() if p.suffix in (".png", ".jpg"))[-1])
        browser = chromium(playwright)
        for theme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
                )
                shoot(context.new_page(), url, photos, out, f"{theme}-{size}")
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
