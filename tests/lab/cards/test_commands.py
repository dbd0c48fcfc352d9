"""The command that a card names measures the same again: with every option that was given, or it is not named."""

from __future__ import annotations

import copy
import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mint.errors import BadInput
from mint.lab.active.card import active_card
from mint.lab.cards.scale_law import scale_law_card
from mint.lab.ceiling.card import ceiling_card
from mint.lab.factors.card import factors_card
from mint.lab.gradients.card import gradients_card
from mint.lab.objects.card import objects_card
from mint.lab.objects.pictures import object_pictures
from mint.lab.private.card import private_card
from mint.lab.versions.card import versions_card

CARDS = Path(__file__).parents[3] / "weights" / "cards"
Card = Callable[[Any], str]


def shipped(name: str) -> Any:
    return json.loads((CARDS / f"{name}.json").read_text("utf-8"))


def commands(name: str, text: str) -> list[list[str]]:
    return [shlex.split(told) for told in re.findall(rf"`mint lab {name} (--[^`]*)`", text)]


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("active", active_card),
        ("ceiling", ceiling_card),
        ("factors", factors_card),
        ("scale-law", scale_law_card),
        ("versions", versions_card),
    ],
)
def test_device_and_threads_are_named_where_they_are_others_than_usual(name: str, card: Card) -> None:
    found = shipped(name)
    (usual,) = commands(name, card(found))
    (other,) = commands(name, card({**found, "device": "cuda", "threads": 2}))
    told, options = " ".join(other), " --device cuda --threads 2"
    assert told.count(options) == 1
    assert told.replace(options, "") == " ".join(usual)
    assert card({**found, "device": "cpu", "threads": 1}) == card(found)


def test_gradients_name_networks_photos_and_seed_in_a_command_for_those_alike() -> None:
    found = shipped("gradients")
    few = copy.deepcopy(found["twin-a"])
    few["seed"], few["photos"], few["unused"]["scores"] = 5, dict.fromkeys(few["photos"], 20), [0.0] * 20
    told = commands("gradients", gradients_card({**found, "twin-b": few}))
    assert told == [
        ["--pool", "POOL", "--network", "twin-a", "--most", "200", "--seed", "1"],
        ["--pool", "POOL", "--network", "twin-b", "--most", "20", "--seed", "5"],
    ]


def test_private_names_all_or_nothing() -> None:
    found = shipped("private")
    assert not commands("private", private_card(found))
    assert "not written down" in private_card(found)
    given = {"epsilons": [0.5, 3], "width": 4, "input_size": 16, "epochs": 9, "members_of": "twin-b", "seed": 7}
    (told,) = commands("private", private_card({**found, **given, "threads": 1}))
    wanted = "--epsilon 0.5 --epsilon 3 --delta 1e-05 --network twin-b --epochs 9 --width 4 --input-size 16 --seed 7"
    assert told[4:] == wanted.split()


def test_the_law_s_networks_are_trained_in_the_same_precision_and_by_the_same_seed() -> None:
    (told,) = commands("scale-law", scale_law_card(shipped("scale-law")))
    assert told[-6:-2] == ["--seed", "1", "--precision", "bfloat16"]


def test_a_card_of_some_factors_names_them() -> None:
    found = shipped("factors")
    assert not any("--factor" in words for words in commands("factors", factors_card(found)))
    some = [one for one in found["settings"] if one["factor"] in ("base", "photos a person")]
    for figures in ({**found, "settings": some}, {**found, "settings": some[:1], "factors": ["photos a person"]}):
        (told,) = commands("factors", factors_card(figures))
        assert told[2:5] == ["--factor", "photos a person", "--people"]


def test_a_folder_of_pictures_is_read_the_same_way_or_no_command_is_given(tmp_path: Path) -> None:
    found: dict[str, Any] = shipped("objects")
    figures: Mapping[str, Any] = found["data"]["digits"]
    told = {"options": "--split train --person-level 2 --most 300"}
    first, second = commands("objects", objects_card({"data": {**found["data"], "cats": {**figures, **told}}}))
    assert ("--split" in first, "FOLDER" in first) == (False, False)
    assert " ".join(second).startswith(f"--data FOLDER --size 16 {told['options']} --dropout")
    old = objects_card({"data": {"cats": figures}})
    assert not commands("objects", old)
    assert "With the figures of cats it was not written down" in old
    with pytest.raises(BadInput, match="--most are for a folder of class folders, and digits is none"):
        object_pictures("digits", most=100)
