"""What is drawn of a bundle is what its scores say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from typer import Typer
from typer.testing import CliRunner

from mint.bundles.bundle import SOURCES, Bundle
from mint.cli.lab.commands import register
from mint.evidence.conformal import largest_p_values
from mint.evidence.fusion import Platt
from mint.evidence.metrics import calibration_error
from mint.evidence.score_table import PHOTO
from mint.lab.evaluation.bundle_plots import (
    AUDITORS,
    CONTROLS,
    curves,
    evidence_threshold,
    plot_bundle,
    reliability_bins,
)
from tests.lab.evaluation.test_plots import words
from tests.tiny_bundles import tiny_bundle

NAMES = ["roc-sample", "roc-identity", "scores", "reliability"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("b") / "twin-a")


def test_four_drawings_with_names_and_counts(bundle: Bundle, tmp_path: Path) -> None:
    paths = plot_bundle(bundle, tmp_path / "new" / "folder", ".svg", draws=20)
    assert [p.name for p in paths] == [f"{name}.svg" for name in NAMES]
    sample, identity, scores, reliable = map(words, paths)
    assert "twin-a: members against siblings" in sample
    assert "false-positive rate, of 240 siblings of 240 people" in sample
    assert "of 240 outsiders of 240 people" in identity
    for label in ("combined, AUC", "prototype", "consistency", "published (vanilla), all stages", "published (CNN)"):
        assert label in sample
    for label in ("pixels", "untrained network", "the other twin", "shuffled labels"):
        assert f"control: {label}" in sample
        assert f"control: {label}" in identity
    for label in ("members", "siblings", "outsiders", "real faces", "240 pictures", "α = 0.01"):
        assert label in scores
    assert "calibration error" in reliable
    assert "1,200 pictures" in reliable


def test_curves_are_the_level_s_scores(bundle: Bundle) -> None:
    for level, others, shuffled in (
        ("sample", "siblings", "shuffled-labels"),
        ("identity", "outsiders", "shuffled-people"),
    ):
        found = {c.label: c for c in curves(bundle, level)}
        np.testing.assert_array_equal(found["combined"].non_members, bundle.test[others][PHOTO])
        control = found["control: shuffled labels"]
        np.testing.assert_array_equal(control.members, bundle.scores[shuffled]["members"][PHOTO])
        assert [c.control for c in found.values()] == [label.startswith("control") for label in found]
        assert [c.label for c in found.values()] == [*AUDITORS.values(), *(f"control: {x}" for x in CONTROLS.values())]


def test_the_threshold_is_where_evidence_begins(bundle: Bundle) -> None:
    threshold = evidence_threshold(bundle)
    assert threshold is not None
    every = np.sort(np.concatenate([bundle.calibration[s][PHOTO] for s in SOURCES[PHOTO]]))
    p = largest_p_values(every, bundle.bounds(PHOTO, PHOTO))
    lowest = every[p <= 0.01].min(initial=np.inf)  # of the non-members, the lowest that is accused
    highest = every[p > 0.01].max()
    assert highest - 0.01 < threshold <= min(lowest, highest + 0.01) + 0.01
    assert largest_p_values([threshold], bundle.bounds(PHOTO, PHOTO))[0] <= 0.01
    assert evidence_threshold(bundle, 0.001) is None  # no p-value is that small


def test_without_any_evidence_there_is_no_line(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("roc_loglog", "reliability"):
        monkeypatch.setattr(f"mint.lab.evaluation.bundle_plots.{other}", lambda *_: None)
    few = {s: {c: v[:40] for c, v in t.items()} for s, t in bundle.calibration.items()}
    high = {**few, "real": {**few["real"], PHOTO: np.linspace(-500, 500, 40).astype(np.float32)}}
    small = replace(bundle, scores={**bundle.scores, "calibration": high})
    assert evidence_threshold(small) is None
    plot_bundle(small, tmp_path, ".svg", draws=5)
    assert "beyond" not in words(tmp_path / "scores.svg")


def test_bins_hold_every_picture_and_weigh_sources_alike(bundle: Bundle) -> None:
    test = {**bundle.test, "real": {c: v[:80] for c, v in bundle.test["real"].items()}}
    mixed = replace(bundle, scores={**bundle.scores, "test": test}, platt={PHOTO: Platt(1.0, -1.5)})
    bins, error = reliability_bins(mixed, draws=20)
    assert sum(b.pictures for b in bins) == 4 * 240 + 80
    assert all(b.low <= b.so <= b.high and b.people <= b.pictures for b in bins)
    # Members count four times, and real faces three, so that every source and either class weighs alike.
    scores = np.r_[
        np.repeat(test["members"][PHOTO], 4),
        *[test[s][PHOTO] for s in ("siblings", "outsiders", "openpeople")],
        np.repeat(test["real"][PHOTO], 3),
    ]
    p, is_member = Platt(1.0, -1.5).probability(scores), np.arange(8 * 240) < 4 * 240
    assert error.value == pytest.approx(calibration_error(p, is_member))
    by_tenth = {int(b.said * 10): b for b in bins}
    for tenth, b in by_tenth.items():
        inside = (p * 10).astype(int) == tenth
        assert b.said == pytest.approx(p[inside].mean())
        assert b.so == pytest.approx(is_member[inside].mean())


def test_a_bin_s_interval_counts_people(bundle: Bundle) -> None:
    eight = {source: {**t, "identity": t["identity"] // 8} for source, t in bundle.test.items()}  # photos a person
    sure = replace(bundle, platt={PHOTO: Platt(0.0, 0.0)}, scores={**bundle.scores, "test": eight})
    (only,), _ = reliability_bins(sure, draws=5)
    assert (only.said, only.so) == (0.5, pytest.approx(0.5))
    # Members and siblings are the same 30 people, and there are 30 of each other source: 120. Kish's
    # number is larger: (2 · 240)² / (240 + 240 / 4) = 768.
    wanted = binomtest(60, 120).proportion_ci(method="exact")
    assert (only.pictures, only.people) == (1200, 120)
    assert (only.low, only.high) == (pytest.approx(wanted.low, abs=1e-6), pytest.approx(wanted.high, abs=1e-6))


@pytest.mark.full
def test_the_command_writes_them(weights: Path, tmp_path: Path) -> None:
    app = Typer()
    register(app)
    call = ["plots", str(weights / "twin-a"), "--out", str(tmp_path), "--format"]
    done = CliRunner().invoke(app, [*call, "png"])
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f"{name}.png" for name in NAMES)
    assert all((tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in NAMES)
    refused = CliRunner().invoke(app, [*call, "gif"])
    assert refused.exit_code == 2
    assert "png" in refused.output
