"""Pictures of every state of the page, for eyes: ``python -m tests.browser.shots [FOLDER] [--only WORD] [--part NAME] [--axe FILE]``.

FOLDER is ``screenshots``, which git ignores, unless told otherwise. The twins answer, at five sizes, in light and dark, in
English and Spanish; what they never show by themselves (networks that load, or fail to; a full queue) comes from the page
without networks. Printed is what can be told without eyes: text that is faint or cut, a page that scrolls sideways, and with
the ``axe.min.js`` of axe-core (npm has it) what that finds in each state.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from mint.storage.paths import EXAMPLES
from tests.browser.camera import Look, looking, make_photos
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
OWN = EXAMPLES / "faces" / "05-gan.png"  # given as a visitor gives a photo: nothing says that its truth is known
DESK, PHONE, TABLET, SCREEN, LARGE = (1280, 800), (390, 844), (768, 1024), (1920, 1080), (3840, 2160)

FILES = "#tab-{} input[type=file][multiple]"
REPORT = "#links a.download, #links iframe"  # on a kiosk it is read on the screen

LOOKS = (
    Look("light-1280", DESK),
    Look("dark-1280", DESK, "dark"),
    Look("light-390", PHONE),
    Look("dark-390", PHONE, "dark"),
    Look("spanish-1280", DESK, locale="es-ES"),
    Look("spanish-dark-390", PHONE, "dark", "es-ES"),
    Look("spanish-768", TABLET, locale="es-ES"),
)
ON_A_KIOSK = (
    Look("kiosk-1920", SCREEN),
    Look("kiosk-dark-1920", SCREEN, "dark"),
    Look("kiosk-3840", LARGE),
    Look("kiosk-spanish-dark-3840", LARGE, "dark", "es-ES"),
)


def one_photo(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    if page.locator("html.attract").count():
        take("0-nobody-there", full=False)
        page.keyboard.press("Escape")
    take("1-empty")
    page.set_input_files(
        "#photo input[type=file]", str(OWN)
    )  # an example may be answered before anybody could see it working
    expect(page.locator("#answer .working")).to_be_visible()
    take("1-working", full=False)
    expect(page.locator("#details .scan")).to_be_visible()  # the last to come
    take("1-own")
    choose_example(page, 0)
    expect(page.locator("#details .scan")).to_be_visible()
    take("1-example")
    upload(page, photos["several"])
    page.locator("#faces .thumb").nth(1).click()
    expect(page.locator('#faces .thumb[aria-pressed="true"] .tag')).to_have_text("2")
    expect(page.locator("#details .scan")).to_be_visible()
    open_sliders(page)
    set_slider(page, "alpha", "0.001")
    page.locator("#report > button").click()
    page.locator("#case > button").click()
    page.locator("#make").click()
    expect(page.locator(REPORT)).not_to_have_count(0)
    take("1-several-sliders-report")
    for state in ("none", "broken", "text", "large"):
        upload(page, photos[state])
        expect(page.locator("#answer .problem")).to_be_visible()
        take(f"1-{state}", full=False)
    page.set_input_files("#photo input[type=file]", str(photos["letter"]))
    expect(page.get_by_test_id("toast-text")).to_be_visible()
    take("1-letter", full=False)
    page.get_by_test_id("toast-close").click()
    choose_example(page, page.locator("#examples [data-pick]").count() - 1)
    take("1-neither", full=False)


def one_person(page: Page, photos: dict[str, Path], take: Callable[..., None]) -> None:
    go(page, "person")
    take("2-empty")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator("#person-photos [data-pick]").first).to_be_visible()  # all are there, those that count once too
    expect(page.locator("#person-answer .truth")).to_be_visible()
    take("2-person")
    photos_of_one = sorted((EXAMPLES / "people").glob("02-[123]-*"))
    page.locator("#person-clear").click()
    page.set_input_files(FILES.format("person"), [str(path) for path in photos_of_one])
    expect(page.locator("#person-photos li img")).to_have_count(3)
    expect(page.locator("#person-answer .headline")).to_be_visible()
    take("2-own-photos")
    page.locator("#person-clear").click()
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
    page.set_input_files(FILES.format("many"), given)
    expect(page.locator("#many-answer tbody tr")).to_have_count(8)
    expect(page.locator("#many-answer .busy")).to_have_count(0)
    page.locator("#many-make").click()
    expect(page.locator("#many-links a.download")).to_have_count(1)
    take("9-many")
    page.set_input_files(FILES.format("many"), str(photos["letter"]))
    expect(page.get_by_test_id("toast-text")).to_be_visible()
    take("9-many-refused", full=False)


TABS = (one_photo, one_person, teaching, playing, proof, many)


def rare(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...], axe: Path | None) -> None:
    """What the twins never show by themselves."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--loading", "1000") as url:
        for look in looks:
            with looking(browser, out, look, axe) as camera:
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
            with looking(browser, out, look, axe) as camera:
                open_page(camera.page, url)
                choose = camera.page.locator('#examples [data-pick="0"]')
                choose.click()
                expect(camera.page.locator("#answer .problem")).to_be_visible()
                camera.take("6-absent", full=False)
    with serving("-m", "tests.browser.server", examples, "1000") as url, full_queue(url, FACE):
        for look in looks:
            with looking(browser, out, look, axe) as camera:
                open_page(camera.page, url)
                camera.page.locator('#examples [data-pick="0"]').click()
                expect(camera.page.locator(".toast-body")).to_be_visible()
                camera.take("6-full-queue", full=False)


def third(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...], axe: Path | None) -> None:
    """A network with a long name and taps of its own beside the twins."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--third") as url:
        for look in looks:
            with looking(browser, out, look, axe) as camera:
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


def pairs(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...], axe: Path | None) -> None:
    """Another pair of networks can be chosen."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--pairs") as url:
        for look in looks:
            with looking(browser, out, look, axe) as camera:
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


def versions(browser: Browser, out: Path, folder: Path, looks: tuple[Look, ...], axe: Path | None) -> None:
    """The page has a series of versions: used from the third on, used and taken out, never used."""
    examples = str(write_examples(folder, FACE))
    with serving("-m", "tests.browser.server", examples, "--versions") as url:
        for look in looks:
            with looking(browser, out, look, axe) as camera:
                open_page(camera.page, url)
                open_sliders(camera.page)
                set_slider(camera.page, "alpha", "0.05")
                for number, name in enumerate(("9-versions-used", "9-versions-taken-out", "9-versions-never")):
                    choose_example(camera.page, number)
                    expect(camera.page.locator("#versions table")).to_be_visible()
                    expect(camera.page.locator("#details .scan")).to_be_visible()
                    camera.take(name)


APART = (rare, third, pairs, versions)
PARTS: dict[str, Callable[..., None]] = {part.__name__: part for part in (*TABS, *APART)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="take looks with this in their names only")
    parser.add_argument("--part", choices=[*PARTS], action="append", help="take these only; may be repeated")
    parser.add_argument("--axe", type=Path, help="axe.min.js of axe-core; what it finds in each state is printed")
    options = parser.parse_args()
    axe: Path | None = options.axe
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
                    with looking(browser, out, look, axe) as camera:
                        for tab in tabs:
                            open_page(camera.page, url)
                            tab(camera.page, photos, camera.take)
        for name in parts:
            if PARTS[name] in APART:
                (folder / name).mkdir()
                PARTS[name](browser, out, folder / name, wanted[0], axe)
        browser.close()


if __name__ == "__main__":
    main()
