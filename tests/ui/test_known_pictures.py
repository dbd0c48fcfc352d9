"""The pictures to take away: whole, true, licensed, and the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from mint.i18n.translate import Say
from mint.storage.paths import EXAMPLES
from mint.ui.examples import load_examples
from mint.ui.known_pictures import FILE, KnownPictures, known_pictures
from mint.ui.views.work.known_pictures import offer
from tests.ui.served import Served


@pytest.fixture(scope="module")
def shipped() -> KnownPictures:
    found = known_pictures(load_examples(EXAMPLES / "faces"))
    assert found is not None, "examples/faces is in every checkout"
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_licences_are_told_in_no_language_but_the_visitor_s(shipped: KnownPictures, language: str) -> None:
    told = offer(shipped, Say(language, strict=True)).partition('<p class="fine">')[2]
    assert "gan: MIT, gan-face-generate 1.1.1" in told
    assert "package" not in told


def test_all_that_ship_are_in_it_with_their_truth_and_licence(shipped: KnownPictures) -> None:
    data = shipped.archive()
    assert data == shipped.archive()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        rows = list(csv.DictReader(io.StringIO(file.read("truth.csv").decode())))
        inside = {name: file.read(name) for name in file.namelist()}
    assert inside["SOURCES.md"].decode() == (EXAMPLES / "SOURCES.md").read_text("utf-8")
    with (EXAMPLES / "faces" / "faces.csv").open(newline="") as table:
        known = {f"pictures/{row['file']}": row for row in csv.DictReader(table)}
    assert {row["file"] for row in rows} == set(known) == set(inside) - {"truth.csv", "SOURCES.md"}
    for row in rows:
        truth = known[row["file"]]
        assert hashlib.sha256(inside[row["file"]]).hexdigest() == row["sha256"]
        assert inside[row["file"]] == (EXAMPLES / "faces" / truth["file"]).read_bytes()
        for network in ("twin-a", "twin-b"):
            assert row[network] == truth[network]
            assert row[f"{network}-person"] == ("member" if truth["used-by"] == network else "non-member")
        assert row["licence"].startswith("MIT")
    assert {row["twin-a"] for row in rows} == {row["twin-b"] for row in rows} == {"member", "non-member"}


def test_a_picture_without_a_licence_is_not_passed_on(written_examples: Path) -> None:
    examples = load_examples(written_examples / "faces")
    found = known_pictures(examples)
    assert found is not None
    assert len(found.pictures) == len(examples)
    assert found.licences == {"drawn": "CC0-1.0"}
    assert known_pictures(()) is None


def test_without_the_document_nothing_is(tmp_path: Path, written_examples: Path) -> None:
    (tmp_path / "faces").symlink_to(written_examples / "faces")
    examples = load_examples(tmp_path / "faces")
    assert len(examples) > 5
    assert known_pictures(examples) is None
    (tmp_path / "SOURCES.md").write_text("| source | licence | what |\n|---|---|---|\n| `gan` | MIT | drawn |\n")
    assert known_pictures(examples) is None, "that is another source"


def test_the_page_serves_it_beside_its_link(served: Served, visit) -> None:  # type: ignore[no-untyped-def]
    guest = visit()
    (shown,) = [c["props"]["value"] for c in served.config["components"] if c["props"].get("elem_id") == "many-take"]
    assert f'href="{FILE}"' in shown
    answer = guest.get(f"/{FILE}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert FILE in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        assert len(file.namelist()) == 15 + 2
    assert guest.post(f"/{FILE}").status_code in (404, 405)
    assert not served.waiting()
