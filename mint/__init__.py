"""MINT: was this photo used to train this face-recognition network?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["MembershipTest", "Verdict", "__version__", "tap"]

# Must stand before the first import of onnxruntime and huggingface_hub anywhere.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from mint.audited.torch_network import tap
    from mint.membership import MembershipTest
    from mint.types import Verdict

_WHERE = {"MembershipTest": "mint.membership", "Verdict": "mint.types", "tap": "mint.audited.torch_network"}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``import mint`` costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'mint' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
