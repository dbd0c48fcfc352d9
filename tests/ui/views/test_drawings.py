"""The drawings: maps, known scores, ROC, crowd, growth."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.evidence.metrics import KindRate
from mint.evidence.verdict import WorstRate
from mint.i18n.translate import ENGLISH, Say
from mint.types import Rate, Verdict
from mint.ui.examples import Example
from mint.ui.views.details.saliency import activity, over
from mint.ui.views.nearest import HALF, Known, line, nearest
from mint.ui.views.play.false_alarm_dots import Measured, false_alarm_dots
from mint.ui.views.play.roc_curve import Curve, Point, drawing
from mint.ui.views.play.trace import Place, trace
from tests.ui.fakes import face_audit
from tests.ui.reading import text

RANDOM = np.random.default_rng(3)
KNOWN = Known(RANDOM.normal(3, 1, 400), RANDOM.normal(-3, 1, 4000))


def test_an_active_cell_glows_where_it_is_and_nowhere_else() -> None:
    crop = np.full((112, 112, 3), 100, np.uint8)
    energy = np.zeros((8, 8), np.float32)
    energy[1, 6] = 1.0
    shown = over(crop, energy).astype(int)
    warmth = shown[..., 0] - shown[..., 2]
    assert np.unravel_index(warmth.argmax(), warmth.shape) == pytest.approx((21, 91), abs=5)
    assert warmth[60:, :60].max() <= 2


def test_every_network_and_tap_has_its_picture_with_a_name() -> None:
    maps = {n: {f"stage{i}": np.zeros((4, 4), np.float32) for i in (1, 2)} for n in ("twin-a", "twin-b")}
    html = activity(dict.fromkeys(maps, np.zeros((112, 112, 3), np.uint8)), maps)
    assert html.count("<img") == 4
    assert 'alt="Stage 2 of twin B over the face"' in html
    assert activity({}, {}) == ""


def test_the_mark_stands_where_the_score_is_also_beyond_the_ends() -> None:
    def mark(score: float) -> float:
        found = re.search(r'class="mark" d="M([\d.]+)', line(score, KNOWN))
        assert found
        return float(found[1])

    low, high = KNOWN.ends()
    assert mark(low - 100) == 0
    assert mark(high + 100) == 560
    assert mark((low + high) / 2) == pytest.approx(280)
    assert mark(0) < mark(1) < mark(2)


def test_the_scale_of_the_scores_is_named_below_its_numbers_and_within_the_drawing() -> None:
    drawn = line(2.0, KNOWN, Say("es", strict=True))
    named = re.search(r'y="(\d+)" text-anchor="middle">puntuación</text></g>', drawn)
    box = re.search(r'viewBox="0 (-?\d+) \d+ (\d+)"', drawn)
    assert named
    assert box
    ticks = [int(y) for y in re.findall(r'y="(\d+)" text-anchor="middle">[−\d.]+</text>', drawn)]
    assert max(ticks) < int(named[1]) <= int(box[1]) + int(box[2])


def test_how_many_unused_ones_score_as_high_is_counted() -> None:
    audit = face_audit(True)
    audit = replace(audit, photo=replace(audit.photo, score=float(np.sort(KNOWN.others)[-7])))
    assert "7 of 4\u202f000 photos" in nearest({"twin-a": audit}, {"twin-a": KNOWN}, ())


def test_the_nearest_examples_are_the_nearest_and_not_the_photo_itself() -> None:
    def example(name: str, score: float, used: bool, file: str = "") -> Example:
        return Example(Path(file or name), name, "", {"twin-a": used}, {}, f"data:{name}", {"twin-a": score}, {})

    audit = face_audit(True)
    audit = replace(audit, photo=replace(audit.photo, score=2.0))
    files = {2.5: "05-gan.png", 1.0: "01-gan.png", 3.5: "07-gan.png"}
    here = [example(f"u{s}", s, True, files.get(s, "")) for s in (2.0, 2.5, 9.0, 1.0, 3.5)]
    here += [example("n", -4.0, False)]
    html = nearest({"twin-a": audit}, {"twin-a": KNOWN}, here)
    assert re.findall(r'src="data:([^"]+)"', html) == ["u2.5", "u1.0", "u3.5", "n"]
    captions = re.findall(r"<figcaption><b>(.*?)</b>(.*?)</figcaption>", html)
    assert [score for score, _ in captions] == ["score 2.5", "score 1.0", "score 3.5", "score −4.0"]
    assert [name for _, name in captions] == ["05-gan", "01-gan", "07-gan", "n"], "whoever checks looks them up by name"


@pytest.mark.parametrize(
    ("alpha", "prior", "found", "hits", "alarms"),
    [(0.01, 0.5, 1.0, 500, 5), (0.01, 0.01, 1.0, 10, 10), (0.05, 0.0, 1.0, 0, 50)],
)
def test_the_crowd_has_a_dot_for_everybody(alpha: float, prior: float, found: float, hits: int, alarms: int) -> None:
    html = false_alarm_dots(alpha, prior, found)
    dots = {kind: path.count("M") for kind, path in re.findall(r'<path class="(\w+)" [^>]*d="([^"]+)"', html)}
    assert sum(dots.values()) == 1000
    assert (dots.get("hit", 0), dots.get("alarm", 0)) == (hits, alarms)
    wrong = alarms / (hits + alarms)
    assert f"{100 * wrong:.0f}" in html.split("accusations")[0].split("So")[-1]


def test_nobody_is_accused_at_a_limit_of_nothing() -> None:
    assert "nobody is accused" in false_alarm_dots(0.0, 0.0, 1.0)


@pytest.mark.parametrize("prior", [0.5, 0.02])
def test_the_dots_say_why_an_answer_names_another_share(prior: float) -> None:
    """The same numbers as on the first tab: of those accused, so many were used, at the upper end of what was measured."""
    found, few = Rate(0.829, 0.809, 0.849, 1406), Rate(0.0, 0.0, 0.052, 105)
    alarms = WorstRate.among(
        (KindRate.of("siblings", Rate(0.0095, 0.0072, 0.012, 1968)), KindRate.of("openpeople", few))
    )
    right = 829 * prior / (829 * prior + 52 * (1 - prior))
    told = text(false_alarm_dots(0.01, prior, 0.829, ENGLISH, Measured("twin-a", alarms, found)))
    assert "The answers of twin A count with the highest share" in told
    assert f"any kind of face, 5.2 %: of their accusations {100 * right:.1f} % are right." in told
    assert "count with the highest" not in text(false_alarm_dots(0.01, prior, 0.829))
    never = Measured("twin-a", Rate(0.0, 0.0, 0.0, 105), Rate(0.0, 0.0, 0.01, 1406))
    assert "count with the highest" not in text(false_alarm_dots(0.01, prior, 0.0, ENGLISH, never)), "it never accuses"


def test_a_curve_goes_through_its_corners_and_points_say_what_they_are() -> None:
    fpr, tpr = np.array([0.0, 0.0, 0.5, 1.0]), np.array([0.0, 0.8, 0.9, 1.0])
    html = drawing([Curve("auditor", "together", fpr, tpr)], [Point("you", "you", 0.2, 0.4)], 0.01)
    path = re.search(r'class="curve together" d="M([^"]+)"', html)
    assert path
    places = [tuple(map(float, p.split())) for p in path[1].split("L")]
    assert places[0] == (58.0, 300.0), "the corner where nobody is accused and nothing found"
    assert places[1] == (58.0, pytest.approx(60.0))  # 0.8 found without any false alarm
    assert places[-1] == (358.0, 0.0)
    assert "you: finds 40.0\u202f% at 20.0\u202f% false alarms" in html


def test_every_line_of_the_roc_is_in_its_legend_and_it_says_whom_it_compares() -> None:
    curve = Curve("auditor", "together", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    html = drawing([curve], [Point("you", "you", 0.2, 0.4)], 0.01, ENGLISH, "used photos against <others>")
    lines = re.findall(r'<path class="(?:curve )?(together|published|toss|limit)"', html)
    assert sorted(lines) == ["limit", "together", "toss"]
    assert set(lines) < set(re.findall(r'<li><i class="(\w+)"></i>', html))
    assert "measured on test photos: used photos against &lt;others&gt;." in html
    assert "measured on test photos" not in drawing([], [], 0.01, ENGLISH, "used photos")


def test_each_kind_is_named_beside_its_own_photos() -> None:
    drawn = trace(KNOWN, 1.0, Place(None, 4.0), None)
    x, y, anchor = re.findall(r'<text class="used" x="([\d.]+)" y="(\d+)" text-anchor="(\w+)">used →', drawn)[0]
    assert anchor == "end"
    assert KNOWN.place(0) < float(x) < KNOWN.place(1.0), "it points to the used ones, and no line crosses it"
    assert 0 < int(y) < HALF, "in their half"
    x, y = re.findall(r'<text class="unused" x="([\d.]+)" y="(\d+)" text-anchor="middle">unused', drawn)[0]
    low, high = np.quantile(KNOWN.others, [0.1, 0.9])
    assert KNOWN.place(low) < float(x) < KNOWN.place(high)
    assert HALF < int(y) < 2 * HALF
    for score in (-4.0, 4.0):
        drawn = line(score, KNOWN)
        assert re.findall(r'<text class="unused" x="(\d+)"', drawn) == ["0"], "where the unused ones are"
        used, unused, mark = (
            int(re.findall(rf'<text class="{kind}" [^>]*y="(-?\d+)"', drawn)[0]) for kind in ("used", "unused", "mark")
        )
        assert abs(mark - (used if score < 0 else unused)) < 5, "at the other end of that line"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_all_of_it_is_told_in_spanish(verdict: Verdict) -> None:
    say = Say("es", strict=True)
    audit = {"twin-a": face_audit(True, verdict=verdict)}
    maps = {"twin-a": {"stage1": np.zeros((4, 4), np.float32)}}
    for html in (
        nearest(audit, {"twin-a": KNOWN}, (), say),
        activity({"twin-a": np.zeros((112, 112, 3), np.uint8)}, maps, say),
        false_alarm_dots(0.01, 0.3, 0.9, say),
        drawing((), (Point(say("you"), "you", 0.1, 0.2),), 0.01, say),
    ):
        assert "photo" not in re.sub(r'="[^"]*"', "", html)
