"""What a pool lacks is named, and the documents tell what settings cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import BadPool
from mint.lab.factors.card import cost
from mint.lab.factors.people import people_of
from mint.lab.factors.settings import SETTINGS
from mint.lab.versions.releases import PHOTOS, SPARED, deal
from mint.storage.files import read_json
from tests.ledgers import people

ROOT = Path(__file__).parents[3]


def test_a_purpose_that_too_few_people_have_is_told_from_too_few_people() -> None:
    with pytest.raises(BadPool, match=r"Of 3 people .* here they are \d, \d and \d\. Ask for more"):
        people_of(people(70, 14), 1, 3, SETTINGS)
    with pytest.raises(BadPool, match=r"gives 0 people with .* of more pictures a person"):
        people_of(people(70, 4), 1, 10, SETTINGS)
    with pytest.raises(BadPool, match=r"gives 0 people with .* of more pictures a person"):
        deal(people(60, pictures=PHOTOS), 40, 20, seed=1)
    with pytest.raises(BadPool, match=r"people to train on and of 1 others, .* lacks people for"):
        deal(people(60, pictures=2 * PHOTOS + SPARED), 40, 1, seed=1)


def test_the_documents_tell_which_settings_cost_recognition() -> None:
    settings = read_json(ROOT / "weights" / "cards" / "factors.json")["settings"]
    costs = {(one["factor"], one["level"]): float(cost(one, settings[0]).split()[0]) for one in settings}
    fewer = {factor for (factor, _), points in costs.items() if points < -0.4}
    assert fewer == {"photos a person", "exposure"}
    assert max(abs(points) for (factor, _), points in costs.items() if factor not in fewer) == 0.4
    page = (ROOT / "docs" / "method.md").read_text("utf-8")
    told = "within 0.4 points of the base but with two photos a person (-1.6 points) or repeated exposure (-1.4 points)"
    assert told in page
    assert (costs["photos a person", "2"], costs["exposure", "10 an epoch"]) == (-1.6, -1.4)


def test_what_recognition_gains_is_not_called_lost() -> None:
    card = (ROOT / "weights" / "cards" / "active.md").read_text("utf-8")
    assert "told right, at most 2 points fewer than by the network trained alone; + is more | +0.2 points" in card
