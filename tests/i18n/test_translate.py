from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import mint.i18n.translate
from mint.errors import BadPhoto, NoFace
from mint.evidence.conformal import least_bound
from mint.evidence.verdict import Range, decide
from mint.i18n.sentences import Sentence
from mint.i18n.translate import LANGUAGES, Say, chosen, table
from mint.types import Verdict
from mint.vision.faces import find
from mint.vision.images import open_photo, to_png

PLACES = re.compile(r"\{\w+\}")
OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_keeps_its_places_and_its_markup(language: str) -> None:
    for english, told in table(language).items():
        assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(told)), english
        assert sorted(re.findall(r"</?\w+", english)) == sorted(re.findall(r"</?\w+", told)), english
        assert told.strip(), english


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_stands_twice(language: str) -> None:
    text = Path(mint.i18n.translate.__file__).with_name(f"{language}.json").read_text("utf-8")
    keys = [key for key, _ in json.loads(text, object_pairs_hook=list)]
    assert len(keys) == len(set(keys))


def test_places_are_filled_once_and_values_are_never_read_as_places() -> None:
    assert Say()("{a} and {b}", a="{b}", b=2) == "{b} and 2"
    assert Say("es")("The file is empty.") == "El archivo está vacío."
    assert Say("es")("not in the table") == "not in the table"
    with pytest.raises(KeyError):
        Say("es", strict=True)("not in the table")
    with pytest.raises(ValueError, match="no language"):
        Say("tlh")


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, "en"),
        ("es", "en", "es"),
        ("xx", "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "de, en;q=0.3, es;q=0.7", "es"),
        (None, "es;q=0, en", "en"),
        (None, "fr-FR, *;q=0.5", "en"),
        (None, "es;q=nonsense", "en"),
        ("", "ES", "es"),
    ],
)
def test_the_address_wins_over_the_browser(asked: str | None, accepted: str | None, language: str) -> None:
    assert chosen(asked, accepted) == language


@pytest.mark.parametrize("language", OTHERS)
def test_every_verdict_and_reason_is_told(language: str) -> None:
    say = Say(language, strict=True)
    for verdict in Verdict:
        assert say(verdict) != verdict
    outside = Range({"sharpness": (0.0, 1.0)})
    for p, score, why in (
        (0.001, 5.0, None),
        (least_bound(200), 5.0, None),
        (0.5, -5.0, None),
        (0.5, 5.0, None),
        (0.5, 5.0, outside.outside({"sharpness": 2.0})),
        (0.5, 5.0, outside.outside({"sharpness": -2.0})),
    ):
        _, reason = decide(p, score, 0.01, 0.0, why, 200)
        told = say(reason)
        assert told != reason
        assert re.findall(r"[\d.]+(?=\u202f%)", told) == re.findall(r"[\d.]+(?=%)", reason), "figures stay"
    sharp = outside.outside({"sharpness": 2.0})
    assert sharp is not None
    assert "nitidez" in say(sharp)


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_wrong_with_a_photo_is_told(language: str) -> None:
    say = Say(language, strict=True)
    broken = to_png(np.zeros((64, 64, 3), np.uint8))
    for photo in (b"", b"no photo", broken[: len(broken) // 2], to_png(np.zeros((2, 600, 3), np.uint8)), b"0" * 2**24):
        with pytest.raises(BadPhoto) as caught:
            open_photo(photo)
        assert say(caught.value.sentence) != str(caught.value)
    with pytest.raises(NoFace) as nobody:
        find(np.full((100, 100, 3), 99, np.uint8))
    assert say(nobody.value.sentence) != str(nobody.value)


def test_english_stays_as_it_is() -> None:
    assert Say()("The file is empty.") == "The file is empty."
    assert Say("es")("told nowhere") == "told nowhere"


def test_only_names_that_this_program_gave_are_translated() -> None:
    assert Say("es").name("Photo") == "Photo"
    assert Say("es").name(Sentence("Photo {n}", n=3)) == "Foto 3"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_line_breaks_between_a_number_and_its_per_cent(language: str) -> None:
    assert "1\u202f%" in Say(language)("Found at 1 % false alarms")
    assert Say(language)("{n} % and 5 % of {x}", n=3, x="7 %").startswith("3\u202f% and 5\u202f% of 7 %")
    finished = "Whoever tests many faces must expect false alarms: one in a hundred at a limit of 1 %."
    assert ("Whoever" in Say(language)(finished)) is (language == "en")
    assert Say("en")(finished) == finished.replace("1 %", "1\u202f%")
    reason = Sentence("at most {share}% of those not used score this high, at 90% confidence", share="0.11")
    assert "0.11\u202f%" in Say(language)(reason)
    assert Say("en")("in a1%20b.jpg, 95%") == "in a1%20b.jpg, 95\u202f%"
