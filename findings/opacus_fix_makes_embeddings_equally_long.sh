#!/usr/bin/env bash
# opacus 1.6.0: ModuleValidator.fix makes all embeddings of a face recogniser equally long, and frees a frozen weight.
#
# Recognisers of the ArcFace kind (IResNet) end in BatchNorm1d over the 512 numbers of the embedding, with a weight that
# is frozen at 1. Training with differential privacy needs batch norms replaced, and fix() puts GroupNorm(32, 512) there
# too. On a vector that has no pixels left it scales every group of 16 numbers to variance 1, so the embedding is sqrt(512)
# long whatever the photo shows. A length that falls with the photo's quality, or that a membership test reads, is gone
# before the first step of training: the privately trained network looks safe to such a test for the wrong reason. The new
# weight is trainable. fix() is silent about both, and the network passes validation.
#
# Seen with opacus 1.6.0 and torch 2.13.0 (CPU), a small network with that last layer, six photos of rising contrast:
#   before: lengths 1.15 1.13 1.30 1.78 2.94 3.94, last weight trainable: False
#   after: lengths 22.63 22.63 22.63 22.63 22.63 22.63, last weight trainable: True
# Where pip's torch would bring CUDA along, point pip at the CPU build first (.github/CONTRIBUTING.md).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 opacus==1.6.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import torch
from opacus.validators import ModuleValidator
from torch import nn

assert version("opacus") == "1.6.0"
torch.manual_seed(0)
stem = [nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.PReLU(8), nn.Flatten(), nn.Linear(8 * 15 * 15, 512)]
net = nn.Sequential(*stem, nn.BatchNorm1d(512)).eval()
net[-1].weight.requires_grad_(False)
fixed = ModuleValidator.fix(net).train()
assert ModuleValidator.is_valid(fixed)
contrast = torch.tensor([0.1, 0.3, 0.5, 1, 2, 3]).view(-1, 1, 1, 1)
photos = torch.rand(6, 3, 32, 32) * contrast
length = {}
for name, network in (("before", net), ("after", fixed)):
    with torch.no_grad():
        length[name] = network(photos).norm(dim=1)
    told = " ".join(f"{n:.2f}" for n in length[name].tolist())
    print(f"{name}: lengths {told}, last weight trainable: {network[-1].weight.requires_grad}")
assert length["before"].max() > 2 * length["before"].min()
assert not net[-1].weight.requires_grad
assert isinstance(fixed[-1], nn.GroupNorm) and fixed[-1].weight.requires_grad, "the behaviour has changed"
assert torch.allclose(length["after"], torch.full((6,), 512.0).sqrt(), atol=1e-2), "the behaviour has changed"
PY
