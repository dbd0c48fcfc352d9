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
    assert re.findall(r"[\d.]+", share.removesuffix(".")) in (
        ["6", "60.8", "95", "50.0", "100"],
        ["6", "60.8", "95", "50.0", "100."],
    )
    assert [int(n) for n in re.findall(r"(?:Photo|Foto) (\d)", named)] == [1, 2]
    assert "10.0" in named


def test_no_list_is_no_line() -> None:
    assert len(usage_lines(replace(AUDIT, named=()).to_dict(), Say("en", strict=True))) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_cannot_be_said_comes_with_its_reason(language: str) -> None:
    say = Say(language, strict=True)
    why = Sentence("at this limit the test finds no more members than non-members")
    (line,) = usage_lines(replace(AUDIT, share=None, named=(), reason=why).to_dict(), say)
    assert say(why) in line
    assert not re.search(r"\d", line)
