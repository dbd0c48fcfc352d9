"""Train one network on a half, extract what auditors read, make its bundle, and score every layer and control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.auditors.features import MAXIMA
from mint.bundles.bundle import Bundle
from mint.bundles.evaluation import NEW_PEOPLE, SAMPLE
from mint.evidence.metrics import clustered_rate
from mint.evidence.score_table import PHOTO
from mint.lab.controls.names import PIXELS, SHUFFLED, UNTRAINED
from mint.lab.objects.halves import Halves
from mint.lab.objects.layers import Audit, audited, fitted, layer_specs, shuffled
from mint.lab.objects.recipe import ObjectRecipe
from mint.lab.objects.training import WEIGHTS, trained_classifier
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import NETWORK, Store
from mint.lab.store.run import extract
from mint.lab.training.from_store import train_store
from mint.lab.training.on_record import Figures, bundle_on_record
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import split_store
from mint.networks.modules.object_cnn import OUTPUT
from mint.networks.torch_network import TorchNetwork

BUNDLE, STORE = "bundle", "store"
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The pictures of all networks of a run.

    Attributes:
        halves: ledger and pictures.
        crops: (N, 112, 112, 3) uint8 of them.
        recipe: of the networks; its seed also draws the auditors.
        report: told a line now and then.
    """

    halves: Halves
    crops: np.ndarray
    recipe: ObjectRecipe
    report: Report

    @property
    def folder(self) -> Path:
        """Where the networks' folders lie."""
        return self.halves.ledger.parent

    def telling(self, name: str) -> Report:
        """Return a report that begins with a network's name."""
        return lambda line: self.report(f"{self.halves.pictures.name}-{name}: {line}")

    def trained(
        self, name: str, half: str, labels: NDArray[np.int64], recipe: ObjectRecipe
    ) -> tuple[TorchNetwork, Figures]:
        """Train a network on a half, or return the one on record, and its log."""
        member, classes = self.halves.member(half), len(self.halves.pictures.classes)
        folder, tell = self.folder / name, self.telling(name)
        return trained_classifier(self.crops[member], labels[member], classes, folder, recipe, tell)

    def extracted(self, network: TorchNetwork, name: str, half: str, whole: bool) -> Store:
        """Extract what auditors read; with altered views and the blind controls if ``whole``."""
        self.telling(name)("extracting")
        # No search for the best cut of a face: these are no faces, and all are cut alike.
        recipe = ExtractionRecipe(network, controls=whole, views=whole, maps=True, recall=False, seed=self.recipe.seed)
        return extract(recipe, self.halves.sides(half), self.folder / name / STORE)


def plain_network(
    material: Material, name: str, half: str, labels: NDArray[np.int64], recipe: ObjectRecipe
) -> tuple[Audit, Figures]:
    """Train a network beside the two halves' and audit its layers, without bundle and controls.

    Args:
        material: of the run.
        name: of its folder.
        half: that it is trained on.
        labels: (N,) what it is taught of every picture.
        recipe: its own.
    """
    network, log = material.trained(name, half, labels, recipe)
    store = material.extracted(network, name, half, whole=False)
    material.telling(name)("fitting and scoring its auditors")
    deal, shown = split_store(store.rows, material.recipe.seed), StoreFeatures(store, NETWORK, network.head)
    audit = audited(shown, deal, material.halves, labels, fitted(shown, deal, material.recipe.seed))
    return audit, {**_about(log, shown, material.halves, labels), **_figures(audit)}


def halves_network(material: Material, half: str) -> tuple[Audit, Figures]:
    """Train a half's network, make its bundle, audit every layer, and run the controls through the same auditors."""
    halves, seed = material.halves, material.recipe.seed
    labels, tell = halves.pictures.labels, material.telling(half)
    network, log = material.trained(half, half, labels, material.recipe)
    store = material.extracted(network, half, half, whole=True)
    bundle = _bundle(material, half, store, network)
    deal = split_store(store.rows, seed)
    shown, blind = StoreFeatures(store, NETWORK, network.head), StoreFeatures(store, UNTRAINED)
    panel = bundle.panel.only(spec.column for spec in layer_specs(shown.shapes.taps))
    audit = audited(shown, deal, halves, labels, panel)
    tell("control: untrained, every layer")
    untrained = audited(blind, deal, halves, labels, fitted(blind, deal, seed))
    tell("control: shuffled labels, every layer")
    null = shuffled(deal, store.rows.identity, halves.pictures.by_class, seed)
    nothing = audited(shown, null, halves, labels, fitted(shown, null, seed))
    evaluation = bundle.evaluation or {}
    found = evaluation.get(SAMPLE) or evaluation[NEW_PEOPLE]  # digits are all strangers to each other
    return audit, {
        **_about(log, shown, halves, labels),
        **_figures(audit),
        "fitted on": {split: int(deal.samples(split)[1].sum()) for split in deal.rows},
        "on both sides": int(store.rows.on_both_sides.sum()),
        "combined": next(row for row in found["rows"] if row["auditor"] == "combined"),
        "may speak": bundle.passed_gate(PHOTO),
        PIXELS: found["controls"][PIXELS]["rows"],
        UNTRAINED: rows_of(untrained),
        SHUFFLED: rows_of(nothing),
    }


def rows_of(audit: Audit) -> list[Figures]:
    """Return the figures of all scores."""
    return [audit.row(column) for column in audit.columns]


def _figures(audit: Audit) -> Figures:
    return {"rows": rows_of(audit), "best": audit.best()}


def _about(log: Figures, shown: StoreFeatures, halves: Halves, labels: NDArray[np.int64]) -> Figures:
    """Return what was trained on, and how often both sides are given the label that the network was taught."""
    rows = shown.store.rows
    right = shown.store.read([MAXIMA + OUTPUT])[MAXIMA + OUTPUT].argmax(1) == labels[halves.numbers(rows.id)]
    return {
        "pictures": log["pictures"],
        "epochs": log["recipe"]["epochs"],
        "seconds": log["seconds"],
        "accuracy": {
            side: asdict(clustered_rate(right[rows.side == side], rows.identity[rows.side == side]))
            for side in ("members", "non-members")
        },
    }


def _bundle(material: Material, half: str, store: Store, network: TorchNetwork) -> Bundle:
    """Return the bundle of a half: the one on record, or train, calibrate and write one."""
    place, pictures, seed = material.folder / half / BUNDLE, material.halves.pictures, material.recipe.seed

    def make() -> Bundle:
        columns = [spec.column for spec in layer_specs([tap.name for tap in network.taps])]
        made = train_store(store, network, f"{pictures.name}-{half}", seed, columns, report=material.telling(half))
        return replace(made, facts={**made.facts, "commands": ["mint lab objects --data DATA --out WORK"]})

    shape = material.recipe.shape(len(pictures.classes))
    return bundle_on_record(place, network, seed, make, material.folder / half / WEIGHTS, shape)
