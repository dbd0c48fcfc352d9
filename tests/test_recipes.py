"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the package."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest
import torch

from mint.auditors.features import EMBEDDING
from mint.networks.locate import state
from tests.graphs import mobile

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
PANEL = """
import numpy as np, torch
from mint.networks.architectures import build_network
from mint.networks.torch_network import TorchNetwork
from mint.auditors import specs
from pathlib import Path
from tests.fitting import Samples, fitted
shape = {"architecture": "iresnet", "layers": [1, 1, 1, 1], "width": 4, "input_size": 32, "embedding_size": 16}
torch.manual_seed(0)
made = build_network(shape, "tiny")
network = TorchNetwork("tiny", made.model, made.taps, made.input_size, torch.randn(5, 16), "f" * 64)
crops = np.random.default_rng(0).integers(0, 255, (24, 112, 112, 3), dtype=np.uint8)
samples = {split: Samples(crops, np.arange(24) % 2 == 0) for split in ("training", "validation")}
panel = fitted(network, [s for s in specs(network) if s.kind == "peak"], samples, 1, Path("fitted"))
scores = panel.scores(network, crops)["peak/embedding"]
print(scores.shape, np.isfinite(scores).all(), len(set(scores.tolist())) > 12)
"""


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def follow(recipe: str, copy: Path, **filled: str) -> list[str]:
    """Write its files and add its lines; returns the files."""
    steps = re.findall(r"In `([\w/.]+)`:\n\n```(python|diff)\n(.*?)```", recipe, flags=re.DOTALL)
    for path, language, code in steps:
        for old, new in filled.items():
            code = code.replace(old.removeprefix("_"), new)
        if language == "python":
            assert not (copy / path).exists()
            (copy / path).write_text(code, encoding="utf-8")
            continue
        lines = code.splitlines()
        before = "\n".join(line[1:] for line in lines if line.startswith(" ")) + "\n"
        after = "\n".join(line[1:] for line in lines) + "\n"
        text = (copy / path).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{path} no longer has the lines that the recipe shows"
        (copy / path).write_text(text.replace(before, after), encoding="utf-8")
    return [path for path, _, _ in steps]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "mint", tmp_path / "copy" / "mint", ignore=shutil.ignore_patterns("__pycache__"))
    shared = [path.name for path in (ROOT / "tests").glob("*.py") if not path.name.startswith("test_")]
    for part in (*shared, "ui/served.py", "ui/latch.py", "statistics/test_null_and_planted.py", "test_architecture.py"):
        target = tmp_path / "copy" / "tests" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / part, target)
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "copy")
    return tmp_path / "copy"


def assert_clean(copy: Path, changed: list[str]) -> None:
    """What a recipe makes passes the checks that every change has to pass."""
    run(copy, "-m", "ruff", "check", *changed)
    run(copy, "-m", "ruff", "format", "--check", *changed)


def run(copy: Path, *arguments: str, **more: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200", **more}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loaded(file: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A file of the copy as a module of this process, beside those that are there."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_the_value_of_a_network_fits_into_the_catalog(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"a network"
    recipe = section("Add an audited network")
    changed = follow(recipe, copy, **{"0" * 64: hashlib.sha256(data).hexdigest(), "123456": str(len(data))})
    assert_clean(copy, changed)
    catalog = loaded(copy / changed[0], "mint.networks.catalog_of_the_recipe", monkeypatch)
    entry = catalog.entry_of("example-net")
    assert catalog.ENTRIES[0] is entry
    assert (entry.files[0].name, entry.files[0].bytes) == ("net.onnx", len(data))
    monkeypatch.setenv("MINT_MODELS", str(tmp_path))
    (tmp_path / "example-net").mkdir()
    (tmp_path / "example-net" / "net.onnx").write_bytes(data)
    assert state(entry) == "in MINT_MODELS"


def test_the_file_and_the_lines_of_an_auditor_fit(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = section("Add an auditor")
    changed = follow(recipe, copy)
    assert changed == [
        "mint/auditors/kinds/peak.py",
        "mint/auditors/kinds/__init__.py",
        "tests/statistics/test_null_and_planted.py",
    ]
    assert_clean(copy, changed)
    assert "1 passed" in run(copy, "-m", "pytest", "-q", "tests/test_architecture.py", "-k", "rooms_are"), (
        "there is room"
    )
    lines = [line for block in re.findall(r"```diff\n(.*?)```", recipe, flags=re.DOTALL) for line in block.splitlines()]
    assert sum(line.startswith("+") for line in lines) == 2  # one in mint/, one in tests/
    loaded(copy / changed[0], "mint.auditors.kinds.peak", monkeypatch)
    peak = loaded(copy / changed[1], "mint.auditors.kinds_of_the_recipe", monkeypatch).Peak()
    assert (peak.kind, peak.needs) == ("peak", {EMBEDDING})
    embeddings = np.random.default_rng(0).normal(size=(9, 16))
    (found,) = peak.eval().inputs({EMBEDDING: torch.from_numpy(embeddings).float()}, None)
    wanted = np.abs(embeddings).max(1) / np.sqrt((embeddings**2).sum(1))
    np.testing.assert_allclose(found.numpy()[:, 0], wanted, rtol=1e-5)
    assert peak(found).shape == (9,)


@pytest.mark.full
def test_a_network_is_one_value(copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "models" / "example-net" / "net.onnx"
    path.parent.mkdir(parents=True)
    onnx.save(mobile(residual=True), path)
    data = path.read_bytes()
    recipe = section("Add an audited network")
    changed = follow(recipe, copy, **{"0" * 64: hashlib.sha256(data).hexdigest(), "123456": str(len(data))})
    assert changed == ["mint/networks/catalog.py"]
    assert_clean(copy, changed)
    listed = run(copy, "-m", "mint", "weights", "list", MINT_MODELS=str(path.parents[1]))
    assert re.search(r"example-net\W+in MINT_MODELS", listed)
    assert "stage" in run(copy, "-m", "mint", "lab", "taps", "example-net", MINT_MODELS=str(path.parents[1]))


@pytest.mark.full
def test_an_auditor_is_one_file_and_one_line(copy: Path) -> None:
    recipe = section("Add an auditor")
    changed = follow(recipe, copy)
    assert [path for path in changed if path.startswith("mint/")] == [
        "mint/auditors/kinds/peak.py",
        "mint/auditors/kinds/__init__.py",
    ]
    assert_clean(copy, changed)
    lines = [line for block in re.findall(r"```diff\n(.*?)```", recipe, flags=re.DOTALL) for line in block.splitlines()]
    assert sum(line.startswith("+") for line in lines) == 2  # one in mint/, one in tests/
    assert run(copy, "-c", PANEL).split("\n")[0] == "(24,) True True"
    said = run(copy, "-m", "pytest", "-q", "tests/statistics/test_null_and_planted.py", "-k", "peak or every_kind")
    assert "4 passed" in said
