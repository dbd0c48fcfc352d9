"""The scan through the layers, from the scores and figures that ship with the twins, and from small invented ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import unescape

import numpy as np
import pytest
from safetensors.numpy import load_file

from mint.bundles.bundle import Bundle
from mint.evidence.verdict import BEATEN
from mint.i18n.sentences import Sentence
from mint.i18n.translate import Say
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from mint.types import FaceAudit, LayerScore, Verdict
from mint.ui.sessions import photo as photo_session
from mint.ui.views.details.layer_strips import BINS, HALF, WIDTH, drawing, scan, scannable
from tests.ui import fakes
from tests.ui.fakes import FakeTest, a_face
from tests.ui.reading import FACE, Elements, text

TWIN = WEIGHTS / "twin-a"
COLUMNS = [f"{kind}/stage{n}" for n in (1, 2, 3, 4) for kind in ("vanilla", "cnn")]
COLUMNS += ["vanilla/embedding", "norm/embedding", "vanilla/all", "cnn/all"]
COLUMNS += ["consistency/views", "prototype/head", "centred/head"]
OPEN = {"vanilla/all", "norm/embedding", "consistency/views", "prototype/head", "centred/head"}
STRIP = re.compile(
    r'<div class="strip"><h5>(.*?)</h5><div class="on-same([^"]*)">(.*?)</div><div class="on-papers">(.*?)</div></div>',
    re.S,
)
SCORE = 0.37


@cache
def flat() -> Mapping[str, np.ndarray]:
    return load_file(TWIN / "scores.safetensors")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The scores, gates and figures of twin A, without its network."""
    scores: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for name, values in flat().items():
        split, source, column = name.split("|")
        scores.setdefault(split, {}).setdefault(source, {})[column] = values
    gates = read_json(TWIN / "bundle.json")["gates"]
    return replace(fakes.bundle("twin-a"), scores=scores, gates=gates, evaluation=read_json(TWIN / "evaluation.json"))


def face(bundle: Bundle) -> FaceAudit:
    """One that scores alike everywhere; an auditor speaks where its gate is open."""
    said = []
    for column in COLUMNS:
        auditor, layer = column.split("/")
        verdict = Verdict.NO_SIGN if bundle.gates[column] else Verdict.CANNOT_SAY
        said.append(LayerScore(layer, auditor, SCORE, 0.4, 0.5, verdict))
    return replace(fakes.face_audit(True), layers=tuple(said))


@pytest.fixture(scope="module")
def html(bundle: Bundle) -> str:
    return drawn(bundle, Say())


def drawn(bundle: Bundle, say: Say) -> str:
    maps = {"twin-a": {f"stage{n}": np.zeros((4, 4), np.float32) for n in (1, 2, 3, 4)}}
    return scan({"twin-a": face(bundle)}, {"twin-a": bundle}, {"twin-a": a_face().crop}, maps, say)


def strips(html: str) -> dict[str, tuple[str, str, str]]:
    """Column to the classes, the drawing for the same source and the one for the papers' data, in the page's order."""
    found = [strip[1:] for strip in STRIP.findall(html)]
    return dict(zip(COLUMNS, found, strict=True))


