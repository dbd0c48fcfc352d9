"""What MINT is built on: every pin is locked with hashes, every licence is known, and the papers of the project are whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import mint
from tests.supply.licences import LIST, name_of
from tests.supply.lock import LOCKS, POOL, blocks

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked() -> dict[tuple[str, str], list[str]]:
    """Package and version (some have one for each Python) to hashes, of all locks."""
    found = {}
    for path in LOCKS.glob("*.lock"):
        for block in blocks(path.read_text(encoding="utf-8").split("\n", 1)[1]):
            pin = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)(?: ; [^\\\n]+)?(?: \\)?\n", block)
            assert pin, block.splitlines()[0]
            found[name_of(pin[1]), pin[2]] = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
    return found


def pins() -> dict[str, str]:
    lines = [*POOL]
    for path in ("requirements.txt", "requirements-gpu.txt"):
        lines += [line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
    for extra in PROJECT["optional-dependencies"].values():
        lines += [line for line in extra if not line.startswith("mint-audit")]
    split = [re.sub(r"\[.*?\]", "", line).split("==") for line in lines]
    return {name_of(name): version for name, version in split}


def test_every_pin_is_locked_with_its_version() -> None:
    found = locked()
    assert len(found) > len(pins()) > 30
    wanted = pins()
    assert {pin for pin in found if pin[0] in wanted} == set(wanted.items())


def test_every_locked_file_has_a_hash() -> None:
    assert not [pin for pin, hashes in locked().items() if not hashes]


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.lock")), ids=lambda p: p.stem)
def test_a_lock_names_no_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-|index|find-links| @ ", text, flags=re.MULTILINE)


def test_the_cpu_needs_nothing_of_cuda() -> None:
    text = (LOCKS / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^(torch|triton|nvidia|cuda)[\w-]*==", text, flags=re.MULTILINE | re.IGNORECASE) or re.search(
        r"^torch-[\w-]+==", text, flags=re.MULTILINE
    )


def test_every_locked_package_has_a_known_licence() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| ([\w.]+) \| (.+) \|$", LIST.read_text(encoding="utf-8"), flags=re.MULTILINE)
    listed = {(name, version): licence for name, version, licence in rows if name != "package"}
    assert set(listed) == set(locked())
    assert not [pin for pin, licence in listed.items() if licence.strip().lower() in ("", "unknown", "none")]


def test_the_citation_has_what_the_format_requires() -> None:
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] in ("software", "dataset")
    assert (cited["version"], cited["license"]) == (mint.__version__, PROJECT["license"])
    paper = cited["preferred-citation"]
    assert {"type", "title", "authors"} <= set(paper)
    for author in (*cited["authors"], *paper["authors"]):
        assert "name" in author or {"family-names", "given-names"} <= set(author)
    assert all({"type", "value"} <= set(identifier) for identifier in paper["identifiers"])
