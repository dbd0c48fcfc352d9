"""Parts of a report's sentences: verdicts, rates, lists and figures in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mint.i18n.figures import count, interval, p_value, percent, span
from mint.i18n.labels import SOURCE_NAMES, inline
from mint.i18n.translate import Say
from mint.report.render.blocks import Fact
from mint.types import Verdict

Found = Mapping[str, Any]
NONE = "–"
FEW_PEOPLE = 20  # from so many on the number of photos tells how sure a rate is
FEW = "of {n} people: {kind}"


def capital(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Turn a clause into a sentence."""
    text = capital(text.strip())
    return text + ("" if text.endswith((".", "!", "?")) or not text else ".")


def word(verdict: str, say: Say) -> str:
    """Return a verdict's word, for the beginning of a line."""
    return capital(say(Verdict(verdict).value))


def listed(networks: Sequence[str], say: Say) -> str:
    """List networks as "twin A", "twin A and twin B", "a, b and c"."""
    names = [inline(network, say) for network in networks]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {say('and')} {names[-1]}"


def limit(alpha: float) -> str:
    """Write 0.01 as "0.01"."""
    return f"{alpha:g}"


def whole(share: float) -> str:
    """Write a chosen share as it was chosen: "1 %", not "1.0 %"."""
    return f"{100 * share:g}\u202f%"


def p_word(value: float) -> str:
    """Write "p = 0.0011", on one line."""
    return f"p\u00a0=\u00a0{p_value(value)}"


def believed(prior: float, say: Say) -> str:
    """Tell how likely a reader thought it before the test."""
    return say("if {prior} likely before", prior=whole(prior))


def rate_fact(name: str, rate: Found | None, say: Say) -> Fact:
    """Return a measured rate with its interval, as a fact."""
    if rate is None:
        return Fact(name, say("not measured"), say("no cases to count"))
    return Fact(name, percent(rate["value"]), interval(rate))


def auc(row: Found, key: str = "auc") -> tuple[str, str]:
    """Write an AUC and its 95 % interval."""
    if row.get(key) is None:
        return NONE, ""
    low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
    return f"{row[key]:.3f}", "" if low is None or high is None else span(f"{low:.3f}", f"{high:.3f}")


def constant(row: Found) -> bool:
    """Return whether an auditor gives everybody one answer, that is, its training failed."""
    return row.get("auc") == row.get("auc_low") == row.get("auc_high") == 0.5


def auditors_auc(row: Found, say: Say) -> tuple[str, str]:
    """Write an auditor's AUC and its interval; of one that is ``constant``, that word."""
    return (say("constant"), "") if constant(row) else auc(row)


def real_faces_fact(real: Found, worst: Found | None, alpha: float, say: Say) -> Fact:
    """Return how many real faces were falsely accused in the test, with the rate of the worst kind of face beside it.

    Where no kind fares worse than real faces, there is no other rate to tell of.

    Args:
        real: the measured rate of real faces, as JSON.
        worst: that of the kind where it is highest.
        alpha: the limit.
        say: the language.
    """
    told = say("{alarms} of {n}", alarms=count(round(real["value"] * real["n"])), n=count(real["n"]))
    small = say("at most {share} at 95 % confidence", share=percent(real["high"]))
    if worst is not None and (worst["value"] > real["value"] or _above(worst, alpha)):
        share = percent(worst["value"])
        small += "; " + (
            say("worst kind of face: {share}, above the limit", share=share)
            if _above(worst, alpha)
            else say("worst kind of face: {share}", share=share)
        )
        if _is_of_few(worst):
            small += "; " + say(FEW, n=worst["people"], kind=say(SOURCE_NAMES[worst["kind"]]).lower())
    return Fact(say("False alarms on real faces, measured"), told, small)


def worst_kind_fact(worst: Found | None, alpha: float, say: Say) -> Fact:
    """Return the false-positive rate of the kind of face where it is highest, and whether it breaks the limit."""
    fact = rate_fact(say("False alarms, measured"), worst, say)
    if worst is None:
        return fact
    small = [fact.small]
    if _is_of_few(worst):
        small.append(say(FEW, n=worst["people"], kind=say(SOURCE_NAMES[worst["kind"]]).lower()))
    if _above(worst, alpha):
        small.append(say("the worst kind of face, above the limit"))
    return Fact(fact.name, fact.value, "; ".join(small))


def _is_of_few(rate: Found) -> bool:
    """Whether a rate is that of so few people that their number says more than that of their photos."""
    return rate.get("kind") in SOURCE_NAMES and rate.get("people", FEW_PEOPLE) < FEW_PEOPLE


def _above(worst: Found, alpha: float) -> bool:
    """Whether a rate is clearly above the limit: of a kind with too few people to calibrate on, nothing is promised."""
    return bool(worst["low"] > alpha)


def together_fact(photos: Found, say: Say) -> Fact:
    """Return how many of a person's photos were judged together, of all that were given; ``photos`` is the answer's, as JSON."""
    return Fact(say("Photos judged together"), f"{len(photos['judged'])} {say('of')} {photos['given']}")


def answer_facts(said: Found, alpha: float, prior: float, say: Say, real: Found | None = None) -> tuple[Fact, ...]:
    """Return p-value, measured rates, and the chance that "evidence of use" is right.

    Args:
        said: the answer as JSON.
        alpha: the limit.
        prior: the reader's belief before the test.
        say: the language.
        real: the false-positive rate of real faces, as JSON, for an answer about one; None tells that of the worst kind.
    """
    hits, right = said["true_positive_rate"], said["right_at_prior"]
    value, small = say("not measured"), believed(prior, say)
    if hits is None and said["false_positive_rate"] is not None:
        small = say("none is known to be used")
    elif hits is not None and hits["value"] == 0:  # no p-value is as small as this, with so few known non-members
        value, small = NONE, say("at this limit it never says so")
    elif right is not None:
        value, alarms = percent(right), said["false_positive_rate"] or {"high": 1.0}
        if (most := alarms.get("high_of_any", 0.0)) > alarms["high"]:  # see ``at_most`` of ``precision``
            share = percent(most)
            small += "; " + say(
                "counted with {share} false alarms, the most that any kind of people may have", share=share
            )
    p, worst = said["p_value"], said["false_positive_rate"]
    return (
        Fact(say("p-value"), NONE if p is None else p_value(p), say("evidence at {alpha} or less", alpha=limit(alpha))),
        worst_kind_fact(worst, alpha, say) if real is None else real_faces_fact(real, worst, alpha, say),
        rate_fact(say("Used ones found, measured"), hits, say),
        Fact(say("Right when it says “evidence”"), value, small),
    )
