"""The offline wing: from photos of known use to a bundle, by the same code as an audit.

The four steps stand here under their names: ``extract`` a store, ``train`` auditors on it, ``calibrate`` them anew,
``evaluate`` the bundle. ``preview`` tells what ``extract`` would read, and ``object_pictures`` reads pictures of known
classes to train a network of one's own on. They need the packages of the extra ``lab``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["ExtractionRecipe", "PhotoSource", "calibrate", "evaluate", "extract", "object_pictures", "preview", "train"]

if TYPE_CHECKING:
    from mint.lab.evaluation.evaluate import evaluate
    from mint.lab.inputs.source import PhotoSource
    from mint.lab.objects.pictures import object_pictures
    from mint.lab.store.extractor import ExtractionRecipe
    from mint.lab.store.plan import preview
    from mint.lab.store.run import extract
    from mint.lab.training.from_store import calibrate
    from mint.lab.training.from_store import train_store as train

_WHERE = {
    "ExtractionRecipe": ("mint.lab.store.extractor", "ExtractionRecipe"),
    "PhotoSource": ("mint.lab.inputs.source", "PhotoSource"),
    "calibrate": ("mint.lab.training.from_store", "calibrate"),
    "evaluate": ("mint.lab.evaluation.evaluate", "evaluate"),
    "extract": ("mint.lab.store.run", "extract"),
    "object_pictures": ("mint.lab.objects.pictures", "object_pictures"),
    "preview": ("mint.lab.store.plan", "preview"),
    "train": ("mint.lab.training.from_store", "train_store"),
}


def __getattr__(name: str) -> Any:
    """Import on first use: the audit does not need the lab's packages."""
    if name not in _WHERE:
        raise AttributeError(f"module 'mint.lab' has no attribute {name!r}")
    from importlib import import_module

    module, symbol = _WHERE[name]
    return getattr(import_module(module), symbol)
