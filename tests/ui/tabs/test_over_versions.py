"""Since which version: the chart below an answer, as a browser gets it, of a page that was served with a series."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mint.errors import WeightsMissing
from mint.i18n.translate import Say
from mint.judging.over_time import judge_over_time
from mint.report.story.over_time import over_time_lines
from mint.ui.loading import Versions
from tests.lab.versions.made_up_series import JUMP, NAMES, planted, seen
from tests.ui.fake_versions import Planted
from tests.ui.guest import Guest, Guests
from tests.ui.reading import FACE, Elements, text, words
from tests.ui.served import LET_GRADIO_WARN, Networks, Served, lent, serving_here
from tests.ui.tabs.test_reporting import files

pytestmark = LET_GRADIO_WARN
Visit = Callable[..., Guest]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    bundles, series = planted(tmp_path_factory.mktemp("series"))
    return Versions(series, Networks(Planted(bundles)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def offering(
    served_once: Served, written_examples: Any, versions: Versions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    uploads = tmp_path_factory.mktemp("uploads")
    with serving_here(written_examples, uploads, who=served_once.who, versions=versions) as page:
        yield page


@pytest.fixture
def page(offering: Served, versions: Versions) -> Iterator[Served]:
    networks: Any = versions.loading
    networks.error = None
    networks.test = Planted(networks.test.bundles)
    with lent(offering) as page:
        yield page
    networks.arrive()


@pytest.fixture
def visit(page: Served) -> Iterator[Visit]:
    with Guests(page.url, page.config) as guests:
        yield guests.come


def rows(html: str) -> list[dict[str, str]]:
    """The chart's numbers."""
    (section,) = [a for tag, a in Elements(html).found if tag == "section" and "data-rows" in a]
    names = str(section["data-columns"]).split(",")
    return [dict(zip(names, row.split(","), strict=True)) for row in str(section["data-rows"]).split("\n")]


def sentences(versions: Versions, alpha: float, say: Say) -> list[str]:
    asked: Any = versions.loading.get()
    look = seen("photo", dict(zip(NAMES, asked.scores[0], strict=True)), asked.bundles)
    (face,) = judge_over_time(asked.bundles, look, versions.series, alpha)
    return [" ".join(line.split()) for line in over_time_lines(face.to_dict(), say)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_chart_follows_the_answer_and_says_what_shell_and_report_say(
    visit: Visit, versions: Versions, language: str
) -> None:
    guest = visit(lang=language)
    guest.fields["alpha"] = 0.05
    assert guest.page.get("versions", "") == ""
    guest.pick("examples", 0)
    steps = guest.visitor.steps
    verdict, chart = (next(i for i, step in enumerate(steps) if step.get(part)) for part in ("faces", "versions"))
    assert verdict < chart, "the verdict does not wait for it"
    html = guest.page["versions"]
    told = text(html)
    for line in sentences(versions, 0.05, Say(language, strict=True)):
        assert line in told
    found = rows(html)
    assert [row["version"] for row in found] == list(NAMES)
    assert [row["first"] for row in found] == ["0", "0", "1", "0"]
    assert found[2]["in_set"] == "1"
    assert [float(row["score"]) for row in found] == pytest.approx([0.0, 0.0, JUMP, JUMP])
    assert Elements(html).values("class").count("dot") == 4 + 1, "one a version, and one in the legend"
    assert versions.loading.get().looks == 1  # type: ignore[attr-defined]


def test_a_slider_moves_the_thresholds_and_shows_nothing_to_a_network(visit: Visit, versions: Versions) -> None:
    guest = visit()
    guest.pick("examples", 0)
    before = [float(row["threshold"] or "inf") for row in rows(guest.page["versions"])]
    guest.move("alpha", 0.05)
    after = [float(row["threshold"] or "inf") for row in rows(guest.page["versions"])]
    assert all(low < high for low, high in zip(after, before, strict=True))
    assert "α = 0.05" in text(guest.page["versions"])
    assert versions.loading.get().looks == 1  # type: ignore[attr-defined]


def test_another_photo_takes_the_chart_away_before_it_has_its_own(visit: Visit, versions: Versions) -> None:
    guest = visit()
    guest.pick("examples", 0)
    begun = len(guest.visitor.steps)
    guest.pick("examples", 1)
    later = [step["versions"] for step in guest.visitor.steps[begun:] if "versions" in step]
    assert later[0] == ""
    assert any("Asking the versions" in one for one in later[:-1])
    assert rows(later[-1])
    assert versions.loading.get().looks == 2  # type: ignore[attr-defined]
    guest.ask("photo", "input", photo=None)  # the field is emptied, and nothing else
    assert rows(guest.page["versions"])
    assert versions.loading.get().looks == 2  # type: ignore[attr-defined]


def test_the_report_has_it(visit: Visit, versions: Versions) -> None:
    guest = visit()
    guest.fields["alpha"] = 0.05
    guest.add(FACE)
    guest.ask("make")
    found = files(guest.page["links"])
    (photo,) = json.loads(found["mint-report.json"])["over_time"]["photos"]
    assert (photo["name"], photo["faces"][0]["first"]) == ("photo", "v3")
    for line in sentences(versions, 0.05, Say("en", strict=True)):
        assert line in text(found["mint-report.html"].decode())


def test_while_they_load_the_page_says_so_and_answers(visit: Visit, versions: Versions) -> None:
    networks: Any = versions.loading
    networks.hold()
    guest = visit()
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == ["twin-a", "twin-b"]
    assert "The versions were not loaded yet" in guest.page["versions"]
    guest.ask("make")
    assert "over_time" not in json.loads(files(guest.page["links"])["mint-report.json"])
    networks.arrive()
    guest.pick("examples", 0)
    assert rows(guest.page["versions"])


def test_where_they_cannot_be_opened_the_page_says_so_and_answers(visit: Visit, versions: Versions) -> None:
    networks: Any = versions.loading
    networks.error = WeightsMissing("There is no bundle in v2.")
    guest = visit(lang="es")
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == ["twin-a", "twin-b"]
    assert "Aquí no se puede preguntar a las versiones" in guest.page["versions"]


def test_without_a_series_there_is_none_of_it(served: Served, page: Served) -> None:
    def names(of: Served) -> list[str]:
        return [c["props"].get("elem_id") for c in of.config["components"]]

    assert "versions" in names(page)
    assert "versions" not in names(served)
    assert len(served.config["dependencies"]) < len(page.config["dependencies"])
