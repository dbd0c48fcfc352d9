"""Tell how many of several photos were used, and which."""

from __future__ import annotations

from collections.abc import Iterator

from mint.i18n.labels import SOURCE_NAMES, title
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Heading, Items, Text
from mint.report.story.answers import only_largest, repeated
from mint.report.story.phrases import Found, sentence, whole

# The answer on a person judges photos together, and often fewer of them.
COUNTED, ALL_COUNTED = "the {n} photos that can be counted (each by itself)", "these {n} photos (each by itself)"
COUNTED_FROM = 3  # photos: of two, any share could have been used
# The lowest and the highest number of used photos that would be no surprise, where one photo counts.
ONE_PHOTO = {
    (0, 0): "Only one photo can be counted: it was not used as it is; all else would be a surprise (95 % confidence).",
    (1, 1): "Only one photo can be counted: it was used as it is; all else would be a surprise (95 % confidence).",
    (0, 1): "Only one photo can be counted, and whether it was used as it is cannot be told.",
}


def usage_lines(said: Found, say: Say) -> list[str]:
    """Return one network's share of the photos that were used, with its interval, and those that can be named.

    The first line always says what is known; where photos can be named the second names them, and a third says on whom such a
    list was not checked. The last lines tell which photos are not counted, and why.

    Args:
        said: an answer of a report's ``usage``, or one from ``mint.report.optional.usage.answer_of``.
        say: the language.
    """
    return [*_counted(said, say), *_not_counted(said, say)]


def _counted(said: Found, say: Say) -> list[str]:
    share = said["share"]
    if share is None:
        return [
            sentence(say("how many of these photos were used cannot be said: {reason}", reason=say(said["reason"])))
        ]
    # Photos are counted, not shared out: the interval itself is one of whole photos.
    n = share["n"]
    used, low, high = (round(share[key] * n) for key in ("value", "low", "high"))
    photos = say(COUNTED if said["given"] > n else ALL_COUNTED, n=n)
    if n == 1:
        lines = [say(ONE_PHOTO[low, high])]
    elif (low, high) == (0, n):
        lines = [
            say(
                "How many of {photos} were used as they are cannot be told: no number from 0 to {n} would be a surprise.",
                photos=photos,
                n=n,
            )
        ]
    elif low == high:
        lines = [
            say(
                "Used as they are, of {photos}: {used}; any other number would be a surprise (95 % confidence).",
                photos=photos,
                used=used,
            )
        ]
    else:
        lines = [
            say(
                "Used as they are, of {photos}: about {used} (95 % interval {low} to {high}).",
                photos=photos,
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


def _not_counted(said: Found, say: Say) -> list[str]:
    """Tell what counts once, and what the test knows nothing like, all photos with the same reason in one line."""
    why: dict[str, list[str]] = {}
    for one in said.get("left_out", ()):  # reports of before did not hold it
        why.setdefault(one["reason"], []).append(say.name(one["photo"]))
    return [
        *(repeated(one["photo"], one["of"], say, one["of"] in said["judged"]) for one in said.get("copies", ())),
        *(
            say("Not counted here: {photos} ({reason}).", photos=", ".join(photos), reason=say(reason))
            for reason, photos in why.items()
        ),
    ]


def usage_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell of each network how many of a report's photos were used; nothing where the report was made without."""
    usage = document.get("usage")
    if usage is None:
        return
    yield Heading(say("How many of these photos were used"), 3)
    yield Items(
        tuple(f"{title(said['network'], say)}: {line}" for said in usage["answers"] for line in usage_lines(said, say))
    )
    others = usage["answers"][0].get("other_faces", ())  # reports of before do not hold it
    if document["person"] is None and (told := only_largest([(one["photo"], one["faces"]) for one in others], say)):
        yield Text(told)  # of a person it stands below the answer
    yield Text(
        say(
            "The number is that of photos that look used, corrected for those that the test misses and those that it takes "
            "for used ones by mistake, as it was measured on people whom it had never met. The interval holds every number under "
            "which so many would be no surprise."
        ),
        "fine",
    )
