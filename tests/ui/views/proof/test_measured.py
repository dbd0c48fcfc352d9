from __future__ import annotations

from typing import Any

import pytest

from mint.i18n.translate import Say
from mint.ui.views.proof.measured import proof
from tests.ui.fakes import evaluation
from tests.ui.reading import text


def test_answers_auditors_controls_and_gate() -> None:
    html = proof({name: {**evaluation(), "pool": True} for name in ("twin-a", "twin-b")})
    for words in (
        "Who gets “evidence of use” at α\u00a0=\u00a01\u202f%",
        "Real faces",
        "against other photos of the same people",
        "against people whom it never saw",
        "The 9 published auditors",
        "Stage 1 · MLP",
        "Consistency",
        "0.985",
        "3\u202f710",
        "beat the best auditor on pixels or on an untrained network by",
    ):
        assert html.count(words) >= 2, words


def test_the_second_pair_is_folded_and_a_network_of_no_pair_is_not() -> None:
    names = ("twin-a", "twin-b", "mine", "augmented-a", "augmented-b")
    html = proof(dict.fromkeys(names, evaluation()))
    assert html.count('<section class="measured">') == len(names)
    open_, folded = html.split('<details class="fold"><summary>Augmented A, Augmented B</summary>')
    assert [part.count('<section class="measured">') for part in (open_, folded)] == [3, 2]
    alone = proof({"augmented-a": evaluation(), "augmented-b": evaluation()})
    assert 'class="fold"' not in alone, "who is asked first is shown"


def test_a_control_is_shown_only_where_it_is_one() -> None:
    html = proof({"twin-a": evaluation()})
    assert html.count("Pixels only") == html.count("Untrained network") == html.count("Shuffled labels") == 2
    assert html.count("The other network") == 1


@pytest.mark.parametrize(
    "found",
    [None, {}, {"sample": {}}, {"sample": {"rows": [{}], "controls": {"pixels": {}}, "gate": {}}}, {"sample": None, "identity": {"rows": None}}],
)  # fmt: skip
def test_what_was_not_measured_is_left_out(found: dict[str, Any] | None) -> None:
    assert "Twin A" in proof({"twin-a": found})


def test_of_a_network_of_the_user_s_nothing_is_said_that_only_a_pool_allows() -> None:
    told = {}
    for pool in (True, False):
        told[pool] = text(proof({"mine": {**evaluation(), "pool": pool}}))
    assert [word in told[True] for word in ("Generated people", "Real faces")] == [True, True]
    assert [word in told[False] for word in ("Generated people", "Real faces")] == [False, False]
    assert "except that the second is right about the person" in told[False]
    found = evaluation()["sample"]
    others = {kind: rate for kind, rate in found["verdicts"]["photo"].items() if kind != "siblings"}
    assert "The others are false alarms. " in text(
        proof({"mine": {"identity": {**found, "verdicts": {"photo": others}}}})
    )
    del others["members"]
    closed = {"passes": False, "margin": None}
    silent = {**found, "verdicts": {"photo": others}, "gate": closed, "tier": "reference"}
    told[False] = text(proof({"mine": {"identity": silent}}))
    assert "all of these are false alarms" in told[False]
    assert "no control could be run" in told[False]
    assert "near 100" not in told[False]
    assert "did not beat" not in told[False]


def test_a_failed_gate_is_told() -> None:
    failed = {"sample": {"rows": [], "gate": {"passes": False, "margin": -0.1}}}
    assert "cannot say" in proof({"twin-a": failed})


def test_a_name_from_a_file_is_escaped() -> None:
    html = proof({"<u>": {"sample": {"rows": [{"layer": "<s>", "auditor": "<i>x"}]}}})
    assert not any(tag in html for tag in ("<s>", "<i>", "<u>"))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "on 699 of the 1 151 used photos: those of generated people"),
        ("es", "con 699 de las 1 151 fotos usadas: las de personas generadas"),
    ],
)
def test_fewer_members_below_than_above_are_explained_where_there_are_fewer(language: str, told: str) -> None:
    say, found = Say(language, strict=True), evaluation()
    assert told in text(proof({"twin-a": found}, say))
    for row in found["sample"]["rows"]:
        row["members"] = 1151
    assert told.split(":")[1] not in text(proof({"twin-a": found}, say))
