"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether anything must be done."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        name: of what was looked at.
        state: ``broken`` stops an audit, or makes it wrong; a ``note`` is good to know.
        says: what was found.
        advice: what to do about it; empty if nothing.
    """

    name: str
    state: State
    says: str
    advice: str = ""
