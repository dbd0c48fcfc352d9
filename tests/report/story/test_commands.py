"""What a report tells to type is taken by the shell as it was meant."""

from __future__ import annotations

import shlex

import typer

from mint.cli.main import app
from mint.report.story.commands import networks, place
from mint.storage.files import sha256_of
from mint.storage.paths import WEIGHTS


def test_names_are_names_and_only_what_ships_is_asked_for_by_name() -> None:
    names = ["-dash.jpg", "--json", "two words.jpg", "it's.jpg", "plain.jpg"]
    ships = sha256_of(WEIGHTS / "twin-a" / "bundle.json")
    told = networks([("twin-a", ships), ("twin-b", ships), ("v 2", "0" * 64), ("-v3", "0" * 64)])
    _, _, *words = shlex.split(f"mint audit {' '.join(map(place, names))} {told}")
    command = typer.main.get_command(app).commands["audit"]  # type: ignore[attr-defined]
    found = command.make_context("audit", words).params
    assert [path.name for path in found["photos"]] == names
    assert found["network"] == ["twin-a"]
    assert [path.name for path in found["bundle"]] == ["twin-b", "v 2", "-v3"]
    person = command.make_context("audit", shlex.split(f"--person {place('-ana')}")).params
    assert person["person"].name == "-ana"
