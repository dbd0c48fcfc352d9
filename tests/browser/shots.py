"""Pictures of every state of the page, for eyes: ``python -m tests.browser.shots [FOLDER] [--only WORD] [--part NAME]``.

FOLDER is ``screenshots``, which git ignores, unless told otherwise. The twins answer, in light and dark, on a
desk and a phone, in Spanish and on a kiosk; what they never show by themselves (networks that load, or fail
to; a full queue) comes from the page without networks. Text that is too faint to be read is printed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mint.storage.paths import EXAMPLES
from mint.vision.images import MAX_BYTES
from tests.browser.contrast import faint
from tests.browser.driving import (
    ROOT,
    choose_example,
    chromium,
    full_queue,
    go,
    open_page,
    open_sliders,
    serving,
    set_slider,
    upload,
)
from tests.ui.fakes import write_examples

FACE = ROOT / "tests" / "data" / "face.jpg"
DESK, PHONE, KIOSK = (1280, 900), (390, 844), (3840, 2160)


@dataclass(frozen=True)
class Look:
    """One way to look at the page."""

    name: str
    size: tuple[int, int]
    theme: str = "light"
    locale: str = "en-GB"


LOOKS = (
    Look("light-1280", DESK),
    Look("dark-1280", DESK, "dark"),
    Look("light-390", PHONE),
    Look("dark-390", PHONE, "dark"),
    Look("spanish-1280", DESK, locale="es-ES"),
    Look("spanish-dark-390", PHONE, "dark", "es-ES"),
)
ON_A_KIOSK = (Look("kiosk-3840", KIOSK), Look("kiosk-spanish-dark-3840", KIOSK, "dark", "es-ES"))


class Camera:
    """Takes and names the pictures of one look, and reads what can hardly be read."""

    def __init__(self, page: Page, out: Path, look: Look) -> None:
        self.page, self.out, self.look = page, out, look

    def take(self, state: str, full: bool = True) -> None:
        page = self.page
        page.evaluate("document.activeElement && document.activeElement.blur()")
        page.mouse.move(0, 0)
        if full:
            page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=str(self.out / f"{state}-{self.look.name}.png"), full_page=full, animations="disabled")
        for text in faint(page)[1]:
            print(f"{state}-{self.look.name}: {text['ratio']} < {text['needed']}: {text['said']!r} in {text['where']}")


def one_photo(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    take("1-empty")
    page.locator('#examples [data-pick="0"]').click()
    expect(page.locator("#answer .working")).to_be_visible()
    take("1-working", full=False)
    expect(page.locator("#details .scan")).to_be_visible()  # the last to come
    take("1-example")
    upload(page, photos["several"])
    page.locator("#faces .thumb").nth(1).click()
    expect(page.locator('#faces .thumb[aria-pressed="true"] .tag')).to_have_text("2")
    expect(page.locator("#details .scan")).to_be_visible()
    open_sliders(page)
    set_slider(page, "alpha", "0.001")
    if page.locator("#report").is_visible():  # a kiosk gives none
        page.locator("#report > button").click()
        page.locator("#make").click()
        expect(page.locator("#links a.download")).to_have_count(3)
    take("1-several-sliders-report")
    for state in ("none", "broken", "text", "large"):
        upload(page, photos[state])
        expect(page.locator("#answer .problem")).to_be_visible()
        take(f"1-{state}", full=False)
    choose_example(page, page.locator("#examples [data-pick]").count() - 1)
    take("1-neither", full=False)


def one_person(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    go(page, "person")
    take("2-empty")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator("#person-photos [data-pick]").first).to_be_visible()  # all are there, those that count once too
    expect(page.locator("#person-answer .truth")).to_be_visible()
    take("2-person")
    page.set_input_files("#person-photo input[type=file]", str(photos["none"]))
    expect(page.locator("#person-photos li")).to_have_count(1)
    take("2-no-face")


def teaching(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    go(page, "teach")
    take("3-empty")
    page.set_input_files("#teach-photo input[type=file]", str(photos["several"]))
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    take("3-own-photo", full=False)
    page.locator("#teach-start").click()
    expect(page.locator('#teach-answer [data-visit="consent"]')).to_be_visible()
    take("3-no-consent", full=False)
    page.locator("#teach-examples [data-pick]").nth(6).click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()
    expect(page.locator("#teach-answer .bar i")).not_to_have_attribute("style", "width:0.0%")
    take("3-teaching", full=False)
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4)
    take("3-taught")
    page.locator("#teach-forget").click()
    expect(page.locator('#teach-answer [data-visit="forgotten"]')).to_be_visible()
    take("3-forgotten", full=False)


def playing(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    go(page, "play")
    take("4-dealt")
    for place in (0, 3, 7):
        page.locator("#game label").nth(place).click()
    take("4-marked", full=False)
    page.locator("#game [data-done]").click()
    expect(page.locator("#score .headline")).to_be_visible()
    take("4-answers")


def proof(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    go(page, "how")
    expect(page.locator("#proof .gate").first).to_be_visible()
    take("5-how")
    page.locator("#card-attacks > button").click()
    expect(page.locator("#card-attacks .shipped table").first).to_be_visible()
    page.locator("#card-attacks").scroll_into_view_if_needed()
    take("5-card", full=False)


def many(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    if not page.locator("#tab-many-button").count():  # a kiosk has none
        return
    go(page, "many")
    take("9-many-empty")
    faces = sorted((EXAMPLES / "people").glob("0*-1-*"))[:4]
    given = [str(path) for path in (*faces, photos["several"], photos["none"])]
    page.set_input_files("#tab-many input[type=file][multiple]", given)
    expect(page.locator("#many-answer tbody tr")).to_have_count(8)
    expect(page.locator("#many-answer .busy")).to_have_count(0)
    page.locator("#many-make").click()
    expect(page.locator("#many-links a.download")).to_have_count(1)
    take("9-many")


TABS = (one_photo, one_person, teaching, playing, proof, many)


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
        for name, kind in (("several", "jpg"), ("none", "png"), ("broken", "png"), ("text", "png"), ("large", "png"))
    }
    wide.save(photos["several"])
    Image.new("RGB", (640, 480), "#8a9aa0").save(photos["none"])
    photos["broken"].write_bytes(face.read_bytes()[:900])
    photos["text"].write_text("a letter, not a photo")
    photos["large"].write_bytes(b"0" * (MAX_BYTES + 1))
    return photos


@contextmanager
def looking(browser: Browser, out: Path, look: Look) -> Iterator[Camera]:
    width, height = look.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=look.theme, locale=look.locale, reduced_motion="reduce"
    )  # fmt: skip
    yield Camera(context.new_page(), out, look)
    context.close()


def rare(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...]) -> None:
    """What the twins never show by themselves."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--loading", "1000") as url:
        for look in looks:
            with looking(browser, out, look) as camera:
                camera.page.goto(url)
                expect(camera.page.locator("#status .loading")).to_be_visible()
                camera.page.locator('#examples [data-pick="0"]').click()
                expect(camera.page.locator("#answer .working")).to_be_visible()
                camera.take("6-loading")
                camera.page.locator("#tab-how-button").click()
                camera.page.wait_for_timeout(500)
                camera.take("6-loading-how", full=False)
    with serving("-m", "tests.browser.server", examples, "--absent") as url:
        for look in looks:
            with looking(browser, out, look) as camera:
                open_page(camera.page, url)
                choose = camera.page.locator('#examples [data-pick="0"]')
                choose.click()
                expect(camera.page.locator("#answer .problem")).to_be_visible()
                camera.take("6-absent", full=False)
    with serving("-m", "tests.browser.server", examples, "1000") as url, full_queue(url, FACE):
        for look in looks:
            with looking(browser, out, look) as camera:
                open_page(camera.page, url)
                camera.page.locator('#examples [data-pick="0"]').click()
                expect(camera.page.locator(".toast-body")).to_be_visible()
                camera.take("6-full-queue", full=False)


