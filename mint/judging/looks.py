"""What is asked of looks before they are judged, and what of them is not."""

from __future__ import annotations

from collections.abc import Iterable

from mint.errors import MintError
from mint.types import Look


def check_shown(look: Look, *networks: str) -> None:
    """Refuse a look that lacks the scores of one of these networks. Raises MintError."""
    if missing := [name for name in networks if name not in look.scores]:
        seen = f"only to {' and '.join(look.scores)}" if look.scores else "to none yet"
        raise MintError(
            f"{look.photo} was not shown to {' and '.join(missing)}, {seen}: look at it with the test that is to judge it, or "
            "show it the same faces with look_again or score."
        )


def other_faces(looks: Iterable[Look]) -> tuple[tuple[str, int], ...]:
    """Return photo and how many faces of it are not asked about where the largest alone is; photos of one face are left out."""
    found = ((look.photo, len(look.faces) - 1 + look.skipped) for look in looks)
    return tuple((photo, others) for photo, others in found if others > 0)
