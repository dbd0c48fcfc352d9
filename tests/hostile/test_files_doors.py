"""Hostile files at the doors that a user opens: the shell, the manifest; and nothing anywhere that unpickles."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from mint.bundles.manifest import read_manifest
from mint.errors import MintError, WeightsCorrupt
from tests.hostile import bundle_files, network_files, store_files
from tests.hostile.files import NO_JSON, in_the_place_of
from tests.hostile.unpickling import unpickling
from tests.shell import typed

ROOT = Path(__file__).parents[2]
FACE = ROOT / "tests" / "data" / "face.jpg"


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
    one_sentence(kind, DOORS[kind][2][:1], tmp_path, monkeypatch, capsys)


@pytest.mark.full
@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.filterwarnings("ignore")
def test_the_shell_says_one_sentence_of_each(kind, tmp_path, monkeypatch, capsys):
    one_sentence(kind, DOORS[kind][2][1:], tmp_path, monkeypatch, capsys)


def one_sentence(kind, names, tmp_path, monkeypatch, capsys):
    module, words, _ = DOORS[kind]
    module.whole(tmp_path / "whole")
    cases = list(module.cases(tmp_path / "whole", places=2))
    for number, name in enumerate(names):
        case = next(case for case in cases if case.name.startswith(name))
        place = tmp_path / f"{number}"
        module.whole(place)
        case.spoil(place)
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "argv", [])
        if kind == "bundle":  # in full: by its name alone it might be the one that ships
            words = [*words[:3], place / "twin-a"]
        if kind == "store":  # its network is no file: it is said to be one, so that the store is what is wrong
            words = [*words[:5], "--network", ROOT / "weights" / "twin-a"]
        assert typed([*map(str, words)]) == 1, case.name
        told = capsys.readouterr()
        assert told.err.startswith("mint: ") and "Traceback" not in told.err, (case.name, told.err)  # noqa: PT018
        assert not told.out
        assert not (place / "made").exists()


STRANGE = [
    {"file": name}
    for name in ("../x", "/etc/passwd", "a/../../x", "a\\..\\x", "C:x", "a//b", "./x", "", "x\0y", "\x1b[2J", 7, None, ["x"])
] + [{"bytes": "9"}, {"bytes": None}, {"bytes": 1.5}, {"sha256": 7}, {"name": []}, {"more": 1}]  # fmt: skip
ENTRY = {"name": "n", "file": "f", "bytes": 1, "sha256": "0", "licence": "MIT", "source": "here"}


def read_or_not(folder: Path, refusal: type[MintError] = WeightsCorrupt) -> str:
    """What becomes of a manifest: empty where it is refused with what to do."""
    try:
        read_manifest(folder)
    except refusal as error:
        return "" if "Restore" in str(error) else str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "read"


def test_a_manifest_that_is_none(tmp_path):
    found = {}
    for what, made in NO_JSON.items():
        (tmp_path / "manifest.json").write_bytes(made())
        found[what] = read_or_not(tmp_path)
    assert not {what: end for what, end in found.items() if end}


def test_a_manifest_that_names_what_it_must_not(tmp_path):
    path, found = tmp_path / "manifest.json", {}
    for change in STRANGE:
        path.write_text(json.dumps({"files": [{**ENTRY, **change}]}))
        found[repr(change)] = read_or_not(tmp_path)
    assert not {what: end for what, end in found.items() if end}
    path.write_text(json.dumps({"files": [ENTRY]}))
    assert read_or_not(tmp_path) == "read"


def test_a_manifest_that_is_no_file(tmp_path):
    found = {}
    for what in ("pipe", "device", "folder", "circle"):
        (tmp_path / what).mkdir()
        path = tmp_path / what / "manifest.json"
        path.touch()
        in_the_place_of(path, what)
        found[what] = read_or_not(path.parent, MintError)
    assert not {what: end for what, end in found.items() if end}


# ---- nothing is unpickled

FOLDERS = ("mint", "tests", "examples")
# Hostile files are made with it, and only made: ``pickle.dumps``. The stand-in of Ray sends its own objects through it.
ALLOWED = {
    ("tests/hostile/files.py", "import pickle"),
    ("tests/hostile/files.py", "numpy.save with allow_pickle"),
    ("tests/ray_stand_in.py", "import pickle"),
}


SUSPICIOUS = re.compile(
    r"load|pickle|shelve|marshal|dill|read_array|import_module|__import__|import \*"
)  # else not parsed


def test_whatever_unpickles_is_suspicious():
    assert all(SUSPICIOUS.search(code) for code in UNPICKLING)


def test_no_file_is_unpickled_anywhere():
    files = [ROOT / "app.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    assert len(files) > 300
    there = {
        (path.relative_to(ROOT).as_posix(), what)
        for path in files
        if SUSPICIOUS.search(text := path.read_text("utf-8"))
        for what in unpickling(text)
    }
    assert there == ALLOWED


UNPICKLING = [
    "import pickle", "from joblib import load", "import shelve", "import marshal", "import dill as d", "__import__('pickle')",
    "import importlib\nimportlib.import_module('pickle')", "from importlib import import_module\nimport_module('_pickle')",
    "import torch\ntorch.load('x')", "import torch\ntorch.load('x', weights_only=False)",
    "import torch\ntorch.load('x', weights_only=flag)", "import torch\ntorch.load('x', **more)",
    "from torch import load\nload('x')", "from torch import load as l\nl('x')", "import torch as t\nt.load('x')",
    "import torch\ntorch.jit.load('x')", "from torch import jit\njit.load('x')", "import torch.jit\ntorch.jit.load('x')",
    "import torch.jit as j\nj.load('x')", "import torch\ntorch.serialization.load('x')", "from torch import *",
    "import torch\nread = torch.load\nread('x')", "import torch\nmap(torch.load, files)", "import torch\ngetattr(torch, 'load')('x')",
    "import torch\nt = torch\nl = t.load\nl('x')", "def f():\n    import torch as t\n    t.load('x')",
    "import numpy as np\nnp.load('x', allow_pickle=True)", "import numpy as np\nnp.load('x', allow_pickle=flag)",
    "import numpy as np\nnp.load('x', None, True)", "import numpy as np\nnp.load('x', **more)", "import numpy as np\nnp.load(*more)",
    "from numpy import load\nload('x', allow_pickle=1)", "import numpy\nnumpy.lib.format.read_array(f, True)",
    "import yaml\nyaml.load('x')", "from yaml import full_load as f\nf('x')", "import pandas as p\np.read_pickle('x')",
]  # fmt: skip
HARMLESS = [
    "import torch\ntorch.load('x', weights_only=True)", "from torch import load as l\nl('x', weights_only=True)",
    "import json\njson.load('x')", "from json import load\nload('x')", "import numpy as np\nnp.load('x', allow_pickle=False)",
    "import numpy as np\nnp.load('x', mmap_mode='r')", "import numpy as np\nnp.load('x', None, False)", "import yaml\nyaml.safe_load('x')",
    "from safetensors.torch import load\nload('x')", "import onnx\nonnx.load('x')", "loading.load('x')", "import torch\ntorch.save(a, 'x')",
]  # fmt: skip


def test_the_search_finds_what_it_is_for_and_nothing_else():
    assert not [lines for lines in UNPICKLING if not unpickling(lines)]
    assert not [lines for lines in HARMLESS if unpickling(lines)]
