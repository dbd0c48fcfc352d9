"""Tell how many of several photos were used, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mint.i18n.figures import percent
from mint.i18n.translate import Say
from mint.report.story.phrases import sentence

if TYPE_CHECKING:
    from mint.judging.folder import FolderAudit


def usage_lines(found: FolderAudit, say: Say) -> list[str]:
    """Return one network's share of the photos that were used, with its interval, and those that can be named.

    The first line always says what is known; the second names photos, where there are any.
    """
    share = found.share
    if share is None:
        assert found.reason is not None  # one of the two is always there
        return [sentence(say("how many of these photos were used cannot be said: {reason}", reason=say(found.reason)))]
    lines = [
        say(
            "Of these {n} photos, about {share} were used as they are (95 % interval {low} to {high}).",
            n=share.n,
            share=percent(share.value),
            low=percent(share.low),
            high=percent(share.high),
        )
    ]
    if found.named:
        lines.append(
            say(
                "Named as used: {photos}. On average, up to {rate} of such a list is wrong.",
                photos=", ".join(say.name(photo) for photo in found.named),
                rate=percent(found.discovery_rate),
            )
        )
    return lines
