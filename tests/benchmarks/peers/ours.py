"""This project's auditors in the comparison, fitted by `mint.lab.training.fit` on the exported features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from mint import __version__
from mint.auditors.base import Auditor
from mint.auditors.features import EMBEDDING
from mint.auditors.kinds.norm import Norm
from mint.bundles.files import load_bundle
from mint.evidence.fusion import Fusion
from mint.evidence.score_table import PHOTO
from mint.lab.training.fit import Schedule, train_auditor
from mint.lab.training.scoring import FUSED, fuse
from mint.networks.base import AuditedNetwork
from tests.benchmarks.peers.exchange import Attempt, Export, load_export, measure, paths, write_attempts
from tests.benchmarks.peers.export import EMBEDDING_ONLY, SPECS, auditors

NAMES = {
    "embedding": "vanilla, as published",
    "channel maxima": "vanilla, as published",
    EMBEDDING_ONLY: "consistency, embedding only",
    "consistency": "consistency",
    "prototype": "prototype",
}
COMBINED = "consistency + prototype"


def attempts(export: Export, network: AuditedNetwork) -> list[Attempt]:
    """Every auditor by itself, then the two that get fused."""
    seed = int(export.about["seed"])

    def alone(name: str) -> Attempt:
        x = export.features[name]
        return measure(
            export, NAMES[name], name, lambda: fitted(export, network, name, seed), lambda a, rows: scores(a, x[rows])
        )

    parts = {SPECS[n].column: n for n in ("consistency", "prototype")}
    assert set(parts) == set(FUSED)

    def fit() -> tuple[dict[str, Auditor], Fusion]:
        panel = {column: fitted(export, network, name, seed) for column, name in parts.items()}
        validation = export.split == 1
        columns = {c: scores(a, export.features[parts[c]][validation]) for c, a in panel.items()}
        return panel, fuse(columns, export.member[validation], export.group[validation] < 2)[PHOTO]

    def score(model: tuple[dict[str, Auditor], Fusion] | None, rows: np.ndarray) -> np.ndarray:
        assert model is not None
        panel, fusion = model
        return fusion.score({c: scores(a, export.features[parts[c]][rows]) for c, a in panel.items()})

    def norm() -> Auditor:
        return fitted(export, network, "embedding", seed, Norm(), length)

    shortest = measure(
        export, "norm", "embedding", norm, lambda a, rows: scores(a, length(export.features["embedding"][rows]))
    )
    return [*map(alone, NAMES), shortest, measure(export, "combined", COMBINED, fit, score)]


def fitted(
    export: Export,
    network: AuditedNetwork,
    name: str,
    seed: int,
    auditor: Auditor | None = None,
    prepare: Callable[[np.ndarray], np.ndarray] = lambda features: features,
) -> Auditor:
    """One auditor, trained on the training people; the validation people choose when to stop or how strong L2 is."""
    torch.manual_seed(seed)
    auditor = auditors(network)[name] if auditor is None else auditor
    parts = []
    for split in (0, 1):
        rows = export.split == split
        parts += [[torch.from_numpy(prepare(export.features[name][rows]))], export.member[rows]]
    train_auditor(auditor, *parts, seed, Schedule())
    return auditor


def length(embedding: np.ndarray) -> np.ndarray:
    """(N, E) embeddings to what the norm auditor reads of them."""
    return Norm().inputs({EMBEDDING: torch.from_numpy(embedding)}, None)[0].numpy()


@torch.inference_mode()
def scores(auditor: Auditor | None, features: np.ndarray) -> np.ndarray:
    """(N,) scores of (N, D) features."""
    assert auditor is not None
    return auditor(torch.from_numpy(features)).numpy()


def main() -> None:
    """Read an export, write attempts."""
    torch.set_num_threads(1)
    options = paths("This project's auditors.")
    export = load_export(options.export)
    network = load_bundle(options.weights / str(export.about["network"])).network
    write_attempts(options.out, "MINT", __version__, attempts(export, network))


if __name__ == "__main__":
    main()
