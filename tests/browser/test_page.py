"""The first tab in a real browser. Most tests run it without networks; the last ones run ``app.py`` as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mint.storage.paths import EXAMPLES
from mint.types import Verdict
from mint.ui.examples import load_examples
from mint.ui.page import UPLOAD_BYTES
from mint.vision.images import MAX_BYTES, open_photo, to_png
from tests.browser import driving
from tests.browser.driving import choose_example, go, open_sliders, set_slider, upload
from tests.docs.blocks import program
from tests.ui.fakes import NETWORKS, THIRD
from tests.ui.latch import wait_until
from tests.ui.served import Served

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
Open = Callable[..., Page]


def word(page: Page, network: str) -> Locator:
    return page.locator(f'#answer [data-network="{network}"] .word').first


def several(folder: Path, count: int = 3) -> Path:
    face = open_photo(FACE)
    face = face[:: max(1, face.shape[0] // 300), :: max(1, face.shape[0] // 300)]
    path = folder / "several.png"
    path.write_bytes(to_png(np.concatenate([np.roll(face, 3 * i, 1) for i in range(count)], axis=1)))
    return path


def test_the_answer_flips_with_the_network_and_the_truth_stands_beside(page: Page) -> None:
    expect(page.locator("#answer .empty")).to_be_visible()
    choose_example(page, 0)
    expect(word(page, "twin-a")).to_have_text("Evidence of use")
    expect(word(page, "twin-b")).to_have_text("No sign of use")
    expect(page.locator("#answer .truth")).to_contain_text("twin A was trained on this picture; twin B was not")
    choose_example(page, 1)
    expect(word(page, "twin-b")).to_have_text("Evidence of use")
    expect(word(page, "twin-a")).to_have_text("No sign of use")


def test_an_upload_is_audited_by_itself_and_so_is_the_next(page: Page, examples: Path) -> None:
    upload(page, examples / "faces" / "00.png")
    expect(page.locator("#answer .headline")).to_contain_text("only twin A")
    expect(page.locator("#answer .truth")).to_have_count(0)
    expect(page.locator("#faces .crop img")).to_be_visible()
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    upload(page, examples / "faces" / "01.png")
    expect(page.locator("#answer .headline")).to_contain_text("only twin B")


def test_what_is_no_photo_gets_words_not_a_traceback(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    upload(page, broken)
    expect(page.locator("#answer .problem")).to_contain_text("cannot be read")
    empty = tmp_path / "empty.png"
    empty.write_bytes(to_png(np.full((240, 320, 3), 140, np.uint8)))
    upload(page, empty)
    expect(page.locator("#answer .problem")).to_contain_text("No face was found")
    expect(page.locator("#faces .photo img")).to_be_visible()
    upload(page, FACE)
    expect(page.locator("#answer .cards")).to_be_visible()


def test_who_goes_on_before_the_details_are_there_is_answered_all_the_same(
    page: Page, served: Served, examples: Path
) -> None:
    served.settling.hold()
    for index, only in ((0, "only twin A"), (1, "only twin B"), (0, "only twin A")):
        upload(page, examples / "faces" / f"0{index}.png")
        expect(page.locator("#answer .headline")).to_contain_text(only)
        expect(page.locator("#details .chart")).to_have_count(0)
    for index, network in ((1, "twin-b"), (0, "twin-a")):
        choose_example(page, index)
        expect(word(page, network)).to_have_text("Evidence of use")
        expect(page.locator("#details .chart")).to_have_count(0)
    served.settling.open()
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)


def test_a_photo_over_the_limit_is_refused_with_the_limit(opened: Open, url: str, tmp_path: Path) -> None:
    page = opened(url, locale="es-ES")
    large = tmp_path / "large.png"
    large.write_bytes(b"0" * (MAX_BYTES + 1))
    upload(page, large)
    expect(page.locator("#answer .problem")).to_contain_text("15 MB")
    expect(page.locator("#answer .problem")).to_contain_text("no se puede leer")
    large.write_bytes(b"0" * (UPLOAD_BYTES + 1))  # is not even sent
    page.set_input_files("#photo input[type=file]", str(large))
    expect(page.locator(".toast-body")).to_contain_text(
        "Demasiado grande: large.png. Una foto puede tener 15 MB como máximo."
    )


def test_a_line_that_is_full_refuses_an_audit_and_nothing_else(opened: Open, served: Served) -> None:
    served.test.looking.hold()
    with driving.full_queue(served.url, FACE):
        page = opened(served.url, locale="es-ES")  # the networks are told to be there
        expect(page.locator("#examples h2")).to_contain_text("Pruebe")
        page.locator('#examples [data-pick="0"]').click()
        expect(page.locator(".toast-body")).to_contain_text("cola está llena")
        expect(page.locator(".toast-body").get_by_role("button", name="Cerrar", exact=True)).to_be_visible()
        go(page, "play")
        page.locator("#game [data-done]").click()
        expect(page.locator("#score .headline")).to_be_visible()


LOCALES = pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
PLACE = {"en-GB": "You are number 1 in line", "es-ES": "Es el número 1 de la cola"}
LEFT = {"en-GB": "about 33\u00a0min", "es-ES": "unos 33\u00a0min"}
WORKING = {"en-GB": "Working on it …", "es-ES": "En ello…"}
DONE = {"en-GB": "Done", "es-ES": "Listo"}
ANNOUNCED = """() => {
  const line = document.querySelector('.sr-only[role=status]');
  window.announced = [];
  new MutationObserver(() => window.announced.push(line.textContent.trim()))
    .observe(line, { subtree: true, childList: true, characterData: true });
}"""


@LOCALES
def test_who_waits_is_told_the_place_in_line(opened: Open, served: Served, locale: str) -> None:
    page = opened(served.url, locale=locale)
    page.evaluate(ANNOUNCED)
    said = page.locator("#answer [data-testid=status-tracker] .progress-text")
    nothing_known(served)
    served.test.looking.hold()
    with someone_first(served):
        page.locator('#examples [data-pick="0"]').click()
        expect(said).to_have_text(PLACE[locale])
        expect(said).to_be_visible()
        page.wait_for_function("words => window.announced.includes(words)", arg=PLACE[locale])
        served.test.looking.let()
        expect(page.locator('#answer [data-visit="working"]')).to_be_visible()
        expect(said).to_have_count(0)
        served.test.looking.let()
        expect(page.locator("#answer .truth")).to_be_visible()
        page.wait_for_function("words => window.announced.includes(words)", arg=DONE[locale])
    with known_to_take(served, 1000), someone_first(served):
        page.locator('#examples [data-pick="1"]').click()
        expect(said).to_have_text(f"{PLACE[locale]} · {LEFT[locale]}")
        assert not re.search(r"queue:|processing|\d/\d", page.locator("body").inner_text())
        served.test.looking.open()


@LOCALES
def test_whoever_is_being_answered_is_told_so(
    opened: Open, served: Served, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    page, find = opened(served.url, locale=locale), served.test.find
    monkeypatch.setattr(served.test, "find", lambda photo: (served.test.looking.through(), find(photo))[1])
    go(page, "teach")
    nothing_known(served)
    served.test.looking.hold()
    page.set_input_files("#teach-photo input[type=file]", str(FACE))
    served.test.looking.wait_for()
    said = page.locator("#teach-answer [data-testid=status-tracker] .progress-text")
    expect(said).to_have_text(WORKING[locale])
    expect(said).to_be_visible()
    served.test.looking.open()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    expect(said).to_have_count(0)


@contextmanager
def someone_first(served: Served) -> Iterator[None]:
    """A program's audit is under way, and then nobody's: the look at its photo waits for the latch."""
    came = served.test.looking.came
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        driving.ask(client, FACE, "first").raise_for_status()
        served.test.looking.wait_for(came + 1)
        yield
    wait_until(served.idle, "everybody is answered")


def nothing_known(served: Served) -> None:
    """As if nothing had run yet: how long somebody waits nobody knows."""
    served.page.blocks._queue.process_time_per_fn.clear()


@contextmanager
def known_to_take(served: Served, seconds: float) -> Iterator[None]:
    """As if every run so far had taken so long: from that gradio foretells when somebody's turn comes."""
    for time in served.page.blocks._queue.process_time_per_fn.values():
        time.avg_time = seconds
    yield
    nothing_known(served)


