"""What a screen reader calls things: what can be seen is part of it, and no two places of a tab are called the same.

Recomputed from the HTML alone; tests/browser/test_walk.py asks a browser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from mint.ui.views.proof import attacks, cards, paper
from mint.ui.views.proof.measured import proof
from tests.ui.fakes import evaluation
from tests.ui.guest import Guest
from tests.ui.reading import Elements, text
from tests.ui.served import Served

Visit = Callable[..., Guest]
LANGUAGES = pytest.mark.parametrize("speaks", ["en-GB", "es-ES"])


def letters(words: str) -> str:
    """Words alone, as somebody says them."""
    return " ".join(re.findall(r"\w+", words.lower()))


def misnamed(html: str) -> list[tuple[str, str]]:
    """Buttons and links with a name that does not hold the words on them (WCAG 2.5.3): the name, and the words."""
    found = []
    for tag, attributes, inside in re.findall(r"<(button|a)\b([^>]*)>(.*?)</\1>", html, re.S):
        name = re.search(r'aria-label="([^"]*)"', attributes)
        seen = letters(text(re.sub(r"<svg.*?</svg>", "", inside, flags=re.S)))
        if name and tag and seen not in letters(text(name[1])):
            found.append((name[1], seen))
    return found


def regions(html: str) -> Counter[str]:
    """How often each name of a region occurs, on a page with all folds open."""
    elements = Elements(html)
    titles = dict(re.findall(r'<h\d id="([^"]+)">(.*?)</h\d>', html, re.S))
    named = Counter(
        attributes["aria-label"] or "" for tag, attributes in elements.found if attributes.get("role") == "region"
    )
    for tag, attributes in elements.found:
        if tag == "section" and ("aria-label" in attributes or "aria-labelledby" in attributes):
            named[attributes.get("aria-label") or text(titles[str(attributes["aria-labelledby"])])] += 1
    return named


@LANGUAGES
def test_what_stands_on_a_button_is_part_of_its_name(visit: Visit, speaks: str) -> None:
    guest = visit(speaks)
    guest.pick("examples", 0)
    guest.pick("people", 0)
    guest.ask("game", data={"places": [0]})
    shown = guest.standing | guest.page  # what stands there already is not sent again
    for part in ("examples", "people", "teach-examples"):
        assert "aria-label" in shown[part], part
    assert not {name: found for name, html in shown.items() if isinstance(html, str) and (found := misnamed(html))}


def test_a_name_without_the_words_is_found() -> None:
    assert misnamed('<button aria-label="Twin A: it was used"><b>A</b> <i>used</i></button>') == [
        ("Twin A: it was used", "a used")
    ]
    assert not misnamed('<button aria-label="A used, B unused. More."><b>A</b> used <b>B</b> unused</button>')
    assert not misnamed('<button aria-label="Remove Photo 2">×</button>')


@LANGUAGES
def test_no_two_places_of_the_last_tab_are_called_the_same(served: Served, visit: Visit, speaks: str) -> None:
    guest = visit(speaks)
    for name in cards.shipped():
        guest.ask(f"card-{name}", "expand")
    say = guest.page  # with the networks' own figures, which come last
    standing = {str(c["props"].get("elem_id")): c["props"].get("value") for c in served.config["components"]}
    parts = ["about", "proof", "attacks", "cards-head", "papers", *(f"card-{name}-body" for name in cards.shipped())]
    found = regions("".join(str(say.get(part) or standing.get(part) or "") for part in parts))
    assert len(found) > 20
    assert not [name for name, times in found.items() if times > 1]


def test_places_of_networks_and_levels_are_told_apart() -> None:
    levels = {"twin-a": evaluation(), "twin-b": evaluation(), "<b>": evaluation()}
    for html in (proof(levels), attacks.attacks(), paper.papers()):
        found = regions(html)
        assert found
        assert set(found.values()) == {1}
    assert regions('<section aria-label="a"></section><div role="region" aria-label="a"></div>') == {"a": 2}
