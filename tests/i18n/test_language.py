"""What is told in Spanish is Spanish."""

from __future__ import annotations

import re

import pytest

from mint.i18n.translate import Say, table
from mint.types import Verdict

# Words of either language, and those that a Spanish page keeps.
ALIKE = {"Embedding", "Control, AUC", "AUC, {level}{sizes}", "no", "Auditor", "{problem}. {advice}"}
ALIKE |= {"bundle.json: {sha256}", "versions.json, SHA-256"}  # names of files
ENGLISH = {
    "the", "and", "of", "is", "are", "was", "were", "this", "that", "these", "not", "with", "for", "to", "it", "or",
    "by", "from", "which", "photo", "photos", "picture", "network", "networks", "face", "faces", "your", "you",
}  # fmt: skip


def words(text: str) -> set[str]:
    """Those that a reader sees: neither markup nor places."""
    return set(re.findall(r"\w+", re.sub(r"<[^>]*>|\{\w+\}", " ", text).lower()))


def test_no_sentence_is_left_as_it_was() -> None:
    assert {english for english, told in table("es").items() if english == told} <= ALIKE


def test_no_sentence_has_english_words() -> None:
    strange = {english: sorted(found) for english, told in table("es").items() if (found := words(told) & ENGLISH)}
    assert not strange
    assert sum(bool(words(english) & ENGLISH) for english in table("es")) > 300, "English sentences would be noticed"


def test_no_verb_is_in_the_plural_by_a_number_that_may_be_one() -> None:
    """A name or a list of names may be its subject."""
    plural = re.compile(r"\{(?!networks|one|other|photos)\w+\} (?:se )?(?:\w+(?:aron|ieron)|son|están)\b")
    assert not [told for told in table("es").values() if plural.search(told)]


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict.EVIDENCE, "indicios de uso"),
        (Verdict.INCONCLUSIVE, "no concluyente"),
        (Verdict.NO_SIGN, "sin indicios de uso"),
        (Verdict.CANNOT_SAY, "no se puede decir"),
    ],
)
def test_the_four_answers_are_told_as_they_are(verdict: Verdict, told: str) -> None:
    assert Say("es")(verdict) == told
