"""A network of which no member is known: figures, and no word."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from jsonschema import Draft202012Validator
from torch import nn

from mint.i18n.translate import Say
from mint.membership import MembershipTest
from mint.networks.base import Tap
from mint.networks.torch_network import TorchNetwork
from mint.report.document import Document, photo_report
from mint.report.files import SCHEMA, render
from mint.report.render.blocks import Cards, Text
from mint.report.story.story import story
from mint.types import REFERENCE, Verdict
from tests.report import papers
from tests.tiny_bundles import named_bundle


@pytest.fixture
def document(tmp_path: Path) -> Document:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 7 * 7, 5))
    network = TorchNetwork("module", model, [Tap("first", "0", 4, 2)], 16)
    bundle = named_bundle(tmp_path / "mine", network, ("outsiders",), controls=False, tier=REFERENCE)
    test = MembershipTest({"mine": replace(bundle, sha256="a" * 64)})
    return photo_report(test.bundles, [papers.exhibit(test, "photo.jpg", 1)], 0.01, 0.5, papers.MADE)


def test_it_is_valid_and_says_what_was_not_measured(document: Document) -> None:
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    (network,) = document["networks"]
    assert (network["tier"], network["evaluation"], network["may_speak"]["photo"]) == (REFERENCE, None, False)
    said = document["photos"][0]["faces"][0]["answers"][0]["photo"]
    assert said["true_positive_rate"] is said["right_at_prior"] is None
    assert said["false_positive_rate"]["n"] == 240


@pytest.mark.parametrize(("language", "words"), [("en", "Reference tier."), ("es", "Nivel de referencia.")])
def test_it_says_so_on_the_first_page(document: Document, language: str, words: str) -> None:
    told = story(document, Say(language, strict=True))
    (cards,) = [block for block in told.blocks if isinstance(block, Cards)]
    assert {said.verdict for said in cards.cards[0].answers} == {Verdict.CANNOT_SAY}
    warnings = [block.text for block in told.blocks if isinstance(block, Text) and block.kind == "problem"]
    assert words in warnings[0]
    assert render(document, "pdf", language).startswith(b"%PDF")
