"""Bundles that name their network instead of holding it, and bundles that know few kinds of non-members."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from mint.bundles.files import NETWORK, load_bundle
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing
from mint.evidence.conformal import FalseAlarmBound
from mint.evidence.score_table import PERSON, PHOTO
from mint.judging.photo import answer, measured_rates
from mint.membership import MembershipTest
from mint.networks.base import Tap
from mint.networks.onnx.network import OnnxNetwork, load_onnx
from mint.networks.torch_network import TorchNetwork
from mint.types import NOT_MEASURED, REFERENCE, Verdict
from tests.graphs import mobile
from tests.tiny_bundles import made_up_people, named_bundle


@pytest.fixture
def audited(tmp_path: Path) -> OnnxNetwork:
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    return load_onnx(tmp_path / "mobile.onnx", mean=1.0, scale=0.9)


def module(seed: int = 0) -> TorchNetwork:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 7 * 7, 5))
    return TorchNetwork("module", model, [Tap("first", "0", 4, 2)], 16)


def columns_of(score: float, bundle) -> dict[str, float]:
    return {**dict.fromkeys(bundle.panel.auditors, 0.0), "consistency/views": score}


# ---- the network stays where it is


def test_the_weights_are_not_in_the_bundle_and_the_network_is_found_again(
    audited: OnnxNetwork, tmp_path: Path, crops: np.ndarray
) -> None:
    written = named_bundle(tmp_path / "mine", audited)
    assert {p.name for p in (tmp_path / "mine").iterdir()} == {
        "bundle.json", "auditors.safetensors", "scores.safetensors"
    }  # fmt: skip
    stored = json.loads((tmp_path / "mine" / "bundle.json").read_text())["network"]
    assert stored == {
        "fingerprint": audited.fingerprint, "key": audited.key, "is": audited.describe(), "path": "../mobile.onnx"
    }  # fmt: skip
    read = load_bundle(tmp_path / "mine")
    assert read.network.key == audited.key
    ours, theirs = (b.panel.scores(b.network, crops) for b in (written, read))
    for column in ours:
        np.testing.assert_array_equal(ours[column], theirs[column])


def test_the_network_may_lie_beside_the_bundle_instead(audited: OnnxNetwork, tmp_path: Path) -> None:
    named_bundle(tmp_path / "mine", audited)
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "mine", tmp_path / "elsewhere" / "mine")
    with pytest.raises(WeightsMissing, match=r"mobile\.onnx.*" + audited.fingerprint):
        load_bundle(tmp_path / "elsewhere" / "mine")
    shutil.copy(tmp_path / "mobile.onnx", tmp_path / "elsewhere" / "mine")
    assert load_bundle(tmp_path / "elsewhere" / "mine").network.fingerprint == audited.fingerprint


def test_another_network_under_the_same_name_is_refused(audited: OnnxNetwork, tmp_path: Path) -> None:
    named_bundle(tmp_path / "mine", audited)
    onnx.save(mobile(residual=False), tmp_path / "mobile.onnx")
    with pytest.raises(BundleMismatch, match="fingerprint"):
        load_bundle(tmp_path / "mine")


def test_the_same_file_looked_at_in_another_way_is_refused(audited: OnnxNetwork, tmp_path: Path) -> None:
    named_bundle(tmp_path / "mine", audited)
    with pytest.raises(BundleMismatch, match="mean, scale differ"):
        load_bundle(tmp_path / "mine", load_onnx(tmp_path / "mobile.onnx"))


def test_a_torch_module_is_handed_over(tmp_path: Path, crops: np.ndarray) -> None:
    named_bundle(tmp_path / "mine", module())
    with pytest.raises(WeightsMissing, match="Build it in Python"):
        load_bundle(tmp_path / "mine")
    with pytest.raises(BundleMismatch, match="fingerprint"):
        load_bundle(tmp_path / "mine", module(1))
    test = MembershipTest.load([str(tmp_path / "mine")], audited=[module()])
    assert test.bundles["mine"].panel.scores(module(), crops)["consistency/views"].shape == (6,)


def test_a_network_that_lay_in_the_folder_before_is_no_part_of_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / NETWORK).write_bytes(b"weights of somebody")
    named_bundle(tmp_path / "mine", module())
    assert NETWORK not in json.loads((tmp_path / "mine" / "bundle.json").read_text())["files"]


# ---- few kinds of non-members


def test_only_kinds_that_are_there_are_compared_with(tmp_path: Path) -> None:
    bundle = named_bundle(tmp_path / "mine", module(), ("members", "outsiders"))
    assert bundle.sources(PHOTO) == bundle.sources(PERSON) == ("outsiders",)
    assert bundle.members(PERSON) == ("members",)
    # fused scores are made up apart from the columns: the p-value follows the fused ones
    known, people = bundle.calibration["outsiders"], bundle.calibration["outsiders"]["identity"]
    p, fused = (float(FalseAlarmBound.of(known[c], people).at([1.0])[0]) for c in ("consistency/views", PHOTO))
    said = answer(bundle, PHOTO, columns_of(1.0, bundle), 0.01, 0.5, None)
    assert said.p_value == pytest.approx(fused) != pytest.approx(p)
    fpr, tpr = measured_rates(bundle, PHOTO, 0.05)
    assert (fpr.n, tpr.n) == (240, 240)


def test_a_kind_of_two_people_is_no_kind(tmp_path: Path) -> None:
    bundle = named_bundle(tmp_path / "mine", module())
    few = {name: values[:2] for name, values in bundle.calibration["siblings"].items()}
    calibration = {**bundle.calibration, "siblings": few}
    assert replace(bundle, scores={**bundle.scores, "calibration": calibration}).sources(PHOTO) == ("outsiders",)


def test_without_siblings_evidence_may_be_about_the_person(tmp_path: Path) -> None:
    for sources, doubtful in ((("members", "outsiders"), True), (("members", "siblings", "outsiders"), False)):
        bundle = named_bundle(tmp_path / "mine", module(), sources)
        photo, person = (answer(bundle, q, columns_of(50.0, bundle), 0.01, 0.5, None) for q in (PHOTO, PERSON))
        assert photo.verdict is person.verdict is Verdict.EVIDENCE
        assert ("the person and not this very photo" in photo.reason) is doubtful
        assert "very photo" not in person.reason


def test_without_controls_nothing_is_said(tmp_path: Path) -> None:
    bundle = named_bundle(tmp_path / "mine", module(), controls=False)
    said = answer(bundle, PHOTO, columns_of(50.0, bundle), 0.01, 0.5, None)
    assert said.verdict is Verdict.CANNOT_SAY
    assert "were not run" in said.reason


def test_without_anybody_to_compare_with_nothing_is_said(tmp_path: Path) -> None:
    bundle = named_bundle(tmp_path / "mine", module(), ("members", "siblings"))
    person = answer(bundle, PERSON, columns_of(50.0, bundle), 0.01, 0.5, None)
    assert (person.p_value, person.verdict) == (1.0, Verdict.CANNOT_SAY)
    assert "no known non-member" in person.reason
    assert person.false_positive_rate == NOT_MEASURED
    assert person.right is None
    assert answer(bundle, PHOTO, columns_of(50.0, bundle), 0.01, 0.5, None).verdict is Verdict.EVIDENCE


# ---- the reference tier


def test_the_reference_tier_has_a_p_value_and_no_word(tmp_path: Path, face_path: Path) -> None:
    named_bundle(tmp_path / "mine", module(), ("outsiders",), controls=False, tier=REFERENCE)
    test = MembershipTest.load([str(tmp_path / "mine")], audited=[module()])
    audit = test.audit(face_path, "a face")[0].to_dict()["faces"][0]
    assert audit["tier"] == REFERENCE
    assert audit["verdict"] == audit["person"]["verdict"] == "cannot say"
    assert audit["reason"] == (
        f"reference tier, p = {audit['combined']['p_value']:.2g}: there is no known member to check it with"
    )
    assert 0 < audit["combined"]["p_value"] <= 1
    assert audit["true_positive_rate"] is audit["right_at_prior"] is None
    assert audit["false_positive_rate"]["n"] == 240
    assert {layer["verdict"] for layer in audit["layers"]} == {"cannot say"}


def test_open_gates_do_not_make_the_reference_tier_speak(tmp_path: Path) -> None:
    bundle = named_bundle(tmp_path / "mine", module(), ("outsiders",), tier=REFERENCE, gate=True)
    said = answer(bundle, PHOTO, columns_of(50.0, bundle), 0.01, 0.5, None)
    assert said.verdict is Verdict.CANNOT_SAY
    unlike = answer(bundle, PHOTO, columns_of(50.0, bundle), 0.01, 0.5, "it is too dark")
    assert unlike.reason == "it is too dark"


def test_a_bundle_without_members_is_of_the_reference_tier_whatever_it_says(tmp_path: Path) -> None:
    named_bundle(tmp_path / "mine", module(), ("outsiders",), tier="full")
    assert load_bundle(tmp_path / "mine", module()).tier == REFERENCE


def test_an_unknown_tier_is_refused(tmp_path: Path) -> None:
    named_bundle(tmp_path / "mine", module(), tier="gold")
    with pytest.raises(WeightsCorrupt, match="gold"):
        load_bundle(tmp_path / "mine", module())


def test_several_photos_under_the_reference_tier(tmp_path: Path, face_path: Path) -> None:
    people = made_up_people(0)
    unknown = {
        purpose: {k: v for k, v in kinds.items() if k == "outsiders"} for purpose, kinds in people.scores.items()
    }
    named_bundle(tmp_path / "mine", module(), ("outsiders",), tier=REFERENCE, people=replace(people, scores=unknown))
    test = MembershipTest.load([str(tmp_path / "mine")], audited=[module()])
    (audit,) = test.judge_person(test.look_person([face_path], ["a"]), "somebody")
    assert audit.verdict is Verdict.CANNOT_SAY
    assert audit.p_value is not None
    assert audit.reason.startswith(f"reference tier, p = {audit.p_value:.2g}")
    found = audit.to_dict()
    assert (found["tier"], found["true_positive_rate"]) == (REFERENCE, None)
