"""What ``pip install .`` will carry, read from pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import mint

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_folder_of_mint_is_packaged():
    folders = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "mint").rglob("*.py")}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == folders | {"mint.weights", "mint.examples"}


def test_every_file_is_packaged_and_no_checkpoint():
    settings = PROJECT["tool"]["setuptools"]
    for package, folder in settings["package-dir"].items():
        patterns = [p for name, listed in settings["package-data"].items() if name.startswith(package) for p in listed]
        wanted = {Path(pattern).suffix for pattern in patterns} | {".py", ".pyc"}
        for path in (ROOT / folder).rglob("*"):
            assert not path.is_file() or path.suffix in wanted or path.name == "py.typed", path
    assert settings["package-dir"]["mint.weights"] == "weights"
    assert any("checkpoints" in pattern for pattern in settings["exclude-package-data"]["mint.weights"])


def test_versions_are_pinned_and_agree():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    extras = PROJECT["project"]["optional-dependencies"]
    for line in [*lines, *extras["lab"], *extras["scale"], *extras["test"]]:
        assert re.fullmatch(r"[\w-]+(\[\w+\])?==[\d.]+|mint-audit\[lab\]", line), line
    for path in ("CITATION.cff", "CHANGELOG.md"):
        assert mint.__version__ in (ROOT / path).read_text(encoding="utf-8")


def test_the_pools_packages_are_named_alike_everywhere():
    notes = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for pin in ("openpeople==0.1.2", "gan-face-generate==1.1.1"):
        for path in ("pyproject.toml", "mint/doctor/extras.py", ".ci/set_up"):
            assert pin in (ROOT / path).read_text(encoding="utf-8"), path
    assert "--no-deps" in notes


def test_the_gpu_s_runtime_is_pinned_alone_and_the_swap_stands_beside_it():
    text = (ROOT / "requirements-gpu.txt").read_text(encoding="utf-8")
    (pin,) = (line for line in text.splitlines() if line and not line.startswith("#"))
    assert re.fullmatch(r"onnxruntime-gpu==[\d.]+", pin)
    assert "pip uninstall -y onnxruntime\n" in text
    assert "--force-reinstall --no-deps -r requirements-gpu.txt" in text


def test_one_opencv_and_one_runtime_are_asked_for():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert len([line for line in lines if line.startswith("opencv-")]) == 1
    assert len([line for line in lines if line.startswith("onnxruntime")]) == 1
    assert any(re.match(r"scikit-image==0\.", line) for line in lines)  # insightface 2.1 needs one below 2


def test_processors_and_gpus_get_one_version_of_the_runtime():
    pins = {}
    for path in ("requirements.txt", "requirements-gpu.txt"):
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        pins |= dict(line.split("==") for line in lines if line.startswith("onnxruntime"))
    assert set(pins) == {"onnxruntime", "onnxruntime-gpu"}
    assert len(set(pins.values())) == 1
    assert PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    extras = PROJECT["project"]["optional-dependencies"]
    assert not [line for lines in extras.values() for line in lines if line.startswith("onnxruntime")]
