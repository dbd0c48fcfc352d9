"""The cards in the page: whole, inert, and told about in the visitor's language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mint.i18n.translate import Say
from mint.ui.views.proof import attacks, cards
from mint.ui.views.proof.markdown import rendered

SPANISH = Say("es", strict=True)


def called(number: int) -> str:
    return f'a "table" {number}'


def test_only_cards_of_an_optional_pair_and_of_a_long_measurement_may_be_missing() -> None:
    assert set(cards.CARDS) - set(cards.shipped()) <= {"augmented-a", "augmented-b", "scale-law"}


def test_no_card_that_ships_is_left_out() -> None:
    assert {path.stem for path in cards.FOLDER.glob("*.md")} == set(cards.shipped())


@pytest.mark.parametrize("name", cards.shipped())
def test_every_shipped_card_is_shown_whole(name: str) -> None:
    html = cards.card(name, SPANISH)
    source = (cards.FOLDER / f"{name}.md").read_text("utf-8")
    body = source.split("\n---\n", 1)[1] if source.startswith("---") else source
    assert html.count("<tr>") == len(re.findall(r"^\|", body, re.M)) - len(re.findall(r"^\|[-:| ]+\|$", body, re.M))
    assert html.count("<table") == html.count('class="scroll"') > 0
    numbers = re.findall(rf'aria-label="{re.escape(SPANISH(cards.CARDS[name]))}, tabla (\d+)"', html)
    assert [int(number) for number in numbers] == list(range(1, html.count("<table") + 1))
    assert len(re.findall(r"<h\d", html)) == len(re.findall(r"^#+ ", body, re.M))
    assert not re.search(r"<h[12]\b", html), "below the page's own headings"
    assert "license: mit" not in html, "the front matter is for machines"
    assert not re.search(r"[{}$`\\]|<a\b|<script", html)


def test_a_name_that_is_none_of_the_cards_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# Secret")
    for name in ("secret", "../secret", "", "attacks"):
        assert cards.card(name, folder=tmp_path) == ""
    assert cards.shipped(tmp_path) == {}


def test_html_links_and_templates_in_a_card_do_nothing(tmp_path: Path) -> None:
    text = "<img src=x onerror=alert(1)>\n\n[go](javascript:alert(1)) [out](https://example.org) ${value} `{{x}}`"
    html = rendered(text, tmp_path, called)
    assert "<img" not in html
    assert "href" not in html
    assert "go" in html
    assert "$" not in html
    assert "{" not in html


def test_tables_are_numbered_anew_in_each_card_and_their_names_are_escaped(tmp_path: Path) -> None:
    table = "| a |\n|---|\n| 1 |\n\n"
    for _ in range(2):
        html = rendered(f"{table}Words.\n\n{table}", tmp_path, called)
        assert re.findall(r'aria-label="([^"]*)"', html) == ["a &quot;table&quot; 1", "a &quot;table&quot; 2"]


def test_only_drawings_beside_the_card_are_shown(tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    (folder / "plots").mkdir(parents=True)
    (folder / "plots" / "roc.svg").write_text("<svg/>")
    (folder / "plots" / "face.png").write_text("png")
    (tmp_path / "out.svg").write_text("<svg/>")
    assert 'src="data:image/svg+xml;base64,PHN2Zy8+" alt="the ROC"' in rendered(
        "![the ROC](plots/roc.svg)", folder, called
    )
    (box,) = re.findall(
        r'<span class="scroll plotted" ([^>]*)><img class="plot"', rendered("![a](plots/roc.svg)", folder, called)
    )
    assert box == 'tabindex="0" role="region" aria-label="a"', "on a phone it is pushed along, by key as well"
    for place in ("../out.svg", "plots/face.png", "plots/none.svg", "https://example.org/x.svg", "/etc/passwd"):
        html = rendered(f"![words]({place})", folder, called)
        assert "<img" not in html
        assert "words" in html


def test_the_essence_says_what_is_lost_and_who_can_forge(tmp_path: Path) -> None:
    def row(kind: str, what: str, value: float, low: float, n: int) -> dict[str, object]:
        return {"kind": kind, "what": what, "shown": n, "0.01": {"value": value, "low": low, "high": 1.0, "n": n}}

    members = [row("members", "an exact copy (PNG)", 0.9, 0.8, 30), row("members", "grey", 0.1, 0.02, 30)]
    others = [
        row("siblings", "mirrored", 0.5, 0.3, 20),
        row("real", "mirrored", 0.0, 0.0, 30),
        row("adversary real", attacks.STRONGEST, 6 / 7, 0.4, 7),
    ]
    path = tmp_path / "attacks.json"
    path.write_text(json.dumps({"twins": {n: {"members": members, "others": others} for n in ("twin-a", "twin-b")}}))
    html = attacks.attacks(path=path)
    assert html.count('<tr><th scope="row">') == 2
    assert "in 2 ways, up to 30 photos each; in 1 of them" in html
    assert "12 of 14 unused photos were called used" in html
    assert attacks.attacks(path=tmp_path / "none.json") == ""


def test_the_shipped_essence_has_every_row_in_spanish() -> None:
    html = attacks.attacks(SPANISH)
    assert html.count('<tr><th scope="row">') == len(attacks.EDITS)
    assert "Sin color" in html
    assert cards.heading(SPANISH)
    assert all(map(SPANISH, cards.CARDS.values()))