def test_one_of_several_faces_is_chosen_by_click_and_by_key(page: Page, tmp_path: Path) -> None:
    upload(page, several(tmp_path))
    thumbs = page.locator("#faces .thumb")
    expect(thumbs).to_have_count(3)
    expect(thumbs.nth(0)).to_have_attribute("aria-pressed", "true")
    page.locator("#faces .box").nth(1).click()
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")
    thumbs.nth(2).focus()
    page.keyboard.press("Enter")
    expect(thumbs.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#faces .crop figcaption")).to_contain_text("Face 3 of 3")


def test_a_moved_slider_judges_again(page: Page) -> None:
    choose_example(page, 0)
    number = page.locator("#answer .result").get_attribute("data-visit")
    open_sliders(page)
    set_slider(page, "alpha", "0.001")
    expect(word(page, "twin-a")).to_have_text("Inconclusive")  # its p-value is 0.0024
    before = page.locator("#answer .facts div").nth(3).inner_text()
    set_slider(page, "prior", "0.02")
    expect(page.locator("#answer .facts div").nth(3)).not_to_have_text(before)
    expect(page.locator("#answer .facts div").nth(3)).to_contain_text("if 2")
    assert page.locator("#answer .result").get_attribute("data-visit") == number, "the same look"
    expect(page.locator("#answer .truth")).to_be_visible()


def test_the_webcam_s_picture_arrives_unmirrored(page: Page) -> None:
    page.get_by_role("button", name="Click to use the webcam", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('#photo video')?.videoWidth > 0"
    )  # until then there is no picture
    page.get_by_label("capture photo").click()
    expect(page.locator("#answer .cards")).to_be_visible()
    box, photo = page.locator("#faces .box").bounding_box(), page.locator("#faces .photo").bounding_box()
    assert box is not None
    assert photo is not None
    assert box["x"] + box["width"] / 2 < photo["x"] + photo["width"] / 2, "the face was at the left"


def test_the_keyboard_reaches_the_examples_and_sets_one_off(page: Page) -> None:
    tile = page.locator("#examples .tile").first
    tile.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.pick") == "3", "the next in the same group"
    page.keyboard.press("Enter")
    expect(page.locator("#answer .truth")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    opened: Open, url: str, tmp_path: Path, scheme: str
) -> None:
    page = opened(url, 390, 844, scheme)
    assert width(page) <= 390
    upload(page, several(tmp_path, 4))
    open_sliders(page)
    assert width(page) <= 390
    order = [
        page.locator(part).first.bounding_box()
        for part in ("#photo", "#faces", "#answer .cards", "#sure", "#details .scan", "#details .chart", "#examples")
    ]
    tops = [box["y"] for box in order if box is not None]
    assert tops == sorted(tops)
    assert len(tops) == len(order)
    for tab in ("person", "teach", "play", "how"):
        go(page, tab)
        assert width(page) <= 390, tab
        narrow = page.evaluate(
            "(tab) => [...document.querySelectorAll(`#tab-${tab} .bench > .column`)]"
            ".map((e) => e.parentElement.clientWidth - e.clientWidth)",
            tab,
        )
        assert not any(narrow), (tab, narrow)
    over = page.evaluate(
        "() => [...document.querySelectorAll('#tab-how .sure > button')].filter(({ children: [told, arrow] }) =>"
        " told.getBoundingClientRect().right > arrow.getBoundingClientRect().left).map((button) => button.textContent)"
    )
    assert not over, "an arrow lies on the words before it"


def test_a_third_network_with_a_long_name_fits(opened: Open, served: Served) -> None:
    served.ask((*NETWORKS, THIRD))
    for size in ((390, 844), (1280, 900)):
        shown_beside_the_twins(opened(served.url, *size), size[0])


def shown_beside_the_twins(page: Page, most: int) -> None:
    """In every tab that has a place for it, and nothing is wider than the page."""
    choose_example(page, 0)
    expect(page.locator("#answer .card")).to_have_count(3)
    expect(page.locator("#answer .flip")).to_contain_text("The answer flips")
    expect(page.locator("#details .scan")).to_be_visible()
    for tab in ("photo", "person", "how"):
        go(page, tab)
        if tab == "person":
            page.locator('#people [data-pick="0"]').click()
            expect(page.locator("#person-answer .card")).to_have_count(3)
        assert width(page) <= most, tab
        wide = page.evaluate(
            """(tab) => [...document.querySelectorAll(`#tab-${tab} .html-container :is(p, h3, h4, th, td, article, figcaption)`)]
            .filter((e) => e.checkVisibility() && !e.closest('.scroll') && e.scrollWidth > e.clientWidth + 1
              && !['inline'].includes(getComputedStyle(e).display))
            .map((e) => e.outerHTML.slice(0, 160))""",
            tab,
        )
        assert not wide, (tab, wide)


def width(page: Page) -> int:
    return int(page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"))


def test_the_theme_follows_the_system(opened: Open, url: str) -> None:
    grounds = {
        s: opened(url, scheme=s).evaluate("getComputedStyle(document.body).backgroundColor") for s in ("light", "dark")
    }
    assert grounds["light"] != grounds["dark"]


def test_a_program_gets_the_same_audit_as_json(url: str, examples: Path) -> None:
    import gradio_client as client

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        gradio = client.Client(url, verbose=False)
        audits = gradio.predict(client.handle_file(str(examples / "faces" / "01.png")), 0.01, 0.5, api_name="/audit")
        gradio.close()
    assert [a["network"] for a in audits] == ["twin-a", "twin-b"]
    assert [a["faces"][0]["verdict"] for a in audits] == ["no sign of use", "evidence of use"]
    assert all(a["photo"] == "photo" for a in audits), "a name, never a path"


def test_the_documented_program_runs(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = program("docs/page.md").text
    assert "http://127.0.0.1:7860" in code
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.chdir(driving.ROOT)
    names: dict[str, Any] = {}
    exec(code.replace("http://127.0.0.1:7860", url), names)
    names["page"].close()
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("twin-")]
    assert [line.split(" ", 1)[0] for line in told] == ["twin-a", "twin-b"]
    assert all(line.split(" ", 1)[1] in list(Verdict) for line in told)


def test_the_real_twins_tell_who_was_used(real: str, opened: Open) -> None:
    page = opened(real)
    examples = load_examples(EXAMPLES / "faces")
    for network in ("twin-a", "twin-b"):
        member = next(e for e in examples if e.truth[network] and str(e.verdicts.get(network)) == "evidence of use")
        other = next(n for n in member.truth if n != network)
        upload(page, member.path)
        expect(word(page, network)).to_have_text("Evidence of use")
        expect(word(page, other)).not_to_have_text("Evidence of use")


def test_the_wall_s_marks_are_what_a_live_audit_says(real: str, opened: Open) -> None:
    page = opened(real)
    examples = load_examples(EXAMPLES / "faces")
    for index in (0, len(examples) // 2, len(examples) - 1):
        choose_example(page, index)
        for network, verdict in examples[index].verdicts.items():
            expect(word(page, network)).to_have_text(str(verdict).capitalize())
