"""The options of commands that read a set of photos: what names the person, and which part of it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mint.errors import MintError

if TYPE_CHECKING:
    from mint.lab.inputs.source import PhotoSource

PHOTOS = (
    "a folder with one folder a person, a tar, WebDataset tars, a CSV list, a Hugging Face dataset on disk, or train.rec "
    "of MXNet"
)
EACH = "For one side only: SIDE=VALUE, such as members=VALUE."
PersonColumn = Annotated[
    list[str],
    typer.Option(
        help=f"Column or field that names the person; its number in a list without names. {EACH}", show_default=False
    ),
]
PersonLevel = Annotated[
    list[str], typer.Option(help=f"The folder that is the person: 1 is the outermost. {EACH}", show_default=False)
]
ImageColumn = Annotated[
    list[str], typer.Option(help=f"Column of the pictures; of WebDataset, their extension. {EACH}", show_default=False)
]
SplitName = Annotated[
    list[str], typer.Option(help=f"Of a data set with several: train, test … {EACH}", show_default=False)
]


def source_of(
    side: str, place: str, told: Mapping[str, Sequence[str]], sides: Sequence[str], no_person: bool = False
) -> PhotoSource:
    """Return one side with what the options say of it: of VALUE and SIDE=VALUE, the latter.

    Raises:
        MintError: a value is given twice, or a level is no number.
    """
    from mint.lab.inputs.source import PhotoSource

    both: dict[str, str] = {}
    here: dict[str, str] = {}
    for name, values in told.items():
        for value in values:
            before, equals, after = value.partition("=")
            apart = bool(equals) and before in sides
            if apart and before != side:
                continue
            into, text = (here, after) if apart else (both, value)
            if into.setdefault(name, text) is not text:
                option = f"--{name.replace('_', '-')}"
                raise MintError(
                    f"{option} is given twice for one side. Say {' and '.join(f'{one}=VALUE' for one in sides)}."
                )
    only = any(name.startswith("person") for name in here)  # then what is said of the person on both sides is not meant
    found: dict[str, Any] = {
        name: text for name, text in both.items() if not (only and name.startswith("person"))
    } | here
    if not found.get("person_level", "1").isdecimal():
        raise MintError(f"--person-level is a number, 1 for the outermost folder; got {found['person_level']!r}.")
    if "person_level" in found:
        found["person_level"] = int(found["person_level"])
    return PhotoSource(place, no_person=no_person and not only, **found)
