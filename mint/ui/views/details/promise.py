"""Say which privacy a network claims, and which its test scores leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mint.errors import BundleMismatch
from mint.i18n.translate import ENGLISH, Say
from mint.report.network import privacy
from mint.report.story.error_rates import PRIVACY, privacy_lines
from mint.ui.html import esc

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle

ALPHA = 0.01  # at which ε is measured, wherever the slider stands: as the cards do


def promises(bundles: Mapping[str, Bundle], say: Say = ENGLISH) -> dict[str, tuple[str, ...]]:
    """Return each network's sentences about its ε; for a claim that cannot be read, the reason."""
    found = {}
    for name, bundle in bundles.items():
        try:
            found[name] = privacy_lines({"name": name, "privacy": privacy(bundle, ALPHA)}, ALPHA, say)
        except BundleMismatch as error:
            found[name] = (str(error),)
    return found


def promise(bundles: Mapping[str, Bundle], say: Say = ENGLISH) -> str:
    """Render the sentences of ``promises`` as one list."""
    lines = "".join(f"<li>{esc(line)}</li>" for told in promises(bundles, say).values() for line in told)
    return (
        f'<section class="promise" aria-labelledby="promise-title"><h3 id="promise-title">'
        f'{say(PRIVACY)}</h3><ul class="notes">{lines}</ul></section>'
    )
