"""What a visitor may choose: the tabs, and the networks that are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mint.i18n.labels import PAIRS

TABS: Mapping[str, str] = {
    "photo": "Was this photo used?",
    "person": "Was I used?",
    "teach": "Teach it my face",
    "play": "Play auditor",
    "how": "How do you know?",
    "many": "Many photos",
}
NOT_ON_A_KIOSK = ("many",)  # files of one's own, and files to take away


def offered(kiosk: bool) -> list[tuple[int, str, str]]:
    """Return the tabs that there are: number, name, and title in English."""
    left_out = NOT_ON_A_KIOSK if kiosk else ()
    return [(number, name, title) for number, (name, title) in enumerate(TABS.items(), 1) if name not in left_out]


def named(choices: Sequence[str], tell: Callable[[str, str], Any]) -> Mapping[str, Any]:
    """Return what each choice is called.

    Args:
        choices: as for ``pair_choice``.
        tell: gives an English sentence in the visitor's language, after what stands before it in every language.
    """
    beside = not set(choices) <= set(PAIRS)

    def name(pair: str) -> Any:
        return tell(PAIRS[pair].trained, f"{', '.join(PAIRS[pair].networks)}: " if beside else "")

    return {choice: name(choice) if choice in PAIRS else choice for choice in choices}
