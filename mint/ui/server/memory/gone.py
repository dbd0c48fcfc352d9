"""What stands in the place of something that was forgotten, so that the page can say so."""

from __future__ import annotations

from typing import Literal


class Gone:
    """What a state of the page holds in the place of something that was forgotten, while the page may still show it."""

    def __bool__(self) -> Literal[False]:
        return False


GONE = Gone()
