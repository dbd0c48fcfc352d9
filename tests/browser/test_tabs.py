"""The other four tabs in a real browser, and what holds for all of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mint.storage.paths import EXAMPLES
from tests.browser import driving
from tests.browser.contrast import faint
from tests.browser.driving import WAIT_MS, choose_example, go, set_slider
from tests.ui.served import serving_here

Open = Callable[..., Page]
PEOPLE = EXAMPLES / "people"


def test_an_answer_about_a_person_grows_and_shrinks_with_the_photos(page: Page) -> None:
    go(page, "person")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator("#person-answer .truth")).to_contain_text("twin A was trained on pictures of this person")
    expect(page.locator("#person-photos li img")).to_have_count(3)
    word = page.locator('#person-answer [data-network="twin-a"] .word')
    expect(word).to_have_text("Evidence of use")
    page.get_by_label("Remove Photo 2").click()
    page.get_by_label("Remove Photo 3").click()
    expect(page.locator("#person-photos li img")).to_have_count(1)
    expect(word).to_have_text("Inconclusive")
    page.locator("#person-clear").click()
    expect(page.locator("#person-answer .empty")).to_be_visible()
    expect(page.locator("#person-clear")).to_be_hidden()


def test_several_files_at_once_are_one_person(page: Page) -> None:
    go(page, "person")
    files = [str(PEOPLE / f"01-{i}-gan.png") for i in (1, 2, 3)]
    page.set_input_files(
        "#person-files input[type=file], input#person-files, #tab-person input[type=file][multiple]", files
    )
    expect(page.locator("#person-photos li img")).to_have_count(3)
    expect(page.locator("#person-answer .truth")).to_have_count(0)
    expect(page.locator("#person-answer .growth")).to_have_count(2)


def test_a_game_is_played_with_the_keyboard(page: Page) -> None:
    go(page, "play")
    boxes = page.locator("#game input[type=checkbox]")
    expect(boxes).to_have_count(12)
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("#game [data-done]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#score .headline")).to_contain_text("of 12")
    expect(page.locator("#game .told .checked", has_text="you: used")).to_have_count(2)
    expect(page.locator("#score .roc .curve")).to_have_count(2)
    page.locator("#game [data-again]").click()
    expect(boxes).to_have_count(12)
    page.locator("#game [data-done]").click()
    expect(page.locator("#score tbody tr")).to_have_count(3)  # this round, all rounds, the test


def test_a_thousand_dots_follow_the_sliders(page: Page) -> None:
    go(page, "play")
    set_slider(page, "play-prior", "0.01")
    expect(page.locator("#crowd figcaption")).to_contain_text("10 were used")
    expect(page.locator("#crowd figcaption")).to_contain_text("10 are accused")
    set_slider(page, "play-alpha", "0.05")
    expect(page.locator("#crowd figcaption")).to_contain_text("50 are accused")


def test_figures_and_references_stand_in_the_last_tab(page: Page) -> None:
    go(page, "how")
    for part in ("#about h2", "#proof .gate", "#papers table", "#papers .references a"):
        expect(page.locator(part).first).to_be_visible()
    at_first = page.url
    for name in ("references-title", "proof-title"):
        page.locator(f'#contents [data-skip="#{name}"]').press("Enter")
        expect(page.locator(f"#{name}")).to_be_focused()
        expect(page.locator(f"#{name}")).to_be_in_viewport()
    assert page.url == at_first, "an address with a place in it would be kept"


@pytest.mark.parametrize(("size", "scheme"), [((1280, 900), "light"), ((390, 844), "dark")])
def test_a_card_comes_when_it_is_opened(opened: Open, url: str, size: tuple[int, int], scheme: str) -> None:
    page = opened(url, *size, scheme=scheme)
    go(page, "how")
    expect(page.locator("#attacks tbody tr").first).to_be_visible()
    expect(page.locator(".shipped")).to_have_count(0)
    for name in ("attacks", "reference-tier"):
        fold = page.locator(f"#card-{name} > button")
        fold.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#card-{name} .shipped table").first).to_be_visible()
        expect(fold).to_be_focused()
    expect(page.locator("#card-attacks .shipped h3")).to_have_text("Honesty under attack")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    wide = page.locator("#card-attacks .shipped .scroll").first
    assert wide.evaluate("box => box.scrollWidth > box.clientWidth"), "it scrolls in itself"
    assert not faint(page)[1]


def test_a_report_is_taken_along_in_three_forms(real: str, opened: Open) -> None:
    page = opened(real)
    expect(page.locator("#report")).to_be_hidden()
    choose_example(page, 0)
    page.locator("#report > button").click()
    page.locator("#make").click()
    links = page.locator("#links a.download")
    expect(links).to_have_count(3)
    found = {}
    for link in links.all():
        href = link.get_attribute("href")
        assert href is not None
        found[link.get_attribute("download")] = base64.b64decode(href.partition(",")[2])
    assert found["mint-report.pdf"].startswith(b"%PDF")
    assert found["mint-report.html"].startswith(b"<!doctype html>")
    report = json.loads(found["mint-report.json"])
    assert report["photos"][0]["name"] == "photo"
    assert "thumbnail" not in json.dumps(report["photos"]) or not re.search(
        r'"thumbnail": "', json.dumps(report["photos"])
    )
    page.locator("#thumbnail input").check()
    expect(links).to_have_count(0)  # what was made before the box was ticked is gone
    with page.expect_download() as download:
        page.locator("#make").click()
        links.nth(2).click()
    again = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert re.search(r'"thumbnail": "', json.dumps(again["photos"]))


def test_the_page_speaks_the_browser_s_language_and_the_one_that_is_asked_for(opened: Open, url: str) -> None:
    page = opened(url, locale="es-MX")
    expect(page.locator("#tab-photo-button")).to_contain_text("¿Se usó esta foto?")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^es"))
    choose_example(page, 0)
    expect(page.locator("#answer .headline")).to_contain_text("Indicios de que la gemela A")
    page.locator(".languages a[hreflang=en]").click()
    expect(page.locator("#tab-photo-button")).to_contain_text("Was this photo used?")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#examples h2")).to_have_text("Try a picture whose truth is known")


def test_a_language_that_the_page_does_not_speak_mixes_nothing(opened: Open, url: str) -> None:
    page = opened(url, locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#tab-photo-button")).to_contain_text("Was this photo used?")
    webcam = page.locator("#photo").get_by_role("button", name="Click to use the webcam", exact=True)
    expect(webcam).to_be_visible()  # gradio has words for its parts in German


def test_no_english_word_is_left_for_who_reads_spanish(opened: Open, url: str) -> None:
    page = opened(url, locale="es-ES")
    expect(page.locator("#examples h2")).to_contain_text("Pruebe")
    choose_example(page, 1)
    for tab in ("photo", "person", "teach", "play", "how", "many"):
        go(page, tab)
        text = page.locator(f"#tab-{tab}").inner_text()
        if tab == "how":  # titles of papers stay what they are
            text = text.partition("Referencias")[0]
        left = set(re.findall(r"\b(?:the|photo|used|faces?|was|this|which|choose|click|webcam|queue)\b", text, re.I))
        assert not left, (tab, left)


def test_no_english_name_is_left_for_who_hears_spanish(opened: Open, url: str) -> None:
    page = opened(url, locale="es-ES")
    page.locator("#photo").get_by_role("button", name="Pulse para usar la cámara", exact=True).click()
    expect(page.locator("#photo").get_by_label("hacer la foto")).to_be_visible()
    for name in ("Subir un archivo", "Usar la cámara", "Pegar del portapapeles"):
        expect(page.locator("#photo").get_by_role("button", name=name)).to_be_visible()
    choose_example(page, 1)
    expect(page.locator("#details .scan")).to_be_visible()
    for tab in ("photo", "person", "teach", "play", "how", "many"):
        go(page, tab)
        for fold in page.locator(f"#tab-{tab} .sure > button:visible").all():
            if fold.get_attribute("class") and "open" not in str(fold.get_attribute("class")):
                fold.click()
    driving.drawn(page)
    names = page.evaluate(
        """() => ['aria-label', 'title', 'alt', 'placeholder'].flatMap((a) =>
        [...document.querySelectorAll(`:not([lang=en] *)[${a}]`)].map((e) => e.getAttribute(a))).filter(Boolean)"""
    )
    assert len(names) > 60
    english = r"\b(?:the|of|for|file|upload|photos?|images?|camera|webcam|access|capture|paste|value|reset|input|slider|clear)\b"
    assert not {name for name in names if re.search(english, name, re.I)}


def test_two_visitors_never_see_each_other_s_answers(opened: Open, url: str) -> None:
    one, other = opened(url), opened(url)
    choose_example(one, 0)
    choose_example(other, 1)
    expect(one.locator("#answer .headline")).to_contain_text("only twin A")
    expect(other.locator("#answer .headline")).to_contain_text("only twin B")
    driving.open_sliders(one)
    set_slider(one, "alpha", "0.001")
    expect(one.locator('#answer [data-network="twin-a"] .word').first).to_have_text("Inconclusive")
    expect(other.locator('#answer [data-network="twin-b"] .word').first).to_have_text("Evidence of use")
    go(other, "person")
    expect(other.locator("#person-photos li")).to_have_count(0)


def test_tabs_are_changed_with_the_arrow_keys_and_have_names(page: Page) -> None:
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(6)
    expect(tabs.nth(2)).to_have_accessible_name(re.compile("Teach it my face"))
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(tabs.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(tabs.nth(5)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tab-many")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_what_is_behind_it(opened: Open, url: str, scheme: str) -> None:
    page = opened(url, scheme=scheme)
    choose_example(page, 0)
    for tab in ("photo", "person", "teach", "play", "how", "many"):
        go(page, tab)
        if tab == "play":
            page.locator("#game label").first.click()
        texts, found = faint(page)
        assert texts > 20, "there is something to read"
        assert not found, tab


def test_everything_that_can_be_pressed_has_a_name(page: Page) -> None:
    choose_example(page, 0)
    for tab in ("photo", "person", "teach", "play", "how", "many"):
        go(page, tab)
        unnamed = page.evaluate(
            """(tab) => [...document.querySelectorAll(`#tab-${tab} :is(button, a[href], input, summary)`)]
            .filter((e) => e.checkVisibility() && e.offsetParent && e.type !== 'file').filter((e) => !(e.innerText || '').trim()
              && !e.querySelector('img[alt]:not([alt=""])')
              && !e.getAttribute('aria-label') && !e.title && !e.labels?.length && !e.getAttribute('aria-labelledby'))
            .map((e) => e.outerHTML.slice(0, 200))""",
            tab,
        )
        assert not unnamed, (tab, unnamed)


def test_a_kiosk_is_large_leads_nowhere_and_starts_over(
    opened: Open, url: str, written_examples: Path, tmp_path: Path
) -> None:
    plain = opened(url, 1920, 1080)
    with serving_here(written_examples, tmp_path, kiosk=True) as kiosk:
        starts_over(opened(kiosk.url, 1920, 1080), plain)


def starts_over(page: Page, plain: Page) -> None:
    page.keyboard.press("Escape")  # somebody is there
    expect(page.locator("#tab-photo-button")).to_be_visible()
    sizes = [p.locator("#tab-photo-button").bounding_box() for p in (plain, page)]
    assert sizes[0] is not None
    assert sizes[1] is not None
    assert sizes[1]["width"] > 1.2 * sizes[0]["width"]  # its letters; the row itself is low, for a face to be in sight
    assert page.locator('a[href^="http"], #papers a').count() == 0
    choose_example(page, 0)
    page.evaluate("mintIdle(1)")  # as if nobody had touched it until one second before the end
    expect(page.locator("#answer .empty")).to_be_visible()
    expect(page.locator("#faces .seen")).to_have_count(0)
    expect(page.locator("#status .ready")).to_be_visible()  # it asks for nothing more, and may be closed


def test_a_4k_screen_gets_a_larger_page(opened: Open, url: str) -> None:
    small, large = (
        opened(url, width, height).locator("main").bounding_box() for width, height in ((1920, 1080), (3840, 2160))
    )
    assert small is not None
    assert large is not None
    assert large["width"] > 2 * small["width"]


def test_the_real_twin_learns_a_face_and_forgets_it(real: str, opened: Open) -> None:
    page = opened(real)
    go(page, "teach")
    page.locator("#teach-examples [data-pick]").nth(6).click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    expect(page.locator("#teach-consent")).to_be_hidden()  # an example needs no consent
    page.locator("#teach-start").click()
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4, timeout=3 * WAIT_MS)  # it computes for long
    page.locator("#teach-forget").click()
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    expect(page.locator("#teach-faces img")).to_have_count(0)


def test_nothing_is_taught_without_consent(real: str, opened: Open) -> None:
    page = opened(real)
    go(page, "teach")
    page.set_input_files("#teach-photo input[type=file]", str(EXAMPLES / "faces" / "30-gan.png"))
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()
    expect(page.locator('#teach-answer [data-visit="consent"]')).to_be_visible()
    expect(page.locator("#teach-answer .bar")).to_have_count(0)