def third(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...]) -> None:
    """A network with a long name and taps of its own beside the twins."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--third") as url:
        for look in looks:
            with looking(browser, out, look) as camera:
                open_page(camera.page, url)
                choose_example(camera.page, 0)
                expect(camera.page.locator("#details .scan")).to_be_visible()
                camera.take("7-third")
                go(camera.page, "person")
                camera.page.locator('#people [data-pick="0"]').click()
                expect(camera.page.locator("#person-photos li img")).to_have_count(3)
                camera.take("7-third-person")
                go(camera.page, "how")
                camera.take("7-third-how")


def pairs(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...]) -> None:
    """Another pair of networks can be chosen."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--pairs") as url:
        for look in looks:
            with looking(browser, out, look) as camera:
                open_page(camera.page, url)
                camera.take("8-pairs-empty", full=False)
                choose_example(camera.page, 0)
                expect(camera.page.locator("#details .scan")).to_be_visible()
                camera.page.locator("#pair input").nth(1).check()
                expect(camera.page.locator('#answer [data-network="augmented-a"]')).to_be_visible()
                expect(camera.page.locator("#details .scan")).to_be_visible()
                camera.take("8-pairs")
                go(camera.page, "person")
                camera.page.locator('#people [data-pick="0"]').click()
                expect(camera.page.locator("#person-photos li img")).to_have_count(3)
                camera.take("8-pairs-person")
                go(camera.page, "teach")
                camera.take("8-pairs-teach", full=False)
                go(camera.page, "how")
                expect(camera.page.locator("#proof .measured")).to_have_count(4)
                camera.take("8-pairs-how")


APART = (rare, third, pairs)
PARTS: dict[str, Callable[..., None]] = {part.__name__: part for part in (*TABS, *APART)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="take looks with this in their names only")
    parser.add_argument("--part", choices=[*PARTS], action="append", help="take these only; may be repeated")
    options = parser.parse_args()
    out: Path = options.folder
    out.mkdir(parents=True, exist_ok=True)
    parts = options.part or [*PARTS]
    tabs = [PARTS[name] for name in parts if PARTS[name] in TABS]
    wanted = [tuple(look for look in looks if options.only in look.name) for looks in (LOOKS, ON_A_KIOSK)]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder, browser = Path(place), chromium(playwright)
        photos = make_photos(folder)
        for looks, command in zip(wanted, (("app.py",), ("app.py", "--kiosk")), strict=True):
            if not looks or not tabs:
                continue
            with serving(*command) as url:
                for look in looks:
                    with looking(browser, out, look) as camera:
                        for tab in tabs:
                            open_page(camera.page, url)
                            tab(camera.page, photos, camera.take)
        for name in parts:
            if PARTS[name] in APART:
                (folder / name).mkdir()
                PARTS[name](browser, out, folder / name, wanted[0])
        browser.close()


if __name__ == "__main__":
    main()
