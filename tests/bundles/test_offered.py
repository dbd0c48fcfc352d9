"""What the owner of a page lets visitors choose: found by folder or name, and a broken one keeps no other back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mint.bundles import share
from mint.bundles.offered import find_offered
from mint.errors import HubUnreachable
from mint.storage.bundle_index import INDEX
from tests.tiny_bundles import tiny_bundle


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two bundles, one whose list is broken, and something else; read only."""
    folder = tmp_path_factory.mktemp("shelf")
    tiny_bundle(folder / "one", "one", 1)
    tiny_bundle(folder / "two", "the second", 2)
    (folder / "broken").mkdir()
    (folder / "broken" / INDEX).write_text("{")
    (folder / "photos").mkdir()
    return folder


def test_a_folder_of_bundles_offers_each_by_its_own_name(shelf: Path) -> None:
    found = find_offered([str(shelf)])
    assert found.folders == {"one": shelf / "one", "the second": shelf / "two"}
    (line,) = found.left_out
    assert line.startswith(f"{shelf / 'broken'}: Its bundle.json cannot be read")
    assert "\n" not in line


def test_a_bundle_s_own_folder_offers_it_once(shelf: Path) -> None:
    found = find_offered([str(shelf / "one"), str(shelf / "one")])
    assert found.folders == {"one": shelf / "one"}
    assert not found.left_out


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("/nowhere/at/all", "neither a folder nor OWNER/NAME"),
        ("../secret", "neither a folder nor OWNER/NAME"),
        ("https://example.org/x", "neither a folder nor OWNER/NAME"),
        ("a/b/c", "neither a folder nor OWNER/NAME"),
        ("name", "neither a folder nor OWNER/NAME"),
    ],
)
def test_what_is_neither_is_said_in_a_line_and_the_others_are_offered(shelf: Path, place: str, why: str) -> None:
    found = find_offered([place, str(shelf / "one")])
    assert [*found.folders] == ["one"]
    (line,) = found.left_out
    assert line.startswith(f"{place}: ")
    assert why in line


def test_a_folder_without_any_is_said(shelf: Path) -> None:
    (line,) = find_offered([str(shelf / "photos")]).left_out
    assert "There is no bundle in it" in line


def test_two_of_one_name_cannot_be_told_apart(shelf: Path, tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "other", "one", 3)
    found = find_offered([str(shelf / "one"), str(tmp_path / "other")])
    assert found.folders == {"one": shelf / "one"}
    assert "another one is called one already" in found.left_out[0]


def test_nobody_takes_the_name_of_a_twin_whose_truth_is_told(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "mine", "twin-a", 3)
    found = find_offered([str(tmp_path / "mine")])
    assert not found.folders
    assert "It is called twin-a, as a network that ships with MINT" in found.left_out[0]


def test_what_ships_is_there_anyway(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.bundles.offered.WEIGHTS", weights)
    found = find_offered([str(weights)])
    assert not found.folders
    assert not found.left_out


def test_a_name_of_the_hub_is_fetched_at_the_revision_that_was_named(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def snapshot(repository: str, revision: str | None = None) -> Path:
        asked.append((repository, revision))
        if repository == "some/gone":
            raise HubUnreachable("The Hub cannot be reached.")
        return shelf / "one"

    monkeypatch.setattr(share, "snapshot", snapshot)
    found = find_offered(["some/one@v1.0", "some/gone", str(shelf / "two")])
    assert asked == [("some/one", "v1.0"), ("some/gone", None)]
    assert found.folders == {"one": shelf / "one", "the second": shelf / "two"}
    assert found.left_out == ["some/gone: The Hub cannot be reached."]


def test_the_list_decides_the_name_not_the_folder(shelf: Path) -> None:
    assert json.loads((shelf / "two" / INDEX).read_text())["name"] == "the second"
