"""``mint lab extract``: what it says of who is who before it works, what it refuses, and what a dry run prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.errors import BadInput, MintError, TooFew
from mint.lab import ExtractionRecipe, PhotoSource, extract, preview
from mint.lab.store.reader import open_store
from tests.lab.inputs.sources import write
from tests.lab.photos import crop, people, png, tiny_network
from tests.tiny_bundles import tiny_bundle

if not lab_app.registered_commands:
    register(lab_app)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network, and six photos of four people on one side, four of two on the other; two names on both."""
    folder = tmp_path_factory.mktemp("sides")
    tiny_bundle(folder / "twin-x", "twin-x")
    photos = {f"p/{k}.png": png(crop(k)) for k in range(10)}
    members, others = ("0", "1", "0", "2", "3", "3"), ("0", "1", "1", "0")
    lists = {
        "m.csv": "Image_Path;Person_ID;label\n" + "".join(f"p\\{k}.png;{p};x\n" for k, p in enumerate(members)),
        "n.csv": "file,who,label\n" + "".join(f"p/{k + 6}.png,{p},x\n" for k, p in enumerate(others)),
        "spoilt.csv": "file,person\n" + "".join(f"q/{k}.png,{k}\n" for k in range(3)),
        "split.csv": "file,person,split\n" + "".join(f"p/{k}.png,{k},{'ab'[k % 2]}\n" for k in range(4)),
    }
    return write(folder, photos | {f"q/{k}.png": b"no picture" for k in range(3)} | lists)


def typed(place: Path, *more: object, members: str = "m.csv", others: str = "n.csv") -> list[str]:
    sides = ["--members", place / members, "--non-members", place / others]
    return ["extract", "--network", str(place / "twin-x"), "--aligned", *map(str, sides), *map(str, more)]


def lab(command: list[str]) -> Any:
    return CliRunner().invoke(lab_app, command)


COUNTED = [
    "members: 6 photos of 4 people: the column Person_ID names the person; back-slashes in paths are read as slashes",
    "non-members: 4 photos of 2 people: the column who names the person",
]
PERSON = ["--person-column", "non-members=who"]
FAST = ["--no-controls", "--no-views"]


def test_both_sides_are_counted_before_work_starts(place: Path, tmp_path: Path) -> None:
    done = lab(typed(place, *PERSON, *FAST, "--out", tmp_path / "s"))
    assert done.exit_code == 0, done.output
    said = done.stdout.splitlines()
    assert said[:3] == [
        *COUNTED,
        "2 names on both sides, taken for the same people; --separate-people keeps them apart",
    ]
    rows = open_store(tmp_path / "s").rows
    assert list(rows.identity) == list("010233") + list("0110")
    assert set(rows.source[rows.side == "non-members"]) == {"siblings"}


def test_people_of_one_name_can_be_kept_apart(place: Path, tmp_path: Path) -> None:
    done = lab(typed(place, *PERSON, *FAST, "--separate-people", "--out", tmp_path / "s"))
    assert "2 names on both sides, taken for different people" in done.output
    rows = open_store(tmp_path / "s").rows
    assert set(rows.source[rows.side == "non-members"]) == {"outsiders"}
    assert len(set(rows.identity)) == 6


def test_a_dry_run_tells_what_would_be_read_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    done = lab(typed(place, *PERSON, "--dry-run", "--out", tmp_path / "s"))
    assert done.exit_code == 0, done.output
    said = done.output.splitlines()
    assert said[:2] == COUNTED
    assert said[2].startswith("2 names on both sides")
    assert said[3].startswith("twin-x: 32 × 32 pixels, torch, sha256 ")
    assert said[4] == "scaling: (x - 127.5) × 0.00784314 of values in [0, 255]"
    assert any(line.startswith("taps: stage1 = ") for line in said)
    assert any(line.startswith("sizes: ") and "embedding 16 ×" in line for line in said)
    assert said[-2] == "photos: aligned crops, no face is looked for"
    assert said[-1] == "Nothing was extracted or written."
    assert not (tmp_path / "s").exists()
    assert lab(typed(place, *PERSON, "--dry-run")).exit_code == 0
    with pytest.raises(MintError, match="--out is missing"):
        raise lab(typed(place, *PERSON)).exception


