"""What the page says of a network's ε: what reports say, beside every answer, and for a person what a claim leaves."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from mint.i18n.translate import Say
from mint.report.network import privacy
from mint.report.story.error_rates import privacy_sentence
from mint.storage.paths import EXAMPLES
from mint.ui.sessions import person as person_session
from mint.ui.sessions import photo as photo_session
from mint.ui.views.details.promise import promise, promises
from tests.ui.fakes import FakeTest
from tests.ui.reading import FACE, text

CLAIM = {"epsilon": 0.5, "delta": 1e-5}
SPANISH = Say("es", strict=True)


@pytest.fixture
def claiming() -> FakeTest:
    """Twin B claims a privacy that its scores contradict."""
    test = FakeTest(lambda face: {"twin-a"})
    test.bundles = {**test.bundles, "twin-b": replace(test.bundles["twin-b"], facts={"privacy": CLAIM})}
    return test


def test_the_details_of_an_answer_say_which_epsilon_was_measured_and_claimed(claiming: FakeTest) -> None:
    now = photo_session.begin(claiming, photo_session.read(FACE.read_bytes()), {})  # type: ignore[arg-type]
    said = text(photo_session.show_details(claiming, now, 0.01, 0.5))  # type: ignore[arg-type]
    told = promises(claiming.bundles)
    assert all(text(line) in said for lines in told.values() for line in lines)
    assert [
        "no ε is claimed; measured for one photo at α = 0.01, it is at least " in lines[0] for lines in told.values()
    ] == [
        True,
        False,
    ]
    assert "this is a contradiction" in told["twin-b"][0]
    least = float(told["twin-b"][0].partition("at least ")[2].split()[0])
    assert 0.5 < least < math.log(1 / 0.01) + 1
    assert "contradicción" in text(promise(claiming.bundles, SPANISH))


def test_of_a_person_a_claim_is_told_for_all_photos(claiming: FakeTest) -> None:
    now = person_session.begin()
    for k in (1, 2, 3):
        now = now.add(claiming, Path(EXAMPLES / "people" / f"01-{k}-gan.png").read_bytes())  # type: ignore[arg-type]
    said = text(person_session.show_answer(claiming, now, 0.01, 0.5))  # type: ignore[arg-type]
    assert said.count("For a person with 10 photos in the training set it is ε = 5") == 1
    assert "For a person" not in text(person_session.show_answer(FakeTest(lambda face: {"twin-a"}), now, 0.01, 0.5))  # type: ignore[arg-type]
    assert "10 fotos" in text(person_session.show_answer(claiming, now, 0.01, 0.5, SPANISH))  # type: ignore[arg-type]


def test_a_claim_that_cannot_be_read_says_so_and_hides_nothing_else(claiming: FakeTest) -> None:
    broken = {**claiming.bundles, "twin-b": replace(claiming.bundles["twin-b"], facts={"privacy": "much"})}
    first, second = promises(broken).values()
    assert first == (
        privacy_sentence({"name": "twin-a", "privacy": privacy(claiming.bundles["twin-a"], 0.01)}, 0.01, Say()),
    )
    assert "must hold numbers epsilon" in second[0]
