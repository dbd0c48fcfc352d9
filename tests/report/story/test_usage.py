"""How many of several photos were used, told from the audit's own figures."""

import re
from dataclasses import replace

import pytest

from mint.evidence.usage_share import UsageShare
from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.judging.folder import FolderAudit
from mint.judging.photo import NEAR_UNCALIBRATED
from mint.networks.match_faces import UNSEEN
from mint.report.optional.usage import answer_of
from mint.report.story.usage import usage_lines

PHOTOS = tuple(Sentence("Photo {n}", n=n) for n in range(1, 7))
AUDIT = FolderAudit(
    "photos", "twin-a", "0" * 64, 0.01, 0.1, 6, PHOTOS, (), (), (), UsageShare(0.6075, 0.5, 1.0, 3, 6, 1), PHOTOS[:2]
)


def lines(audit: FolderAudit, say: Say) -> list[str]:
    return usage_lines(answer_of(audit), say)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_figures_and_the_photos_are_those_of_the_audit(language: str) -> None:
    share, named = lines(AUDIT, Say(language, strict=True))
    assert re.findall(r"\d+", share) == ["6", "4", "95", "3", "6"], "photos, as the interval is one of whole photos"
    assert [int(n) for n in re.findall(r"(?:Photo|Foto) (\d)", named)] == [1, 2]
    assert "10\u202f%" in named


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("share", "photos"), [(0.75, 3), (0.0, 0), (1.0, 4)])
def test_an_interval_of_one_number_is_no_interval(language: str, share: float, photos: int) -> None:
    sure = replace(AUDIT, share=UsageShare(share, share, share, photos, 4, 1))
    told = lines(sure, Say(language, strict=True))[0]
    assert re.findall(r"\d+", told) == ["4", str(photos), "95"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_list_says_on_whom_it_was_not_checked(language: str) -> None:
    say = Say(language, strict=True)
    few = replace(AUDIT, kinds_left_out=("openpeople",))
    *_, told = lines(few, say)
    assert say("Photographic fictional people (few)") in told
    assert len(lines(replace(few, named=()), say)) == 1, "without a list there is nothing to say of it"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("n", "photos"), [(6, 6), (2, 2), (1, 1)])
def test_where_every_number_fits_none_is_told(language: str, n: int, photos: int) -> None:
    share = UsageShare(0.9, 0.0, 1.0, n, n, 1)
    assert share.anything
    (told,) = lines(replace(AUDIT, share=share, named=(), given=n), Say(language, strict=True))
    assert ("cannot be told" if language == "en" else "se puede decir") in told
    assert re.findall(r"\d+", told) == ([str(n), "0", str(n)] if n > 1 else []), (
        "no best estimate, and no plural of one"
    )
    for low, high in ((0.0, (n - 1) / n), (1 / n, 1.0)):
        assert not replace(share, low=low, high=high).anything


def test_one_photo_is_no_plural() -> None:
    for used in (0, 1):
        sure = replace(AUDIT, share=UsageShare(used, used, used, used, 1, 1), named=())
        (told,) = lines(sure, Say("en", strict=True))
        assert "photos" not in told
        assert ("was not used" in told) == (not used)


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_not_counted_is_told_with_its_reason(language: str) -> None:
    say = Say(language, strict=True)
    near, unlike = NEAR_UNCALIBRATED, Sentence("in no photo: {why}", why=UNSEEN)
    less = replace(
        AUDIT,
        given=6,
        judged=PHOTOS[:2],
        copies=((PHOTOS[5], PHOTOS[0]),),
        left_out=((PHOTOS[2], near), (PHOTOS[3], unlike), (PHOTOS[4], near)),
        share=UsageShare(0.5, 0.0, 0.5, 1, 2, 1),
        named=(),
    )
    counted, repeated, first, second = lines(less, say)
    assert say("the {n} photos that can be counted (each by itself)", n=2) in counted
    assert re.findall(r"(?:Photo|Foto) (\d)", repeated) == ["6", "1"]
    assert (re.findall(r"(?:Photo|Foto) (\d)", first), say(near) in first) == (["3", "5"], True)
    assert (re.findall(r"(?:Photo|Foto) (\d)", second), say(unlike) in second) == (["4"], True)
    lost = replace(less, copies=((PHOTOS[5], PHOTOS[2]),))
    assert lines(lost, say)[1] == say(
        "{photo} repeats {of}: neither is judged.", photo=say.name(PHOTOS[5]), of=say.name(PHOTOS[2])
    )
    before = {key: value for key, value in answer_of(less).items() if key not in ("copies", "left_out")}
    assert usage_lines(before, say) == [counted], "a report made before it was told"


def test_no_list_is_no_line() -> None:
    assert len(lines(replace(AUDIT, named=()), Say("en", strict=True))) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_cannot_be_said_comes_with_its_reason(language: str) -> None:
    say = Say(language, strict=True)
    why = Sentence("at this limit the test finds no more members than non-members")
    (line,) = lines(replace(AUDIT, share=None, named=(), reason=why), say)
    assert say(why) in line
    assert not re.search(r"\d", line)
