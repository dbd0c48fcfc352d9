"""A camera for pictures of the page, and what it notices by itself: faint, cut and overflowing text, and axe's rules if asked to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from mint.storage.paths import EXAMPLES
from mint.vision.images import MAX_BYTES
from tests.browser.contrast import faint

# Whether the page scrolls sideways, and text that its own element cuts off or that another line of the same parent covers.
_OUT_OF_PLACE = """() => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  for (const element of document.querySelectorAll('main *')) {
    const style = getComputedStyle(element), own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (style.clipPath === 'inset(50%)' || element.closest('[aria-hidden=true], .sr-only')) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    if (style.overflowX !== 'visible' && style.display !== 'inline' && !['auto', 'scroll'].includes(style.overflowX)
        && element.scrollWidth > element.clientWidth + 1)
      found.push(`cut: ${element.textContent.trim().slice(0, 60)} in ${element.outerHTML.slice(0, 90)}`);
    if (box.right > root.clientWidth + 1 && !element.closest('.scroll, .tiles, .table-wrap, [tabindex="0"]'))
      found.push(`beyond the edge: ${element.textContent.trim().slice(0, 60)} in ${element.outerHTML.slice(0, 90)}`);
  }
  return found;
}"""
# Pictures further down load when they come near the window, those further along a row when it is pushed.
_LOADED = """async () => {
  for (const image of document.images) image.loading = 'eager';
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
    scrollTo(0, y); await new Promise((done) => setTimeout(done, 30));
  }
  await Promise.all([...document.images].filter((i) => i.checkVisibility()).map((i) => i.decode().catch(() => {})));
  scrollTo(0, 0);
}"""
_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.impact} ${rule.id}: ${node.target} ${node.html.slice(0, 160)}`));
}"""


@dataclass(frozen=True)
class Look:
    """One way to look at the page."""

    name: str
    size: tuple[int, int]
    theme: str = "light"
    locale: str = "en-GB"


class Camera:
    """Takes and names the pictures of one look, and says what it can tell of a page by itself.

    Args:
        page: what is pictured.
        out: folder of the pictures.
        look: how it is looked at.
        axe: the script of axe-core; every state is held to its rules where there is one.
    """

    def __init__(self, page: Page, out: Path, look: Look, axe: Path | None = None) -> None:
        self.page, self.out, self.look, self.axe = page, out, look, axe

    def take(self, state: str, full: bool = True) -> None:
        page, name = self.page, f"{state}-{self.look.name}"
        page.evaluate("document.activeElement && document.activeElement.blur()")
        page.mouse.move(0, 0)
        if full:
            page.evaluate(_LOADED)
        toast = page.get_by_test_id("toast-body").count()  # it goes once its animation is over, and comes in slowly
        page.wait_for_timeout(600 if toast else 0)
        page.screenshot(path=str(self.out / f"{name}.png"), full_page=full, animations="allow" if toast else "disabled")
        for text in faint(page)[1]:
            print(f"{name}: {text['ratio']} < {text['needed']}: {text['said']!r} in {text['where']}", flush=True)
        for said in page.evaluate(_OUT_OF_PLACE):
            print(f"{name}: {said}", flush=True)
        if self.axe:
            for said in violations(page, self.axe):
                print(f"{name}: axe: {said}", flush=True)


def violations(page: Page, axe: Path) -> list[str]:
    """List what axe-core finds in the page as it is now, with its rule, place and element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe.read_text(encoding="utf-8"))  # not as a tag: the page's own headers forbid foreign ones
    found: list[str] = page.evaluate(_AXE)
    return found


@contextmanager
def looking(browser: Browser, out: Path, look: Look, axe: Path | None = None) -> Iterator[Camera]:
    width, height = look.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=look.theme, locale=look.locale, reduced_motion="reduce"
    )  # fmt: skip
    yield Camera(context.new_page(), out, look, axe)
    context.close()


def make_photos(folder: Path) -> dict[str, Path]:
    """A photo for every kind of trouble."""
    face = sorted((EXAMPLES / "faces").glob("*.png"))[-1]
    one = Image.open(face).convert("RGB").resize((420, 420))
    wide = Image.new("RGB", (one.width * 3, one.height), "#777")
    for i in range(3):
        part = one.resize((int(one.width * (1 - 0.2 * i)), int(one.height * (1 - 0.2 * i))))
        wide.paste(part, (i * one.width, 0))
    photos = {
        name: folder / f"{name}.{kind}"
        for name, kind in (
            ("several", "jpg"),
            ("none", "png"),
            ("broken", "png"),
            ("text", "png"),
            ("large", "png"),
            ("letter", "txt"),
        )
    }
    wide.save(photos["several"])
    Image.new("RGB", (640, 480), "#8a9aa0").save(photos["none"])
    photos["broken"].write_bytes(face.read_bytes()[:900])
    photos["text"].write_text("a letter, not a photo")
    photos["letter"].write_text("no photo by its name, either")
    photos["large"].write_bytes(b"0" * (MAX_BYTES + 1))
    return photos
