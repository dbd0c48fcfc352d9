from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from mint.auditors import Spec
from mint.auditors.base import read
from mint.auditors.features import read_features
from mint.auditors.kinds.consistency import principal_axes
from mint.auditors.kinds.prototype import Prototype
from mint.evidence.metrics import auc
from mint.lab.training.fit import Schedule, _refit, train_auditor
from tests.fitting import Samples, fitted


def test_where_strengths_tie_the_weakest_penalty_is_kept() -> None:
    random = np.random.default_rng(0)
    member = np.arange(300) % 2 == 0
    x = random.normal(size=(300, 3)).astype(np.float32)
    x[member, 0] += 12  # told apart without a fault, whatever the penalty
    auditor = Prototype()
    features = [torch.from_numpy(x)]
    found = train_auditor(auditor, features, member, features, member, 0, Schedule(strengths=(0.001, 0.1, 10.0)))
    scaled = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + auditor.norm.eps)
    weakest = LogisticRegression(C=10.0, class_weight="balanced", max_iter=5000).fit(scaled, member)
    assert found == 1.0
    np.testing.assert_allclose(auditor.linear.weight.detach().numpy(), weakest.coef_, rtol=0.02, atol=0.01)


def test_a_second_fit_leaves_out_who_is_below_every_member() -> None:
    random = np.random.default_rng(3)
    # Easy non-members differ in the first feature, hard ones in the second only.
    member = np.repeat([True, False, False], [300, 600, 200])
    x = random.normal(size=(1100, 2))
    x[300:900, 0] -= 30
    x[900:, 1] -= 1.5
    first = LogisticRegression(C=0.003, class_weight="balanced").fit(x, member)
    second = _refit(first, x, member)
    scores = first.decision_function(x)
    kept = scores >= scores[member].min()
    assert not kept[300:900].any()
    assert kept[900:].sum() > 150
    wanted = LogisticRegression(C=0.003, class_weight="balanced").fit(x[kept], member[kept])
    np.testing.assert_allclose(second.coef_, wanted.coef_)
    hard = [auc(m.decision_function(x[:300]), m.decision_function(x[900:])) for m in (first, second)]
    assert hard[1] > hard[0] + 0.02


def test_a_second_fit_needs_enough_non_members() -> None:
    member = np.arange(400) % 2 == 0
    x = np.random.default_rng(4).normal(size=(400, 2))
    x[member] += 20
    first = LogisticRegression().fit(x, member)
    assert _refit(first, x, member) is first


@pytest.mark.parametrize("kind", ["vanilla", "cnn"])
def test_matrices_are_fitted_in_float16_and_everything_else_is_not(network, crops, kind: str, tmp_path: Path) -> None:
    member = np.arange(len(crops)) % 2 == 0
    samples = {split: Samples(crops, member) for split in ("training", "validation")}
    spec = Spec(kind, network.taps[0].name)
    auditor = fitted(network, [spec], samples, 0, tmp_path, Schedule(epochs=2)).auditors[spec.column]
    matrices = [w.detach().numpy() for w in auditor.parameters() if w.ndim > 1]
    assert matrices
    for matrix in matrices:
        np.testing.assert_array_equal(matrix, matrix.astype(np.float16).astype(np.float32))
    others = np.concatenate([w.detach().numpy().ravel() for w in auditor.parameters() if w.ndim == 1])
    assert (others != others.astype(np.float16)).any()


def test_mirror_images_are_samples_where_the_auditor_says_so(network, crops, tmp_path: Path) -> None:
    member = np.arange(6) < 3
    samples = {split: Samples(crops, member) for split in ("training", "validation")}
    specs = [Spec("consistency", "views"), Spec("vanilla", "stage1", "demo2025")]
    seen = {}

    def spy(auditor, features, labels, *rest):
        seen[auditor.kind] = (features[0], labels)
        return 0.5

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mint.lab.training.fit.train_auditor", spy)
        auditor = fitted(network, specs, samples, 1, tmp_path).auditors["consistency/views"]
    features, labels = seen["consistency"]
    np.testing.assert_array_equal(labels, np.tile(member, 2))
    for half, pictures in ((features[:6], crops), (features[6:], crops[:, :, ::-1].copy())):
        wanted = auditor.inputs(read_features(read(network, pictures, views=True), maps=False), None)[0]
        torch.testing.assert_close(half, wanted, rtol=1e-2, atol=1e-2)
    assert len(seen["vanilla"][0]) == len(seen["vanilla"][1]) == 6


def test_the_reference_gives_the_axes_and_is_no_sample(network, crops, tmp_path: Path) -> None:
    member = np.arange(6) % 2 == 0
    reference = np.concatenate([crops[:, ::-1], crops[:, :, ::-1], 255 - crops])
    specs = [Spec("consistency", "views")]
    found = {}
    for name, kept in (("with", reference), ("without", None)):
        samples = {split: Samples(crops, member) for split in ("training", "validation")}
        panel = fitted(network, specs, samples, 1, tmp_path / name, Schedule(strengths=(0.1,)), kept)
        found[name] = panel.auditors["consistency/views"]
    batch = torch.from_numpy(reference.copy()).permute(0, 3, 1, 2).float()
    torch.testing.assert_close(found["with"].axes, principal_axes(network.look(batch).embedding), rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(found["without"].axes, torch.eye(16))
