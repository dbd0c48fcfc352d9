"""Every seed is a number that can be a seed: others are refused in a line, before anything is read."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from mint.cli.lab.commands import register
from mint.cli.main import lab_app

if not lab_app.registered_commands:
    register(lab_app)


def test_no_seed_is_below_0() -> None:
    lab: Any = get_command(lab_app)
    seeds = {
        name: option.type
        for name, command in lab.commands.items()
        for option in command.params
        if option.name == "seed"
    }
    assert len(seeds) > 10
    assert {name for name, kind in seeds.items() if getattr(kind, "min", None) != 0} == set()
