"""What stands around the tabs. Where the skip links lead: tests/browser/test_walk.py."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from mint import __version__
from mint.i18n.translate import Say
from mint.ui.views.frame import colophon, languages, skip_links, sources
from tests.ui.reading import Elements, text

SPANISH = Say("es", strict=True)


@pytest.fixture
def on_a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "somebody/mint")


@pytest.mark.parametrize(
    ("say", "told"), [(Say(), "without your answers"), (SPANISH, "sin sus respuestas")], ids=["en", "es"]
)
def test_a_link_that_loads_the_page_anew_says_what_that_costs(say: Say, told: str) -> None:
    assert told in text(languages("?lang=", say))
    assert told not in languages("#", say), "that page keeps nothing to lose"


@pytest.mark.usefixtures("on_a_space")
@pytest.mark.parametrize(
    ("say", "told"),
    [
        (Say(), f"MINT {__version__} Paper: arXiv 2503.08332 Code Licence: MIT"),
        (SPANISH, f"MINT {__version__} Artículo: arXiv 2503.08332 Código Licencia: MIT"),
    ],
    ids=["en", "es"],
)
def test_the_foot_leads_to_paper_code_and_licence(say: Say, told: str) -> None:
    html = colophon(say)
    assert text(html) == told
    links = [attributes for tag, attributes in Elements(html).found if tag == "a"]
    assert [link["href"] for link in links] == [
        "https://arxiv.org/abs/2503.08332",
        "https://huggingface.co/spaces/somebody/mint/tree/main",
        "https://huggingface.co/spaces/somebody/mint/blob/main/LICENSE",
    ]


@pytest.mark.usefixtures("on_a_space")
def test_the_first_screen_ends_with_the_foot_s_links() -> None:
    assert Elements(sources()).values("href") == Elements(colophon()).values("href")
    assert len(Elements(sources()).values("href")) == 3


@pytest.mark.usefixtures("on_a_space")
def test_no_link_tells_where_somebody_comes_from() -> None:
    links = [attributes for tag, attributes in Elements(colophon()).found if tag == "a"]
    assert len(links) == 3
    for link in links:
        assert set(link) == {"href", "target", "rel", "referrerpolicy"}, "no ping, no script"
        assert set(str(link["rel"]).split()) == {"noopener", "noreferrer"}
        assert link["referrerpolicy"] == "no-referrer"
        address = urlsplit(str(link["href"]))
        assert address.scheme == "https"
        assert not address.query
        assert not address.fragment


def test_code_whose_address_nobody_said_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setattr("mint.ui.views.frame.addresses.code", lambda: None)
    assert text(colophon()) == f"MINT {__version__} Paper: arXiv 2503.08332 Licence: MIT"


@pytest.mark.usefixtures("on_a_space")
def test_a_kiosk_names_them_and_leads_nowhere() -> None:
    assert text(colophon(links=False)) == text(colophon())
    assert not Elements(colophon(links=False)).values("href")


def test_the_links_past_the_head_stay_on_the_page_and_speak() -> None:
    assert text(skip_links()) == "Skip to the content Skip to the answer"
    assert text(skip_links(SPANISH)) == "Saltar al contenido Saltar a la respuesta"
    assert Elements(skip_links()).values("href") == ["#things", "#answer"]
    assert Elements(skip_links()).values("data-skip") == ["content", "answer"]
