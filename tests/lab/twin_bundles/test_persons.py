"""The test of several photos, made end to end on a network that was trained on nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.auditors import build, specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.errors import BadPool
from mint.evidence.fusion import Fusion
from mint.evidence.score_table import PERSON, ScoreTable
from mint.evidence.verdict import Range
from mint.lab.cards.people import people_section
from mint.lab.twin_bundles.gallery import Gallery
from mint.lab.twin_bundles.persons import make_people_test
from mint.lab.twins.fictional_people import GAN, OPENPEOPLE
from mint.lab.twins.ledger import HELD_OUT, PURPOSES, TRAINED, Row
from mint.lab.twins.pool import Pool
from mint.networks.torch_network import TorchNetwork

FUSIONS = {PERSON: Fusion({"consistency/views": 1.0, "prototype/head": 1.0}, 0.0)}


def noise(random: np.random.Generator) -> np.ndarray:
    return cv2.resize(random.integers(0, 255, (7, 7, 3), np.uint8), (112, 112))


def noise_pool(seed: int, people: int, pictures: int, strangers: bool = False) -> Pool:
    random = np.random.default_rng(seed)
    rows, crops = [], []
    for person in range(people):
        source = OPENPEOPLE if person >= people - 2 else GAN
        for k in range(pictures):
            used = not strangers and source == GAN and person % 2 == 0 and k < pictures // 2
            roles = (TRAINED if used else HELD_OUT, HELD_OUT)
            name = f"{source}/{person:04d}"
            purpose = PURPOSES[(person // 2) % 4]
            rows.append(Row(f"{seed}-{person}-{k}", name, source, f"{name}/{k}", *roles, int(used), purpose))
            crops.append(noise(random))
    return Pool(tuple(rows), np.stack(crops))


@pytest.mark.full
def test_a_network_that_knows_nobody_tells_nobody_apart(network: TorchNetwork, tmp_path: Path) -> None:
    panel = Panel({s.column: build(s, network).eval() for s in specs(network) if not s.preset})
    bundle = Bundle("twin-a", network, panel, (), FUSIONS, {}, Range({}), ScoreTable({}), {}, {})
    pool, strangers = noise_pool(1, 34, 6), noise_pool(2, 22, 6, strangers=True)
    random = np.random.default_rng(3)
    real = np.stack([noise(random) for _ in range(60)]), [f"person {k // 3}" for k in range(60)]
    test, found = make_people_test(bundle, Gallery(pool, real), strangers, 1, tmp_path)

    json.dumps(found, allow_nan=False)
    used = {purpose: len(test.of(purpose, "members", 1)) for purpose in ("calibration", "test")}
    assert used == {"calibration": 4, "test": 4}
    outsiders = [len(test.of(purpose, "outsiders", 3)) for purpose in ("calibration", "test")]
    assert sum(outsiders) == 8 + 20  # of the pool, and strangers who are no photographs
    assert sum(len(test.of(p, "real", 3)) for p in ("calibration", "test")) == 20
    assert len(test.of("test", "outsiders", 7)) == 0
    assert all(weight >= 0 for weight in test.fusion.weights.values())
    for row in found["used"]:
        if row["bring"] == "mixed":
            assert row["auc_low"] - 0.3 < 0.5 < row["auc_high"] + 0.3
    burst = found["bursts"][0]
    assert burst["distinct photos, mean"] < 3
    section = people_section({"people": found})
    assert section.startswith("## Several photos of one person\n")
    assert people_section({}) == ""

    clash = replace(strangers, rows=(*strangers.rows[:-3], pool.rows[0], *strangers.rows[-2:]))
    with pytest.raises(BadPool, match="another --seed"):
        make_people_test(bundle, Gallery(pool, real), clash, 1, tmp_path)
