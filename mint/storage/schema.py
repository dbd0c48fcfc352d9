"""Strict models of untrusted JSON: nothing is converted, and a refusal is one line that names the field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # sha256, hexadecimal
Length = Annotated[int, Field(ge=0)]  # bytes
Number = Annotated[float, Field(allow_inf_nan=False)]
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]
NAME_SHOWN = 60  # characters of a name that a refusal repeats


class StrictModel(BaseModel):
    """A frozen part of a file: types are taken as they are, and what is not known is left out."""

    model_config = ConfigDict(strict=True, frozen=True)


ROUNDING = 1e-9  # by which a figure may lie outside its interval
M = TypeVar("M", bound=BaseModel)


def checked(model: type[M], found: Any) -> M:
    """Make a model of parsed JSON.

    Raises:
        ValueError: it does not fit; says the first field that does not, and why.
    """
    try:
        return model.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        words, given = first["msg"], first["input"]
        if first["type"] != "value_error" and isinstance(given, str | int | float | None):
            words += f", not {given!r:.{NAME_SHOWN}}"
        raise ValueError(refusal(first["loc"], words)) from None


def inside(value: float, low: float, high: float) -> bool:
    """Return whether a figure lies in its interval."""
    return low - ROUNDING <= value <= high + ROUNDING


def refusal(place: Sequence[int | str], words: str) -> str:
    """Say what is wrong, and where: ``files.scores.safetensors.bytes: Input should be a valid integer, not '9'``."""
    parts = [f"{part}" for part in place if part != "[key]"]
    shown = [part if part.isprintable() and len(part) <= NAME_SHOWN else repr(part)[:NAME_SHOWN] for part in parts]
    words = words.removeprefix("Value error, ")
    return f"{'.'.join(shown)}: {words}" if shown else words