def sides(split: str, others: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Generated members and the others, read from the file again."""
    used = flat()[f"{split}|members|{column}"][flat()[f"{split}|members|generated"].astype(bool)]
    return used, flat()[f"{split}|{others}|{column}"]


def heights(part: str, kind: str) -> np.ndarray:
    """How far the outline of a side lies from the line, bin by bin."""
    found = re.search(rf'class="{kind}" d="M0 {HALF}((?:V[\d.]+h10)+)', part)
    assert found
    return np.abs(np.array([float(y) for y in re.findall(r"V([\d.]+)", found[1])]) - HALF)


def counted(scores: np.ndarray, low: float, high: float) -> np.ndarray:
    """Bins without ``np.histogram``."""
    place = np.floor((scores.astype(float) - low) / (high - low) * BINS).clip(0, BINS - 1).astype(int)
    return np.bincount(place, minlength=BINS)


def span(every: np.ndarray, score: float | None) -> tuple[float, float]:
    low, high = np.quantile(every, [0.005, 0.995])
    if score is not None:
        low, high = min(low, score), max(high, score)
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


@pytest.mark.parametrize(
    "column", ["vanilla/stage1", "cnn/stage4", "norm/embedding", "consistency/views", "centred/head"]
)
def test_a_strip_counts_the_people_of_the_test(html: str, column: str) -> None:
    _, same, _ = strips(html)[column]
    used, unused = sides("test", "siblings", column)
    low, high = span(np.concatenate([used, unused]), SCORE)
    for kind, scores in (("used", used), ("unused", unused)):
        counts = counted(scores, low, high)
        assert heights(same, kind) == pytest.approx(HALF * counts / counts.max(), abs=HALF * 1.5 / counts.max())
    sizes = [f"{len(side):,}".replace(",", "\u202f") for side in (used, unused)]
    assert "{} used photos above the line, {} unused ones below".format(*sizes) in same


def test_every_stop_is_open_where_no_script_folds_it(html: str) -> None:
    before, whole = html.split('<details class="whole" open>')
    assert whole.count('class="stop"') == html.count('class="stop"') > 0
    assert "from top to bottom" in before, "what a stop is stands outside"


@pytest.mark.parametrize("column", ["vanilla/stage1", "vanilla/all", "prototype/head"])
def test_on_the_papers_data_it_counts_real_faces_and_has_no_dot(html: str, column: str) -> None:
    _, same, papers = strips(html)[column]
    used, unused = sides("cross-database", "real", column)
    counts = counted(unused, *span(np.concatenate([used, unused]), None))
    assert heights(papers, "unused") == pytest.approx(HALF * counts / counts.max(), abs=HALF * 1.5 / counts.max())
    assert 'class="dot"' in same
    assert 'class="dot"' not in papers
    assert "so it has no dot here" in text(html)


def test_the_figures_are_those_of_the_evaluation(html: str) -> None:
    evaluation = read_json(TWIN / "evaluation.json")
    kinds = (evaluation["sample"]["rows"], evaluation["cross-database"]["sample"]["rows"])
    same, papers = ({f"{row['auditor']}/{row['layer']}": row for row in rows} for rows in kinds)
    for column, (_, here, there) in strips(html.replace("\u2060", "")).items():
        row = same[column]
        assert f"AUC {row['auc']:.3f} {row['auc_low']:.3f}–{row['auc_high']:.3f}" in text(here)
        if column not in papers:
            assert text(there) == "not measured with this data"
            continue
        row = papers[column]
        assert f"AUC {row['auc']:.3f} {row['auc_low']:.3f}–{row['auc_high']:.3f}" in text(there)
        assert f"no member on either side: AUC {row['without_membership']['auc']:.3f}" in text(there)
        assert ("Does not beat" in there) is not row["gate"]["passes"]
        assert ("Beats its controls" in there) is row["gate"]["passes"]


def test_the_switch_tells_what_it_promises() -> None:
    """A published auditor parts databases and nothing else; those of this project hold on both kinds of data."""

    def chance(split: str, others: str, column: str) -> float:
        used, unused = sides(split, others, column)
        below = np.searchsorted(np.sort(unused), used).mean() / len(unused)
        return float(below)

    for column in ("vanilla/all", "vanilla/embedding"):
        assert chance("cross-database", "real", column) > 0.8
        assert abs(chance("test", "siblings", column) - 0.5) < 0.07
    for column in ("consistency/views", "prototype/head", "centred/head"):
        assert chance("cross-database", "real", column) > 0.95
        assert chance("test", "siblings", column) > 0.95


def test_the_dot_lies_at_the_score(html: str) -> None:
    for column, (_, same, _) in strips(html).items():
        used, unused = sides("test", "siblings", column)
        low, high = span(np.concatenate([used, unused]), SCORE)
        found = re.findall(r'class="(?:drop|ring|dot)" d="M([\d.]+) ', same)
        assert len(found) == 3
        assert [float(x) for x in found] == pytest.approx([WIDTH * (SCORE - low) / (high - low)] * 3, abs=0.06), column


@pytest.mark.parametrize("score", [-1e4, 1e4])
def test_a_score_unlike_all_others_is_still_drawn_inside(score: float) -> None:
    found = re.search(r'class="dot" d="M([\d.]+) ', drawing(np.arange(9.0), np.arange(9.0) - 4, score))
    assert found
    assert 0 < float(found[1]) < WIDTH


def test_the_silent_are_grey_with_their_number_and_the_reason(html: str) -> None:
    silent = {column for column, (classes, _, _) in strips(html).items() if "silent" in classes}
    assert silent == set(COLUMNS) - OPEN
    for column in silent:
        _, same, _ = strips(html)[column]
        assert "Cannot say" in same
        assert re.search(r"AUC 0\.\d{3}", text(same))
    reasons = [text(told) for told in re.findall(r'<p class="why on-same">(.*?)</p>', html)]
    assert reasons == [f"Where a strip is grey, its auditor cannot say. {str(BEATEN).capitalize()}."], "once for all"
    assert html.index("Where a strip is grey") < html.index('<ol class="stops">')


def test_an_auditor_that_beat_its_controls_is_silent_for_the_face(bundle: Bundle) -> None:
    dim = Sentence(
        "{quality} is lower than in nearly all the photos this test was calibrated on", quality=Sentence("brightness")
    )
    audit = face(bundle)
    quiet = tuple(replace(said, verdict=Verdict.CANNOT_SAY) for said in audit.layers[-3:])
    audit = replace(audit, layers=quiet)
    told = scan({"twin-a": audit}, {"twin-a": bundle}, {}, {})
    assert "Consistency, Prototype, Centred: The face is unlike nearly all that it was calibrated on." in text(told)
    audit = replace(audit, photo=replace(audit.photo, verdict=Verdict.CANNOT_SAY, reason=dim))
    told = scan({"twin-a": audit}, {"twin-a": bundle}, {}, {})
    assert "Centred: Brightness is lower than in nearly all the photos this test was calibrated on." in text(told)
    quiet = tuple(replace(said, verdict=Verdict.CANNOT_SAY) for said in face(bundle).layers)
    told = text(scan({"twin-a": replace(audit, layers=quiet)}, {"twin-a": bundle}, {}, {}))
    assert "Where a strip is grey and nothing else is said, its auditor cannot say. It did not beat" in told
    assert told.count(f"{str(BEATEN).capitalize()}.") == 1
    assert told.count("Brightness is lower") == 3, "the other reason stands where it holds"
    assert "Norm: Brightness" in told
    assert "Consistency, Prototype, Centred: Brightness" in told


def test_stops_follow_the_network_and_stages_open_their_maps(html: str) -> None:
    stops = [text(name) for name in re.findall(r"<h4>(.*?)</h4>", html)]
    names = [f"Stage {n}" for n in (1, 2, 3, 4)]
    assert stops == [*names, "Embedding", "All layers", "Head and altered views added by this project"]
    ours = [text(name) for name in re.findall(r"<h5>(.*?)</h5>", html) if "added by this project" in name]
    assert ours == ["Norm length of the embedding; added by this project"], "the others' stop says so of all"
    alts = re.findall(r'<details class="zoom"><summary><img [^>]*alt="([^"]*)"', html)
    assert alts == [f"{name} of twin A over the face" for name in names]


def test_both_switches_are_radio_buttons_with_a_name() -> None:
    test = FakeTest()
    audit = fakes.face_audit(True)
    html = scan(dict.fromkeys(test.bundles, audit), test.bundles, {}, {})
    radios = [attributes for tag, attributes in Elements(html).found if tag == "input"]
    assert [(r["name"], r["value"], "checked" in r) for r in radios] == [
        ("scan-network", "0", True), ("scan-network", "1", False), ("scan-data", "papers", False), ("scan-data", "same", True),
    ]  # fmt: skip
    assert re.findall(r"<legend>(.*?)</legend>", html) == ["Network", "Data"]
    assert [text(label) for label in re.findall(r"<label>(.*?)</label>", html)] == [
        "A Twin A", "B Twin B", "Papers’ data", "Same source",
    ]  # fmt: skip


def without_papers(bundle: Bundle) -> Bundle:
    kept = {split: tables for split, tables in bundle.scores.items() if not split.startswith("cross-database")}
    return replace(bundle, scores=kept)


def test_without_the_papers_data_there_is_nothing_to_switch(bundle: Bundle) -> None:
    bare = without_papers(bundle)
    html = drawn(bare, Say())
    assert "scan-data" not in html
    assert html.count('<svg class="cloud"') == len(COLUMNS)


def test_one_bundle_without_them_says_so_beside_another_with(bundle: Bundle) -> None:
    bare = without_papers(bundle)
    audit = face(bundle)
    html = scan({"twin-a": audit, "twin-b": audit}, {"twin-a": bundle, "twin-b": bare}, {}, {})
    assert "not measured with the papers’ data" not in text(html.partition('data-place="1"')[0])
    assert "This network was not measured with the papers’ data." in text(html.partition('data-place="1"')[2])


def test_a_network_without_scores_keeps_its_open_chart_and_its_maps() -> None:
    test = FakeTest()
    now = photo_session.begin(test, photo_session.read(FACE.read_bytes()), {})  # type: ignore[arg-type]
    bare = {
        name: replace(one, scores={"calibration": one.calibration, "test": {}}) for name, one in test.bundles.items()
    }
    assert not any(scannable(fakes.face_audit(True), one) for one in bare.values())
    test.bundles = bare
    html = photo_session.show_details(test, now, 0.01, 0.5)  # type: ignore[arg-type]
    assert 'class="scan"' not in html
    assert "<details" not in html
    assert html.count('class="maps"') == 2


def test_it_stays_small(html: str) -> None:
    for _, same, papers in strips(html).values():
        assert max(len(same), len(papers)) < 2000


def test_all_of_it_is_told_in_spanish(bundle: Bundle) -> None:
    html = drawn(bundle, Say("es", strict=True))
    seen = unescape(" ".join([text(html), *Elements(html).values("aria-label", "alt")]))
    assert "Recorrido por las capas" in seen
    assert not re.findall(r"\b(?:the|photo|used|stage|papers|data|members?)\b", seen, re.I)
