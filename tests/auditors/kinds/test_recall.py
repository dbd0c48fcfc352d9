"""Recall: the prototype's regression, shown the face where the network remembers most."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mint.auditors import Spec, build, specs
from mint.auditors.features import EMBEDDING, RECALLED
from mint.auditors.kinds.prototype import Prototype
from mint.auditors.kinds.recall import Recall
from mint.auditors.panel import Panel
from mint.auditors.realign import realigned
from tests.fitting import Samples, fitted


def test_it_reads_what_the_search_found_and_where_there_was_none_the_face_itself() -> None:
    head, found = torch.eye(4), {EMBEDDING: torch.randn(3, 4), RECALLED: torch.randn(3, 4)}
    wanted = Prototype().inputs({EMBEDDING: found[RECALLED]}, head)[0]
    torch.testing.assert_close(Recall().inputs(found, head)[0], wanted)
    plain = {EMBEDDING: found[EMBEDDING]}
    torch.testing.assert_close(Recall().inputs(plain, head)[0], Prototype().inputs(plain, head)[0])
    with pytest.raises(ValueError, match="head"):
        Recall().inputs(found, None)


def test_only_a_network_with_a_head_has_one(network) -> None:
    assert Spec("recall", "head") in specs(network)
    assert Recall.specs((), head=False) == []


def test_a_panel_searches_for_it_and_for_nobody_else(network, crops) -> None:
    torch.manual_seed(1)
    auditor = build(Spec("recall", "head"), network).eval()
    torch.nn.init.normal_(auditor.linear.weight)
    twin = build(Spec("prototype", "head"), network).eval()
    twin.load_state_dict(auditor.state_dict())
    both = Panel({"recall/head": auditor, "prototype/head": twin}).scores(network, crops)
    plain = Panel({"prototype/head": twin}).scores(network, crops)
    moved = Panel({"prototype/head": twin}).scores(network, realigned(network, crops))
    np.testing.assert_array_equal(both["prototype/head"], plain["prototype/head"])
    np.testing.assert_allclose(both["recall/head"], moved["prototype/head"], atol=1e-3)
    assert np.abs(both["recall/head"] - both["prototype/head"]).max() > 0.01
    for quality in ("sharpness", "brightness"):  # of the face as it is
        np.testing.assert_array_equal(both[quality], plain[quality])


def test_it_is_fitted_to_the_numbers_of_the_prototype(network, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    crops = random.integers(0, 255, (40, 112, 112, 3), np.uint8)
    samples = {s: Samples(crops[i::2], np.arange(20) < 10) for i, s in enumerate(("training", "validation"))}
    wanted = [Spec("prototype", "head"), Spec("recall", "head")]
    prototype, recall = fitted(network, wanted, samples, 5, tmp_path).auditors.values()
    for name, values in prototype.state_dict().items():
        torch.testing.assert_close(recall.state_dict()[name], values, msg=name)