@pytest.mark.parametrize(
    ("more", "sides", "said"),
    [
        ([], {}, "no column that is known to name the person; it has file, who, label|column label"),
        (["--person-column", "who"], {}, r"m\.csv has no column 'who'"),
        (["--person-column", "who", "--no-person"], {}, "contradicts"),
        (["--person-level", "first"], {}, "--person-level is a number"),
        (["--split", "a", "--split", "b"], {}, "--split is given twice for one side"),
        (["--split", "members=a", "--split", "members=b"], {}, "--split is given twice"),
        ([], {"members": "split.csv"}, r"split\(s\) a, b"),
        ([], {"others": "split.csv"}, r"split\(s\) a, b"),  # once the plan of the members is written
    ],
)
def test_what_is_not_clear_stops_and_leaves_nothing(
    place: Path, tmp_path: Path, more: list[str], sides: dict[str, str], said: str
) -> None:
    done = lab(typed(place, *FAST, *more, "--out", tmp_path / "s", **({"others": "m.csv"} | sides if sides else {})))
    if not more and not sides:  # label is known: all are one person, which is told
        assert "4 photos of 1 person: the column label names the person" in done.output
        return
    assert done.exit_code == 1
    assert isinstance(done.exception, MintError)
    with pytest.raises(MintError, match=said):
        raise done.exception
    left = [path for path in (tmp_path / "s").rglob("*") if path.name != ".lock"] if (tmp_path / "s").exists() else []
    assert left == []


def test_options_of_one_side_and_of_both(place: Path, tmp_path: Path) -> None:
    told = typed(place, "--dry-run", "--no-person", "--person-column", "members=person_id", members="m.csv")
    said = lab(told).output.splitlines()
    assert said[0].startswith("members: 6 photos of 4 people")
    assert said[1] == "non-members: 4 photos of 4 people: each photo is a person of its own (--no-person)"
    told = typed(place, "--dry-run", "--split", "members=a", "--split", "b", members="split.csv", others="split.csv")
    said = lab(told).output.splitlines()
    assert said[0] == "members: 2 photos of 2 people: the column person names the person; of the split a"
    assert said[1] == "non-members: 2 photos of 2 people: the column person names the person; of the split b"
    assert said[2] == "0 names on both sides"


@pytest.mark.parametrize("side", ["members", "non-members"])
@pytest.mark.parametrize("controls", [True, False])
def test_a_side_of_which_everything_is_rejected_is_an_error_with_the_first_reason(
    place: Path, tmp_path: Path, side: str, controls: bool
) -> None:
    sides = {"members": place / "m.csv", "non-members": place / "m.csv"} | {side: place / "spoilt.csv"}
    recipe = ExtractionRecipe(tiny_network(), aligned=True, controls=controls, views=False)
    early = controls and side == "non-members"  # the untrained control needs faces of these
    with pytest.raises(TooFew if early else BadInput, match=r"q/0\.png: .*JPEG, PNG or WebP") as caught:
        extract(recipe, sides, tmp_path / "s")
    assert early or f"All 3 photos of the {side} were rejected" in str(caught.value)
    manifest = tmp_path / "s" / "manifest.json"
    assert not manifest.exists() or json.loads(manifest.read_text("utf-8"))["complete"] is False
    assert not list(tmp_path.rglob(".plan-*"))


def test_python_takes_the_same_options_as_the_shell(place: Path, tmp_path: Path) -> None:
    sides = {"members": place / "m.csv", "non-members": PhotoSource(place / "n.csv", person_column="who")}
    recipe = ExtractionRecipe(tiny_network(), aligned=True, controls=False, views=False)
    told: list[list[str]] = []
    store = extract(
        recipe, sides, tmp_path / "s", separate_people=True, counted=lambda census: told.append(census.lines())
    )
    seen = preview(recipe, sides, separate_people=True)
    assert told == [seen.census.lines()]
    assert told[0][:2] == COUNTED
    assert sorted(set(store.rows.identity)) == [*(f"members/{k}" for k in range(4)), "non-members/0", "non-members/1"]
    assert seen.shapes["embedding"] == (16, 1)


@pytest.mark.full
def test_a_plan_does_not_ask_who_is_who(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.lab.store.plan.ROUNDS", 1)
    side = people(tmp_path / "photos", 1, 2, 0, bad=False)
    command = ["plan", "--photos", "9", "--network", str(place / "twin-x"), "--aligned", "--sample"]
    done = lab([*command, str(side / "person-000")])
    assert done.exit_code == 0, done.output
    with pytest.raises(BadInput, match="--split"):
        raise lab([*command, str(place / "split.csv")]).exception
    assert lab([*command, str(place / "split.csv"), "--split", "a"]).exit_code == 0
