from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import WeightsMissing
from mint.ui.examples import Example, load_examples
from mint.ui.sessions import example_looks
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.example_looks import PAUSE_SECONDS, ExampleLooks
from tests.ui.fakes import FakeTest, write_examples
from tests.ui.latch import LIMIT, wait_until
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


def test_faults_of_ours_are_not_taken_for_networks_that_are_not_there(
    examples: tuple[Example, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Networks):
        def get(self) -> FakeTest:
            raise ZeroDivisionError

    test, looks = FakeTest(), ExampleLooks(examples)
    broken = Broken(test)
    seen = photo_session.see(test, photo_session.read(examples[0].path.read_bytes()))  # type: ignore[arg-type]
    looks.keep(broken, test, 0, seen)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        looks.get(broken, 0)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        ahead(looks, broken)
    monkeypatch.setattr(photo_session, "see", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ahead(ExampleLooks(examples), Networks(test))


def test_visitors_go_first_before_each_step_and_the_end_comes_at_once(
    examples: tuple[Example, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(example_looks.time, "sleep", lambda seconds: seconds and done.append(f"waits {seconds}"))
    for name in ("read", "find", "see"):
        step = getattr(photo_session, name)

        def noted(*given: object, step: Callable[..., object] = step) -> object:
            done.append(step.__name__)
            return step(*given)

        monkeypatch.setattr(photo_session, name, noted)
    waits = f"waits {PAUSE_SECONDS}"
    idle = [False, False, True, True, False, True, False, True, True, True]
    answers = iter(idle)  # whether nobody waits
    ahead(ExampleLooks(examples[:2]), Networks(FakeTest()), lambda: next(answers))
    assert done == [waits, waits, "read", "find", waits, "see", waits, "read", "find", "see"]
    for steps in range(4):
        done.clear()
        ahead(ExampleLooks(examples), Networks(FakeTest()), lambda: False, lambda steps=steps: len(done) >= steps)  # type: ignore[misc]
        assert done == [waits] * steps, "nobody waits for it when the page closes"


def test_what_a_visitor_asks_about_meanwhile_is_not_looked_at_twice(examples: tuple[Example, ...]) -> None:
    test, looks = FakeTest(), ExampleLooks(examples[:1])
    networks, asked = Networks(test), iter([False, True])
    seen = photo_session.see(test, photo_session.read(examples[0].path.read_bytes()))  # type: ignore[arg-type]
    looked = test.looks

    def idle() -> bool:
        if next(asked):
            looks.keep(networks, test, 0, seen)  # type: ignore[arg-type]
            return True
        return False

    ahead(looks, networks, idle)
    assert test.looks == looked
    assert looks.get(networks, 0) is seen  # type: ignore[arg-type]


def test_a_picture_that_is_gone_is_left_out(
    tmp_path: Path, examples: tuple[Example, ...], caplog: pytest.LogCaptureFixture
) -> None:
    gone, grey = tmp_path / "gone.png", tmp_path / "grey.png"
    Image.new("RGB", (64, 64)).save(grey)
    test, shown = FakeTest(), (replace(examples[0], path=gone), replace(examples[0], path=grey), *examples)
    networks, looks = Networks(test), ExampleLooks(shown)
    ahead(looks, networks)
    assert [looks.get(networks, index) is None for index in range(len(shown))] == [True] * 2 + [False] * len(examples)  # type: ignore[arg-type]
    assert "gone.png is not looked at ahead: FileNotFoundError" in caplog.text
    assert "grey.png is not looked at ahead: NoFace" in caplog.text


def test_nothing_begins_before_a_page_was_painted(
    examples: tuple[Example, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    networks, looks, painted, over = Networks(FakeTest()), ExampleLooks(examples), threading.Event(), threading.Event()
    done: list[str] = []
    look_ahead = looks.look_ahead
    wait = painted.wait
    monkeypatch.setattr(painted, "wait", lambda: (done.append("waits"), wait(LIMIT), done.append("painted")))

    def noted(*given: object) -> None:
        done.append("looks")
        look_ahead(*given)  # type: ignore[arg-type]
        over.set()

    monkeypatch.setattr(looks, "look_ahead", noted)
    looks.begin(networks, painted, lambda: True, lambda: False)  # type: ignore[arg-type]
    wait_until(lambda: done, "the thread runs")
    assert done == ["waits"]
    painted.set()
    assert over.wait(LIMIT)
    assert done == ["waits", "painted", "looks"]
    assert looks.get(networks, 0) is not None  # type: ignore[arg-type]
