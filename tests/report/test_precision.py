from __future__ import annotations

import pytest

from mint.evidence.score_table import PERSON, PHOTO
from mint.evidence.verdict import at_most
from mint.judging.photo import measured_rates
from mint.membership import MembershipTest
from mint.report.document import Document
from mint.report.precision import PRIORS, precision
from tests.report import papers


@pytest.mark.parametrize("kind", ["one", "many", "person"])
def test_it_is_bayes_rule_at_the_highest_upper_end_of_any_kind(
    twins: MembershipTest, documents: dict[str, Document], kind: str
) -> None:
    document = documents[kind]
    rows = {(row["network"], row["question"]): row for row in document["precision"]}
    questions = (PERSON,) if kind == "person" else (PHOTO, PERSON)
    assert set(rows) == {(name, question) for name in twins.bundles for question in questions}
    for (name, question), row in rows.items():
        bundle = twins.bundles[name]
        if kind == "person":
            assert bundle.people is not None
            (said,) = [a for a in document["person"]["answers"] if a["network"] == name]
            alarms, hits = bundle.people.rates(len(said["photos"]["judged"]), document["alpha"])
        else:
            alarms, hits = measured_rates(bundle, question, document["alpha"])
        assert [sure["prior"] for sure in row["priors"]] == [0.5, 0.1, 0.01] == list(PRIORS)
        for sure in row["priors"]:
            odds = sure["prior"] / (1 - sure["prior"]) * hits.value / at_most(alarms)
            assert sure["right"] == pytest.approx(odds / (1 + odds))
        (network,) = [one for one in document["networks"] if one["name"] == name]
        assert max(kind["high"] for kind in network["false_alarms"][question]) == at_most(alarms), "as the table has it"


def test_what_was_not_measured_or_is_never_said_is_none(documents: dict[str, Document]) -> None:
    faces = documents["one"]["photos"][0]["faces"]
    answer = faces[0]["answers"][0]
    never = {**answer["photo"], "true_positive_rate": {"value": 0.0, "low": 0.0, "high": 0.1, "n": 30}}
    unknown = {**answer["person"], "true_positive_rate": None}
    changed = {**answer, "photo": never, "person": unknown}
    photo = {**documents["one"]["photos"][0], "faces": [{**faces[0], "answers": [changed]}]}
    for row in precision({**documents["one"], "photos": [photo]}):
        assert [sure["right"] for sure in row["priors"]] == [None, None, None]


def test_without_a_face_nobody_is_accused(twins: MembershipTest, documents: dict[str, Document]) -> None:
    assert precision({**documents["one"], "photos": [{**documents["one"]["photos"][0], "faces": []}]}) == []
    assert papers.one(twins)["precision"], "and with one somebody may be"
