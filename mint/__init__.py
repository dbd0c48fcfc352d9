"""MINT: was this photo used to train this face-recognition network?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Bundle",
    "MembershipTest",
    "OnnxNetwork",
    "PhotoAudit",
    "Tap",
    "TorchNetwork",
    "Verdict",
    "WholePicture",
    "__version__",
    "load_bundle",
    "open_network",
    "save_bundle",
    "tap",
]

# Must stand before the first import of onnxruntime and huggingface_hub anywhere.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle
    from mint.bundles.files import load_bundle, save_bundle
    from mint.membership import MembershipTest
    from mint.networks.base import Tap
    from mint.networks.onnx.network import OnnxNetwork
    from mint.networks.open import open_network
    from mint.networks.torch_network import TorchNetwork, tap
    from mint.types import PhotoAudit, Verdict
    from mint.vision.detectors import WholePicture

_WHERE = {
    "Bundle": "mint.bundles.bundle",
    "MembershipTest": "mint.membership",
    "OnnxNetwork": "mint.networks.onnx.network",
    "PhotoAudit": "mint.types",
    "Tap": "mint.networks.base",
    "TorchNetwork": "mint.networks.torch_network",
    "Verdict": "mint.types",
    "WholePicture": "mint.vision.detectors",
    "load_bundle": "mint.bundles.files",
    "open_network": "mint.networks.open",
    "save_bundle": "mint.bundles.files",
    "tap": "mint.networks.torch_network",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``import mint`` costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'mint' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
