"""What one check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something must be done."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

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
