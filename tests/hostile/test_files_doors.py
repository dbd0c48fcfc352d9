"""Hostile files at the doors that a user opens: the shell, the manifest; and nothing anywhere that unpickles."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from mint.errors import WeightsCorrupt
from mint.manifest import read_manifest
from tests.hostile import bundle_files, network_files, store_files
from tests.hostile.files import NO_JSON, in_the_place_of

ROOT = Path(__file__).parents[2]
FACE = ROOT / "tests" / "data" / "face.jpg"


def shell(*words: object) -> int:
    """The exit code of ``mint WORDS``; whatever else it raises would be a traceback."""
    from mint.cli import main

    kept, sys.argv = sys.argv, ["mint", *map(str, words)]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = kept
    return 0


DOORS = {
    "bundle": (bundle_files, ["audit", FACE, "--bundle", "twin-a"], [
        "flip auditors.safetensors body", "pickle as scores.safetensors, promised", "pipe for bundle.json", "index: nested lists",
    ]),
    "store": (store_files, ["lab", "train", "store", "--out", "made"], [
        "flip members/000000.parquet", "manifest: nested lists", "manifest: names '../../x.parquet'", "pipe for manifest.json",
    ]),
    "network": (network_files, ["lab", "taps", "in/net.onnx"], [
        "an operator of nobody", "a weight in '../secret.bin'", "a giant constant", "pickle as a network",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.filterwarnings("ignore")
def test_the_shell_says_one_sentence(kind, tmp_path, monkeypatch, capsys):
    module, words, names = DOORS[kind]
    module.whole(tmp_path / "whole")
    cases = list(module.cases(tmp_path / "whole", places=2))
    for number, name in enumerate(names):
        case = next(case for case in cases if case.name.startswith(name))
        place = tmp_path / f"{number}"
        module.whole(place)
        case.spoil(place)
        monkeypatch.chdir(place)
        if kind == "bundle":  # in full: by its name alone it might be the one that ships
            words = [*words[:3], place / "twin-a"]
        if kind == "store":  # its network is no file: it is said to be one, so that the store is what is wrong
            words = [*words[:5], "--network", ROOT / "weights" / "twin-a"]
        assert shell(*words) == 1, case.name
        told = capsys.readouterr()
        assert told.err.startswith("mint: ") and "Traceback" not in told.err, (case.name, told.err)  # noqa: PT018
        assert not told.out
        assert not (place / "made").exists()


@pytest.mark.parametrize("what", NO_JSON)
def test_a_manifest_that_is_none(what, tmp_path):
    (tmp_path / "manifest.json").write_bytes(NO_JSON[what])
    with pytest.raises(WeightsCorrupt, match="Restore"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"file": name}
        for name in ("../x", "/etc/passwd", "a/../../x", "a\\..\\x", "C:x", "a//b", "./x", "", "x\0y", "\x1b[2J", 7, None, ["x"])
    ] + [{"bytes": "9"}, {"bytes": None}, {"bytes": 1.5}, {"sha256": 7}, {"name": []}, {"more": 1}],
)  # fmt: skip
def test_a_manifest_that_names_what_it_must_not(change, tmp_path):
    entry = {"name": "n", "file": "f", "bytes": 1, "sha256": "0", "licence": "MIT", "source": "here"}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [{**entry, **change}]}))
    with pytest.raises(WeightsCorrupt, match="Restore"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("what", ["pipe", "device", "folder", "circle"])
def test_a_manifest_that_is_no_file(what, tmp_path):
    path = tmp_path / "manifest.json"
    path.touch()
    in_the_place_of(path, what)
    with pytest.raises(Exception, match="Restore"):
        read_manifest(tmp_path)


# ---- nothing is unpickled

FOLDERS = ("mint", "tests", "examples")
PICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
# Hostile files are made with it, and only made: ``pickle.dumps``.
ALLOWED = {("tests/hostile/files.py", "import pickle")}


def loads(path: Path) -> set[str]:
    """Every way to run code from a file that a module has: an import of a pickler, or a call that may unpickle."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found |= {f"import {name}" for name in names if name.split(".")[0] in PICKLERS}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            said = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
            call = f"{owner}.{node.func.attr}"
            if call == "torch.load" and said.get("weights_only") is not True:
                found.add(call)
            if call in ("np.load", "numpy.load", "np.save", "numpy.save") and said.get("allow_pickle"):
                found.add(f"{call} with allow_pickle")
            if call in (
                "yaml.load",
                "yaml.unsafe_load",
                "yaml.full_load",
                "pd.read_pickle",
                "pickle.load",
                "pickle.loads",
            ):
                found.add(call)
    return found


def test_no_file_is_unpickled_anywhere():
    files = [ROOT / "app.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    assert len(files) > 300
    there = {(path.relative_to(ROOT).as_posix(), what) for path in files for what in loads(path)}
    there.discard(("tests/hostile/files.py", "np.save with allow_pickle"))  # makes one, reads none
    assert there == ALLOWED


def test_the_search_finds_what_it_is_for(tmp_path):
    lines = [
        "import pickle", "from joblib import load", "import torch\ntorch.load('x')", "import torch\ntorch.load('x', weights_only=False)",
        "import numpy as np\nnp.load('x', allow_pickle=True)", "import yaml\nyaml.load('x')", "import shelve", "import marshal",
    ]  # fmt: skip
    for line in lines:
        (tmp_path / "x.py").write_text(line)
        assert loads(tmp_path / "x.py"), line
    (tmp_path / "x.py").write_text("import torch\ntorch.load('x', weights_only=True)\nimport json\njson.load('x')")
    assert not loads(tmp_path / "x.py")
