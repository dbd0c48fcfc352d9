"""Tell since which version of a network a photo was used, and whether it was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from mint.i18n.figures import percent
from mint.i18n.translate import Say
from mint.report.story.phrases import Found, interval, listed, sentence, word
from mint.types import Verdict


def over_time_lines(said: Found, say: Say) -> Iterator[str]:
    """Yield the answer on a face: verdict and reason, then since when, then whether it was taken out, then error rates.

    Args:
        said: an ``OverTime`` as JSON values, with its sentences.
        say: the language.
    """
    yield f"{word(said['verdict'], say)}: {sentence(say(said['reason']))}"
    if said["verdict"] == Verdict.EVIDENCE:
        yield say("Most likely first used by {version}.", version=said["first"])
        yield say(
            "Cannot be excluded: {versions}. Of known photos, nine in ten have the true version in such a set.",
            versions=listed(said["versions"], say),
        )
        if said["removal"] is not None:
            yield _removal(said["removal"], say)
    elif said["verdict"] != Verdict.CANNOT_SAY:
        yield say("Whether a photo was taken out can only be asked of one with evidence of use.")
    rates = (
        (say("False alarms, measured"), "false_positive_rate"),
        (say("Used ones found, measured"), "true_positive_rate"),
    )
    for name, key in rates:
        if said[key] is not None:
            yield f"{name}: {percent(said[key]['value'])} ({interval(said[key])})"


def _removal(removal: Found, say: Say) -> str:
    p = f"{removal['p_value']:.2g}"
    told = (
        say("No evidence that it was taken out again (p = {p}).", p=p)
        if removal["version"] is None
        else say(
            "It looks taken out again by {version} (p = {p} among photos that stayed).", version=removal["version"], p=p
        )
    )
    found = removal["true_positive_rate"]
    if found is None:
        return told
    return told + " " + say("Of photos known to be taken out, {share} are found.", share=percent(found["value"]))
