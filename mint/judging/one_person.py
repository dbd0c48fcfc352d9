"""Tell whether photos seem to show one person, and how far that can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mint.bundles.bundle import Bundle
from mint.evidence.odd_photo import OddCheck
from mint.evidence.person import MIXED, Photos
from mint.evidence.score_table import OUTSIDERS, REAL
from mint.i18n.figures import percent
from mint.i18n.sentences import Sentence
from mint.types import Rate

WHOSE = {
    MIXED: Sentence("people whom it was trained on"),
    OUTSIDERS: Sentence("people of its training set’s kind whom it never saw"),
    REAL: Sentence("real people"),
}


@dataclass(frozen=True, slots=True)
class OnePerson:
    """Whether photos seem to show one person.

    Attributes:
        warning: which photo seems to show somebody else, and how often such a doubt is wrong; or None.
        doubtful: the photos that it names.
        wrongly: the share of sets of one person that are doubted all the same, of the worst kind of people; None without doubt.
        untold: what the silence does not say; None where there is a doubt, or only one photo.
    """

    warning: Sentence | None = None
    doubtful: tuple[str, ...] = ()
    wrongly: Rate | None = None
    untold: Sentence | None = None


def one_person(bundle: Bundle, names: tuple[str, ...], photos: Photos) -> OnePerson:
    """Ask the bundle's test whether all photos show one person.

    Args:
        bundle: with a test of people.
        names: of the photos.
        photos: likewise.
    """
    if len(names) < 2 or bundle.people is None:
        return OnePerson()
    check = bundle.people.odd_check(len(names))
    if check is None:
        return OnePerson(untold=_unchecked(len(names), (bundle.evaluation or {}).get("recognition")))
    odd = bundle.people.odd_one(photos)
    if odd is None:
        return OnePerson(untold=_silent(len(names), check))
    doubtful = names if len(names) == 2 else (names[odd],)
    return OnePerson(_warning(names, odd, check), doubtful, check.wrongly)


def _warning(names: tuple[str, ...], odd: int, check: OddCheck) -> Sentence:
    wrong = percent(check.wrongly.high)
    if len(names) == 2:
        return Sentence(
            "{one} and {other} may show two people: to this network they go together less than photos of one person mostly do. "
            "It doubts up to {wrong} of the sets that do show one person",
            one=names[0],
            other=names[1],
            wrong=wrong,
        )
    return Sentence(
        "{photo} may show somebody else: to this network it goes with the others less than photos of one person mostly do. "
        "It doubts up to {wrong} of the sets that do show one person",
        photo=names[odd],
        wrong=wrong,
    )


def _silent(n: int, check: OddCheck) -> Sentence:
    """Say how seldom somebody else is noticed, of the kind of people where that is seldomest."""
    kind = min(check.noticed, key=lambda kind: check.notices(kind).value)
    return Sentence(
        "no photo was doubted, which does not show that all are of one person: where one of {n} photos showed somebody else, "
        "this network noticed {noticed} of the sets of {people}",
        n=n,
        noticed=percent(check.notices(kind).value),
        people=WHOSE.get(kind, kind),
    )


def _unchecked(n: int, recognition: Mapping[str, Any] | None) -> Sentence:
    """Say that nobody measured it, and how well the network recognises at all, where that is known."""
    try:
        real, fictional = (
            percent(float((recognition or {})[f"{kind} people"]["accuracy"])) for kind in ("real", "fictional")
        )
    except (KeyError, TypeError, ValueError):
        return Sentence(
            "whether all photos show one person was not checked: of sets of {n} photos it was not measured how often this "
            "network would notice somebody else",
            n=n,
        )
    return Sentence(
        "whether all photos show one person was not checked: this network tells real strangers right in {real} of pairs, and "
        "fictional ones in {fictional}",
        real=real,
        fictional=fictional,
    )
