"""Bundles to a stand-in Hub and back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.bundles.files import load_bundle
from mint.bundles.share import contents, pull, push, snapshot
from mint.errors import BundleMismatch, HubRefused, HubUnreachable, NotShared, WeightsCorrupt, WeightsMissing
from mint.membership import MembershipTest
from mint.networks.catalog import CATALOG
from mint.storage.files import read_json, sha256_of, write_json
from tests.hub_stand_in import Hub
from tests.tiny_bundles import tiny_bundle

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the library's own call
CARD = "---\nlicense: mit\n---\n# twin-a\n![ROC](plots/twin-a/roc.svg)\n"
CONTROLS = {"pixels": {"auc": 0.5}, "untrained": {"auc": 0.5}}


def shareable(weights: Path, name: str = "twin-a", seed: int = 0) -> Path:
    """A tiny bundle with an evaluation, a card and a plot, as ``weights/`` holds them."""
    folder = weights / name
    tiny_bundle(folder, name, seed)
    write_json(folder / "evaluation.json", {"sample": {"rows": [], "controls": CONTROLS}})
    change(folder, lambda index: index["files"].update({"evaluation.json": listed(folder / "evaluation.json")}))
    (weights / "cards" / "plots" / name).mkdir(parents=True, exist_ok=True)
    (weights / "cards" / f"{name}.md").write_text(CARD)
    (weights / "cards" / "plots" / name / "roc.svg").write_text("<svg/>")
    return folder


def listed(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def change(folder: Path, how: Callable[[dict[str, Any]], object]) -> None:
    index = read_json(folder / "bundle.json")
    how(index)
    write_json(folder / "bundle.json", index)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shareable(tmp_path_factory.mktemp("ready"))


@pytest.fixture
def bundle(ready: Path, tmp_path: Path) -> Path:
    shutil.copytree(ready.parent, tmp_path / "weights")
    return tmp_path / "weights" / "twin-a"


def test_there_and_back_again(hub: Hub, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = push(bundle, "me/twin", private=True)
    repository = hub.repositories["me/twin"]
    commit = repository.refs["main"]
    assert address.endswith(commit)
    assert repository.private
    sent = repository.commits[commit]
    assert set(sent) == {*files_of(bundle), "README.md", "LICENSE", "plots/twin-a/roc.svg"}
    assert sent["README.md"].decode() == CARD
    assert b"MIT" in sent["LICENSE"]
    out = pull("me/twin", out=tmp_path / "got" / "twin")
    assert files_of(out) == files_of(bundle)
    assert load_bundle(out).sha256 == load_bundle(bundle).sha256
    assert [p.name for p in out.parent.iterdir()] == ["twin"]
    assert oct(out.stat().st_mode)[-3:] == "755"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert pull("me/twin", out=out) == out  # what was fetched needs no network


def test_from_pretrained_fetches_once_and_judges(
    hub: Hub, bundle: Path, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(bundle, "me/twin")
    commit = hub.repositories["me/twin"].refs["main"]
    test = MembershipTest.from_pretrained("me/twin")
    expected = MembershipTest.from_pretrained(bundle).look(face_path)
    assert test.look(face_path).scores.keys() == expected.scores.keys()
    for column, values in expected.scores["twin-a"].items():
        assert test.look(face_path).scores["twin-a"][column] == pytest.approx(values)
    asked = len(hub.log)
    assert MembershipTest.from_pretrained("me/twin", revision=commit).bundles["twin-a"].sha256
    assert len(hub.log) == asked
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    MembershipTest.from_pretrained("me/twin")
    with pytest.raises(HubUnreachable):
        MembershipTest.from_pretrained("me/other")


def test_a_revision_is_the_bundle_of_then(hub: Hub, bundle: Path, tmp_path: Path) -> None:
    push(bundle, "me/twin")
    then = hub.repositories["me/twin"].refs["main"]
    other = shareable(tmp_path / "other", seed=3)
    push(other, "me/twin")
    assert files_of(pull("me/twin", out=tmp_path / "now")) == files_of(other)
    assert files_of(pull("me/twin", then, tmp_path / "then")) == files_of(bundle)
    with pytest.raises(HubRefused):
        pull("me/twin", "0" * 40, tmp_path / "never")
    assert not (tmp_path / "never").exists()


def without_control(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    scores = load_file(folder / "scores.safetensors")
    save_file({k: v for k, v in scores.items() if not k.startswith("pixels|")}, folder / "scores.safetensors")
    change(folder, lambda index: index["files"].update({"scores.safetensors": listed(folder / "scores.safetensors")}))


def without_reported_control(folder: Path) -> None:
    write_json(folder / "evaluation.json", {"sample": {"rows": [], "controls": {"pixels": {"auc": 0.5}}}})
    change(folder, lambda index: index["files"].update({"evaluation.json": listed(folder / "evaluation.json")}))


def without_evaluation(folder: Path) -> None:
    change(folder, lambda index: index["files"].pop("evaluation.json"))


def without_card(folder: Path) -> None:
    (folder.parent / "cards" / "twin-a.md").unlink()


def without_plot(folder: Path) -> None:
    (folder.parent / "cards" / "plots" / "twin-a" / "roc.svg").unlink()


def with_a_card_of_another_kind(folder: Path) -> None:
    (folder.parent / "cards" / "twin-a.md").write_text("# twin-a\n")


def without_licence(folder: Path) -> None:
    change(folder, lambda index: index["facts"].pop("licence"))


def under_a_licence_that_keeps(folder: Path) -> None:
    change(folder, lambda index: index["facts"].update(licence="CC-BY-NC-4.0"))


def of_a_network_that_must_stay(folder: Path) -> None:
    change(folder, lambda index: index["network"].update(catalog="antelopev2"))


def of_a_network_that_must_stay_by_its_fingerprint(folder: Path) -> None:
    change(folder, lambda index: index["network"].update(fingerprint=CATALOG["buffalo_l"].files[0].sha256))


def with_scores_gone(folder: Path) -> None:
    (folder / "scores.safetensors").unlink()


def with_scores_damaged(folder: Path) -> None:
    (folder / "scores.safetensors").write_bytes(b"x" * (folder / "scores.safetensors").stat().st_size)


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (without_control, NotShared, "control pixels"),
        (without_reported_control, NotShared, "control untrained"),
        (without_evaluation, NotShared, "control pixels and untrained"),
        (without_card, NotShared, "mint lab cards"),
        (without_plot, NotShared, r"roc\.svg"),
        (with_a_card_of_another_kind, NotShared, "mint lab cards"),
        (without_licence, NotShared, "states no licence"),
        (under_a_licence_that_keeps, NotShared, "CC-BY-NC"),
        (of_a_network_that_must_stay, NotShared, "antelopev2.*must only name it"),
        (of_a_network_that_must_stay_by_its_fingerprint, NotShared, "buffalo_l.*must only name it"),
        (with_scores_gone, WeightsMissing, "scores"),
        (with_scores_damaged, WeightsCorrupt, "damaged"),
    ],
)
def test_what_must_not_be_pushed(
    hub: Hub, bundle: Path, how: Callable[[Path], None], error: type[Exception], words: str
) -> None:
    how(bundle)
    with pytest.raises(error, match=words):
        push(bundle, "me/twin")
    assert hub.log == []


def test_a_bundle_that_only_names_its_network_may_leave_and_says_whose_it_is(hub: Hub, bundle: Path) -> None:
    sha256 = CATALOG["antelopev2"].files[0].sha256
    (bundle / "network.safetensors").unlink()

    def by_reference(index: dict[str, Any]) -> None:
        index["network"] = {"kind": "onnx", "fingerprint": sha256}
        index["files"].pop("network.safetensors")

    change(bundle, by_reference)
    found = contents(bundle)
    assert "network.safetensors" not in found
    licence = bytes(found["LICENSE"]).decode()
    assert "insightface-non-commercial" in licence
    assert "not part of it" in licence


def test_a_file_of_the_catalog_under_another_name_stays(
    hub: Hub, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = read_json(bundle / "bundle.json")["files"]["auditors.safetensors"]["sha256"]
    entry = CATALOG["buffalo_s"]
    stolen = type(entry)(entry.name, "x", entry.licence, "o/n", None, type(entry.files[0])("net.onnx", sha256, 1))
    monkeypatch.setitem(CATALOG, "buffalo_s", stolen)
    with pytest.raises(NotShared, match="buffalo_s"):
        push(bundle, "me/twin")
    assert hub.log == []


@pytest.mark.parametrize(
    "name", ["../../escape.json", "/etc/x.json", "a/b.json", "..json", "bundle.json", "run.py", "model.pkl", ".x.json"]
)
def test_a_list_that_names_strange_files_is_refused_before_they_are_fetched(
    hub: Hub, bundle: Path, tmp_path: Path, name: str
) -> None:
    change(bundle, lambda index: index["files"].update({name: {"bytes": 3, "sha256": "0" * 64}}))
    hub.add("me/evil", {name: b"boo", **files_of(bundle)})
    with pytest.raises(WeightsCorrupt, match="which no bundle holds"):
        pull("me/evil", out=tmp_path / "got")
    assert hub.asked("HEAD") == [path for path in hub.asked("HEAD") if path.endswith("/bundle.json")]
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("no json", WeightsCorrupt),
        ("[]", WeightsCorrupt),
        ('{"format": "mint-bundle-1"}', WeightsCorrupt),
        ('{"format": "mint-bundle-99"}', BundleMismatch),
    ],
)
def test_a_repository_that_holds_no_bundle(hub: Hub, tmp_path: Path, text: str, error: type[Exception]) -> None:
    hub.add("me/strange", {"bundle.json": text.encode()})
    with pytest.raises(error):
        pull("me/strange", out=tmp_path / "got")
    hub.add("me/empty", {"model.onnx": b"x"})
    with pytest.raises(HubRefused, match=r"bundle\.json"):
        pull("me/empty", out=tmp_path / "got")


def test_a_file_that_is_not_the_listed_one(hub: Hub, bundle: Path, tmp_path: Path) -> None:
    files = files_of(bundle)
    hub.add("me/twin", {**files, "auditors.safetensors": bytes(len(files["auditors.safetensors"]))})
    out = tmp_path / "got"
    with pytest.raises(WeightsCorrupt, match="auditors"):
        pull("me/twin", out=out)
    assert not out.exists()
    with pytest.raises(WeightsCorrupt, match="auditors"):
        MembershipTest.from_pretrained("me/twin")


def test_what_lies_there_is_kept_unless_told_otherwise(hub: Hub, bundle: Path, tmp_path: Path) -> None:
    push(bundle, "me/twin")
    out = tmp_path / "mine"
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    with pytest.raises(NotShared, match="holds no bundle"):
        pull("me/twin", out=out, replace=True)
    assert files_of(out) == {"diary.txt": b"mine"}
    other = shareable(tmp_path / "other", seed=3)
    before = files_of(other)
    with pytest.raises(NotShared, match="--replace"):
        pull("me/twin", out=other)
    assert files_of(other) == before
    pull("me/twin", out=other, replace=True)
    assert files_of(other) == files_of(bundle)
    assert not [p for p in other.parent.iterdir() if p.name.startswith(".")]


CHILD = """
import sys
from pathlib import Path
from mint.bundles.share import pull
print("ready", flush=True)
sys.stdin.readline()
pull("me/twin", out=Path(sys.argv[1]), replace=True)
"""


@pytest.mark.full
def test_killed_at_any_moment_the_folder_is_the_old_one_or_none(
    hub: Hub, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(bundle, "me/twin")
    snapshot("me/twin")
    old = shareable(tmp_path / "old", seed=3)
    whole = (files_of(old), files_of(bundle))
    out = tmp_path / "place" / "twin"
    seen = set()
    for delay in (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08):
        shutil.rmtree(out.parent, ignore_errors=True)
        shutil.copytree(old, out)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
        time.sleep(delay)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        if out.exists():
            assert files_of(out) in whole
            seen.add(whole.index(files_of(out)))
        pull("me/twin", out=out, replace=True)
        assert files_of(out) == whole[1]
    assert 0 in seen  # at least one was killed on the way


@pytest.mark.parametrize("step", ["copyfile", "rename-old", "rename-new"])
def test_stopped_at_every_step_the_folder_is_the_old_one_or_none(
    hub: Hub, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    push(bundle, "me/twin")
    out = shareable(tmp_path / "other", seed=3)
    old = files_of(out)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    rename = Path.rename

    def dying_rename(self: Path, target: Path) -> Path:
        if (self == out) == (step == "rename-old"):
            raise Killed
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)  # the dead tidy nothing
        if step == "copyfile":
            patched.setattr(shutil, "copyfile", die)
        else:
            patched.setattr(Path, "rename", dying_rename)
        with pytest.raises(Killed):
            pull("me/twin", out=out, replace=True)
    assert not out.exists() if step == "rename-new" else files_of(out) == old
    with monkeypatch.context() as patched:  # what a later pull finds first is the old one
        patched.setattr("mint.bundles.share.snapshot", die)
        with pytest.raises(Killed):
            pull("me/twin", out=out, replace=True)
    assert files_of(out) == old
    assert files_of(pull("me/twin", out=out, replace=True)) == files_of(bundle)
    assert not [p for p in out.parent.iterdir() if p.name.startswith(".")]


def test_what_is_no_bundle_is_not_pushed(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="no bundle"):
        push(tmp_path, "me/twin")
    (tmp_path / "bundle.json").write_text(json.dumps({"format": "mint-bundle-1"}))
    with pytest.raises(WeightsCorrupt):
        push(tmp_path, "me/twin")
    assert hub.log == []
