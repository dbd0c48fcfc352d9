"""How many of several photos were used, told from the audit's own figures."""

import re
from dataclasses import replace

import pytest

from mint.evidence.usage_share import UsageShare
from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.judging.folder import FolderAudit
from mint.report.story.usage import usage_lines

PHOTOS = tuple(Sentence("Photo {n}", n=n) for n in range(1, 7))
AUDIT = FolderAudit(
    "photos", "twin-a", "0" * 64, 0.01, 0.1, 6, PHOTOS, (), (), (), UsageShare(0.6075, 0.5, 1.0, 3, 6, 1), PHOTOS[:2]
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_figures_and_the_photos_are_those_of_the_audit(language: str) -> None:
    share, named = usage_lines(AUDIT.to_dict(), Say(language, strict=True))
    assert re.findall(r"\d+", share) == ["6", "4", "95", "3", "6"], "photos, as the interval is one of whole photos"
    assert [int(n) for n in re.findall(r"(?:Photo|Foto) (\d)", named)] == [1, 2]
    assert "10\u202f%" in named


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("share", "photos"), [(0.75, 3), (0.0, 0), (1.0, 4)])
def test_an_interval_of_one_number_is_no_interval(language: str, share: float, photos: int) -> None:
    sure = replace(AUDIT, share=UsageShare(share, share, share, photos, 4, 1))
    told = usage_lines(sure.to_dict(), Say(language, strict=True))[0]
    assert re.findall(r"\d+", told) == ["4", str(photos), "95"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_list_says_on_whom_it_was_not_checked(language: str) -> None:
    say = Say(language, strict=True)
    few = replace(AUDIT, kinds_left_out=("openpeople",))
    *_, told = usage_lines(few.to_dict(), say)
    assert say("Photographic fictional people (few)") in told
    assert len(usage_lines(replace(few, named=()).to_dict(), say)) == 1, "without a list there is nothing to say of it"


def test_no_list_is_no_line() -> None:
    assert len(usage_lines(replace(AUDIT, named=()).to_dict(), Say("en", strict=True))) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_cannot_be_said_comes_with_its_reason(language: str) -> None:
    say = Say(language, strict=True)
    why = Sentence("at this limit the test finds no more members than non-members")
    (line,) = usage_lines(replace(AUDIT, share=None, named=(), reason=why).to_dict(), say)
    assert say(why) in line
    assert not re.search(r"\d", line)
