from __future__ import annotations

import base64
import copy
import json
import math
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator, FormatChecker

import mint
from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.translate import Say
from mint.membership import MembershipTest
from mint.report.document import Document, ReportPhoto, photo_report
from mint.report.files import SCHEMA, render
from mint.report.render.blocks import Table, Text
from mint.report.story.answers import not_judged
from mint.report.story.commands import verify_command
from mint.report.story.story import story
from mint.storage.files import sha256_of
from mint.storage.paths import WEIGHTS
from mint.vision.images import open_photo
from tests.report import papers

KINDS = ("one", "many", "person", "one-shown", "many-shown", "person-shown")
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=FormatChecker())


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)
    assert VALIDATOR.schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("kind", KINDS)
def test_documents_are_valid_and_survive_json(documents: dict[str, Document], kind: str) -> None:
    document = documents[kind]
    VALIDATOR.validate(document)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def lose(*path: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return change


def put(value: Any, *path: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        lose("made"),
        lose("networks", 0, "fingerprint"),
        lose("photos", 0, "faces", 0, "answers", 0, "photo", "false_positive_rate"),
        lose("photos", 0, "faces", 0, "answers", 0, "layers", 0, "membership", "low"),
        put("mint-report-3", "format"),
        put("yesterday", "case", "copy_date"),
        put({}, "case"),
        put(2, "precision", 0, "priors", 0, "right"),
        lose("results", 0, "control"),
        lose("not_tested"),
        lose("networks", 0, "privacy"),
        put("guilty", "photos", 0, "faces", 0, "answers", 0, "photo", "verdict"),
        put(0.0, "photos", 0, "faces", 0, "answers", 0, "photo", "p_value"),
        put("zz", "networks", 0, "bundle_sha256"),
        put("<script>", "photos", 0, "faces", 0, "thumbnail"),
        put("yesterday", "made"),
        put([], "photos"),
        put(1, "note"),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_wrong(documents: dict[str, Document], change: Callable[[Any], None]) -> None:
    checker = FormatChecker()
    checker.checks("date-time", raises=ValueError)(lambda text: bool(datetime.fromisoformat(text)))
    document = copy.deepcopy(documents["one"])
    change(document)
    assert list(Draft202012Validator(VALIDATOR.schema, format_checker=checker).iter_errors(document))


def test_the_document_says_what_the_audits_say(twins: MembershipTest, documents: dict[str, Document]) -> None:
    look = twins.look_at(papers.faces(1), "photo.jpg")
    for audit, told in zip(twins.judge(look), documents["one"]["photos"][0]["faces"][0]["answers"], strict=True):
        (face,) = audit.faces
        contract = face.to_dict()
        assert told["network"] == audit.network
        assert told["photo"] == {key: contract.get(key, contract["combined"].get(key)) for key in told["photo"]}
        assert told["person"] == contract["person"]
        assert len(told["layers"]) == len(face.layers) > 3
        for layer, here in zip(face.layers, told["layers"], strict=True):
            assert (here["layer"], here["auditor"], here["speaks"]) == (layer.layer, layer.auditor, layer.speaks)
            assert (here["score"], here["p_value"], here["verdict"]) == (layer.score, layer.p_value, layer.verdict)
            ends = here["membership"]
            assert ends == {"value": layer.membership, "low": layer.membership_low, "high": layer.membership_high}
            assert 0 <= ends["low"] <= ends["value"] <= ends["high"] <= 1


def test_networks_carry_hashes_controls_and_gates(twins: MembershipTest, documents: dict[str, Document]) -> None:
    for told, (name, bundle) in zip(documents["one"]["networks"], twins.bundles.items(), strict=True):
        assert told["name"] == name
        assert told["fingerprint"] == bundle.network.fingerprint
        assert told["bundle_sha256"] == bundle.sha256
        assert told["may_speak"] == {q: bundle.passed_gate(q) for q in (PHOTO, PERSON)} == {PHOTO: True, PERSON: True}
        assert bundle.evaluation is not None
        for level in told["evaluation"]["levels"]:
            found = bundle.evaluation[level["level"]]
            assert level["gate"] == {key: found["gate"][key] for key in level["gate"]}
            assert {row["control"]: row["auc"] for row in level["controls"]} == {
                name: control["auc"] for name, control in found["controls"].items()
            }
            assert [row["auc"] for row in level["auditors"]] == [row["auc"] for row in found["rows"]]
        photo = told["evaluation"]["verdicts"]["photo"]
        assert {row["kind"]: row["n"] for row in photo["rates"]} == {
            kind: rate["n"]
            for kind, rate in bundle.evaluation["sample"]["verdicts"]["photo"].items()
            if kind != "alpha"
        }


def test_a_bundle_without_an_evaluation_says_so(twins: MembershipTest) -> None:
    bare = {n: replace(b, evaluation=None, facts={}) for n, b in twins.bundles.items()}
    document = photo_report(bare, [papers.exhibit(twins, "photo.jpg", 1)], 0.01, 0.5)
    VALIDATOR.validate(document)
    assert [network["evaluation"] for network in document["networks"]] == [None, None]


def test_date_and_version(twins: MembershipTest) -> None:
    shown = [papers.exhibit(twins, "photo.jpg", 1)]
    when = datetime(2026, 7, 1, 12, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    document = photo_report(twins.bundles, shown, 0.01, 0.5, when)
    assert datetime.fromisoformat(document["made"]) == when
    assert document["mint"]["version"] == mint.__version__
    now = photo_report(twins.bundles, shown, 0.01, 0.5)
    assert abs(datetime.fromisoformat(now["made"]) - datetime.now().astimezone()) < timedelta(minutes=5)


def test_the_first_command_names_a_bundle_that_does_not_ship_with_mint(twins: MembershipTest) -> None:
    mine = next(iter(twins.bundles.values()))
    shipped = {name: sha256_of(WEIGHTS / name / "bundle.json") for name in twins.bundles}
    every = [{"name": name, "bundle_sha256": sha256} for name, sha256 in shipped.items()]
    assert verify_command(every) == "mint weights verify"
    assert (
        verify_command([*every, {"name": "my own", "bundle_sha256": mine.sha256}])
        == "mint weights verify twin-a twin-b 'my own'"
    )
    document = photo_report(
        {"-mine": mine},
        [papers.exhibit(MembershipTest({"-mine": replace(mine, name="-mine")}), "photo.jpg", 1)],
        0.01,
        0.5,
    )
    assert document["check"]["verify"] == "mint weights verify ./-mine"
    nothing_of = "compares what ships with MINT alone, and nothing of -mine."
    for verify, warned in ((document["check"]["verify"], False), ("mint weights verify", True)):
        told = story({**document, "check": {**document["check"], "verify": verify}}, Say("en"))
        assert any(nothing_of in block.text for block in told.blocks if isinstance(block, Text)) == warned


def test_the_command_asks_the_same_question_again(documents: dict[str, Document]) -> None:
    said = shlex.split(documents["many"]["check"]["audit"])
    assert said[:2] == ["mint", "audit"]
    assert said[2 : said.index("--bundle")] == [photo["name"] for photo in documents["many"]["photos"]]
    assert said[said.index("--alpha") + 1 :][:3] == ["0.05", "--prior", "0.2"]
    assert shlex.split(documents["person"]["check"]["audit"])[:4] == ["mint", "audit", "--person", "Ana Muñoz"]


def test_names_can_hold_anything_and_rewrite_nothing(documents: dict[str, Document]) -> None:
    for kind in ("many", "person"):
        text = json.dumps(documents[kind], ensure_ascii=False).encode()  # a lone surrogate would raise
        assert b"\xef\xbf\xbd" in text
        for said in papers.texts(documents[kind]):
            assert not set(said) & {"\u202e", "\n", "\r", "\x00"}, said
    assert documents["many"]["photos"][1]["name"].startswith("a<img src=x onerror=alert(1)>"), "shown, not swallowed"


def thumbnails(document: Document) -> list[str | None]:
    person = document["person"]
    if person is not None:
        return [photo["thumbnail"] for photo in person["photos"]]
    return [face["thumbnail"] for photo in document["photos"] for face in photo["faces"]]


@pytest.mark.parametrize(("kind", "seeds"), [("one", (1,)), ("many", (1, 2, 3, 4)), ("person", (5, 6))])
def test_a_face_is_in_it_only_if_asked_for(documents: dict[str, Document], kind: str, seeds: tuple[int, ...]) -> None:
    assert {*thumbnails(documents[kind])} == {None}
    shown = [thumbnail for thumbnail in thumbnails(documents[f"{kind}-shown"]) if thumbnail is not None]
    for thumbnail, seed in zip(shown, seeds, strict=True):
        assert np.array_equal(open_photo(base64.b64decode(thumbnail)), papers.crop(seed))


def test_a_face_that_a_network_does_not_see_has_no_score(twins: MembershipTest) -> None:
    audit, *others = twins.judge(twins.look_at(papers.faces(1), "photo.jpg"))
    (face,) = audit.faces
    blind = replace(
        face, layers=(), photo=replace(face.photo, score=math.nan), person=replace(face.person, score=math.nan)
    )
    document = photo_report(twins.bundles, [ReportPhoto((replace(audit, faces=(blind,)), *others))], 0.01, 0.5)
    VALIDATOR.validate(document)
    assert document["photos"][0]["faces"][0]["answers"][0]["photo"]["score"] is None


def test_photos_of_a_person_are_all_accounted_for(documents: dict[str, Document]) -> None:
    person = documents["person"]["person"]
    clean = documents["many"]["photos"][1]["name"]
    assert {photo["name"] for photo in person["photos"]} == {
        "one.jpg", clean, "again.jpg", "broken.jpg", "more.jpg", "spare.jpg",
    }  # fmt: skip
    for said in person["answers"]:
        assert said["photos"]["given"] == 6
        assert said["photos"]["copies"] == [{"photo": "again.jpg", "of": "one.jpg"}]
        assert said["photos"]["not_needed"] == 2
        assert said["photos"]["not_judged"] == ["more.jpg", "spare.jpg"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_photo_that_was_not_judged_has_its_row_and_its_hash(documents: dict[str, Document], language: str) -> None:
    say, document = Say(language, strict=True), copy.deepcopy(documents["person"])
    (row,) = [photo for photo in document["person"]["photos"] if photo["name"] == "spare.jpg"]
    row["sha256"] = "5" * 64
    rows = [
        row for b in story(document, say).blocks if isinstance(b, Table) for row in b.rows if row[0].text == "spare.jpg"
    ]
    assert [[(cell.text, cell.small) for cell in row] for row in rows] == [
        [("spare.jpg", "5" * 64), (say("not judged"), ""), (say("not judged"), "")]
    ]
    for said in document["person"]["answers"]:  # as a report of before
        del said["photos"]["not_judged"]
    VALIDATOR.validate(document)
    assert not_judged(2, (), say) in render(document, "html", language).decode()
