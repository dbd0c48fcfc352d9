"""Successive versions of one network: their bundles in order, and what the test over them was calibrated on.

A series is a folder of ``versions.json``, which names the bundles by path and hash, and ``versions.safetensors`` with the known
values. ``mint lab series`` makes it from photos of which it is known which version first used them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator
from safetensors import SafetensorError
from safetensors.numpy import load, save

from mint.bundles.bundle import Bundle
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing, brief
from mint.evidence.metrics import clustered_rate
from mint.evidence.sequence import Known, SequenceModel, SequenceTest
from mint.storage.files import MOST_JSON, finish, json_bytes, parse_json, read_bytes, write_files
from mint.storage.schema import Digest, Length, Number, StrictModel, checked, inside
from mint.storage.tensors import MOST_BYTES, header
from mint.types import NOT_MEASURED, Rate

INDEX, TABLES, FORMAT = "versions.json", "versions.safetensors", "mint-versions-1"
MEMBERS, STAYED, OUT = "members", "stayed", "out"  # of the tested photos; the other names are kinds of non-members
FEWEST = 2  # versions
LARGEST = 1e6  # of what is kept: ratios, scores and their precision lie far below, and nothing overflows
UNSOUND = (ArithmeticError, LookupError, SafetensorError, TypeError, ValueError)
BOUND = ("fade", "auc", "measured")  # of versions.json, together with the order of the versions
Share = Annotated[Number, Field(ge=0, le=1)]


class VersionEntry(StrictModel):
    """One version: what its bundle is called, the hash of what its answers rest on, and where it lies, seen from the series."""

    name: str
    core_sha256: Digest
    folder: str


class ShareEntry(StrictModel):
    """A measured share with its 95 % interval, and of how many photos."""

    value: Share
    low: Share
    high: Share
    n: Length

    @model_validator(mode="after")
    def _in_order(self) -> ShareEntry:
        _check_interval(self.value, self.low, self.high)
        return self


class Measured(StrictModel):
    """How often the version named is right and the set of versions holds it, and how many are in a set."""

    right: ShareEntry
    covered: ShareEntry
    in_set: Number


class SeriesIndex(StrictModel):
    """``versions.json``."""

    format: Literal["mint-versions-1"]
    versions: Annotated[list[VersionEntry], Field(min_length=FEWEST)]
    fade: Share
    auc: Annotated[list[Share], Field(min_length=3, max_length=3)]
    measured: Measured
    tables_sha256: Digest

    @field_validator("auc")
    @classmethod
    def _in_order(cls, auc: list[float]) -> list[float]:
        _check_interval(*auc)
        return auc


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A calibrated series of versions, oldest first.

    Attributes:
        names: of the versions: those of their bundles.
        folders: of the bundles.
        cores: ``core_sha256`` of each bundle.
        test: over their scores.
        tested: p-values of people that the test knows nothing of: of ``members`` and each kind of non-members for "never
            used"; of ``stayed`` and ``out`` (photos that were taken out) for "still used".
        auc: of tested members against the hardest kind of non-members, and its 95 % interval.
        measured: how often version and set were right, for whom and of how many.
        sha256: of ``versions.json``.
        name: of the folder that it was read from.
    """

    names: tuple[str, ...]
    folders: tuple[Path, ...]
    cores: tuple[str, ...]
    test: SequenceTest
    tested: Mapping[str, Known]
    auc: tuple[float, float, float]
    measured: Mapping[str, Any]
    sha256: str = ""
    name: str = "series"

    def rate(self, group: str, alpha: float) -> Rate:
        """Return the share of a group of tested photos whose p-value is at most alpha; ``NOT_MEASURED`` if there are none."""
        known = self.tested.get(group)
        if known is None or not len(known.values):
            return NOT_MEASURED
        found = clustered_rate(known.values <= alpha, known.people)
        return Rate(found.value, found.low, found.high, found.n)

    def check(self, bundles: Mapping[str, Bundle]) -> None:
        """Refuse bundles that are not the series' own. Raises BundleMismatch."""
        for name, core in zip(self.names, self.cores, strict=True):
            if name not in bundles or bundles[name].core_sha256 != core:
                raise BundleMismatch(
                    f"The series was calibrated with another bundle of {name}. Calibrate it anew with mint lab series."
                )


def save_series(series: Series, folder: Path) -> None:
    """Write a series. Raises CannotWrite; then what was there is unchanged."""
    index: dict[str, Any] = {
        "format": FORMAT,
        "versions": [
            {"name": name, "core_sha256": core, "folder": Path(os.path.relpath(place, folder)).as_posix()}
            for name, core, place in zip(series.names, series.cores, series.folders, strict=True)
        ],
        "fade": series.test.model.fade,
        "auc": list(series.auc),
        "measured": dict(series.measured),
    }
    tables = save(dict(_tables(series)), {"format": FORMAT, "figures_sha256": _digest(parse_json(json_bytes(index)))})
    index["tables_sha256"] = hashlib.sha256(tables).hexdigest()
    write_files(folder, {TABLES: tables, INDEX: json_bytes(index)})


