"""What README.md shows works with what it told to install, and what needs more says so in one line."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import onnx
import pytest
from packaging.utils import canonicalize_name

from mint.doctor import extras
from mint.doctor.extras import MODULES, POOL_PACKAGES, needs
from mint.errors import LibraryMissing
from tests.distributions import EXTRAS, ROOT, beyond_runtime, closure, modules_of
from tests.docs import blocks
from tests.graphs import mobile
from tests.lab.photos import people
from tests.shell import mint
from tests.tiny_bundles import tiny_bundle

DOCUMENTS = {page.name: page.read_text("utf-8") for page in (blocks.README, *blocks.GUIDES)}
README = DOCUMENTS["README.md"]
POOL = tuple(POOL_PACKAGES)
ON_DEMAND = ("answer_parquet.py", "ray_pool.py")  # imported once a command has asked for its package
# What a command imports and `pip install .` does not bring, by how the command begins; every other one needs nothing.
NEEDED: dict[str, tuple[str, ...]] = {
    "audit --engine ray": ("ray",),
    "serve --mcp": ("mcp",),
    "lab aligner": POOL,
    "lab pool": ("ImageHash", *POOL),
    "lab twins": ("pytorch-metric-learning",),
    "lab examples": POOL,
    "lab plots": ("matplotlib",),
    "lab cards": ("matplotlib",),
    "lab plan": ("pyarrow",),
    "lab extract": ("pyarrow",),
    "lab extract --engine ray": ("pyarrow", "ray"),
    "lab train": ("pyarrow", "scikit-learn"),
    "lab train --pool": ("pyarrow", "scikit-learn"),
    "lab calibrate": ("pyarrow", "scikit-learn"),
    "lab rescore": ("pyarrow", "scikit-learn"),
    "lab paper": ("pyarrow", "scikit-learn"),
    "lab gradients": ("scikit-learn",),
    "lab factors": ("pytorch-metric-learning", "scikit-learn"),
    "lab private": ("opacus", "scikit-learn"),
    "lab objects": ("pyarrow", "scikit-learn"),
    "lab active": ("ImageHash", "pytorch-metric-learning"),
    "lab scale-law": ("pytorch-metric-learning", "scikit-learn"),
    "lab versions": ("pytorch-metric-learning", "scikit-learn"),
    "lab ceiling": ("pytorch-metric-learning", "scikit-learn"),
    "lab series": ("scikit-learn",),
    "lab evaluate weights/twin-a --pool": ("pyarrow",),
    "lab evaluate weights/twin-a --most": ("pyarrow", *POOL),
    "lab remake": ("ImageHash", "matplotlib", "pyarrow", "pytorch-metric-learning", "scikit-learn", *POOL),
}


def sections(document: str) -> Iterator[tuple[str, str]]:
    """A document's headings, each with its text."""
    for part in re.split(r"^## ", DOCUMENTS[document], flags=re.MULTILINE):
        title, _, text = part.partition("\n")
        yield title, text


def commands(text: str) -> list[list[str]]:
    """Every command of the shell that a text shows, in code blocks and between words: what follows ``mint``."""
    shown = [found[2] for found in blocks.FENCED.finditer(text) if found[1] == "bash"]
    shown += [" ".join(found.split()) for found in re.findall(r"`(mint [^`]*)`", blocks.FENCED.sub("", text))]
    return [words[1:] for part in shown for words in blocks.commands(part) if words[0] == "mint"]


def needed(words: list[str]) -> tuple[str, ...]:
    """The packages of the most particular entry: the one of whose words most stand in the command."""
    fitting = [k for k in NEEDED if words[: len(k.split(" --")[0].split())] == k.split(" --")[0].split()]
    fitting = [k for k in fitting if " --" not in k or f" --{k.split(' --')[1]}" in f" {' '.join(words)}"]
    return NEEDED[max(fitting, key=len)] if fitting else ()


RUN_IT = {
    " ".join(words) for title, text in sections("README.md") if title == "In the shell" for words in commands(text)
}
EVERY = [words for document in DOCUMENTS for _, text in sections(document) for words in commands(text)]

# The page itself is started in a process of its own, below.
QUICK = dict.fromkeys(" ".join(words) for words in EVERY if words[0] != "serve" or "--mcp" in words)


