"""The comparison of attempts, on random networks and pictures made up for it; the real pool is not needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from mint.auditors import Spec, build
from mint.auditors.panel import Panel
from mint.auditors.views import VIEWS
from mint.lab.twins.pool import Pool
from mint.lab.twins.training import save_weights
from mint.networks.architectures import build_network, load_network
from tests.benchmarks.strength import features as f
from tests.benchmarks.strength.attempts import ALL, ATTEMPTS, EARLIER, OTHER_TWIN, THIRTEEN, kept_features
from tests.benchmarks.strength.further_views import FURTHER_VIEWS
from tests.benchmarks.strength.people import HELD_OUT, MEMBER, SIBLING
from tests.benchmarks.strength.rows import kept_row, row_of
from tests.benchmarks.strength.seeing import norms_behind, see
from tests.benchmarks.strength.subject import Subject
from tests.ledgers import people
from tests.tiny_bundles import SHAPE

PICTURES = 10


@pytest.fixture(scope="module")
def pool() -> Pool:
    rows = people(48, PICTURES)
    random = np.random.default_rng(5)
    coarse = torch.from_numpy(random.uniform(0, 255, (len(rows), 3, 6, 6)))
    smooth = torch.nn.functional.interpolate(coarse, (112, 112), mode="bilinear").permute(0, 2, 3, 1)
    return Pool(tuple(rows), smooth.numpy().astype(np.uint8))


@pytest.fixture(scope="module")
def subject(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("strength")
    torch.manual_seed(4)
    save_weights(folder / "epoch-048.safetensors", build_network(SHAPE, "twin-a").model, torch.randn(16, 7))
    return Subject(load_network(folder / "epoch-048.safetensors", SHAPE, "twin-a"), pool, 1, folder / "seen")


def test_the_kept_features_are_the_auditors_own(subject: Subject):
    # Scores under random weights of all features agree only where every feature does.
    column = Spec("consistency", "views").column
    crops = subject.people["validation"].crops
    torch.manual_seed(9)
    for _ in range(3):
        auditor = build(Spec("consistency", "views"), subject.network).eval()
        auditor.prepare(subject.reference)
        wanted = Panel({column: auditor}).scores(subject.network, crops)[column]
        with torch.no_grad():
            found = auditor(kept_features(subject, subject.seen["validation"])).numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=2e-3)
        assert np.std(wanted) > 0.01


def test_nobody_is_in_two_splits_and_nobody_is_of_the_test(subject: Subject, pool: Pool):
    name = {crop.tobytes(): row for crop, row in zip(pool.crops, pool.rows, strict=True)}
    of = {split: [name[crop.tobytes()] for crop in people.crops] for split, people in subject.people.items()}
    for split, rows in of.items():
        purpose = "validation" if split == "choosing" else split
        assert {row.purpose for row in rows} == {purpose}
    for split in HELD_OUT:
        group = subject.people[split].group
        assert [row.member("twin-a") for row in of[split]] == (group == MEMBER).tolist()
        assert set(group) == {MEMBER, SIBLING}


def test_what_was_seen_is_kept_and_read_again(subject: Subject, tmp_path: Path):
    crops = subject.people["validation"].crops[:3]
    first = see(subject.network, crops, VIEWS, tmp_path)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = see(subject.network, crops, VIEWS, tmp_path)
    assert file.stat().st_mtime_ns == written
    torch.testing.assert_close(first.embeddings, again.embeddings, rtol=0, atol=0)
    see(subject.network, crops[:2], VIEWS, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_batch_norms_are_those_that_the_taps_run_into(subject: Subject):
    model = subject.network.model
    wanted = [model.layer2[0].bn1, model.layer3[0].bn1, model.layer4[0].bn1, model.bn2]
    assert all(a is b for a, b in zip(norms_behind(subject.network), wanted, strict=True))


def test_features_by_hand(subject: Subject):
    seen = subject.seen["validation"][np.arange(4)]
    unit = normalize(seen.embeddings.double(), dim=2).numpy()
    mean = unit[:, :14].mean(1)
    length = np.linalg.norm(mean, axis=1)
    wanted = np.stack([length, (mean * unit[:, 0]).sum(1) / length], axis=1)
    np.testing.assert_allclose(f.mean_embedding(seen, THIRTEEN).numpy(), wanted, atol=1e-5)
    found = f.pairs(seen, range(2)).tanh().numpy()
    np.testing.assert_allclose(found[:, 2], (unit[:, 1] * unit[:, 2]).sum(1), atol=2e-4)
    own, other = f.bands(subject, seen), f.bands(subject, seen, 4)  # 16 directions are four bands of four
    torch.testing.assert_close(own, other, rtol=1e-3, atol=1e-3)
    products = f.view_products(subject, seen, THIRTEEN).sum(2).numpy()
    np.testing.assert_allclose(products, (unit[:, 1:14] * unit[:, :1]).sum(2), atol=1e-5)


def test_further_views_keep_shape_and_range_and_do_not_depend_on_the_run():
    crops = torch.rand(2, 3, 32, 32) * 255
    for name, view in FURTHER_VIEWS.items():
        found = view(crops.clone())
        assert found.shape == crops.shape, name
        assert 0 <= found.min() <= found.max() <= 256, name
        torch.testing.assert_close(found, view(crops.clone()), rtol=0, atol=0)
        torch.testing.assert_close(found[:1], view(crops[:1].clone()), rtol=1e-4, atol=1e-2)
    assert len(ALL) == len(FURTHER_VIEWS) + len(VIEWS)
    assert not set(FURTHER_VIEWS) & set(VIEWS)


@pytest.mark.parametrize("number", [0, 6, 33])
def test_an_attempt_becomes_a_row(subject: Subject, number: int):
    attempt = ATTEMPTS[number]
    row = row_of(attempt, subject, {OTHER_TWIN: subject, EARLIER: subject}, 48)
    for split in HELD_OUT:
        members, siblings = row[f"n_{split}"]
        group = subject.people[split].group
        assert (members, siblings) == ((group == MEMBER).sum(), (group == SIBLING).sum())
        assert 0 <= row[f"tpr_{split}"] <= 1
    assert (row["what"], row["twin"], row["epoch"], row["kept"]) == (attempt.what, "twin-a", 48, False)


def test_what_ships_is_trained_by_the_lab(subject: Subject):
    row = kept_row(subject, len(VIEWS), 48)
    assert row["kept"]
    assert row["features"] == kept_features(subject, subject.seen["validation"]).shape[1]
