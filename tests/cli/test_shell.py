"""An option of one value that is given twice is refused, by every command; one that may be repeated is not."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command

from mint.cli import main
from mint.cli.shell import OnceCommand


@pytest.fixture(scope="module")
def commands() -> Iterator[dict[str, Any]]:
    apps = (main.app, main.weights_app, main.lab_app)
    hung = {app: [*app.registered_commands] for app in apps}
    main._register_others()
    try:
        yield dict(inner("mint", get_command(main.app)))
    finally:
        for app, before in hung.items():
            app.registered_commands[:] = before


def inner(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for part, one in command.commands.items():
            yield from inner(f"{name} {part}", one)
    else:
        yield name, command


def said_of(command: Any, *words: str) -> str:
    try:
        command.make_context("mint", [*words])
    except (SystemExit, typer.Exit):
        return ""
    except Exception as error:  # whatever else is wrong with these words
        return str(error)
    return ""


def test_every_command_of_the_shell_refuses_it(commands: dict[str, Any]) -> None:
    assert len(commands) > 25
    refused = 0
    for name, command in commands.items():
        assert isinstance(command, OnceCommand), name
        for option in list[Any](command.params):
            if option.param_type_name != "option" or option.is_flag:
                continue
            value = "en" if "language" in option.name else "1"
            given = [option.opts[0], *[value] * option.nargs]
            said = said_of(command, *given, *given)
            if option.multiple:
                assert "twice" not in said, (name, option.opts)
            else:
                assert f"{option.opts[0]} is given twice" in said, (name, option.opts, said)
                refused += 1
    assert refused > 100


@pytest.mark.parametrize("words", [("--bgr", "--rgb"), ("--rgb", "--bgr")])
def test_a_flag_and_its_counterpart_are_refused_and_a_flag_repeated_says_nothing_new(
    commands: dict[str, Any], words: tuple[str, str]
) -> None:
    audit = commands["mint audit"]
    assert "--bgr / --rgb is given twice" in said_of(audit, "photo.jpg", *words)
    assert said_of(audit, "photo.jpg", "--json", "--json") == ""
    assert said_of(audit, "photo.jpg", "--network", "a", "--network", "b", "--alpha", "0.1") == ""
    assert "twice" not in said_of(audit, "--alpha=0.1", "--", "--alpha=0.2")
    assert "--alpha is given twice" in said_of(audit, "--alpha=0.1", "photo.jpg", "--alpha", "0.1")
