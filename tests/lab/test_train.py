import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from mint.auditors import Spec
from mint.auditors.bands import principal_axes
from mint.auditors.prototype import Prototype
from mint.lab.train import Samples, Schedule, train_auditor, train_panel


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


def test_the_reference_gives_the_axes_and_is_no_sample(network, crops) -> None:
    member = np.arange(6) % 2 == 0
    reference = np.concatenate([crops[:, ::-1], crops[:, :, ::-1], 255 - crops])
    specs = [Spec("consistency", "views")]
    found = {}
    for name, kept in (("with", reference), ("without", None)):
        samples = {"training": Samples(crops, member, reference=kept), "validation": Samples(crops, member)}
        panel = train_panel(network, specs, samples, seed=1, schedule=Schedule(strengths=(0.1,)))
        found[name] = panel.auditors["consistency/views"]
    batch = torch.from_numpy(reference.copy()).permute(0, 3, 1, 2).float()
    torch.testing.assert_close(found["with"].axes, principal_axes(network.look(batch).embedding), rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(found["without"].axes, torch.eye(16))
