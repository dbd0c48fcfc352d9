"""Answers arrive under every encoding, whatever they are decorated with."""

from __future__ import annotations

import codecs
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from mint.cli import console, main
from mint.cli.console import HANDLER, PLAIN, json_text, readable, settle
from tests.shell import mint
from tests.tiny_bundles import made_up_people, tiny_bundle

NARROW = ("cp1252", "ascii")
# Of two encodings, of a script that neither has, beyond the basic plane, and a byte that is no text.
NAME = "niña – α漢😀\udcff.jpg"


@pytest.fixture
def narrow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The encoding of the shell's output: ASCII has nothing that another lacks, and stands for all unless a test says so."""
    encoding = getattr(request, "param", "ascii")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    return str(encoding)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, face_path: Path) -> Path:
    """A folder with a bundle that knows people, and photos with names that no narrow encoding has."""
    folder = tmp_path_factory.mktemp("named")
    tiny_bundle(folder / "bündel–α", people=made_up_people(0))
    photos = folder / "photos"
    photos.mkdir()
    (photos / NAME).write_bytes(face_path.read_bytes())
    (photos / f"twice {NAME}").write_bytes(face_path.read_bytes())
    (photos / f"broken {NAME}").write_bytes(face_path.read_bytes()[:500])
    return folder


@pytest.fixture
def here(named: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(named)
    return named


def test_what_cannot_be_written_is_written_readably() -> None:
    codecs.register_error(HANDLER, readable)
    text = "α = 0.01 – 3 × 4 → “sí”… 漢😀\udce9"
    assert text.encode("ascii", HANDLER) == rb'alpha = 0.01 - 3 x 4 -> "s\xed"... \u6f22\U0001f600\xe9'
    wide = r"alpha = 0.01 – 3 × 4 -> “sí”… \u6f22\U0001f600\xe9"
    assert text.encode("cp1252", HANDLER) == wide.encode("cp1252")
    assert "α".encode("utf-8", HANDLER) == "α".encode()
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", HANDLER)
    assert all(value.isascii() for value in PLAIN.values())


def test_streams_are_settled_and_others_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow, other = io.TextIOWrapper(io.BytesIO(), "ascii"), io.StringIO()
    monkeypatch.setattr(sys, "stdout", narrow)
    monkeypatch.setattr(sys, "stderr", other)
    settle()
    assert narrow.errors == HANDLER
    print("α", file=narrow, flush=True)
    assert narrow.buffer.getvalue() == b"alpha\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", [*NARROW, "utf-8", None])
def test_json_says_the_same_under_every_encoding(encoding: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        pass

    stream = Stream()
    stream.encoding = encoding  # type: ignore[attr-defined]
    monkeypatch.setattr(console.sys, "stdout", stream)
    for value in ({"photo": NAME, "α": ["é", 1.5, None]}, ["plain"], {"é": "漢"}):
        for indent in (None, 1):
            text = json_text(value, indent)
            text.encode(encoding or "utf-8")
            assert json.loads(text) == value
    assert ("é" in json_text("é")) == (encoding != "ascii")
    with pytest.raises(ValueError, match="JSON"):
        json_text(float("nan"))


@pytest.mark.parametrize("narrow", NARROW, indirect=True)
def test_an_audit_is_whole_as_table_as_json_and_in_its_errors(narrow: str, here: Path) -> None:
    bundle = ("--bundle", "bündel–α")
    done = mint("audit", "photos", *bundle, "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["photo"]).name for line in lines] == sorted((NAME, f"twice {NAME}", f"broken {NAME}"))
    assert "broken ni" in done.stderr
    assert "The photo is damaged" in done.stderr
    assert "Traceback" not in done.stderr
    table = mint("audit", f"photos/{NAME}", *bundle)
    assert table.returncode == 0, table.stderr
    assert "false alarms at alpha" in table.stdout
    assert ("ni\\xf1a" if narrow == "ascii" else "niña") in table.stdout
    person = mint("audit", "--person", "photos", *bundle)
    assert person.returncode == 0, person.stderr
    assert "1 of 3" in person.stdout
    assert "they are taken as one" in person.stdout


def test_the_lab_s_figures_are_whole(narrow: str, here: Path) -> None:
    for words in (("lab", "evaluate"), ("lab", "controls"), ("lab", "taps")):
        done = mint(*words, "bündel–α")
        assert done.returncode == 0, done.stderr
        assert "twin-a" in done.stdout or "consistency/views" in done.stdout
        found = json.loads(mint(*words, "bündel–α", "--json").stdout)
        assert "twin-a" in json.dumps(found)


def test_reports_and_weights_are_told(narrow: str, here: Path, tmp_path: Path) -> None:
    report = tmp_path / "ñ–α.json"
    done = mint("audit", f"photos/{NAME}", "--bundle", "bündel–α", "--report", report)
    assert done.returncode == 0, done.stderr
    assert "Report: " in done.stderr
    assert mint("report", report, "--out", report.with_suffix(".html")).returncode == 0
    assert "α" in report.with_suffix(".html").read_text("utf-8")
    again = mint("report", report, "--out", report.with_suffix(".html"))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert mint("weights", "list").returncode == 0
    assert mint("weights", "list", "--files").returncode == 0


def every_command() -> Iterator[list[str]]:
    """The words of every command that the shell has, and of each group."""
    from mint.cli import doctor, report, serve, weights
    from mint.cli.lab import commands as lab

    for register_on, group in ((lab.register, main.lab_app), (weights.register, main.weights_app)):
        if not group.registered_commands:
            register_on(group)
    for register_top, name in (
        (report.register, "report"),
        (doctor.register, "doctor"),
        (serve.register, "serve"),
    ):
        if name not in {command.name for command in main.app.registered_commands}:
            register_top(main.app)

    def walk(command: object, words: list[str]) -> Iterator[list[str]]:
        yield words
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, [*words, name])

    yield from walk(typer.main.get_command(main.app), [])


@pytest.mark.parametrize("encoding", NARROW)
def test_every_command_explains_itself(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = list(every_command())
    assert len(commands) > 25
    shell = typer.main.get_command(main.app)
    for words in commands:
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding, write_through=True))
        settle()
        shell.main([*words, "--help"], prog_name="mint", standalone_mode=False)
        assert f"Usage: {' '.join(['mint', *words])} " in written.getvalue().decode(encoding)


def test_python_s_own_narrow_streams_take_it_too() -> None:
    """A real process: the C locale, and no UTF-8 in its place."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONIOENCODING"}
    environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words, wanted in ((["lab", "paper", "--help"], "112 x 112"), (["report", "α.json", "--out", "β.html"], "json")):
        done = subprocess.run([sys.executable, "-m", "mint", *words], env=environment, capture_output=True, check=False)
        assert done.returncode == (0 if "--help" in words else 1), done.stderr
        assert wanted in (done.stdout + done.stderr).decode("ascii")
        assert b"Traceback" not in done.stderr


def test_a_closed_stdout_is_said_and_no_answer_is_lost_in_silence() -> None:
    shell = [
        sys.executable,
        "-c",
        "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
    ]
    said = subprocess.run([*shell, "-m", "mint", "--version"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert said.stderr.startswith("mint: stdout is closed")
