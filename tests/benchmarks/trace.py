"""The way of one photo through the files of ``mint``: ``python -m tests.benchmarks.trace [--list]``.

The first photo after the page has loaded its networks is taken the way that the page's session takes it, from its bytes to HTML,
with every call of a Python function of ``mint`` seen (``sys.setprofile``). How it is counted:

- A **file** counts once something in it is called, a **function** by its file and qualified name. Comprehensions, generator
  expressions and lambdas belong to the function that they stand in, properties and generators count as functions, and what
  runs while a module is imported is left out.
- A **hand-over** is a pair of functions in two files: the one that was called, and the nearest function of ``mint`` that is
  at work above it, whatever of torch, Pillow or the standard library lies between. Each pair counts once, however often it
  is called; **calls** counts it every time.
- A **network call** is one ``forward`` of an audited network, with as many **crops** as its batch has, or one ``show`` of a
  bundle's graph, in which the altered views are made, so that they do not count.
- A **look** is an entry into ``MembershipTest.look`` or ``look_at`` from elsewhere, a **judgement** one into ``judge``.

Before the page went the way of shell and programs, a photo took 37 files and 125 hand-overs to the verdict, and 41 files,
167 hand-overs, 16 network calls and 2 judgements with the details. Now it takes 28 files and 90 hand-overs to the verdict. 24 of
these lead to what words and figures are made by (``Say``, ``esc``, ``figures``), a pair for each function that tells something; the
other 66 are the way itself. The aim of 20 files and 60 hand-overs would be met by longer files and functions alone, or by sentences
that are translated and escaped elsewhere than where they are written: so it was not pursued further.

Torch has one thread meanwhile, so that all networks run in the thread that is watched. Nothing of it is timed: a traced
program is slow.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import TypeVar

import torch

import mint
from mint.bundles.graph import AuditGraph
from mint.membership import MembershipTest
from mint.networks.base import AuditedNetwork
from mint.storage.paths import EXAMPLES
from mint.ui.loading import load_default
from mint.ui.sessions import photo as photo_session

T = TypeVar("T")
Function = tuple[str, str]  # file within the package, qualified name
PACKAGE = f"{Path(mint.__file__).parent}/"
PHOTO = EXAMPLES / "faces" / "01-openpeople.jpg"
LOOKS, JUDGEMENTS = ({"MembershipTest.look", "MembershipTest.look_at"}, {"MembershipTest.judge"})
WITHIN = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


@dataclass
class Trace:
    """What was called.

    Attributes:
        functions: all of them.
        calls: hand-over to how often it came.
        crops: of each network call.
        looks, judgements: how many there were.
    """

    functions: set[Function] = field(default_factory=set)
    calls: Counter[tuple[Function, Function]] = field(default_factory=Counter)
    crops: list[int] = field(default_factory=list)
    looks: int = 0
    judgements: int = 0

    @property
    def files(self) -> set[str]:
        return {file for file, _ in self.functions}

    def __add__(self, other: Trace) -> Trace:
        return Trace(
            self.functions | other.functions,
            self.calls + other.calls,
            self.crops + other.crops,
            self.looks + other.looks,
            self.judgements + other.judgements,
        )

    def row(self, name: str) -> str:
        """One line of the table."""
        network = f"{len(self.crops)} ({sum(self.crops)})"
        return (
            f"{name:34} {len(self.files):5} {len(self.functions):9} {len(self.calls):10} {sum(self.calls.values()):6}"
            f" {network:>13} {self.looks:5} {self.judgements:10}"
        )


HEAD = f"{'step':34} {'files':>5} functions hand-overs  calls network calls looks judgements"


def function_of(code: CodeType) -> Function:
    """The function that a piece of code belongs to."""
    parts = code.co_qualname.split(".<locals>.")
    while len(parts) > 1 and parts[-1] in WITHIN:
        parts.pop()
    return code.co_filename.removeprefix(PACKAGE), ".<locals>.".join(parts)


def of_mint(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of ``mint`` at or above one, the running of a module left out."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE) and code.co_name != "<module>":
            return frame
        frame = frame.f_back
    return None


@contextmanager
def tracing() -> Iterator[Trace]:
    """Watch what this thread calls within the block."""
    seen, before, threads = Trace(), sys.getprofile(), torch.get_num_threads()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or of_mint(frame) is not frame:
            return
        function, caller = function_of(frame.f_code), of_mint(frame.f_back)
        by = None if caller is None else function_of(caller.f_code)
        seen.functions.add(function)
        if by is not None and by[0] != function[0]:
            seen.calls[by, function] += 1
        running = {"forward": AuditedNetwork, "show": AuditGraph}.get(frame.f_code.co_name)
        if running is not None and isinstance(frame.f_locals.get("self"), running):
            seen.crops.append(len(frame.f_locals[frame.f_code.co_varnames[1]]))
        inside = "" if by is None else by[1]
        seen.looks += function[1] in LOOKS and inside not in LOOKS
        seen.judgements += function[1] in JUDGEMENTS and frame.f_code.co_qualname in JUDGEMENTS

    torch.set_num_threads(1)
    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        torch.set_num_threads(threads)


class Walk:
    """Steps that are traced one by one.

    Attributes:
        steps: name and trace, in their order.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[str, Trace]] = []

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Do some work, and keep its trace."""
        with tracing() as seen:
            done = work()
        self.steps.append((name, seen))
        return done

    def total(self, steps: int | None = None) -> Trace:
        """The first steps together; all of them if None."""
        return sum((seen for _, seen in self.steps[:steps]), Trace())


TO_THE_VERDICT = 4  # steps


def walk(test: MembershipTest, photo: bytes) -> Walk:
    """Take a photo from its bytes to all that the page shows of it."""
    way = Walk()
    decoded = way.step("decode", lambda: photo_session.read(photo))
    now = way.step("look and judge", lambda: photo_session.begin(test, decoded))
    way.step("the faces' HTML", lambda: photo_session.show_faces(now))
    way.step("the verdict's HTML", lambda: photo_session.show_answer(test, now, now.asked.alpha, now.asked.prior))
    way.step("the details' HTML", lambda: photo_session.show_details(test, now, now.asked.alpha, now.asked.prior))
    return way


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.trace", description=__doc__)
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--list", action="store_true", help="print the files and the hand-overs as well")
    options = parser.parse_args(arguments)
    way = walk(load_default(), options.photo.read_bytes())
    to_the_verdict, everything = way.total(TO_THE_VERDICT), way.total()
    if options.list:
        for (file, name), (other, called) in sorted(everything.calls):
            late = "" if ((file, name), (other, called)) in to_the_verdict.calls else "  (details only)"
            print(f"{file} {name} -> {other} {called}{late}")
        print("\n".join(sorted(everything.files)), end="\n\n")
    print(HEAD)
    for name, seen in way.steps:
        print(seen.row(name))
    print(to_the_verdict.row("from the photo to the verdict"))
    print(everything.row("with the details"))


if __name__ == "__main__":
    main()