def of_the_gate(names: Iterable[str]) -> list[Any]:
    """Commands as parameters: the gate takes README's and, of the guides', the first of those that want the same packages.

    What README shows is walked through whole; of commands that are refused for want of the same packages one is enough.
    """
    shown = {" ".join(words) for _, text in sections("README.md") for words in commands(text)}
    seen: set[tuple[str, ...]] = set()
    found = []
    for name in names:
        words = shlex.split(name)
        refused = (*words[:2], *needed(words)) if needed(words) else ()
        first = refused not in seen if refused else name in shown
        found.append(pytest.param(name, marks=[] if first else [pytest.mark.full], id=name))
        seen |= {refused} - {()}
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, face_path: Path) -> Path:
    """A folder with what README's commands name and a newcomer has: photos, a bundle, a report; and no network."""
    folder = tmp_path_factory.mktemp("newcomer")
    for photo in ("photo.jpg", "holiday/one.jpg", "me/one.jpg"):
        (folder / photo).parent.mkdir(exist_ok=True)
        (folder / photo).write_bytes(face_path.read_bytes())
    for bundle in ("weights/twin-a", "BUNDLE"):
        tiny_bundle(folder / bundle)
    return folder


@pytest.fixture
def newcomer(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(bare)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("MINT_MODELS", "MINT_ACCEPT_LICENCE"):
        monkeypatch.delenv(name, raising=False)
    return bare


def test_readme_s_commands_are_found() -> None:
    typed = [" ".join(words) for words in EVERY]
    assert len(typed) > 30
    assert {"doctor", "serve", "lab evaluate weights/twin-a", "lab cards", "weights verify"} <= set(typed)
    assert len(RUN_IT) == 5
    assert not NEEDED.keys() - {k for k in NEEDED if any(needed(words) == NEEDED[k] for words in EVERY)}


@pytest.mark.parametrize("name", of_the_gate(QUICK))
def test_a_command_works_without_the_extras_or_names_what_it_needs(name: str, newcomer: Path) -> None:
    words = shlex.split(name)
    if words[:2] == ["lab", "extract"] and "--network" not in words:  # an option is told of, not a whole command
        words += ["--network", "net.onnx", "--non-members", "UNUSED", "--out", "STORE"]
    if words[:1] == ["report"]:
        assert mint("audit", "photo.jpg", "--bundle", "BUNDLE", "--report", "report.json", "--force").returncode == 0
        words += ["--force"]
    done = mint(*words, without=beyond_runtime())
    wanted = needed(words)
    if wanted:
        assert done.returncode == 1
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert packages_in(line) == set(wanted)
    else:
        assert not re.search("not installed|No module|cannot import|Traceback", done.stderr), done.stderr
    if name in RUN_IT:
        assert done.returncode == 0, done.stderr


def packages_in(line: str) -> set[str]:
    """The packages that a refusal names, once it is known that what it tells to type brings exactly them, and an extra."""
    found = re.fullmatch(r"mint: This needs (.+), which (?:is|are) not installed: (pip install .+)", line)
    assert found, line
    names = set(re.split(", | and ", found[1]))
    told = found[2].split(" && ")
    loose = names & set(POOL)
    if names - loose:
        extra = re.fullmatch(r"pip install '(?:mint-audit|\.)\[(\w+)\]'", told.pop(0))
        assert extra
        assert {canonicalize_name(name) for name in names - loose} <= brought(extra[1])
    if loose:
        assert told.pop(0) == f"pip install --no-deps {' '.join(POOL_PACKAGES[name] for name in POOL if name in loose)}"
    assert not told
    return names


@cache
def brought(extra: str) -> set[str]:
    """What pip installs for an extra, and for the extras that it asks for."""
    inner = [name for line in EXTRAS[extra] for name in re.findall(r"^mint-audit\[(\w+)\]$", line)]
    return closure(EXTRAS[extra]).union(*map(brought, inner))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_tells_of_an_extra_before_it_shows_its_commands(document: str) -> None:
    said = "" if document == "README.md" else README  # which is read first
    for title, text in sections(document):
        said += text
        for words in commands(text):
            packages = set(needed(words)) - set(POOL)
            extra = next(
                (e for p, e in (("mcp", "mcp"), ("ray", "scale"), ("opacus", "private")) if p in packages), "lab"
            )
            if packages:
                assert re.search(rf"pip install .*\[{extra}\]", said), f"{title}: mint {' '.join(words)}"


def test_the_page_imports_nothing_of_an_extra() -> None:
    """Nor does anything else outside the lab; what the page's server does then is tried in a process of its own."""
    foreign = beyond_runtime()
    for path in (ROOT / "mint").rglob("*.py"):
        if "lab" not in path.relative_to(ROOT).parts and path.name not in ON_DEMAND:
            found = {
                name.partition(".")[0] for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in named(node)
            }
            assert not found & foreign, path


def named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


@pytest.mark.full
def test_the_page_starts_without_the_extras(tmp_path: Path) -> None:
    program = (
        "import json, os, runpy, signal, sys; from tests.shell import _hide; _hide(frozenset(json.loads(sys.argv[1]))); "
        "import mint.ui.loading; mint.ui.loading.Loading.start = lambda self: os.kill(os.getpid(), signal.SIGTERM); "
        "sys.argv = ['app.py']; runpy.run_path('app.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(sorted(beyond_runtime() - {"coverage"}))],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert "MINT is at http://127.0.0.1:" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.full
def test_what_is_named_is_enough(newcomer: Path, tmp_path: Path) -> None:
    onnx.save(mobile(residual=True), tmp_path / "net.onnx")
    members, others = people(tmp_path / "in", 45, 2, 0, bad=False), people(tmp_path / "out", 90, 2, 100, bad=False)
    net, store, bundle = tmp_path / "net.onnx", tmp_path / "store", tmp_path / "bundle"
    sides = ("--members", members, "--non-members", others)
    for command in (
        ("lab", "plan", "--network", net, "--photos", 100, "--sample", members, "--aligned"),
        ("lab", "extract", "--network", net, *sides, "--aligned", "--out", store),
        ("lab", "train", store, "--out", bundle, "--auditor", "norm"),
        ("lab", "calibrate", bundle, "--store", store),
        ("lab", "plots", "BUNDLE", "--out", tmp_path / "plots"),
        ("lab", "pool", "--identities", 10, "--per-identity", 4, "--out", tmp_path / "pool"),
        ("lab", "twins", "--pool", tmp_path / "pool", "--out", tmp_path / "twins", "--epochs", 1, "--width", 4),
    ):
        words = list(map(str, command))
        brought = closure(needed(words)) | set(needed(words))
        done = mint(*words, without=beyond_runtime() - modules_of(brought))
        assert done.returncode == 0, f"{words}: {done.stderr}"


def test_packages_go_by_pip_s_names() -> None:
    owners = metadata.packages_distributions()
    for path in (ROOT / "mint").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "needs":
                extra, *names = (part.value for part in node.args if isinstance(part, ast.Constant))
                for name in map(str, names):
                    assert canonicalize_name(name) in brought(str(extra)), path
                    module = MODULES.get(name, name.replace("-", "_"))
                    assert module not in owners or canonicalize_name(name) in map(canonicalize_name, owners[module])
    assert all(f" {pinned} " in f"{README} ".replace("\n", " ") for pinned in POOL_PACKAGES.values())


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ((), ""),
        (("pyarrow",), "This needs pyarrow, which is not installed: pip install 'mint-audit[lab]'"),
        (
            ("ImageHash", "matplotlib", "scikit-learn"),
            "This needs ImageHash, matplotlib and scikit-learn, which are not installed: pip install 'mint-audit[lab]'",
        ),
        (
            ("gan-face-generate",),
            "This needs gan-face-generate, which is not installed: pip install --no-deps gan-face-generate==1.1.1",
        ),
        (
            ("ImageHash", "openpeople"),
            "This needs ImageHash and openpeople, which are not installed: pip install 'mint-audit[lab]' && "
            "pip install --no-deps openpeople==0.1.2",
        ),
    ],
)
def test_only_what_is_missing_is_named(missing: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = {MODULES.get(name, name.replace("-", "_")) for name in missing}
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in gone else object())
    monkeypatch.setattr(extras.metadata, "distribution", lambda name: object())
    every = ("ImageHash", "matplotlib", "pyarrow", "scikit-learn", *POOL)
    if not missing:
        needs("lab", *every)
        return
    with pytest.raises(LibraryMissing) as error:
        needs("lab", *every)
    assert str(error.value) == told


def test_a_checkout_that_was_never_installed_is_called_by_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    monkeypatch.setattr(extras.metadata, "distribution", unknown)
    with pytest.raises(LibraryMissing, match=r"pip install '\.\[scale\]'$"):
        needs("scale", "ray")


def test_any_other_package_that_is_gone_is_one_line_too(newcomer: Path) -> None:
    done = mint("audit", "photo.jpg", "--bundle", "BUNDLE", "--report", "other.pdf", without={"reportlab"})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "mint: The package reportlab is not installed. See what else is missing: mint doctor"
    )
