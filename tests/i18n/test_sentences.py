"""Sentences that carry template and values: English for everybody, and another language without taking text apart."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

import mint
import mint.errors
from mint.errors import BadPhoto, MintError, NoFace
from mint.i18n.sentences import Sentence, kept, restored
from mint.i18n.translate import LANGUAGES, Say, table, unbroken
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from mint.vision.faces import QUALITIES

OTHERS = sorted(set(LANGUAGES) - {"en"})
ROOT = Path(mint.__file__).parent
PLACE = re.compile(r"\{(\w+)\}")
ERRORS = {name for name, kind in vars(mint.errors).items() if isinstance(kind, type) and issubclass(kind, MintError)}
SEEN = {
    "BadPhoto",
    "NoFace",
    "CannotTeach",
    "TeachingStopped",
    "Forgotten",
}  # by visitors; of others, those with values
ODD = "{other} {} {0} 100%.jpg %s %(one)d \\1 \\g<0>"
WARNING = (
    "{one} and {other} may show two people: to this network they go together less than photos of one person mostly do. "
    "It doubts up to {wrong} of the sets that do show one person"
)


def test_a_sentence_is_its_english() -> None:
    said = Sentence("The file is larger than {size} MB. Send a smaller copy.", size=15)
    assert said == "The file is larger than 15 MB. Send a smaller copy."
    assert json.dumps({"reason": said}) == '{"reason": "The file is larger than 15 MB. Send a smaller copy."}'
    assert type(str(said)) is str
    assert hash(said) == hash(str(said))
    assert Sentence(said) is said
    for again in (copy.copy(said), copy.deepcopy(said)):
        assert (again, again.template, dict(again.values)) == (said, said.template, {"size": "15"})
    with pytest.raises(AttributeError):
        said.template = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        said.values["size"] = "x"  # type: ignore[index]


def test_an_error_is_its_sentence() -> None:
    error = BadPhoto("The file is larger than {size} MB. Send a smaller copy.", size=15)
    assert str(error) == error.sentence == "The file is larger than 15 MB. Send a smaller copy."
    assert copy.deepcopy(error).sentence.values == {"size": "15"}
    assert Say("es")(error.sentence) == "El archivo ocupa más de 15 MB. Envíe una copia más pequeña."
    assert str(NoFace()) == NoFace().sentence == ""
    finished = BadPhoto("/tmp/{size} {}.jpg cannot be read")  # without values nothing is a place
    assert str(finished) == finished.sentence == "/tmp/{size} {}.jpg cannot be read"


def test_names_with_braces_and_per_cent_stay_what_they_are() -> None:
    said = Sentence(WARNING, one=ODD, other="{one}%.png", wrong="5%")
    for told in (said, Say()(said), Say("es")(said), Say("es")(stored_and_read(said))):
        assert ODD in told
        assert "{one}%.png" in told
    assert Sentence("{a.x} {a!r} {a:>9} {0} {} {a}", a="b") == "{a.x} {a!r} {a:>9} {0} {} b", "a place is a name"
    assert Say("es")(said).startswith(f"{ODD} y {{one}}%.png quizá")


def stored_and_read(said: Sentence) -> Any:
    document = json.loads(json.dumps({"said": [said], "sentences": kept([said])}))
    return restored(document, document["sentences"])["said"][0]


@pytest.mark.parametrize("language", OTHERS)
def test_a_stored_sentence_is_told_as_before(language: str) -> None:
    say = Say(language, strict=True)
    said = Sentence(
        "{reason}; none of these shows a person who was trained on, so it may be the person and not this very photo",
        reason=Sentence("at most {share}% of those not used score this high, at 90% confidence", share="0.11"),
    )
    assert "0.11\u202f%" in say(said)
    assert say(said) != said
    again = stored_and_read(said)
    assert (again, say(again)) == (said, say(said))
    plain = Sentence("The file is empty.")  # its own template: it needs nothing beside it
    assert kept({"a": (plain, [said])}) == kept([said])
    assert say(stored_and_read(plain)) == say(plain) != plain


def test_a_finished_sentence_is_not_taken_apart() -> None:
    for finished in (
        "at most 0.11% of those not used score this high, at 90% confidence",
        "The file is larger than 15 MB. Send a smaller copy.",
        "sharpness is lower than in nearly all the photos this test was calibrated on",
    ):
        assert Say("es")(finished) == unbroken(finished)
        with pytest.raises(KeyError):
            Say("es", strict=True)(finished)
    assert not hasattr(Say, "again")
    for path in (ROOT / "i18n").glob("*.py"):
        used = {n.attr for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute)}
        assert not used & {"fullmatch", "match", "groupdict", "escape", "finditer"}, path.name


@pytest.mark.parametrize(
    "change",
    [
        {"other text": {"template": "a {b}", "values": {"b": "c"}}},
        {"a c": {"template": "a {b}", "values": {"b": "d"}}},
        {"a c": {"template": 3, "values": {}}},
        {"a c": {"values": {"b": "c"}}},
        {"a c": "a {b}"},
        ["a c"],
    ],
)
def test_templates_that_do_not_fit_their_text_are_refused(change: Any) -> None:
    assert restored({"x": "a c"}, {"a c": {"template": "a {b}", "values": {"b": "c"}}})["x"].template == "a {b}"
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        restored({"x": "a c"}, change)


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep: Any = {"template": "x", "values": {}}
    lists: Any = "x"
    for _ in range(300):
        deep = {"template": "{a}", "values": {"a": deep}}
        lists = [lists]
    with pytest.raises(ValueError, match="too deeply"):
        restored("x", {"x": deep})
    with pytest.raises(ValueError, match="too deeply"):
        restored(lists, {"a b": {"template": "a {c}", "values": {"c": "b"}}})
    assert restored(lists, {}) is lists


def made() -> list[tuple[str, ast.Call]]:
    """Every place in the source where a sentence is made, or an error that a visitor can see."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        in_lab = path.is_relative_to(ROOT / "lab")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                values = any(keyword.arg for keyword in node.keywords)
                if name == "Sentence" or (name in SEEN and not in_lab) or (name in ERRORS and values):
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node))
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_can_be_seen_is_told(language: str) -> None:
    known, literal = table(language), 0
    for place, node in made():
        template = node.args[0]
        assert not isinstance(template, ast.JoinedStr | ast.BinOp), f"{place}: values belong in places"
        if isinstance(template, ast.Constant) and template.value:
            literal += 1
            assert unbroken(str(template.value)) in known, place
            given = {keyword.arg for keyword in node.keywords}
            if None not in given:
                assert given == set(PLACE.findall(str(template.value))), place
    assert literal > 30
    assert not set(QUALITIES) - set(known)


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_shipped_bundles_say_of_themselves_is_told(language: str) -> None:
    say = Say(language, strict=True)
    for name in ("twin-a", "twin-b"):
        facts = read_json(WEIGHTS / name / "bundle.json")["facts"]
        facts = restored(facts, facts["sentences"])
        for fact in ("training set", "real faces"):
            assert re.findall(r"\d+", say(facts[fact])) == re.findall(r"\d+", facts[fact])
            assert say(facts[fact]) != facts[fact]
