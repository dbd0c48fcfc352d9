"""What a Space reads in README.md is complete, agrees with the rest of the repository and points at what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mint.bundles.manifest import read_manifest

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
# https://huggingface.co/docs/hub/spaces-config-reference
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
KNOWN = {
    "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "app_port", "base_path",
    "fullWidth", "header", "short_description", "models", "datasets", "tags", "thumbnail", "pinned", "license",
    "suggested_hardware", "startup_duration_timeout", "disable_embedding", "preload_from_hub", "custom_headers",
}  # fmt: skip
NEEDED = KNOWN - {"app_port", "base_path", "datasets", "pinned", "startup_duration_timeout", "disable_embedding",
                  "preload_from_hub", "custom_headers"}  # fmt: skip


@pytest.fixture(scope="module")
def front() -> dict[str, Any]:
    found = re.match(r"---\n(.*?)\n---\n", README, re.S)
    assert found
    return dict(yaml.safe_load(found[1]))


def test_nothing_is_missing_and_nothing_is_made_up(front: dict[str, Any]) -> None:
    assert not set(front) - KNOWN
    assert not NEEDED - set(front)
    assert {front["colorFrom"], front["colorTo"]} <= COLOURS
    assert front["header"] in ("mini", "default")
    assert 0 < len(front["short_description"]) <= 60
    assert len(front["emoji"]) == 1
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+", model) for model in front["models"])
    assert len(set(front["tags"])) == len(front["tags"]) > 2


def test_versions_agree_with_what_is_installed_and_tested(front: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split())
    assert front["sdk"] == "gradio"
    assert front["sdk_version"] == pins["gradio"]
    assert isinstance(front["python_version"], str), "a number would turn 3.10 into 3.1"
    assert front["python_version"] == project["requires-python"].removeprefix(">=")
    assert front["license"] == project["license"].lower()
    assert (ROOT / front["app_file"]).is_file()
    assert (ROOT / "packages.txt").read_text().split()


def test_nothing_has_to_be_fetched_before_the_first_visitor(front: dict[str, Any]) -> None:
    assert "preload_from_hub" not in front, "the twins are in weights/"
    entries = read_manifest(ROOT / "weights")
    assert entries
    for entry in entries:
        assert (ROOT / "weights" / entry.file).is_file(), entry.file


def test_the_pictures_are_there_and_fit(front: dict[str, Any]) -> None:
    with Image.open(ROOT / front["thumbnail"]) as thumbnail:
        assert thumbnail.size == (1200, 630)
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert ".github/page.webp" in shown
    for path in [*shown, front["thumbnail"]]:
        assert (ROOT / path).stat().st_size < 300_000, path


def test_the_walk_through_says_what_is_pinned_and_when_it_was_checked(front: dict[str, Any]) -> None:
    told = (ROOT / "docs" / "space.md").read_text("utf-8")
    pins = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split())
    assert re.search(r"last checked on \*\*\d{1,2} \w+ 20\d\d\*\*", told)
    assert f"`sdk_version: {front['sdk_version']}`" in told
    assert f'`python_version: "{front["python_version"]}"`' in told
    assert f"torch {pins['torch']} are pinned here" in told
    assert "hardware *CPU Basic*" in told
    assert front["suggested_hardware"] == "cpu-basic"
    assert len((ROOT / "packages.txt").read_text().split()) == 2


def test_how_long_a_start_takes_stands_in_one_place() -> None:
    """In docs/speed.md, beside its commands: two pages had two figures for it."""
    told = (ROOT / "docs" / "space.md").read_text("utf-8").split("## How long a start takes")[1].split("\n## ")[0]
    assert "speed.md#" in told
    assert not re.search(r"\d\s?s\b", told)
