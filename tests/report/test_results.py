from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mint.membership import MembershipTest
from mint.report.document import Document, photo_report
from mint.report.results import results
from tests.report import papers

KEYS = {
    "test", "network", "subject", "threat_model", "metric", "value", "interval", "n", "control", "verdict",
}  # fmt: skip
KINDS = ("one", "many", "person")


def of(document: Document, start: str, **wanted: Any) -> list[dict[str, Any]]:
    """The results whose metric begins so."""
    return [
        one
        for one in document["results"]
        if (one["metric"] or "").startswith(start) and all(one[key] == value for key, value in wanted.items())
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_a_line_with_its_verdict(documents: dict[str, Document], kind: str) -> None:
    document = documents[kind]
    assert all(set(one) == KEYS for one in document["results"])
    told = Counter((one["network"], one["value"], one["verdict"]) for one in of(document, "p-value"))
    if kind == "person":
        said = [(a["network"], a["p_value"], a["verdict"]) for a in document["person"]["answers"]]
    else:
        said = [
            (a["network"], a[question]["p_value"], a[question]["verdict"])
            for photo in document["photos"]
            for face in photo["faces"]
            for a in face["answers"]
            for question in ("photo", "person")
        ]
    assert told == Counter(said)


def test_rates_have_intervals_and_controls(twins: MembershipTest, documents: dict[str, Document]) -> None:
    document = documents["one"]
    for network in document["networks"]:
        name = network["name"]
        answer = next(a for a in document["photos"][0]["faces"][0]["answers"] if a["network"] == name)
        for question in ("photo", "person"):
            test = f"membership of a {question}"
            (false,) = of(document, "false-positive", network=name, test=test)
            rate = answer[question]["false_positive_rate"]
            assert (false["value"], false["n"]) == (rate["value"], rate["n"])
            assert false["interval"] == {"low": rate["low"], "high": rate["high"]}
            (area,) = of(document, "AUC", network=name, test=test)
            level = {"photo": "sample", "person": "identity"}[question]
            (blind,) = [one for one in network["evaluation"]["levels"] if one["level"] == level]
            best = max(r["auc"] for r in blind["controls"] if r["control"] in ("pixels", "untrained"))
            assert area["control"]["value"] == false["control"]["value"] == best
            assert area["verdict"] == "beats its controls"
            compared = sum(len(rows) for rows in twins.bundles[name].non_members(question, question).values())
            assert of(document, "p-value", network=name, test=test)[0]["n"] == compared
        assert [one["value"] for one in of(document, "precision", network=name, test="membership of a photo")] == [
            sure["right"] for sure in document["precision"][0 if name == "twin-a" else 2]["priors"]
        ]


def test_what_was_not_tested_is_a_line_without_a_figure(documents: dict[str, Document]) -> None:
    lines = [one for one in documents["one"]["results"] if one["verdict"] == "not tested"]
    assert [one["test"] for one in lines] == ["model inversion", "attribute inference", "extraction by query"]
    for line in lines:
        assert {key for key, value in line.items() if value is not None} == {"test", "verdict"}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (None, "no claim"),
        ({"epsilon": 0.1, "delta": 1e-5}, "contradiction"),
        ({"epsilon": 50.0}, "no contradiction"),
    ],
)
def test_a_broken_promise_is_a_contradiction(twins: MembershipTest, claim: Any, verdict: str) -> None:
    bundles = {n: replace(b, facts={**b.facts, "privacy": claim}) for n, b in twins.bundles.items()}
    document = photo_report(bundles, [papers.exhibit(twins, "photo.jpg", 1)], 0.01, 0.5)
    for line in of(document, "epsilon"):
        assert line["verdict"] == verdict
        assert line["value"] == line["interval"]["low"] > 0.1
        assert (line["control"] is None) == (claim is None)
    assert len(of(document, "epsilon")) == 2


def test_an_auditor_that_may_not_speak_did_not_beat_its_controls(tmp_path: Path) -> None:
    silent = papers.one(papers.make_test(tmp_path, gate=False))
    assert {one["verdict"] for one in of(silent, "AUC")} == {"does not beat its controls"}
    for network in silent["networks"]:
        network["evaluation"]["levels"] = [{**level, "controls": []} for level in network["evaluation"]["levels"]]
    assert {one["verdict"] for one in results(silent) if one["metric"] == "AUC"} == {"controls not run"}
    assert {one["verdict"] for one in of(silent, "p-value")} == {"cannot say"}
