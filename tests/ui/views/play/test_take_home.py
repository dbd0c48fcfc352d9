"""The card to take home: its code gives back what it was made of, and nothing else is taken for a card."""

from __future__ import annotations

import re
from itertools import product

import cv2
import numpy as np
import pytest

from mint.i18n.labels import PAIRS
from mint.i18n.translate import LANGUAGES, Say
from mint.types import Verdict
from mint.ui.views.play.take_home import Card, card_of, lines, parse, tables, take_home
from tests.ui.reading import Elements, text

CARD = card_of("twin-a", 0.05, (Verdict.NO_SIGN, 0.41, Verdict.EVIDENCE, 0.0024), Verdict.NO_SIGN, Verdict.INCONCLUSIVE)
PLACE = "https://example.org/"


def read(html: str) -> str:
    """What a phone reads in the code: drawn here anew from the path, and decoded by OpenCV."""
    side = int(re.findall(r'viewBox="0 0 (\d+) ', html)[0])
    rgb = np.full((side, side), 255, np.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", html.partition('fill="#000"')[2]):
        rgb[int(y), int(x) : int(x) + int(length)] = 0
    return str(cv2.QRCodeDetector().detectAndDecode(np.kron(rgb, np.ones((8, 8), np.uint8)))[0])


def test_every_card_comes_back_from_its_code() -> None:
    networks = [network for pair in PAIRS.values() for network in pair.networks]
    for network, before, after, control in product(networks, Verdict, Verdict, Verdict):
        for p, q in ((1.0, 0.00002), (0.5, 0.0101)):
            for alpha in (0.001, 0.01, 0.2):
                card = card_of(network, alpha, (before, p, after, q), control, before)
                assert parse(card.code) == card


@pytest.mark.parametrize(
    "code",
    [
        "",
        None,
        7,
        CARD.code + ",",
        CARD.code.replace("twin-a", "somebody"),
        CARD.code.replace("evidence", "guilty"),
        CARD.code.replace("0.41", "0.4<1"),
        CARD.code.replace("0.41", "9.41"),
        CARD.code.replace("2,", "3,", 1),
        CARD.code.replace("0.05", "0.0<5"),
        "1,twin-a,nosign,0.26,evidence,0.0078,nosign,nosign",  # without its limit
        CARD.code + "\n",
    ],
)
def test_nothing_else_is_a_card(code: object) -> None:
    assert parse(code) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_reads_the_address_and_the_address_is_the_card(language: str) -> None:
    html = take_home(CARD, PLACE, Say(language, strict=True))
    address = read(html)
    assert address == f"{PLACE}?lang={language}#card={CARD.code}"
    assert parse(address.partition("#card=")[2]) == CARD
    assert Elements(html).values("data-share") == [address]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:7860/",
        "http://localhost:7860/",
        "http://[::1]:7860/",
        "file:///home/page.html",
        "javascript:alert(1)",
        "http://user:word@host/",
        "https://example.org/ñ",
        "https://" + "a" * 300,
        "http://[",
        None,
        3,
    ],
)
def test_where_no_phone_can_reach_the_page_the_code_holds_the_words(place: object, language: str) -> None:
    html = take_home(CARD, place, Say(language, strict=True))
    words = read(html)
    assert words.startswith("MINT: ")
    assert "0.0024" in words
    assert all(line in text(html) for line in words.splitlines()[1:])
    assert "card=" not in html
    assert 'data-share=""' in html


def test_on_a_kiosk_nothing_is_copied_or_opened() -> None:
    html = take_home(CARD, PLACE, kiosk=True)
    assert "data-share" not in html
    assert "data-print" in html
    assert read(html).startswith(PLACE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_tells_the_same_words_as_the_card(language: str) -> None:
    """As ``card.js`` puts them together."""
    say = Say(language, strict=True)
    told = tables(say)
    network, alpha, before, p, after, q, control, still = re.fullmatch(told["pattern"], CARD.code).groups()  # type: ignore[call-overload]
    verdicts = told["verdicts"]
    values = {
        "network": told["networks"][network], "alpha": alpha, "before": verdicts[before], "p": p, "after": verdicts[after], "q": q,  # type: ignore[index]
        "control": verdicts[control], "still": verdicts[still],  # type: ignore[index]
    }  # fmt: skip
    html = text(take_home(CARD, PLACE, say))
    for template in told["lines"]:  # type: ignore[attr-defined]
        assert text(template.format(**values)) in html
    assert "α\u00a0=\u00a00.05" in take_home(CARD, PLACE, say)
    assert "α = 0.05" in read(take_home(CARD, None, say)), "at another limit the same p-values may be other verdicts"
    assert isinstance(CARD, Card)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_p_value_is_not_parted_and_a_name_has_its_article(language: str) -> None:
    say = Say(language, strict=True)
    whole = [
        " ".join(re.findall(r"<p>(.*?)</p>", take_home(CARD, None, say))),
        " ".join(map(str, tables(say)["lines"])),
    ]  # type: ignore[call-overload]
    for told in whole:
        assert told.count("p\u00a0=\u00a0") == 2
        assert "p =" not in told
    assert lines(CARD, say)[0][0].startswith({"en": "Twin A as it is", "es": "La gemela A, tal como es,"}[language])
    assert tables(say)["networks"]["augmented-b"] == {"en": "Augmented B", "es": "La aumentada B"}[language]  # type: ignore[index]
