from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.errors import WeightsMissing
from mint.ui.examples import Example, load_examples
from mint.ui.sessions import example_looks
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.example_looks import PAUSE_SECONDS, ExampleLooks
from tests.ui.fakes import FakeTest, write_examples
from tests.ui.served import FACE, Networks


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Example, ...]:
    return load_examples(write_examples(tmp_path_factory.mktemp("examples"), FACE) / "faces")[:4]


def ahead(looks: ExampleLooks, networks: Networks, idle: object = None, ended: object = None) -> None:
    looks.look_ahead(networks, idle or (lambda: True), ended or (lambda: False))  # type: ignore[arg-type]


def test_what_is_kept_is_what_a_look_at_this_very_picture_gives(examples: tuple[Example, ...]) -> None:
    test = FakeTest()
    networks, looks = Networks(test), ExampleLooks(examples)
    ahead(looks, networks)
    assert test.looks == len(examples)
    for index, example in enumerate(examples):
        kept = looks.get(networks, index)  # type: ignore[arg-type]
        fresh = test.look(example.path, saliency=True)
        assert kept is not None
        assert [face.box for face in kept.look.faces] == [face.box for face in fresh.faces]
        for network in test.bundles:
            np.testing.assert_array_equal(kept.look.scores[network]["used"], fresh.scores[network]["used"])
            assert kept.look.saliency[network].keys() == fresh.saliency[network].keys()
    looked = test.looks
    ahead(looks, networks)
    assert test.looks == looked, "what is known is not looked at again"


def test_looks_of_other_networks_are_not_told_of_these(examples: tuple[Example, ...]) -> None:
    networks, others, looks = Networks(FakeTest()), Networks(FakeTest()), ExampleLooks(examples)
    ahead(looks, networks)
    assert looks.get(others, 0) is None  # type: ignore[arg-type]
    before, networks.test = networks.test, FakeTest()
    assert looks.get(networks, 0) is None, "these were loaded since"  # type: ignore[arg-type]
    seen = photo_session.see(networks.test, photo_session.read(examples[0].path.read_bytes()))  # type: ignore[arg-type]
    looks.keep(networks, networks.test, 0, seen)  # type: ignore[arg-type]
    assert looks.get(networks, 0) is seen  # type: ignore[arg-type]
    networks.test = before
    assert looks.get(networks, 1) is None, "they made room"  # type: ignore[arg-type]


def test_networks_that_cannot_be_asked_give_no_kept_answer(
    examples: tuple[Example, ...], caplog: pytest.LogCaptureFixture
) -> None:
    networks, looks = Networks(FakeTest()), ExampleLooks(examples)
    ahead(looks, networks)
    networks.hold()
    assert looks.get(networks, 0) is None  # type: ignore[arg-type]
    networks.arrive()
    networks.error = WeightsMissing("weights/twin-a is missing.")
    assert looks.get(networks, 0) is None  # type: ignore[arg-type]
    ahead(looks, networks)
    assert "not looked at ahead: WeightsMissing" in caplog.text


def test_visitors_go_first_and_the_end_comes_at_once(
    examples: tuple[Example, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    test, looks = FakeTest(), ExampleLooks(examples)
    networks, pauses = Networks(test), []
    monkeypatch.setattr(example_looks.time, "sleep", pauses.append)
    busy = iter([False, False, True, True, False, True, True])  # whether nobody is being answered
    ahead(looks, networks, lambda: next(busy))
    assert test.looks == len(examples)
    assert [seconds for seconds in pauses if seconds] == [PAUSE_SECONDS] * 3, (
        "it waits whenever somebody is being answered"
    )
    test, looks = FakeTest(), ExampleLooks(examples)
    ahead(looks, Networks(test), lambda: False, lambda: test.looks == 0)
    assert test.looks == 0, "nobody waits for it when the page closes"


def test_a_picture_that_is_gone_breaks_nothing(
    tmp_path: Path, examples: tuple[Example, ...], caplog: pytest.LogCaptureFixture
) -> None:
    test = FakeTest()
    gone = replace(examples[0], path=tmp_path / "gone.png")
    ahead(ExampleLooks((gone, *examples)), Networks(test))
    assert "FileNotFoundError" in caplog.text
    assert test.looks == 0
