"""Blocks of a report: finished sentences that HTML and PDF render alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from mint.types import Verdict


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with a small line under it; level 2 opens a section, 3 and 4 divide it."""

    text: str
    level: Literal[2, 3, 4] = 2
    small: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    kind: Literal["lead", "plain", "fine", "problem"] = "plain"


@dataclass(frozen=True, slots=True)
class Items:
    """A bulleted list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Commands, one line each."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its value, and a note on the value."""

    name: str
    value: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, one below the other, or several side by side where room is short."""

    rows: tuple[Fact, ...]
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A face's crop. ``png`` holds the bytes of a PNG file that this program wrote."""

    png: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """One picture, or several side by side."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One question and its answer."""

    question: str
    verdict: Verdict
    word: str
    reason: str = ""
    small: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One network's answers."""

    network: str
    answers: tuple[VerdictLine, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """Networks side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A probability with its interval, drawn from the middle outwards.

    Attributes:
        value: in [0, 1].
        low: lower end of its interval, or None.
        high: upper end.
        speaks: whether it counts; else it is drawn pale.
    """

    value: float
    low: float | None
    high: float | None
    speaks: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: text, a bar, or a verdict's mark before text."""

    text: str = ""
    small: str = ""
    strong: bool = False
    verdict: Verdict | None = None
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column names its rows.

    Attributes:
        name: what it is, for those who do not see it.
        head: of the columns.
        rows: as many cells each as there are heads.
        widths: of the columns, relative to each other.
        left: which columns stand left; the others are figures and stand right.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    left: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Break:
    """Paper goes on with a new page; a screen shows nothing."""


Block = Heading | Text | Items | Code | Facts | Pictures | Cards | Table | Break


@dataclass(frozen=True, slots=True)
class Story:
    """A whole report.

    Attributes:
        language: of every sentence.
        title: of the report.
        subject: what it is about, in one line.
        about: date, version and the like; stands under the title.
        foot: stands on every page of a PDF.
        page: "page {n} of {all}", with its places.
        unshown: what to say where a PDF has no letter for a character, with the place ``{sign}``.
        blocks: the rest.
    """

    language: str
    title: str
    subject: str
    about: tuple[Fact, ...]
    foot: str
    page: str
    unshown: str
    blocks: tuple[Block, ...]


def texts(part: Any) -> Iterator[str]:
    """Yield every text of a story, however deep.

    Raises:
        TypeError: something else stands where a text should, as of a report that somebody changed.
    """
    if isinstance(part, tuple):
        for inner in part:
            yield from texts(inner)
    elif is_dataclass(part):
        for place in fields(part):
            value = getattr(part, place.name)
            for text in {"str": (value,), "tuple[str, ...]": value}.get(str(place.type), ()):
                if not isinstance(text, str):
                    raise TypeError(f"{type(part).__name__} has something that is no text in its {place.name}")
                yield text
            yield from texts(value)


def check_texts(told: Story) -> None:
    """Refuse a story in which something else stands where a text should. Raises TypeError."""
    for _ in texts(told):
        pass
