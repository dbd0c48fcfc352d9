"""Tell how many of several photos were used, and which."""

from __future__ import annotations

from collections.abc import Iterator

from mint.i18n.labels import SOURCE_NAMES, title
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Heading, Items, Text
from mint.report.story.phrases import Found, sentence, whole

COUNTED_FROM = 3  # photos: of two, any share could have been used


def usage_lines(said: Found, say: Say) -> list[str]:
    """Return one network's share of the photos that were used, with its interval, and those that can be named.

    The first line always says what is known; where photos can be named the second names them, and a third says on whom such a
    list was not checked.

    Args:
        said: a ``FolderAudit`` as JSON values, or an answer of a report's ``usage``.
        say: the language.
    """
    share = said["share"]
    if share is None:
        return [
            sentence(say("how many of these photos were used cannot be said: {reason}", reason=say(said["reason"])))
        ]
    # Photos are counted, not shared out: the interval itself is one of whole photos.
    n = share["n"]
    used, low, high = (round(share[key] * n) for key in ("value", "low", "high"))
    lines = [
        say(
            "Used as they are, of these {n} photos: {used}; any other number would be a surprise (95 % confidence).",
            n=n,
            used=used,
        )
        if low == high
        else say(
            "Used as they are, of these {n} photos: about {used} (95 % interval {low} to {high}).",
            n=n,
            used=used,
            low=low,
            high=high,
        )
    ]
    if said["named"]:
        lines.append(
            say(
                "Named as used: {photos}. On average, up to {rate} of such a list is wrong.",
                photos=", ".join(say.name(photo) for photo in said["named"]),
                rate=whole(said["discovery_rate"]),
            )
        )
        if said["kinds_left_out"]:
            kinds = (say(SOURCE_NAMES.get(kind, kind)) for kind in said["kinds_left_out"])
            lines.append(
                say(
                    "The list was not checked on kinds of people of whom too few are known: {kinds}.",
                    kinds="; ".join(kinds),
                )
            )
    return lines


def usage_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell of each network how many of a report's photos were used; nothing where the report was made without."""
    usage = document.get("usage")
    if usage is None:
        return
    yield Heading(say("How many of these photos were used"), 3)
    yield Items(
        tuple(f"{title(said['network'], say)}: {line}" for said in usage["answers"] for line in usage_lines(said, say))
    )
    yield Text(
        say(
            "The number is that of photos that look used, corrected for those that the test misses and those that it takes "
            "for used ones by mistake, as it was measured on people whom it had never met. The interval holds every number under "
            "which so many would be no surprise."
        ),
        "fine",
    )
