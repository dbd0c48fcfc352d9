"""Which column of a table holds the picture and which names the person: by their usual names, or as the user says.

Names are compared without regard to case, spaces, dots, dashes and underscores: ``Person-ID`` is ``person_id``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from mint.errors import BadInput
from mint.lab.inputs.cells.names import person_name

# Columns of an earlier row are preferred: a table with person_id and label names its people in person_id.
PEOPLE = (
    "person", "persons", "people", "identity", "identities", "subject", "subj", "individual", "celeb", "celebrity", "user", "actor",
    "participant",
)  # fmt: skip
CLASSES = ("label", "labels", "class", "classes", "cls", "target", "targets")
ENDS = ("id", "uid", "uuid", "idx", "index", "no", "nr", "number", "code", "key", "", "label", "class", "name")
PERSONS = (
    ("pid", "uid", *(f"{stem}{end}" for stem in PEOPLE for end in ENDS), *(f"id{stem}" for stem in PEOPLE)),
    (
        *(f"{stem}{end}" for stem in CLASSES for end in ENDS[: ENDS.index("label")]),
        "labelname",
        "classname",
        "name",
        "names",
        "fullname",
    ),
    ("id",),
)
UID = "uid"  # of the first choice by its name, and may number the photos just as well
IMAGES = frozenset((
    "image", "images", "imagepath", "imagefile", "imagefilename", "imagefilepath", "imagename", "img", "imgpath", "imgfile", "imgname",
    "path", "paths", "file", "filename", "filepath", "photo", "photos", "photopath", "photofile", "picture", "pic", "crop", "face",
    "jpg", "jpeg", "png", "webp",
))  # fmt: skip
SPLITS = frozenset(("split", "splits", "subset", "partition"))
ENCODED = re.compile(
    r"data:image/|/9j/|iVBORw0KGgo|UklGR|R0lGOD|(?i:ffd8ff|89504e47)"
)  # base64 and hex of a picture's first bytes
# What the name of a picture ends with, also of kinds that cannot be read: those are rejected one by one.
PICTURE = re.compile(r"[^\\/]\.(jpe?g|jfif|png|webp|bmp|tiff?|heic|heif|avif|gif|jp2|p[bgp]m)$", re.IGNORECASE)
EXACT_FLOATS = 1 << 53  # up to here a float is the whole number that was written
SHOWN = 12  # names of columns in a message


def key(name: str) -> str:
    """Return a column's name in the form in which names are compared."""
    return re.sub(r"[\W_]", "", name.casefold())


def is_picture(text: object) -> bool:
    """Return whether a text ends like the name of a picture."""
    return isinstance(text, str) and bool(PICTURE.search(text.strip()))


def is_encoded(text: object) -> bool:
    """Return whether a text is a picture itself, in base64 or hexadecimal, and no name of a file."""
    return isinstance(text, str) and bool(ENCODED.match(text.strip())) and not is_picture(text)


def rank(name: str) -> int | None:
    """Return how far from the first choice a column of this name is, as that of the person; None if it is not known."""
    return next((place for place, row in enumerate(PERSONS) if key(name) in row), None)


def doubtful(name: str) -> bool:
    """Return whether a column of this name, or of none, may as well name or number the photos: ``name``, ``label``, ``id`` and the like."""
    return rank(name) != 0 or key(name) == UID


def known(name: str) -> bool:
    """Return whether a name is that of a column of pictures or of people."""
    return key(name) in IMAGES or rank(name) is not None


def find(names: Sequence[str], told: str, option: str, where: str) -> int:
    """Return the place of a column that the user names.

    Raises:
        BadInput: there is none of that name, or there are several.
    """
    found = [i for i, name in enumerate(names) if name == told]
    found = found or [i for i, name in enumerate(names) if key(name) == key(told)]
    if len(found) != 1:
        many = f"{len(found)} columns" if found else "no column"
        raise BadInput(f"{where} has {many} {told!r} ({option}). It has {listed(names)}.")
    return found[0]


def choose_person(names: Sequence[str], told: str | None, where: str, taken: Sequence[int] = ()) -> int:
    """Return the place of the column that names the person.

    Args:
        names: of all columns.
        told: as the user says.
        where: the table, for messages.
        taken: places of columns that hold something else.

    Raises:
        BadInput: no column does, or several may.
    """
    if told is not None:
        return find(names, told, "--person-column", where)
    for row in PERSONS:
        found = [i for i, name in enumerate(names) if i not in taken and key(name) in row]
        found = _one_of_a_kind(names, found)
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(
                f"{where} has several columns that may name the person: {listed([names[i] for i in found])}. "
                "Say which one does with --person-column."
            )
    raise BadInput(
        f"{where} has no column that is known to name the person; it has {listed(names)}. Say which one does with "
        "--person-column, or say --no-person: then each photo is a person of its own."
    )


def _one_of_a_kind(names: Sequence[str], found: list[int]) -> list[int]:
    """Of person_id, person and person_name return the first, which tells people of one name apart; else all."""
    ends = {re.fullmatch(f"(.+?)({'|'.join(ENDS)})", key(names[i])).groups(): i for i in found}  # type: ignore[union-attr]
    if len(ends) < len(found) or len({stem for stem, _ in ends}) != 1:
        return found
    return [min((ENDS.index(end), i) for (_, end), i in ends.items())[1]]


def choose_image(
    names: Sequence[str], looks: Sequence[bool], told: str | None, where: str, numbers: Sequence[int] = ()
) -> int:
    """Return the place of the column of pictures.

    Args:
        names: of all columns.
        looks: whether a column's first value looks like a picture: its bytes, or the name of its file.
        told: as the user says.
        where: the table, for messages.
        numbers: places of columns that hold numbers: none is of pictures unless the user says so.

    Raises:
        BadInput: no column holds pictures, or several may.
    """
    if told is not None:
        return find(names, told, "--image-column", where)
    named = [i for i, name in enumerate(names) if key(name) in IMAGES and i not in numbers]
    found = [i for i in named if looks[i]] or ([] if named else [i for i in range(len(names)) if looks[i]])
    if not found and not any(looks):
        found = named
    if len(found) == 1:
        return found[0]
    if not found and not any(looks):
        raise BadInput(
            f"{where} has no column of pictures; it has {listed(names)}. Say which one it is with --image-column."
        )
    several = found or [*named, *(i for i in range(len(names)) if looks[i])]
    raise BadInput(
        f"{where} has several columns that may hold the picture: {listed([names[i] for i in several])}. "
        "Say which one does with --image-column."
    )  # fmt: skip


def person_text(value: Any, where: str) -> str | None:
    """Return a person's name from a value of a table, or None where it is empty.

    Raises:
        BadInput: the value is no name and no number, or one whose last digits are lost.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    # Two people with longer numbers would be one.
    if isinstance(value, float) and EXACT_FLOATS <= abs(value) < math.inf:
        raise BadInput(
            f"{where} names the person by {value:.0f}, which has more digits than a number with a point keeps: two people may be "
            "one. Save the column that names the person as text."
        )
    # A column of whole numbers with a gap in it is one of floats, and databases export numbers as decimals.
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):  # a score is called label as well
        raise BadInput(
            f"{where} names the person by {str(value)[:40]!r}, which is neither a name nor a whole number. Say which column "
            "names the person with --person-column."
        )
    return person_name(str(value))


def listed(names: Sequence[str]) -> str:
    """Return names for a message."""
    shown = ", ".join(name[:60] if name.isprintable() else ascii(name)[:60] for name in names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
