"""Charts are read by pointer, by key and by ear, and saved as what they draw."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.driving import choose_example, go

BINS = 64  # of the known scores


@pytest.fixture
def answered(page: Page) -> Page:
    choose_example(page, 0)
    expect(page.locator("#details .scan")).to_be_visible()
    return page


def saved(page: Page, section: str, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as coming:
        page.locator(f"{section} [data-save]").click()
    coming.value.save_as(folder / "data.csv")
    assert coming.value.suggested_filename.endswith(".csv")
    with (folder / "data.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [row for row in rows if None in row or None in row.values()], "every row has every column"
    return rows


def test_a_pointer_reads_the_bin_that_it_is_on(answered: Page) -> None:
    chart = answered.locator(".nearest svg.scores").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    seen = []
    for share in (0.02, 0.51, 0.98):
        answered.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        expect(answered.locator(".chart-tip")).to_be_visible()
        expect(answered.locator(".chart-tip")).to_contain_text("score")
        seen.append(int(str(chart.get_attribute("aria-valuenow"))))
    assert seen == [2, 33, 63]
    answered.keyboard.press("Escape")
    expect(answered.locator(".chart-tip")).to_be_hidden()
    answered.mouse.move(box["x"] + 0.51 * box["width"], box["y"] + 4)
    expect(answered.locator(".chart-tip")).to_be_visible()
    answered.mouse.move(2, 2)
    expect(answered.locator(".chart-tip")).to_be_hidden()


def test_keys_read_a_chart_and_lead_to_the_next(answered: Page) -> None:
    charts = answered.locator(".scan .pass[data-place='0'] .on-same svg.cloud")
    first, second = charts.nth(0), charts.nth(1)
    expect(answered.locator(".scan .cloud[tabindex='0']:visible")).to_have_count(1)
    first.focus()
    answered.keyboard.press("Home")
    expect(first).to_have_attribute("aria-valuenow", "1")
    told = first.get_attribute("aria-valuetext")
    answered.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-valuenow", "2")
    assert first.get_attribute("aria-valuetext") != told
    expect(answered.locator(".chart-tip")).to_have_text(str(first.get_attribute("aria-valuetext")))
    answered.keyboard.press("End")
    expect(first).to_have_attribute("aria-valuenow", str(first.get_attribute("aria-valuemax")))
    answered.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    answered.keyboard.press("ArrowUp")
    expect(first).to_be_focused()


def test_the_thousand_dots_are_read_by_pointer_and_key(page: Page) -> None:
    go(page, "play")
    dots = page.locator("#crowd svg")
    dots.scroll_into_view_if_needed()
    box = dots.bounding_box()
    assert box is not None
    counts = [int(row.split(",")[-1]) for row in str(dots.get_attribute("data-rows")).split("\n")]
    before = 0
    for at, count in enumerate(counts):  # the first and the last dot of each kind
        for dot in {before, before + count - 1} if count else ():
            x, y = (dot % 50 + 0.5) / 50, (dot // 50 + 0.5) / 20
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            expect(page.locator(".chart-tip")).to_contain_text(f"{count} of 1000 photos")
            expect(dots).to_have_attribute("aria-valuenow", str(at + 1))
            expect(dots.locator("path.read")).to_have_attribute("data-at", str(at))
        before += count
    assert before == 1000
    page.mouse.move(2, 2)
    expect(page.locator(".chart-tip")).to_be_hidden()
    expect(dots.locator("path.read")).to_have_count(0)
    dots.focus()
    page.keyboard.press("Home")
    expect(page.locator(".chart-tip")).to_have_text(f"{counts[0]} of 1000 photos: used, found")
    page.keyboard.press("End")
    expect(page.locator(".chart-tip")).to_have_text(f"{counts[-1]} of 1000 photos: not used, left alone")
    expect(page.locator(".chart-line")).to_be_hidden()


def test_every_chart_s_data_are_saved(answered: Page, tmp_path: Path) -> None:
    known = saved(answered, ".nearest", tmp_path)
    assert [row["network"] for row in known] == ["twin-a"] * BINS + ["twin-b"] * BINS
    assert sum(int(row["unused"]) for row in known) > 1000
    scanned = saved(answered, ".scan", tmp_path)
    assert {row["network"] for row in scanned} == {"twin-a", "twin-b"}
    assert {row["data"] for row in scanned} == {"same", "papers"}
    assert float(scanned[0]["to"]) == float(scanned[1]["from"])
    answered.locator(".chart summary").click()
    assert {row["auditor"] for row in saved(answered, ".chart", tmp_path)} >= {"vanilla", "cnn", "combined"}
    go(answered, "person")
    answered.locator('#people [data-pick="0"]').click()
    expect(answered.locator("#person-photos li img")).to_have_count(3)
    grown = saved(answered, '#person-answer [data-network="twin-a"] .growth', tmp_path)
    assert [row["photos"] for row in grown] == ["1", "2", "3"]
    go(answered, "play")
    assert sum(int(row["photos"]) for row in saved(answered, ".crowd", tmp_path)) == 1000
    answered.locator("#game label").first.click()
    answered.locator("#game [data-done]").click()
    roc = saved(answered, ".roc", tmp_path)
    assert float(roc[0]["false_alarm_rate"]) == 0
    assert {bool(row["found_you"]) for row in roc} == {True, False}


def test_it_reads_in_spanish_and_fits_a_phone(opened: Open, url: str) -> None:
    page = opened(url, 390, 844, locale="es-ES")
    choose_example(page, 0)
    chart = page.locator(".nearest svg.scores").first
    chart.focus()
    page.keyboard.press("End")
    tip = page.locator(".chart-tip")
    expect(tip).to_contain_text("puntuación de")
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    figures = page.locator(".alike figure")
    assert figures.count() >= 4
    for figure in figures.all():
        expect(figure.locator("figcaption")).to_contain_text("puntuación")
