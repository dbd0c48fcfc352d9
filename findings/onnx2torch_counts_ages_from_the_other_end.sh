#!/usr/bin/env bash
# onnx2torch 1.5.15: a network that tells people's ages tells them from the other end, 80 for 20 and 90 for 10.
#
# Some networks give a probability for each age from 0 to 100 and tell the median: they sum the probabilities up with
# torch.cumsum and count the ages that lie below one half. PyTorch's exporter (dynamo=False) writes a CumSum node without
# attributes; in ONNX that is a sum from the first to the last. onnx2torch takes a missing "reverse" for 1, where ONNX says
# 0, and sums from the last to the first. Shapes and sizes are right, the ages lie between 0 and 100, the layers before are
# right to the last decimal, and the file passes ONNX's checker. So whoever looks into an ONNX network by way of PyTorch, for
# its gradients say, holds young people for old ones, and groups by age are exchanged. No warning. In the middle, at 50,
# nothing is to be seen. Files that spell reverse=0 out, as the newer exporter (dynamo=True) does, are right.
#
# Seen with onnx2torch 1.5.15, torch 2.13.0 (CPU), onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6; a made-up network that
# reads the age off a picture's brightness, noise pictures; "by hand" is numpy:
#   by hand: 10 20 35 50 65 90
#   onnxruntime: 10 20 35 50 65 90
#   onnx2torch: 90 80 65 50 35 10
#   onnx2torch, reverse=0 written into the same file: 10 20 35 50 65 90
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.11 -m venv "$work/venv"
# Where pip's torch would bring CUDA along, point pip at the CPU build first (.github/CONTRIBUTING.md).
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps onnx2torch==1.5.15
cd "$work"
"$work/venv/bin/python" - <<'PY'
import sys
import types
import warnings
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper

# onnx2torch imports torchvision for two layers that are not used here; an empty one spares a build that fits torch's.
vision, operations = types.ModuleType("torchvision"), types.ModuleType("torchvision.ops")
vision.ops, operations.roi_align = operations, None
sys.modules.update({"torchvision": vision, "torchvision.ops": operations})
from onnx2torch import convert  # noqa: E402

assert version("onnx2torch") == "1.5.15"
AGES = np.array([10, 20, 35, 50, 65, 90])


class Age(torch.nn.Module):
    """Tell the median age of a probability that is highest where the picture's brightness, 0 to 1, is a hundredth."""

    def forward(self, photos):
        """Return an age for each of the photos, (photos,)."""
        apart = torch.arange(101.0) - 100 * photos.mean(dim=(1, 2, 3)).unsqueeze(1)
        below = torch.cumsum(torch.softmax(-(apart**2) / 50, dim=1), dim=1) < 0.5
        return below.float().sum(dim=1)


rng = np.random.default_rng(0)
photos = rng.normal(size=(len(AGES), 3, 16, 16))
photos += AGES[:, None, None, None] / 100 - photos.mean(axis=(1, 2, 3), keepdims=True)
photos = photos.astype(np.float32)
weights = np.exp(-((np.arange(101) - 100 * photos.mean(axis=(1, 2, 3), dtype=float)[:, None]) ** 2) / 50)
by_hand = ((weights / weights.sum(axis=1, keepdims=True)).cumsum(axis=1) < 0.5).sum(axis=1)
print("by hand:", *by_hand)
assert (by_hand == AGES).all()

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.onnx.export(Age(), (torch.from_numpy(photos),), "age.onnx", opset_version=17, dynamo=False, input_names=["photos"])
model = onnx.load("age.onnx")
onnx.checker.check_model(model, full_check=True)
(node,) = [n for n in model.graph.node if n.op_type == "CumSum"]
assert not node.attribute, "the exporter spells reverse out"
session = onnxruntime.InferenceSession("age.onnx", providers=["CPUExecutionProvider"])
right = session.run(None, {"photos": photos})[0].astype(int)
print("onnxruntime:", *right)


def told():
    """Return the ages that onnx2torch's network tells; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return convert(model)(torch.from_numpy(photos)).detach().numpy().astype(int)


wrong = told()
print("onnx2torch:", *wrong)
node.attribute.append(helper.make_attribute("reverse", 0))
spelt_out = told()
print("onnx2torch, reverse=0 written into the same file:", *spelt_out)
assert (right == AGES).all() and (spelt_out == AGES).all()

# Summed from the last age: those are below one half that lie above the median, so it is their number that is told.
turned = (weights[:, ::-1].cumsum(axis=1)[:, ::-1] / weights.sum(axis=1, keepdims=True) < 0.5).sum(axis=1)
assert (wrong == turned).all() and (np.abs(wrong - (100 - AGES)) <= 1).all(), "the behaviour has changed"
PY
