"""Every seed is a number that can be a seed: others are refused in a line, before anything is read."""

from __future__ import annotations

from typing import get_type_hints

from mint.cli.lab.commands import register
from mint.cli.main import lab_app

if not lab_app.registered_commands:
    register(lab_app)


def test_no_seed_is_below_0() -> None:
    hints = {
        command.name: get_type_hints(command.callback, include_extras=True)
        for command in lab_app.registered_commands
        if command.callback
    }
    seeds = {name: told["seed"].__metadata__[0] for name, told in hints.items() if "seed" in told}
    assert len(seeds) > 10
    assert {name for name, option in seeds.items() if option.min != 0} == set()
