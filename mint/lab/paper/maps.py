"""Keep auditors' features of many crops in files, because maps do not fit in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mint.auditors.base import Auditor
from mint.auditors.features import read_features
from mint.auditors.panel import readings
from mint.lab.training.fit import Features
from mint.networks.base import AuditedNetwork
from mint.storage.files import write_bytes

LARGEST = 65504.0  # of float16


@torch.inference_mode()
def extract_to(
    folder: Path,
    network: AuditedNetwork,
    auditors: Mapping[str, Auditor],
    crops: np.ndarray,
    map_rows: int,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Features]:
    """Extract what auditors read of crops into memory-mapped files.

    Args:
        folder: gets one file a layer; files of the same network, auditors and crops are used again.
        network: under audit, or a control.
        auditors: by column name.
        crops: (N, 112, 112, 3) uint8.
        map_rows: whole maps are kept of the first so many crops only.
        report: told how far it is.

    Returns:
        Column name to features: whole maps in float16, channels last, of ``map_rows`` rows; the
        rest in float32, of N rows.
    """
    owner = {column: (auditor.kind, auditor.layer) for column, auditor in auditors.items()}
    readers = {owner[column]: auditor for column, auditor in auditors.items()}
    mark = folder / "complete"
    content = _content(network, readers, crops, map_rows)
    there = all(any(folder.glob(f"{kind}-{layer}-*.npy")) for kind, layer in readers)
    if not (there and mark.is_file() and mark.read_text() == content):
        folder.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)
        _write(folder, network, readers, crops, map_rows, report)
        write_bytes(mark, content.encode())
    found: dict[tuple[str, str], Features] = {}
    for kind, layer in readers:
        files = sorted(folder.glob(f"{kind}-{layer}-*.npy"))
        # "r+": torch wants arrays that could be written to; nothing does.
        found[kind, layer] = [_channels_first(torch.from_numpy(np.load(file, mmap_mode="r+"))) for file in files]
    return {column: found[key] for column, key in owner.items()}


def _write(
    folder: Path,
    network: AuditedNetwork,
    readers: Mapping[tuple[str, str], Auditor],
    crops: np.ndarray,
    map_rows: int,
    report: Callable[[str], None],
) -> None:
    files: dict[str, np.ndarray] = {}
    start = 0
    for batch, reading in readings(network, crops, False):
        found = read_features(reading, maps=start < map_rows)
        for (kind, layer), auditor in readers.items():
            if kind == "cnn" and start >= map_rows:
                continue
            for number, feature in enumerate(auditor.inputs(found, network.head)):
                name = f"{kind}-{layer}-{number}.npy"
                values, rows = _stored(feature)
                total = map_rows if rows else len(crops)
                if name not in files:
                    files[name] = np.lib.format.open_memmap(
                        folder / name, mode="w+", dtype=values.dtype, shape=(total, *values.shape[1:])
                    )
                end = min(start + len(batch), total)
                files[name][start:end] = values[: end - start]
        start += len(batch)
        if start % 2000 < len(batch):
            report(f"{network.name}: {start} of {len(crops)} crops")
    for array in files.values():
        array.flush()  # type: ignore[attr-defined]


def _stored(feature: Tensor) -> tuple[np.ndarray, bool]:
    """Return the stored form of features, and whether they are a whole map."""
    if feature.ndim == 4:
        return feature.clamp(-LARGEST, LARGEST).half().permute(0, 2, 3, 1).contiguous().numpy(), True
    return feature.float().numpy(), False


def _channels_first(stored: Tensor) -> Tensor:
    return stored.permute(0, 3, 1, 2) if stored.ndim == 4 else stored


def _content(
    network: AuditedNetwork, readers: Mapping[tuple[str, str], Auditor], crops: np.ndarray, map_rows: int
) -> str:
    """Return the sha256 of all that the files depend on."""
    found = hashlib.sha256(np.ascontiguousarray(crops).tobytes())
    found.update(repr((network.name, network.key, network.taps, sorted(readers), map_rows)).encode())
    return found.hexdigest()
