"""5. How do you know? Figures that come with the networks, and cards that come when they are opened."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.i18n.translate import Say
from mint.ui.context import told
from mint.ui.views.proof import attacks, paper
from mint.ui.views.proof import contents as listing
from mint.ui.views.proof.cards import shipped
from mint.ui.views.proof.contents import SECTIONS
from tests.ui.guest import Guest
from tests.ui.reading import Elements, text
from tests.ui.served import Served

Visit = Callable[..., Guest]


def test_figures_come_with_the_networks(served: Served, visit: Visit) -> None:
    standing = {c["props"].get("elem_id"): c["props"].get("value") for c in served.config["components"]}
    assert standing["proof"] == "", "nothing was measured before they are there"
    assert "<h2" in standing["about"]
    assert "<tbody>" in standing["attacks"]
    assert [link for link in Elements(standing["papers"]).values("href") if link.startswith("https://")]
    guest = visit()
    assert "gate passes" in Elements(guest.page["proof"]).values("class")
    # The made-up evaluation: the best auditor's AUC is 0.985, the best control's 0.51.
    assert "beat the best auditor on pixels or on an untrained network by 0.475 AUC" in guest.page["proof"]


def test_every_section_is_in_the_table_of_contents(served: Served, visit: Visit) -> None:
    guest = visit("es-ES")
    shown = {c["props"].get("elem_id"): c["props"].get("value") for c in served.config["components"]}
    parts = ("about", "proof", "attacks", "cards-head", "papers")
    stand = [shown[part] if part != "proof" else guest.page["proof"] for part in parts]
    heads = re.findall(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', "".join(stand))
    listed = re.findall(r'<a href="#([^"]+)" data-skip="#([^"]+)">(.*?)</a>', shown["contents"])
    assert [name for name, _ in heads] == [name for name, _, _ in listed] == [skip for _, skip, _ in listed]
    own = [(name, told) for name, told in heads if name != "proof-title"]  # that one came in this visitor's language
    assert own == [(name, told) for name, _, told in listed if name != "proof-title"]


def test_the_list_and_the_text_say_the_same_in_spanish() -> None:
    (head,) = re.findall(r'<h2 id="about-title">(.*?)</h2>', told("about", Say("es")))
    assert f'data-skip="#about-title">{head}</a>' in listing.contents(Say("es"))


@pytest.mark.parametrize(("name", "view"), [("papers-title", paper), ("attacks-title", attacks)])
def test_a_section_that_did_not_ship_is_not_listed(
    name: str, view: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(view, "MEASURED", tmp_path / "nothing")
    assert {*SECTIONS} - {*re.findall('href="#([^"]+)"', listing.contents())} == {name}


def test_a_card_comes_when_it_is_opened_in_the_visitor_s_language(served: Served, visit: Visit) -> None:
    assert {"attacks", "reference-tier"} <= set(shipped())
    guests = {"en": visit(), "es": visit("es-ES")}
    for name in shipped():
        assert not next(
            c["props"]["value"] for c in served.config["components"] if c["props"].get("elem_id") == f"card-{name}-body"
        )
        cards = {}
        for language, guest in guests.items():
            guest.ask(f"card-{name}", "expand")
            cards[language] = guest.page[f"card-{name}-body"]
        assert "shipped" in cards["en"], name
        assert text(cards["en"]).partition(" ")[0], name
        assert 'lang="en"' in cards["es"], "a card is in English, and says so"
    assert "Honesty under attack" in guests["en"].page["card-attacks-body"]
    assert "<table" in guests["en"].page["card-attacks-body"]
