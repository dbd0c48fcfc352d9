"""Audit a network of your own that is no face recogniser: a classifier of handwritten digits.

``python examples/custom_network.py`` trains a small network on some of scikit-learn's digits, keeps
the others back, and asks MINT which were which: extract, train, evaluate, audit. Needs
``pip install 'mint-audit[lab]'`` and no other file; takes about half a minute on one core.

The network learns to file every picture under a number of its own, as a recogniser files every person.
For that it has to remember them. A classifier of the ten digits has not: it generalises, gives nothing
away, and the honest answer to the same question is "cannot say" (``mint lab objects --data digits``).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from mint import MembershipTest, PhotoAudit, Tap, TorchNetwork, WholePicture, save_bundle
from mint.lab import ExtractionRecipe, PhotoSource, evaluate, extract, object_pictures, train

MEMBERS, NON_MEMBERS = 500, 1000
SIDE, EMBEDDING = 16, 32  # of the network's input, and of what it makes of it
EPOCHS, SHARPNESS = 70, 30.0


class Network(nn.Module):
    """(N, 3, 16, 16) in [-1, 1] to (N, 32). MINT looks at the outputs of its modules, by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU())
        self.third = nn.Sequential(nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU())
        self.last = nn.Sequential(nn.Flatten(), nn.Linear(64 * 4 * 4, EMBEDDING))

    def forward(self, batch: Tensor) -> Tensor:
        found: Tensor = self.last(self.third(self.second(self.first(batch))))
        return found


def audited_network(model: nn.Module, head: Tensor | None = None) -> TorchNetwork:
    """The model as MINT sees it: where to look, and that the whole picture counts, not a face in it.

    Args:
        model: left as it is; hooks are put on its modules and removed again.
        head: (C, E) weights of the classification, where the auditor has them: the strongest sign there is.
    """
    taps = [Tap("first", "first", 16, 1), Tap("second", "second", 32, 2), Tap("third", "third", 64, 4)]
    network = TorchNetwork("digits", model, taps, SIDE, head)
    network.finder = WholePicture()
    return network


def digits(seed: int) -> np.ndarray:
    """Pictures in random order, (N, 64, 64, 3) uint8."""
    pictures = np.stack(object_pictures("digits", seed=seed).pictures)
    return pictures[np.random.default_rng(seed).permutation(len(pictures))]


def write(pictures: np.ndarray, folder: Path) -> Path:
    """One PNG a picture. No person is on two of them, so there are no folders of people."""
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{folder.name}-{number:04d}.png")
    return folder


def trained(pictures: np.ndarray, seed: int) -> TorchNetwork:
    """Train until the network knows the pictures apart, a little moved and noisy each time."""
    torch.manual_seed(seed)
    network, head = audited_network(Network()), nn.Linear(EMBEDDING, len(pictures), bias=False)
    crops = np.stack([network.finder(picture)[0].crop for picture in pictures])
    batch = network.preprocess(torch.from_numpy(crops).permute(0, 3, 1, 2).float())
    model = network.model.train()
    optimiser = torch.optim.Adam([*model.parameters(), *head.parameters()], 2e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(batch)).split(50):
            down, right = torch.randint(-1, 2, (2,)).tolist()
            moved = torch.roll(batch[rows], (down, right), (2, 3))
            found = model(moved + 0.1 * torch.randn_like(moved))
            loss = cross_entropy(SHARPNESS * normalize(found) @ normalize(head.weight).T, rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    print(f"trained on {len(batch)} pictures, last loss {loss.item():.3f}")
    return audited_network(model, head.weight.detach())


def main(folder: Path, members: int = MEMBERS, others: int = NON_MEMBERS, seed: int = 1) -> dict[str, list[PhotoAudit]]:
    """Train, extract, train auditors, evaluate, audit some pictures of each side."""
    torch.set_num_threads(1)
    pictures = digits(seed)
    network = trained(pictures[:members], seed)
    sides = {
        "members": write(pictures[:members], folder / "members"),
        "non-members": write(pictures[members : members + others], folder / "non-members"),
    }
    alone = {side: PhotoSource(place, no_person=True) for side, place in sides.items()}
    # No search for the best cut of a face: these are no faces, and all are cut alike.
    store = extract(ExtractionRecipe(network, recall=False), alone, folder / "store")

    bundle = train(store, network, "digits", seed, report=print)
    save_bundle(bundle, folder / "digits")
    for row in evaluate(bundle, "identity")["rows"]:
        auc = f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})"
        print(f"{row['auditor']}/{row['layer']}: AUC {auc}, {row['members']} members, {row['non_members']} others")
    print("it may speak" if bundle.passed_gate("photo") else "it may not speak: its controls do as well")

    # Anywhere else: the bundle from its folder, and the network, which it does not hold.
    test = MembershipTest.load([str(folder / "digits")], audited=[network])
    audits: dict[str, list[PhotoAudit]] = {}
    for side, place in sides.items():
        kept = store.rows.id[(store.rows.split == "test") & (store.rows.side == side)][:10]
        audits[side] = [test.audit(place / name, name)[0] for name in kept]
        for audit in audits[side][:3]:
            said = audit.faces[0].photo
            print(f"{audit.photo}: {said.verdict}, p = {said.p_value:.4f}: {said.reason}")
    return audits


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
