from __future__ import annotations

from pathlib import Path

import pytest

from mint.storage.addresses import code, licence


def test_on_a_space_the_code_and_the_licence_are_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text("repository-code: https://example.org/code\n")
    here = {"SPACE_ID": "some-body/mint.2"}
    assert code(here, tmp_path / "CITATION.cff") == "https://huggingface.co/spaces/some-body/mint.2/tree/main"
    assert licence(here) == "https://huggingface.co/spaces/some-body/mint.2/blob/main/LICENSE"


@pytest.mark.parametrize(
    "written",
    [
        "repository-code: https://example.org/code",
        'repository-code: "https://example.org/code"',
        "title: x\nrepository-code:  'https://example.org/code'\nurl: y",
    ],
)
def test_elsewhere_it_is_the_address_that_is_cited(tmp_path: Path, written: str) -> None:
    (tmp_path / "CITATION.cff").write_text(written + "\n")
    assert code({}, tmp_path / "CITATION.cff") == "https://example.org/code"


@pytest.mark.parametrize(
    "written",
    [None, "", "repository-code: javascript:alert(1)", "  repository-code: https://example.org/of-a-reference"],
)
def test_without_an_address_there_is_none(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "CITATION.cff").write_text(written)
    assert code({}, tmp_path / "CITATION.cff") is None


@pytest.mark.parametrize("name", ["", "mint", "a/b/c", "a/../b", 'a/"b', "a/b?x=1"])
def test_what_names_no_space_is_none(name: str, tmp_path: Path) -> None:
    assert code({"SPACE_ID": name}, tmp_path / "none.cff") is None
    assert licence({"SPACE_ID": name}) == licence({})


def test_the_licence_is_the_one_that_the_repository_has() -> None:
    text = (Path(__file__).parents[2] / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License")
    assert licence({}) == "https://spdx.org/licenses/MIT.html"
