"""Every command in the documents is one that the shell understands: real parsers, real files, real extras."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from typing import Any

import pytest
import typer

from tests.docs.blocks import PAGES, ROOT, Block, blocks, commands, prose

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINNED = ("pyproject.toml", "requirements.txt", "requirements-gpu.txt")
OTHERS = {"coverage", "mypy", "pre-commit", "ruff", "."}  # whose own words are not checked
REFUSED = typer.BadParameter.__mro__[1]  # UsageError of whichever click typer runs on
FOREIGN_OPTIONS = {"--no-deps"}  # of pip, in prose


@pytest.fixture(scope="module")
def shell() -> Any:
    """``mint`` as click sees it, with all that its entry point registers."""
    module, _, name = PROJECT["scripts"]["mint"].partition(":")
    caught: list[typer.Typer] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.Typer, "__call__", lambda self: caught.append(self))
        patch.setattr("sys.argv", ["mint"])  # of a few commands no other is registered
        getattr(importlib.import_module(module), name)()
    (app,) = caught
    return typer.main.get_command(app)


def leaf(shell: Any, words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left of them."""
    command, rest = shell, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def check_mint(shell: Any, words: list[str]) -> None:
    command, rest = leaf(shell, words)
    assert not hasattr(command, "commands"), f"there is no command mint {' '.join(words)}"
    command.make_context(command.name, rest)  # raises what the user would be told


def check_pip(words: list[str]) -> None:
    for before, word in zip(["", *words], words, strict=False):
        extra = re.fullmatch(r"(?:\.|mint-audit)\[([\w,]+)\]", word)
        if before == "-r":
            assert (ROOT / word).is_file(), word
        elif extra:
            assert set(extra[1].split(",")) <= set(PROJECT["optional-dependencies"]), word
        elif "==" in word:
            assert any(word in (ROOT / file).read_text("utf-8") for file in PINNED), f"{word} is pinned nowhere"


def check_python(words: list[str]) -> None:
    if words[0] != "-m":
        assert (ROOT / words[0]).is_file(), words[0]
    elif words[1] == "pytest":
        assert all((ROOT / word).exists() for word in words if word.startswith("tests/")), words
    elif words[1].startswith("tests."):
        place = ROOT.joinpath(*words[1].split("."))
        path = next((p for p in (place.with_suffix(".py"), place / "__main__.py") if p.is_file()), None)
        assert path is not None, f"there is no {words[1]}"
        code = path.read_text("utf-8")
        assert all(f'"{word}"' in code for word in words if word.startswith("--")), words
    else:
        assert words[1] == "venv", words


def check(shell: Any, words: list[str]) -> None:
    """One command, as the user types it."""
    program, rest = words[0], words[1:]
    if program == "mint":
        check_mint(shell, rest)
    elif program in ("pip", "pip3"):
        check_pip(rest)
    elif program in ("python", "python3"):
        check_python(rest)
    else:
        assert program in OTHERS, f"{program} is no command that these documents should need"


@pytest.mark.parametrize("block", blocks("bash"), ids=str)
def test_every_command_is_understood(shell: Any, block: Block) -> None:
    found = list(commands(block.text))
    assert found
    for words in found:
        check(shell, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_in_the_text_exist(shell: Any, page: Any) -> None:
    options = FOREIGN_OPTIONS | known_options(shell)
    for span in re.findall(r"`([^`\n]+)`", prose(page)):
        if span.startswith("mint "):
            command, rest = leaf(shell, shlex.split(span)[1:])
            assert command is not shell, f"there is no {span}"
            there = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
            assert {word for word in rest if word.startswith("--")} <= there, span
            assert rest == [] or not hasattr(command, "commands"), f"there is no {span}"
        elif span.startswith(("python -m tests.", "python docs/")):
            check_python(shlex.split(span)[1:])
        elif span.startswith("--"):
            assert span.split()[0] in options, f"no command has {span}"


def known_options(command: Any) -> set[str]:
    """The options of a command and of all below it."""
    found = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    return found.union(*map(known_options, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize(
    "typed",
    [
        "mint audt photo.jpg",
        "mint audit photo.jpg --nothing",
        "mint audit photo.jpg --alpha 2",
        "mint lab extract --network net.onnx --members USED",
        "mint lab",
        "pip install -r nothing.txt",
        'pip install ".[nothing]"',
        "pip install openpeople==9.9.9",
        "python nothing.py",
        "python -m tests.benchmarks.nothing",
        "python -m tests.benchmarks.teach --nothing POOL",
        "python -m pytest tests/nothing",
        "wget something",
    ],
)
def test_what_does_not_exist_is_found(shell: Any, typed: str) -> None:
    (words,) = commands(typed)
    with pytest.raises((AssertionError, REFUSED)):
        check(shell, words)


def test_lines_are_split_as_a_shell_splits_them() -> None:
    text = 'pip install -e ".[lab]" && mint lab cards; mint doctor  # a comment; with words\nmint audit a.jpg \\\n  --json\n'
    assert list(commands(text)) == [
        ["pip", "install", "-e", ".[lab]"],
        ["mint", "lab", "cards"],
        ["mint", "doctor"],
        ["mint", "audit", "a.jpg", "--json"],
    ]
