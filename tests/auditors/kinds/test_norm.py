import numpy as np
import pytest
import torch

from mint.auditors.kinds.norm import Norm
from mint.evidence.metrics import auc
from mint.lab.training.fit import Schedule, train_auditor


def read(embedding: torch.Tensor) -> list[torch.Tensor]:
    return Norm().inputs({"embedding": embedding}, None)


def test_it_reads_the_length_and_not_the_direction() -> None:
    random = torch.randn(7, 5, generator=torch.Generator().manual_seed(1))
    (found,) = read(random)
    np.testing.assert_allclose(found[:, 0], np.log(np.sqrt((random.numpy() ** 2).sum(1))), rtol=1e-5)
    turned = random @ torch.linalg.qr(torch.randn(5, 5))[0]
    torch.testing.assert_close(read(turned)[0], found, atol=1e-5, rtol=1e-5)
    assert torch.isfinite(read(torch.zeros(2, 5))[0]).all()


@pytest.mark.parametrize("longer", [True, False])
def test_it_learns_which_way_members_lie(longer: bool) -> None:
    """Larger score = more member, whether this network's members are longer or shorter."""
    random = np.random.default_rng(2)

    def made(count: int) -> tuple[list[torch.Tensor], np.ndarray]:
        member = np.arange(count) % 2 == 0
        length = np.exp(random.normal(size=count) + 2.0 * (member == longer))
        direction = random.normal(size=(count, 8))
        embedding = direction / np.linalg.norm(direction, axis=1, keepdims=True) * length[:, None]
        return read(torch.from_numpy(embedding).float()), member

    auditor = Norm()
    train_auditor(auditor, *made(400), *made(200), seed=1, schedule=Schedule())
    features, member = made(1000)
    scores = auditor(*features).detach().numpy()
    assert auc(scores[member], scores[~member]) == pytest.approx(0.921, abs=0.03)  # Phi(2 / sqrt 2)
