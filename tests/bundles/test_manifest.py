import json
import shutil
from pathlib import Path

import pytest
import typer

from mint.bundles.manifest import problems, read_manifest, relist, write_manifest
from mint.cli.weights import verify
from mint.errors import WeightsCorrupt, WeightsMissing
from mint.storage.files import sha256_of
from tests.tiny_bundles import tiny_bundle

SOURCES = dict.fromkeys(("twin-a", "ledger.csv", "checkpoints", "cards"), ("MIT", "a test"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "twin-a"
    tiny_bundle(folder)
    return folder


@pytest.fixture
def weights(twin: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(twin, folder / "twin-a")
    (folder / "ledger.csv").write_text("one,two\n")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "early.safetensors").write_bytes(b"x" * 10)
    (folder / "cards" / "paper").mkdir(parents=True)
    for card in ("gradients.json", "gradients.md", "paper/one.json"):
        (folder / "cards" / card).write_text("{}")
    write_manifest(SOURCES, folder)
    return folder


def test_lists_every_file_as_it_is(weights: Path) -> None:
    entries = {e.file: e for e in read_manifest(weights)}
    there = {p.relative_to(weights).as_posix() for p in weights.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(entries) == there
    for file, entry in entries.items():
        assert (entry.bytes, entry.sha256) == ((weights / file).stat().st_size, sha256_of(weights / file))
        assert (entry.licence, entry.source) == ("MIT", "a test")
    assert problems(weights) == []


def test_a_file_nobody_can_account_for_is_not_listed_silently(weights: Path) -> None:
    (weights / "stranger.bin").write_bytes(b"?")
    with pytest.raises(KeyError):
        write_manifest(SOURCES, weights)


def test_names_what_is_wrong(weights: Path) -> None:
    (weights / "ledger.csv").write_text("one,twO\n")
    (weights / "twin-a" / "scores.safetensors").unlink()
    (weights / "cards" / "gradients.json").write_text('{"speaks": true}')  # answers rest on the cards' figures
    (weights / "cards" / "paper" / "one.json").unlink()
    found = "\n".join(problems(weights))
    assert "ledger.csv: its bytes" in found
    assert "cards/gradients.json: its bytes" in found
    assert "cards/paper/one.json: missing" in found
    assert "twin-a/scores.safetensors: missing" in found
    assert "twin-a: " in found


def test_cards_that_were_rendered_again_are_listed_again(weights: Path) -> None:
    (weights / "cards" / "gradients.md").write_text("# another")
    (weights / "cards" / "paper" / "two.json").write_text("{}")
    assert problems(weights) == ["cards/gradients.md: its bytes are not the promised ones"]
    relist(weights / "cards")
    assert problems(weights) == []
    assert "cards/paper/two.json" in {entry.file for entry in read_manifest(weights)}


def test_checkpoints_may_be_left_out_whole_but_not_in_part(weights: Path) -> None:
    (weights / "checkpoints" / "early.safetensors").unlink()
    assert problems(weights)
    (weights / "checkpoints").rmdir()
    assert problems(weights) == []


def test_a_path_outside_is_refused(weights: Path) -> None:
    manifest = json.loads((weights / "manifest.json").read_text())
    manifest["files"][0]["file"] = "../../secret"
    (weights / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(WeightsCorrupt, match="cannot lie in weights/"):
        problems(weights)


def test_no_manifest_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text('{"files": [{}]}')
    with pytest.raises(WeightsCorrupt):
        read_manifest(tmp_path)


def test_a_bundle_is_verified_wherever_it_lies(twin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(twin, mine)
    verify([mine])
    assert sha256_of(mine / "bundle.json") in capsys.readouterr().out.replace("\n", "")
    with (mine / "scores.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(typer.Exit):
        verify([twin, mine])
    said = capsys.readouterr()
    assert "mine/scores.safetensors is damaged" in said.err
    assert not said.out
