#!/usr/bin/env bash
# captum 0.9.0: the training photo most like yours is looked for among those of a run that broke off, or of another network.
#
# SimilarityInfluence tells which training photos a network's layers find most like a given one. It keeps the layers' maps of
# all training photos in a folder, a file for each batch, and takes them from there if it finds any file at all. A run that
# stops at an unreadable photo leaves the batches before it. Once the photo is repaired, the next run, with the whole
# set, finds these files and searches them alone: a training photo that is not among them is told to be like somebody
# else's, and nothing says that most of the set was not looked at. The files know neither the set nor the weights: after another
# epoch of training, the new network's maps of your photo are held against the old one's maps of the training photos. To
# such a search training photos look new. load_src_from_disk=False, not the default, or a fresh folder helps.
#
# Seen with captum 0.9.0, torch 2.13.0 (CPU) and numpy 2.4.6; 100 noise pictures in batches of 8; each one is asked for itself:
#   a fresh folder: 100 of 100 find themselves
#   a run that stops at photo 30, then the next one, photo 30 repaired: 24 of 100, no photo after number 23 is told
#   trained on for 200 steps: 53 of 100 in the first network's folder, 100 in a fresh one
#   load_src_from_disk=False: 100 of 100
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 captum==0.9.0 numpy==2.4.6
cd "$work"
export MPLCONFIGDIR="$work" MPLBACKEND=Agg
"$work/venv/bin/python" - <<'PY'
import copy
import warnings

import captum
import torch
from captum.influence import SimilarityInfluence
from torch import nn

assert captum.__version__ == "0.9.0", captum.__version__
torch.manual_seed(0)
pictures = torch.randn(100, 3, 16, 16)
first = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.PReLU(8), nn.Flatten(), nn.Linear(8 * 7 * 7, 64)).eval()
LAYERS = ["1", "3"]


class Photos(torch.utils.data.Dataset):
    """Give picture and label; one number may stand for a file that cannot be read."""

    def __init__(self, unreadable=None):
        self.unreadable = unreadable

    def __len__(self):
        return len(pictures)

    def __getitem__(self, i):
        if i == self.unreadable:
            raise OSError("image file is truncated")
        return pictures[i], 0


def search(network, photos, folder, **settings):
    """Return how many pictures are told to be most like themselves in the last layer, and the highest number told."""
    with warnings.catch_warnings(record=True) as caught:
        influence = SimilarityInfluence(network, LAYERS, photos, folder, batch_size=8)
        told = influence.influence(pictures, **settings)[LAYERS[-1]][0].ravel()
    assert not caught or settings, caught  # load_src_from_disk=False says that it overwrites
    return int((told == torch.arange(len(pictures))).sum()), int(told.max())


def trained_on(network):
    """Return the network after a step of training, which pulls the embeddings of pictures 2 n and 2 n + 1 together."""
    network = copy.deepcopy(network)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(200):
        optimiser.zero_grad()
        vectors = nn.functional.normalize(network(pictures))
        nn.functional.cross_entropy(vectors @ vectors[::2].T * 8, torch.arange(100) // 2).backward()
        optimiser.step()
    return network.eval()


second = trained_on(first)
fresh, _ = search(first, Photos(), "fresh")
print(f"a fresh folder: {fresh} of 100 find themselves")
try:
    search(first, Photos(unreadable=30), "broken")
except OSError as error:
    print(f"a run that stops at photo 30: {error}")
again, highest = search(first, Photos(), "broken")
print(f"the next one, photo 30 repaired: {again} of 100, no photo after number {highest} is told")
later, _ = search(second, Photos(), "fresh")
right, _ = search(second, Photos(), "second")
print(f"trained on for 200 steps: {later} of 100 in the first network's folder, {right} in a fresh one")
anew, _ = search(first, Photos(), "broken", load_src_from_disk=False)
print(f"load_src_from_disk=False: {anew} of 100")
assert fresh == right == anew == 100 and again == 24 and highest == 23 and later < 90, "the behaviour has changed"
PY
