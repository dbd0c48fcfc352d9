"""The numbers behind a chart are those that it draws, whole, and what is read out of them is in words."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from mint.i18n.translate import Say
from mint.ui.views import chart_data
from mint.ui.views.details.layer_strips import drawing as strip
from mint.ui.views.details.layers import layers
from mint.ui.views.nearest import BINS, Known, line, nearest
from mint.ui.views.play.false_alarm_dots import false_alarm_dots
from mint.ui.views.play.roc_curve import AT, Curve, Point, drawing
from mint.ui.views.play.trace import Place, trace
from tests.ui.fakes import face_audit
from tests.ui.reading import Elements

RANDOM = np.random.default_rng(3)
KNOWN = Known(RANDOM.normal(3, 1, 400), RANDOM.normal(-3, 1, 4000))


def saved(html: str) -> list[dict[str, str]]:
    """What ``charts.js`` saves of one section of charts."""
    (columns,) = Elements(html).values("data-columns")
    found = [columns]
    for _, attributes in Elements(html).found:
        if attributes.get("data-rows"):
            key = attributes.get("data-key")
            found += [f"{key},{row}" if key else row for row in rows_of(attributes)]
    rows = list(csv.reader(io.StringIO("\n".join(found))))
    assert {len(row) for row in rows} == {len(rows[0])}, "every row has every column"
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def rows_of(attributes: dict[str, str | None]) -> list[str]:
    """As ``charts.js`` has them: bins with their ends."""
    rows = str(attributes["data-rows"]).split("\n")
    if not attributes.get("data-ends"):
        return rows
    edges = np.linspace(*map(float, str(attributes["data-ends"]).split(",")), len(rows) + 1)
    return [f"{low:.4g},{high:.4g},{row}" for low, high, row in zip(edges[:-1], edges[1:], rows, strict=True)]


def filled(told: str, row: str) -> str:
    cells = row.split(",")
    return re.sub(r"\{(\d+)\}", lambda place: cells[int(place[1])], told)


def readers(html: str) -> list[dict[str, str | None]]:
    """The drawings that can be read by key."""
    found = [attributes for _, attributes in Elements(html).found if attributes.get("role") == "slider"]
    for each in found:
        rows = rows_of(each)
        n, at = int(str(each["aria-valuemax"])), int(str(each["aria-valuenow"])) - 1
        assert 0 <= at < n <= len(rows)
        said = str(each["aria-valuetext"])
        assert "{" not in said
        for words in Elements(html).values("data-told"):  # of the section
            assert re.sub(r"[\d.e+-]+", "#", said) == re.sub(r"[\d.e+-]+", "#", filled(words, rows[at]))
        assert len(str(each["data-x"]).split()) in (2, n)
        assert each["aria-label"]
    return found


def test_known_scores_are_counted_once_in_what_is_saved_and_the_mark_is_where_reading_begins() -> None:
    audit = face_audit(True)
    html = nearest({"twin-a": audit, "twin-b": audit}, {"twin-a": KNOWN, "twin-b": KNOWN}, ())
    rows = saved(html)
    assert [row["network"] for row in rows] == ["twin-a"] * BINS + ["twin-b"] * BINS
    assert sum(int(row["used"]) for row in rows) == 800
    assert sum(int(row["unused"]) for row in rows) == 8000
    for reader in readers(html):
        cells = rows_of(reader)[int(str(reader["aria-valuenow"])) - 1].split(",")
        assert float(cells[0]) - 0.01 <= audit.photo.score <= float(cells[1]) + 0.01
    assert "puntuación de" in line(1.0, KNOWN, Say("es", True))


def test_a_strip_says_its_ends_and_is_reached_by_the_arrow_keys() -> None:
    members, others = RANDOM.normal(1, 1, 300), RANDOM.normal(-1, 1, 500)
    html = strip(members, others, 0.4, key=("twin-a", "same", "cnn", "stage1"))
    (reader,) = readers(html)
    assert reader["tabindex"] == "-1"
    assert reader["data-key"] == "twin-a,same,cnn,stage1,0.4"
    rows = [row.split(",") for row in rows_of(reader)]
    assert sum(int(row[2]) for row in rows) == 300
    assert sum(int(row[3]) for row in rows) == 500
    low, high = re.findall(r'class="scale" aria-hidden="true"><span>([^<]*)</span><span>([^<]*)<', html)[0]
    assert float(low.replace("−", "-")) == pytest.approx(float(rows[0][0]), rel=0.01)
    assert float(high) == pytest.approx(float(rows[-1][1]), rel=0.01)


def test_every_bar_is_saved_with_its_interval_and_verdict() -> None:
    audit = face_audit(True)
    rows = saved(layers({"twin-a": audit}))
    assert len(rows) == len(audit.layers) + 1
    first, said = rows[0], audit.layers[0]
    assert float(first["membership"]) == pytest.approx(said.membership, rel=1e-3)
    assert float(first["membership_low"]) == pytest.approx(said.membership_low, rel=1e-3)
    assert rows[-1]["auditor"] == "combined"
    assert rows[-1]["verdict"] == "evidence of use"


def test_a_roc_is_saved_with_everybody_s_place_and_read_from_the_limit_on() -> None:
    fpr = np.linspace(0, 1, 50)
    curves = [Curve("Twin A, the whole test", "together", fpr, np.sqrt(fpr)), Curve("another", "published", fpr, fpr)]
    html = drawing(curves, [Point("you", "you", 0.25, 0.5), Point("the test", "test", 0.1, 0.9)], 0.01)
    rows = saved(html)
    assert len(rows) == len(AT) + 2
    assert rows[-2] == {"false_alarm_rate": "0.25", "found_together": "", "found_published": "", "found_you": "0.5", "found_test": ""}  # fmt: skip
    (reader,) = readers(html)
    assert int(str(reader["aria-valuemax"])) == len(AT)
    assert str(reader["aria-valuetext"]).startswith("false alarms 0.01")
    assert 'role="img"' in drawing([], [Point("you", "you", 0.25, 0.5)], 0.01)


def test_the_thousand_dots_are_saved_as_counts() -> None:
    rows = saved(false_alarm_dots(0.01, 0.5, 0.9))
    assert {(row["alpha"], row["prior"]) for row in rows} == {("0.01", "0.5")}
    assert sum(int(row["photos"]) for row in rows) == 1000
    assert {row["kind"]: row["photos"] for row in rows} == {"quiet": "495", "missed": "50", "hit": "450", "alarm": "5"}


@pytest.mark.parametrize(("alpha", "prior", "found"), [(0.01, 0.5, 0.9), (0.05, 0.0, 1.0), (0.001, 0.013, 0.7)])
def test_the_thousand_dots_are_read_where_they_stand(alpha: float, prior: float, found: float) -> None:
    html = false_alarm_dots(alpha, prior, found)
    (reader,) = readers(html)
    words = str(reader["data-words"]).split("\n")
    assert [int(said.split()[0]) for said in words] == [int(row["photos"]) for row in saved(html)]
    assert reader["aria-valuetext"] == words[0]
    wide, step = map(int, str(reader["data-dots"]).split())
    places = list(zip(*(map(float, str(reader[name]).split()) for name in ("data-x", "data-y")), strict=True))
    assert len(places) == len(words)
    for path in [attributes for tag, attributes in Elements(html).found if tag == "path"]:
        drawn = re.findall(r"M([\d.]+) ([\d.]+)a([\d.]+)", str(path["d"]))
        middles = [(float(left) + float(radius), float(y)) for left, y, radius in drawn]
        x, top = places[int(str(path["data-at"]))]
        assert top == pytest.approx(middles[0][1] - step / 2), "above its first line"
        in_one_line = middles[0][1] == middles[-1][1]
        assert x == pytest.approx((middles[0][0] + middles[-1][0]) / 2 if in_one_line else wide * step / 2)
    assert "{" not in html


def test_a_lesson_is_saved_with_both_places() -> None:
    crop = np.zeros((112, 112, 3), np.uint8)
    html = trace(KNOWN, 1.0, Place(crop, 2.5), Place(crop, -1.5))
    assert {(row["taught"], row["control"]) for row in saved(html)} == {("2.5", "-1.5")}
    assert len(readers(html)) == 1
    assert saved(trace(KNOWN, 1.0, Place(None, 2.5), None))[0]["control"] == ""


def test_the_scale_has_round_numbers_within_its_ends() -> None:
    for low, high in ((-4.2, 9.7), (0.0, 1.0), (-0.031, 0.012), (1e5, 1.1e5), (2.0, 2.0)):
        marks = chart_data.ticks(low, high)
        assert len(marks) <= chart_data.MOST_TICKS
        assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks)
    assert chart_data.ticks(-4.2, 9.7) == [0.0, 5.0] or chart_data.ticks(-4.2, 9.7) == [-2.5, 0.0, 2.5, 5.0, 7.5]
    assert chart_data.ticks(0.0, 1.0) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert chart_data.number(-2.5) == "−2.5"


def test_a_name_of_any_kind_stays_one_cell_and_text() -> None:
    name = '"a", <b>\'{{1}}'
    audit = replace(face_audit(True), layers=())
    html = nearest({name: audit}, {name: KNOWN}, ())
    assert {row["network"] for row in saved(html)} == {name}
    assert "<b>'" not in html
    assert "{{" not in html
    assert unescape(html).count("{{1}}") >= 1
