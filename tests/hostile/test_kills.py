"""SIGKILL at random points of extract, train, pull and push; each is started again until it ends.

Points are steps (a file opened, renamed, removed; a lock; a connection) and moments, in turn, four of each command;
``MINT_KILLS=20`` runs that many of each, and ``MINT_KILLS_REPORT=FILE`` writes down what came of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.files import load_bundle
from tests.bundles.test_share import files_of, shareable
from tests.hostile.doomed import Runner
from tests.hostile.faults import Fault
from tests.hostile.shell_work import Inputs, fresh, left_over, make_inputs, same_bundle, same_store
from tests.hub_stand_in import Hub

pytestmark = [pytest.mark.full, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]
POINTS = int(os.environ.get("MINT_KILLS", "4"))
TRIES = 5


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(tmp_path_factory.mktemp("runs")) as server:
        yield server


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return make_inputs(tmp_path_factory.getbasetemp())


def kill_and_go_on(
    runner: Runner,
    name: str,
    command: list[object],
    within: Path,
    before: Callable[[], None],
    after_kill: Callable[[], None],
    at_end: Callable[[], None],
    seed: int,
) -> None:
    """Run it undisturbed, then killed at every point; look after each kill and after each end."""
    before()
    watched = Fault(within=str(within))
    started = time.monotonic()
    whole = runner.run(*command, fault=watched)
    took = time.monotonic() - started
    assert whole.code == 0, whole.said
    assert whole.steps > 5
    at_end()
    random, kills, recovered = np.random.default_rng(seed), 0, 0
    for point in range(POINTS):
        before()
        for _ in range(TRIES):  # also the run that goes on may be killed, as long as the points have it so
            if point % 2 == 0:
                step = int(random.integers(1, whole.steps + 1))
                end = runner.run(*command, fault=Fault(kill_at=step, within=str(within)))
            else:
                pid = runner.start(*command)
                time.sleep(float(random.uniform(0, took)))
                with suppress(ProcessLookupError):  # it was quicker
                    os.kill(pid, signal.SIGKILL)
                end = runner.wait(pid)
            if end.code == -signal.SIGKILL:
                break
            assert end.code == 0, end.said
            before()
        kills += end.code == -signal.SIGKILL
        after_kill()
        again = runner.run(*command)
        assert again.code == 0, again.said
        at_end()
        recovered += 1
    assert kills >= POINTS / 2  # a step cannot be missed as a moment can
    assert recovered == POINTS
    if report := os.environ.get("MINT_KILLS_REPORT"):
        with Path(report).open("a") as file:
            file.write(json.dumps({"command": name, "points": POINTS, "kills": kills, "recovered": recovered}) + "\n")


def test_extract(runner: Runner, inputs: Inputs, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "here" / "store"
    assert runner.run(*inputs.extract(whole)).code == 0

    def at_end() -> None:
        assert same_store(out, whole)
        assert left_over(out.parent) == []

    kill_and_go_on(
        runner, "extract", inputs.extract(out), out.parent, lambda: fresh(out.parent), lambda: None, at_end, 11
    )


def test_train(runner: Runner, inputs: Inputs, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole" / "mine", tmp_path / "here" / "mine"
    assert runner.run(*inputs.train(whole)).code == 0

    def after_kill() -> None:
        if (out / "bundle.json").is_file():
            assert same_bundle(out, whole)

    def at_end() -> None:
        assert same_bundle(out, whole)
        assert left_over(out.parent) == []

    kill_and_go_on(runner, "train", inputs.train(out), out.parent, lambda: fresh(out.parent), after_kill, at_end, 12)


def test_calibrate(runner: Runner, inputs: Inputs, tmp_path: Path) -> None:
    """It writes over what it reads: killed anywhere, it can be run again."""
    old, whole, out = tmp_path / "old" / "mine", tmp_path / "whole" / "mine", tmp_path / "here" / "mine"
    assert runner.run(*inputs.train(old)).code == 0
    shutil.copytree(old, whole)
    assert runner.run(*inputs.calibrate(whole)).code == 0

    def before() -> None:
        fresh(out.parent)
        shutil.copytree(old, out)

    def after_kill() -> None:
        assert same_bundle(out, old) or same_bundle(out, whole)

    def at_end() -> None:
        assert same_bundle(out, whole)
        assert left_over(out.parent) == []

    kill_and_go_on(runner, "calibrate", inputs.calibrate(out), out.parent, before, after_kill, at_end, 16)


@pytest.mark.parametrize("replaced", [False, True])
def test_pull(runner: Runner, inputs: Inputs, hub: Hub, tmp_path: Path, replaced: bool) -> None:
    hub.add("me/twin", {path.name: path.read_bytes() for path in inputs.network.iterdir()})
    old, out, cache = shareable(tmp_path / "old", seed=3), tmp_path / "here" / "twin", tmp_path / "cache"
    whole = (files_of(inputs.network), files_of(old))

    def before() -> None:
        fresh(out.parent, cache)
        if replaced:
            shutil.copytree(old, out)

    def after_kill() -> None:
        if out.exists():
            assert files_of(out) in whole
            load_bundle(out)

    def at_end() -> None:
        assert files_of(out) == whole[0]
        assert left_over(out.parent, cache) == []

    command = ["weights", "pull", "me/twin", "--out", out, "--replace"]
    name = "pull over an old one" if replaced else "pull"
    kill_and_go_on(runner, name, command, tmp_path, before, after_kill, at_end, 13 + replaced)


def test_push(runner: Runner, inputs: Inputs, hub: Hub) -> None:
    names = {*files_of(inputs.network), "README.md", "LICENSE", "plots/twin-a/roc.svg"}

    def commits() -> list[dict[str, bytes]]:
        made = hub.repositories.get("me/twin")
        return [] if made is None else [files for files in made.commits.values() if files]

    def after_kill() -> None:
        for files in commits():  # all of it or nothing
            assert set(files) == names

    def at_end() -> None:
        after_kill()
        assert {name: commits()[-1][name] for name in files_of(inputs.network)} == files_of(inputs.network)
        assert left_over(inputs.network.parent) == []

    command = ["weights", "push", inputs.network, "me/twin"]
    kill_and_go_on(runner, "push", command, inputs.network, hub.repositories.clear, after_kill, at_end, 15)
