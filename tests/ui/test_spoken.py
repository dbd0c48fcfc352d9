"""The language of the browser, or the one that the address asks for; and in it, everything."""

from __future__ import annotations

import re
from collections.abc import Callable

from mint.ui.views.proof.cards import shipped
from tests.ui.guest import Guest
from tests.ui.reading import FACE, Elements, side_by_side, text
from tests.ui.served import Served

Visit = Callable[..., Guest]
# Words that no Spanish sentence has.
WORDS = r"\b(?:the|of|for|photos?|used|faces?|was|this|which|choose|click|images?|upload|remove|webcam|access|slider)\b"


def spoken(guest: Guest, lang: str = "") -> str:
    """What the page's own HTML says of its language."""
    return re.findall(r'<html[^>]*\slang="([^"]*)"', guest.get(f"/{lang}").text)[0]


def test_the_page_speaks_the_browser_s_language(served: Served, visit: Visit) -> None:
    guest = visit("es-MX,es;q=0.9,en;q=0.5")
    assert spoken(guest) == "es"
    assert "Pruebe" in guest.standing["examples"]
    assert "Las dos redes están listas." in guest.standing["status"]
    guest.pick("examples", 0)
    assert "Indicios de que la gemela A" in guest.page["answer"]


def test_and_the_one_that_the_address_asks_for(served: Served, visit: Visit) -> None:
    guest = visit("es-MX", lang="en")
    assert spoken(guest, "?lang=en") == "en"
    assert "Both networks are ready." in guest.standing["status"]
    guest.pick("examples", 0)
    assert "Evidence that twin A" in guest.page["answer"]
    other = visit("en-GB", lang="es")
    assert spoken(other, "?lang=es") == "es"
    other.pick("examples", 0)
    assert "Indicios de que la gemela A" in other.page["answer"]


def test_a_language_that_the_page_does_not_speak_is_english(served: Served, visit: Visit) -> None:
    guest = visit("de-DE")
    assert spoken(guest) == "en"
    assert not {"examples", "status"} & set().union(*guest.visitor.steps), "what stands there already is not sent again"
    guest.pick("examples", 0)
    assert "Evidence that twin A" in guest.page["answer"]


def test_labels_are_told_in_every_language(served: Served) -> None:
    """Gradio's own components hold keys; the browser looks them up."""
    tables = served.config["i18n_translations"]
    assert set(tables["en"]) == set(tables["es"])
    assert tables["en"]["mint-1-was-this-photo-used"] == "1 Was this photo used?"
    assert tables["es"]["mint-1-was-this-photo-used"] == "1 ¿Se usó esta foto?"
    left = {told for told in tables["es"].values() if re.search(WORDS, told, re.I)}
    assert not left


def test_no_english_word_is_left_for_who_reads_spanish(served: Served, visit: Visit) -> None:
    """After everything that can be done: words on the page, and names that are only heard."""
    guest = visit("es-ES")
    shown = [guest.standing, dict(guest.page)]
    guest.add(side_by_side(2))
    guest.pick("faces", 1)
    guest.ask("make")
    guest.add_several(FACE, FACE, b"a letter, not a photo")
    shown.append(dict(guest.page))
    guest.ask("person-clear")
    guest.pick("examples", 0)
    guest.pick("people", 0)
    guest.ask("teach-start")
    shown.append(dict(guest.page))
    guest.add(FACE, "teach-")
    guest.ask("teach-start")
    shown.append(dict(guest.page))
    guest.ask("teach-start", **{"teach-consent": True})
    shown.append(dict(guest.page))
    guest.ask("teach-forget")
    guest.ask("game", data={"places": [0, 1]})
    guest.ask("game", data={"again": True})
    guest.ask("game", data={"places": []})
    shown += [dict(guest.page), *guest.visitor.steps]
    read = {html for page in shown for html in page.values() if isinstance(html, str)}
    assert len(read) > 40
    for html in read:
        without_titles = html.partition("Referencias")[0]  # titles of papers stay what they are
        names = Elements(without_titles).values("aria-label", "title", "alt", "placeholder")
        for told in (text(without_titles), *names):
            assert not re.findall(WORDS, told, re.I), told


def test_cards_alone_are_in_english_and_say_so(served: Served, visit: Visit) -> None:
    guest = visit("es-ES")
    for name in shipped():
        guest.ask(f"card-{name}", "expand")
        assert 'lang="en"' in guest.page[f"card-{name}-body"], name
