"""No room, no rights, no temporary folder, a mad clock, two at once: one clear sentence, or the same end as ever."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from mint.storage.paths import WEIGHTS
from tests.bundles.test_share import files_of
from tests.hostile.doomed import ROOT, Runner
from tests.hostile.faults import Fault
from tests.hostile.shell_work import Inputs, clear, left_over, make_inputs, same_bundle, same_store
from tests.hub_stand_in import Hub
from tests.shell import mint

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount and change users"
)
full = pytest.mark.full
FULL = Fault(most_bytes=4096)  # which a file may have where the disk is full
NO_TEMP, CLOCK = Fault(no_temp=True), Fault(clock=True)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(tmp_path_factory.mktemp("runs")) as server:
        yield server


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return make_inputs(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def undisturbed(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The result of a command to which nothing happens, by its name; made once, read only."""

    @cache
    def made(what: str) -> Path:
        out = tmp_path_factory.mktemp("undisturbed") / "whole" / "mine"  # as deep as its likes: paths are relative
        out.parent.mkdir()
        done = mint(*{"extract": inputs.extract, "train": inputs.train}[what](out))
        assert done.returncode == 0, done.said
        return out

    return made


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        pytest.param("extract", FULL, id="extract, full"),
        pytest.param("extract", CLOCK, id="extract, clock"),
        pytest.param("train", FULL, id="train, full"),
        pytest.param("train", NO_TEMP, id="train, temp"),
        pytest.param("extract", NO_TEMP, id="extract, temp", marks=full),
        pytest.param("train", CLOCK, id="train, clock", marks=full),
    ],
)
def test_what_was_stopped_goes_on_to_the_same_end(
    inputs: Inputs, undisturbed: Callable[[str], Path], tmp_path: Path, what: str, fault: Fault
) -> None:
    command, same = {"extract": (inputs.extract, same_store), "train": (inputs.train, same_bundle)}[what]
    whole, out = undisturbed(what), tmp_path / "here" / "mine"
    out.parent.mkdir()
    end = mint(*command(out), fault=fault)
    if fault.most_bytes:
        clear(end)
    elif fault.clock or end.returncode == 0:  # some find no use for a temporary folder
        assert end.returncode == 0, end.said
        assert same(out, whole)
    else:
        assert "temp" in clear(end)
    again = mint(*command(out))
    assert again.returncode == 0, again.said
    assert same(out, whole)
    assert left_over(out.parent) == []


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        pytest.param("pull", CLOCK, id="pull, clock"),
        pytest.param("push", NO_TEMP, id="push, temp"),
        pytest.param("pull", NO_TEMP, id="pull, temp", marks=full),
        pytest.param("push", CLOCK, id="push, clock", marks=full),
    ],
)
def test_the_hub_is_used_as_ever(inputs: Inputs, hub: Hub, tmp_path: Path, what: str, fault: Fault) -> None:
    out, files = tmp_path / "here" / "twin", files_of(inputs.network)
    if what == "pull":
        hub.add("me/twin", files)
        command: list[object] = ["weights", "pull", "me/twin", "--out", out]
    else:
        command = ["weights", "push", inputs.network, "me/twin"]
    end = mint(*command, fault=fault)
    assert end.returncode == 0, end.said
    repository = hub.repositories["me/twin"]
    assert files.items() <= repository.commits[repository.refs["main"]].items()
    if what == "pull":
        assert files_of(out) == files
    assert left_over(tmp_path) == []


@full
@as_root
def test_a_disk_too_small_for_a_bundle_is_one_sentence(
    runner: Runner, inputs: Inputs, hub: Hub, tmp_path: Path
) -> None:
    files = files_of(inputs.network)
    hub.add("me/twin", files)
    place = tmp_path / "small"
    place.mkdir()
    command = ["weights", "pull", "me/twin", "--out", place / "twin"]
    half = sum(map(len, files.values())) // 2
    said = clear(runner.run(*command, fault=Fault(small=str(place), most_small=half)))
    assert "No space left" in said
    assert "make room" in said
    assert left_over(tmp_path) == []
    again = runner.run(*command)
    assert again.code == 0, again.said
    assert files_of(place / "twin") == files


@full
@as_root
@pytest.mark.parametrize("what", ["extract", "train"])
def test_a_folder_that_cannot_be_written_is_one_sentence(
    runner: Runner, inputs: Inputs, tmp_path: Path, what: str
) -> None:
    command = {"extract": inputs.extract, "train": inputs.train}[what]
    (tmp_path / "here").mkdir()
    clear(runner.run(*command(tmp_path / "here" / "mine"), fault=Fault(read_only=(str(tmp_path / "here"),))))
    assert list((tmp_path / "here").iterdir()) == []


@full
@as_root
def test_read_only_weights_are_as_good_as_any(runner: Runner, inputs: Inputs, hub: Hub) -> None:
    before = files_of(inputs.network)
    fault = Fault(read_only=(str(inputs.network),))
    clear(runner.run("weights", "pull", "me/nobody", "--out", inputs.network, "--replace", fault=fault))
    usual, shown = (runner.run("lab", "controls", inputs.network, fault=f) for f in (Fault(), fault))
    assert (shown.code, shown.said) == (usual.code, usual.said)
    assert files_of(inputs.network) == before


@full
@as_root
@pytest.mark.skipif(not (WEIGHTS / "twin-a" / "bundle.json").is_file(), reason="the bundled twins are not here")
def test_an_audit_from_a_read_only_checkout(runner: Runner) -> None:
    command = ["audit", ROOT / "tests" / "data" / "face.jpg", "--json"]
    usual, found = (runner.run(*command, fault=f) for f in (Fault(), Fault(read_only=(str(ROOT),))))
    assert usual.code == 0, usual.said
    assert '"verdict"' in usual.said
    assert (found.code, found.said) == (usual.code, usual.said)


@full
@pytest.mark.parametrize("what", ["extract", "train"])
def test_two_at_once_end_with_one_whole_result(runner: Runner, inputs: Inputs, tmp_path: Path, what: str) -> None:
    command, same = {"extract": (inputs.extract, same_store), "train": (inputs.train, same_bundle)}[what]
    whole, out = tmp_path / "whole" / "mine", tmp_path / "here" / "mine"
    for folder in (whole, out):
        folder.parent.mkdir()
    assert runner.run(*command(whole)).code == 0
    ends = [runner.wait(pid) for pid in [runner.start(*command(out)) for _ in range(2)]]
    assert 0 in [end.code for end in ends], ends
    for end in ends:
        if end.code:
            clear(end)
    assert same(out, whole)
    assert left_over(out.parent) == []


@full
def test_two_may_pull_into_one_cache(runner: Runner, inputs: Inputs, hub: Hub, tmp_path: Path) -> None:
    hub.add("me/twin", {path.name: path.read_bytes() for path in inputs.network.iterdir()})
    places = [tmp_path / name / "twin" for name in ("one", "other")]
    for place in places:
        place.parent.mkdir()
    pids = [runner.start("weights", "pull", "me/twin", "--out", place) for place in places]
    for pid in pids:
        end = runner.wait(pid)
        assert end.code == 0, end.said
    for place in places:
        assert files_of(place) == files_of(inputs.network)
