"""The lines of the versions stand where their numbers say, and a version may be called anything."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mint.i18n.translate import Say
from mint.ui.views.details.over_time import instead, over_time
from tests.hostile.series_files import MEASURED
from tests.ui.reading import Elements, text

RATE = {"value": 0.004, "low": 0.001, "high": 0.012, "n": 900}
NAMES = ["v1", "v2", "v3"]
EVIDENCE: dict[str, Any] = {
    "scores": [-1.0, 3.0, 4.0], "thresholds": [2.0, 2.5, None], "usual": [[-2.0, 1.0], [-1.5, 1.5], [-1.0, 2.0]],
    "ratios": [1.0, 9.0, 3.0], "p_value": 0.004, "verdict": "evidence of use", "reason": "at most 0.4% score this high",
    "first": "v2", "versions": ["v2", "v3"], "alpha": 0.01, "false_positive_rate": RATE, "true_positive_rate": RATE,
    "removal": {"p_value": 0.3, "version": None, "false_positive_rate": RATE, "true_positive_rate": None},
}  # fmt: skip
NOTHING = {**EVIDENCE, "verdict": "inconclusive", "first": None, "versions": [], "removal": None}


def places(html: str, kind: str) -> list[float]:
    return [float(left) for left in re.findall(rf'class="{kind}" style="left:(-?[\d.]+)%', html)]


def test_marks_stand_where_the_numbers_say() -> None:
    html = over_time(EVIDENCE, NAMES, MEASURED)
    low, high = -2.0 - 0.05 * 6.0, 4.0 + 0.05 * 6.0
    assert places(html, "dot") == pytest.approx([100 * (s - low) / (high - low) for s in EVIDENCE["scores"]], abs=0.01)
    assert places(html, "threshold") == pytest.approx([100 * (t - low) / (high - low) for t in (2.0, 2.5)], abs=0.01)
    wide = [float(w) for w in re.findall(r'class="usual" style="left:[\d.]+%;width:([\d.]+)%', html)]
    assert wide == pytest.approx([100 * 3.0 / (high - low)] * 3, abs=0.01)
    ticks = re.findall(r'<span style="left:([\d.]+)%">(−?[\d.]+)</span>', html)
    assert len(ticks) > 3
    for left, value in ticks:
        assert float(left) == pytest.approx(100 * (float(value.replace("−", "-")) - low) / (high - low), abs=0.01)


def test_the_first_version_and_the_set_are_marked_and_said() -> None:
    html = over_time(EVIDENCE, NAMES, MEASURED)
    assert re.findall(r'<tr role="row" class="([^"]*)"', html) == ["", "first possible", "possible"]
    told = text(html)
    assert told.index("Most likely first used by v2.") < told.index("most likely used first here")
    assert "cannot be excluded" in told
    numbers = re.findall(r"</span>(−?[\d.]+|–)</td>", html)
    assert numbers == ["−1.00", "2.00", "3.00", "2.50", "4.00", "–"]
    plain = over_time(NOTHING, NAMES, MEASURED)
    assert re.findall(r'<tr role="row" class="([^"]*)"', plain) == ["", "", ""]
    taken = {**EVIDENCE["removal"], "version": "v3"}
    out = over_time({**EVIDENCE, "removal": taken}, NAMES, MEASURED)
    assert re.findall(r'<tr role="row" class="([^"]*)"', out)[2] == "possible out"
    assert "looks taken out here" in text(out)


@pytest.mark.parametrize(
    ("language", "left", "others"), [("en", "be excluded: v2", "Every other"), ("es", "descartar: v2", "las demás")]
)
def test_where_one_version_is_left_the_others_are_said_to_be_excluded(language: str, left: str, others: str) -> None:
    told = text(over_time({**EVIDENCE, "versions": ["v2"]}, NAMES, MEASURED, Say(language)))
    assert others in told
    assert left not in told
    assert others not in text(over_time(EVIDENCE, NAMES, MEASURED, Say(language)))


def test_a_reason_goes_on_after_the_verdict_without_a_capital() -> None:
    assert "Evidence of use: at most 0.4" in text(over_time(EVIDENCE, NAMES, MEASURED))


def test_a_face_that_a_version_does_not_see_has_no_mark_there() -> None:
    unseen = {**NOTHING, "verdict": "cannot say", "scores": [None, 3.0, None], "thresholds": [None] * 3, "ratios": []}
    html = over_time(unseen, NAMES, MEASURED)
    assert len(places(html, "dot")) == 1
    assert places(html, "threshold") == []


def test_names_are_escaped_and_said_whole() -> None:
    name = '<b onclick=x>{{7*7}}</b>, "v" & more'
    html = over_time({**EVIDENCE, "first": name, "versions": [name]}, ["v1", name, "v3"], MEASURED)
    assert not [tag for tag, _ in Elements(html).found if tag == "b" and "onclick" in html.partition("<b ")[2][:20]]
    assert "{{" not in html
    assert name in text(html)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_is_told_in_either_language(language: str) -> None:
    say = Say(language, strict=True)
    assert text(over_time(EVIDENCE | {"reason": "inconclusive"}, NAMES, MEASURED, say))
    assert "versions" in instead(say("Asking the versions …"), say)
