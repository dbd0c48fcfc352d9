"""The whole examination: in the shell, as JSON, and when a check itself breaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from mint.__main__ import start
from mint.bundles import manifest
from mint.cli import main
from mint.cli.doctor import register
from mint.doctor import checkup, machine, packages, plain, weights
from mint.doctor.checkup import checks, examine
from mint.doctor.finding import Finding, State
from mint.errors import WeightsMissing
from mint.storage import hub

ROOT = Path(__file__).parents[2]
ONLY_PROC = pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on() -> None:
    def breaks() -> Finding:
        raise OSError("the disk\nis on fire")

    def refuses() -> Finding:
        raise WeightsMissing("gone. Get it.")

    several = [Finding("x", State.OK, "1"), Finding("y", State.NOTE, "2")]
    found = list(examine({"a": breaks, "b": refuses, "c": lambda: several}))
    assert [(f.name, f.state) for f in found] == [("a", "broken"), ("b", "broken"), ("x", "ok"), ("y", "note")]
    assert "OSError: the disk is on fire" in found[0].says
    assert found[1].says == "cannot be checked: gone. Get it."


def test_everything_that_was_promised_is_looked_at() -> None:
    assert set(checks()) >= {
        "python", "packages", "loading", "opencv", "onnx runtime", "torch", "onnx networks", "memory", "disk", "hub cache", "weights",
    }  # fmt: skip


@pytest.mark.full
def test_damaged_weights_are_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mint.bundles.manifest

    assert weights.shipped().state is State.OK
    monkeypatch.setattr(mint.bundles.manifest, "problems", lambda: ["twin-a/auditors.safetensors: missing"])
    found = weights.shipped()
    assert (found.state, "auditors.safetensors: missing" in found.says) == (State.BROKEN, True)
    assert "git checkout weights" in found.advice


def test_a_wrong_file_under_a_network_s_name_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sface").mkdir()
    (tmp_path / "sface" / "face_recognition_sface_2021dec.onnx").write_bytes(b"not this one")
    monkeypatch.setenv("MINT_MODELS", str(tmp_path))
    states = {found.name: found for found in weights.networks()}
    assert states["network sface"].state is State.BROKEN
    assert "sha256" in states["network sface"].says
    assert states["network antelopev2"].state is State.OK
    assert "mint weights get antelopev2" in states["network antelopev2"].says


@pytest.mark.parametrize("place", ["a file", "a file/below", pytest.param("/proc/nowhere", marks=ONLY_PROC)])
def test_a_cache_that_cannot_be_written_to_is_noted(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its rights say: nobody makes a folder in /proc, nor in a file."""
    assert weights.cache().state is State.OK
    (tmp_path / "a file").write_bytes(b"")
    monkeypatch.setattr(hub, "cache_folder", lambda: tmp_path / place)
    found = weights.cache()
    assert (found.state, "HF_HOME" in found.advice) == (State.NOTE, True)
    assert "cache" not in machine.disk(tmp_path / place).says  # there is no room to be made in it


@pytest.fixture
def shipped_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the place of ``weights/``: a folder with one file that its manifest promises. Little else is looked at."""
    scores = tmp_path / "twin-a" / "scores.safetensors"
    scores.parent.mkdir()
    scores.write_bytes(b"promised")
    manifest.write_manifest({"twin-a": ("MIT", "a test")}, tmp_path)
    read, problems = manifest.read_manifest, manifest.problems
    monkeypatch.setattr(manifest, "read_manifest", lambda weights=tmp_path: read(weights))
    monkeypatch.setattr(manifest, "problems", lambda: problems(tmp_path))
    some = {"python": packages.python, "memory": machine.memory, "weights": weights.shipped}
    monkeypatch.setattr(checkup, "checks", lambda: some)
    monkeypatch.setattr(machine, "free_memory", lambda: None)
    return scores


def shell(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, list(arguments))


def test_the_command_says_that_nothing_is_broken(shipped_files: Path) -> None:
    done = shell("--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["broken"]) == (0, 0)
    assert [(f["name"], f["state"]) for f in found["findings"]] == [
        ("python", "ok"), ("memory", "ok"), ("weights", "ok"),
    ]  # fmt: skip
    said = shell()
    assert said.exit_code == 0
    assert said.stdout.splitlines()[-1].endswith(": nothing is broken")


def test_the_command_says_what_to_mend_and_fails(shipped_files: Path) -> None:
    shipped_files.write_bytes(b"damaged!")
    done = shell("--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["broken"]) == (1, 1)
    assert [f["name"] for f in found["findings"] if f["state"] == "broken"] == ["weights"]
    said = shell()
    assert said.exit_code == 1
    assert "twin-a/scores.safetensors: its bytes are not the promised ones" in said.stdout
    assert "→ Restore weights/" in said.stdout
    assert said.stdout.splitlines()[-1].endswith(": 1 to mend")


@pytest.mark.parametrize("broken", ["typer", "pydantic"])  # as the shell is imported, and as it reads what was typed
def test_the_doctor_is_there_where_the_shell_is_not(
    broken: str, shipped_files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise ImportError(f"broken {broken}")

    for argument, wanted in ((["audit"], ""), (["doctor"], "nothing is broken"), (["doctor", "--json"], '"broken": 0')):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["mint", *argument])
            if broken == "typer":
                patch.setitem(sys.modules, "typer", None)
                patch.delitem(sys.modules, "mint.cli.main")
            else:
                patch.setattr(main, "app", fails)
                patch.setattr(main, "_register_others", lambda: None)
            with pytest.raises(SystemExit) as end:
                start()
        said = capsys.readouterr()
        assert end.value.code == (0 if wanted else 1)
        assert wanted in said.out.splitlines()[-1] if wanted else "See what else is missing: mint doctor" in said.err
    shipped_files.write_bytes(b"damaged!")
    assert plain.tell(as_json=False) == 1
    assert "-> Restore weights/" in capsys.readouterr().out


@pytest.mark.full
def test_the_shell_says_what_to_mend_and_fails(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "mint", copy / "mint", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("weights", "requirements.txt", "pyproject.toml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    environment = os.environ | {"PYTHONPATH": str(copy)}

    def doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mint", "doctor", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=copy, env=environment, timeout=300)

    before = json.loads(doctor("--json").stdout)
    (copy / "weights" / "twin-a" / "scores.safetensors").write_bytes(b"damaged")
    done = doctor("--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["broken"] == before["broken"] + 1
    assert [f["name"] for f in found["findings"] if f not in before["findings"] and f["state"] == "broken"] == [
        "weights"
    ]
    said = doctor()
    assert said.returncode == 1
    assert "twin-a/scores.safetensors: its bytes are not the promised ones" in said.stdout
    assert "→ Restore weights/" in said.stdout
    assert "Traceback" not in said.stderr
