"""How often the gate passes: ``python -m tests.benchmarks.steadiness --runs 20 --busy 2 --out runs/steadiness.jsonl``.

README.md's test command, many times, with busy loops beside it all the time. A test that depends on the machine's speed
fails sooner or later. Every run is a line, here and in the file of ``--out``; killed at any moment, the same command goes
on with the runs that are missing. Lines of another commit, command or load are named and not counted. What follows
``--`` is added to the command. The exit code is 0 only if all passed.
"""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from tests.benchmarks.gate.command import ROOT, gate_command
from tests.benchmarks.steadiness.log import Log, Run, Setting, commit_of, missing
from tests.benchmarks.steadiness.runs import Gate, told

INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Make the runs that are missing, print a line each, and a last one; the exit code."""
    options, added = _options(arguments)
    signal.signal(signal.SIGTERM, _leave)
    try:
        setting = Setting(commit_of(root), told([*gate_command(root), *added]), options.busy, options.at_once)
        with _alone(options.out):
            runs = _runs(options, setting, root)
    except ValueError as error:
        print(f"steadiness: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped." + ("" if options.out is None else " The same command goes on."), file=sys.stderr)
        return INTERRUPTED
    passed = sum(not run.code for run in runs)
    print(f"{passed} of {len(runs)} passed")
    return 0 if passed == len(runs) else 1


def _runs(options: argparse.Namespace, setting: Setting, root: Path) -> list[Run]:
    """The runs that are wanted: those of the file, and those that are missing there."""
    log = Log(options.out)
    runs, unread = log.read()
    if unread:
        print(f"{unread} lines of {options.out} are no runs and are not counted")
    print(f"{setting.commit}: {setting.command}, {setting.busy} busy loops, {setting.at_once} at once", flush=True)
    counted = {}
    for run in runs:
        if run.setting == setting and run.number <= options.runs:
            counted[run.number] = run
            print(f"{run.told} (made before)")
        else:
            why = "of another commit" if run.setting.commit != setting.commit else "made in another way"
            print(f"{run.told} ({'not asked for' if run.setting == setting else why}: not counted)")
    kept = (
        options.out.with_suffix(".failures") if options.out else Path(tempfile.mkdtemp(prefix="steadiness-failures-"))
    )
    try:
        with closing(Gate(root, setting, kept, options.limit).made(missing(runs, setting, options.runs))) as made:
            for run in made:
                if commit_of(root) != setting.commit:
                    raise ValueError(
                        f"The tree changed while the tests ran: run {run.number} is not counted. Start again."
                    )
                log.add(run)
                counted[run.number] = run
                print(run.told, flush=True)
    finally:
        if kept.is_dir() and not any(kept.iterdir()):
            kept.rmdir()
    return list(counted.values())


def _options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    words = list(arguments)
    own, added = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.steadiness", usage="%(prog)s [options] [-- ARGUMENTS OF PYTEST]"
    )
    parser.add_argument("--runs", type=_count, default=20, help="in all")
    parser.add_argument("--busy", type=_count, default=2, help="busy loops beside them")
    parser.add_argument("--at-once", type=_count, default=1, help="runs at the same time")
    parser.add_argument("--out", type=Path, help="a line of JSON a run; what it lacks is made")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds that a run may take")
    options = parser.parse_args(own)
    if not options.runs or not options.at_once:
        parser.error("--runs and --at-once are 1 at least")
    return options, added


def _count(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise argparse.ArgumentTypeError(f"{word!r} is no number of them")
    return int(word)


@contextmanager
def _alone(out: Path | None) -> Iterator[None]:
    """Two processes would make the same runs. Raises ValueError where another has this file."""
    if out is None:
        yield
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ValueError(f"Another process makes the runs of {out}. Wait for it, or name another file.") from error
        yield


def _leave(number: int, frame: object) -> None:
    """Told to end: as if by Ctrl-C, so that everything that was started is ended first."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
