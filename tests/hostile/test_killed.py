"""SIGKILL in the midst of extract, train, pull and push: what is half made is not used, and the next run finishes it.

Each run is killed at one step, always the same; ``tests/hostile/test_kills.py`` kills at more steps, and at moments.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mint.bundles.files import load_bundle
from mint.errors import MintError, StoreIncomplete
from mint.lab.store.reader import open_store
from tests.bundles.test_share import files_of, shareable
from tests.hostile.faults import Fault
from tests.hostile.shell_work import Inputs, fresh, left_over, make_inputs, same_bundle, same_store
from tests.hub_stand_in import Hub
from tests.shell import mint

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return make_inputs(tmp_path_factory.getbasetemp())


def kill_and_go_on(
    command: list[object],
    within: Path,
    before: Callable[[], None],
    after_kill: Callable[[], None],
    keep: Callable[[], object] = lambda: None,
    late: bool = False,
) -> None:
    """Run it undisturbed, of which something may be kept, then killed at a step, then again to its end."""
    before()
    whole = mint(*command, fault=Fault(within=str(within)))
    assert whole.returncode == 0, whole.stderr
    assert whole.steps > 5
    keep()
    before()
    step = whole.steps - 1 if late else whole.steps // 2
    assert mint(*command, fault=Fault(within=str(within), kill_at=step)).returncode == -signal.SIGKILL
    after_kill()
    again = mint(*command)
    assert again.returncode == 0, again.stderr


def test_extract(inputs: Inputs, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "here" / "store"

    def after_kill() -> None:
        with pytest.raises(StoreIncomplete):
            open_store(out)

    keep = partial(shutil.copytree, out, whole)
    kill_and_go_on(inputs.extract(out), out.parent, lambda: fresh(out.parent), after_kill, keep)
    assert same_store(out, whole)
    assert left_over(out.parent) == []


def test_train(inputs: Inputs, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole" / "mine", tmp_path / "here" / "mine"

    def after_kill() -> None:
        assert not (out / "bundle.json").exists() or same_bundle(out, whole)

    keep = partial(shutil.copytree, out, whole)
    kill_and_go_on(inputs.train(out), out.parent, lambda: fresh(out.parent), after_kill, keep, late=True)
    assert same_bundle(out, whole)
    assert left_over(out.parent) == []


def test_pull(inputs: Inputs, hub: Hub, tmp_path: Path) -> None:
    hub.add("me/twin", files_of(inputs.network))
    old, out, cache = shareable(tmp_path / "old", seed=3), tmp_path / "here" / "twin", tmp_path / "cache"
    wanted = (files_of(inputs.network), files_of(old))

    def before() -> None:
        fresh(out.parent, cache)
        shutil.copytree(old, out)

    def after_kill() -> None:
        if out.exists():
            assert files_of(out) in wanted
            load_bundle(out)

    kill_and_go_on(["weights", "pull", "me/twin", "--out", out, "--replace"], tmp_path, before, after_kill, late=True)
    assert files_of(out) == wanted[0]
    assert left_over(out.parent, cache) == []


def test_push(inputs: Inputs, hub: Hub) -> None:
    def commits() -> list[dict[str, bytes]]:
        made = hub.repositories.get("me/twin")
        return [] if made is None else [files for files in made.commits.values() if files]

    def after_kill() -> None:
        assert commits() == []

    kill_and_go_on(["weights", "push", inputs.network, "me/twin"], inputs.network, hub.repositories.clear, after_kill)
    assert {name: commits()[-1][name] for name in files_of(inputs.network)} == files_of(inputs.network)
    assert left_over(inputs.network.parent) == []


def test_a_bundle_that_a_kill_left_mixed_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    """Between two renames the files are of two makes: their sha256 say so, and the next run puts it right."""
    mixed = tmp_path / "twin-a"
    shutil.copytree(inputs.network, mixed)
    other = shareable(tmp_path / "other", seed=3)
    shutil.copyfile(other / "auditors.safetensors", mixed / "auditors.safetensors")
    with pytest.raises(MintError, match="damaged"):
        load_bundle(mixed)