def load_series(folder: str | Path) -> Series:
    """Read a series and check it.

    Raises:
        WeightsMissing: there is none.
        WeightsCorrupt: a file is damaged, or makes no sense.
    """
    folder = Path(folder)
    finish(folder)
    if not (folder / INDEX).is_file() or not (folder / TABLES).is_file():
        raise WeightsMissing(
            f"There is no series of versions in {folder}: {INDEX} and {TABLES}. Make one with mint lab series BUNDLE "
            f"BUNDLE … --photos LIST --out {folder}."
        )
    try:
        data = read_bytes(folder / INDEX, MOST_JSON)
        found = parse_json(data)
        index = checked(SeriesIndex, found)
        stored = read_bytes(folder / TABLES, MOST_BYTES)
        if hashlib.sha256(stored).hexdigest() != index.tables_sha256:
            raise ValueError(f"the sha256 of {TABLES} is not the one in {INDEX}")
        if _digest(found) != header(stored).get("__metadata__", {}).get("figures_sha256", _digest(found)):
            raise ValueError(f"the order of the versions, or a figure, is not the one that belongs to {TABLES}")
        test, tested = _test(load(stored), len(index.versions), index.fade)
        names = tuple(version.name for version in index.versions)
        if len(set(names)) < len(names):
            raise ValueError("two versions have one name")
        return Series(
            names,
            tuple(folder / version.folder for version in index.versions),
            tuple(version.core_sha256 for version in index.versions),
            test,
            tested,
            (index.auc[0], index.auc[1], index.auc[2]),
            index.measured.model_dump(),
            hashlib.sha256(data).hexdigest(),
            folder.resolve().name,
        )
    except UNSOUND as error:
        raise WeightsCorrupt(
            f"{folder} holds no complete series of versions: {brief(error)}. Calibrate it anew with mint lab series."
        ) from error


def _check_interval(value: float, low: float, high: float) -> None:
    """Refuse a figure outside its interval. Raises ValueError."""
    if not inside(value, low, high):
        raise ValueError(f"{value:g} lies outside its interval, {low:g} to {high:g}")


def _digest(index: Mapping[str, Any]) -> str:
    """Return the sha256 of what of ``versions.json`` belongs to its tables: the order of the versions, and the figures.

    Series of earlier versions of MINT do not keep it.
    """
    versions = [version["name"] for version in index["versions"]]
    told = json.dumps([versions, *(index[name] for name in BOUND)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _tables(series: Series) -> Iterator[tuple[str, np.ndarray]]:
    model = series.test.model
    yield from {"model|mean": model.mean, "model|precision": model.precision, "model|jumps": model.jumps}.items()
    groups = {
        "never": series.test.never, "gaps": {str(t): known for t, known in enumerate(series.test.gaps)},
        "stayed": {str(t): known for t, known in enumerate(series.test.stayed)},
        "used": {MEMBERS: series.test.members}, "tested": series.tested,
    }  # fmt: skip
    for group, parts in groups.items():
        for name, known in parts.items():
            yield f"{group}|{name}|values", np.ascontiguousarray(known.values, np.float64)
            yield f"{group}|{name}|people", np.ascontiguousarray(known.people, np.int64)


def _test(tables: Mapping[str, np.ndarray], versions: int, fade: float) -> tuple[SequenceTest, dict[str, Known]]:
    groups: dict[str, dict[str, Known]] = {name: {} for name in ("never", "gaps", "stayed", "used", "tested")}
    for key, values in tables.items():
        if not (np.abs(values) <= LARGEST).all():
            raise ValueError(f"{key[:100]} has numbers that are none, or far too large")
        group, name, *part = key.split("|")
        if part == ["values"]:
            people = tables[f"{group}|{name}|people"]
            if values.ndim != 1 or people.shape != values.shape or people.dtype != np.int64:
                raise ValueError(f"{key[:100]} does not say who is on its photos")
            groups[group][name] = Known(values.astype(np.float64), people)
    mean, precision, jumps = (tables[f"model|{name}"].astype(np.float64) for name in ("mean", "precision", "jumps"))
    if (mean.shape, precision.shape, jumps.shape) != ((versions,), (versions, versions), (versions, versions)):
        raise ValueError(f"its model is not one of {versions} versions")
    if not np.allclose(precision, precision.T) or np.linalg.eigvalsh(precision)[0] <= 0:
        raise ValueError("its precision is that of no covariance")
    gaps = [groups["gaps"][str(t)] for t in range(versions)]
    stayed = [groups["stayed"][str(t)] for t in range(versions - 1)]
    if not groups["never"]:
        raise ValueError("there is no known non-member")
    members = groups["used"][MEMBERS]
    test = SequenceTest(SequenceModel(mean, precision, jumps, fade), groups["never"], members, gaps, stayed)
    return test, groups["tested"]
