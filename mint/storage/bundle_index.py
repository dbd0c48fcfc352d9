"""``bundle.json``, the list of a bundle's files and what its answers rest on, read by everybody in one way.

Whoever writes a bundle writes its list and its hashes as well, so nothing in it is believed before it was checked here.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, NonNegativeInt, StringConstraints

from mint.errors import BundleMismatch
from mint.storage.files import MOST_JSON, json_bytes, parse_json, read_bytes, read_json, write_files
from mint.storage.schema import Digest, Length, Number, Pair, StrictModel, checked

INDEX, FORMAT = "bundle.json", "mint-bundle-1"
SUFFIXES = (".safetensors", ".json")  # what a bundle is made of: nothing that is unpickled or run, but for one
BOUNDS = "bounds.safetensors"  # what was computed from the scores, for an answer
GRAPH = "graph.onnx"  # which ONNX Runtime runs, and which holds no weights
NOTE = "mint"  # the key of the note in the metadata of a bundle's graph and bounds
LONGEST_NAME = 200


def _of_a_bundle(file: str) -> str:
    plain = re.fullmatch(r"[\w-][\w.-]*", file) and file != INDEX and (file.endswith(SUFFIXES) or file == GRAPH)
    if not plain:
        raise ValueError(f"it lists {file[:100]!r}, which no bundle holds")
    return file


def _in_one_line(name: str) -> str:
    if not name.isprintable():
        raise ValueError("it is not made of letters that can be printed")
    return name


class FileEntry(StrictModel):
    """What is promised of one file."""

    bytes: Length
    sha256: Digest


class NetworkEntry(StrictModel):
    """The audited network: its weights' shape if the bundle holds them, else what ``networks.reopen`` finds it by."""

    model_config = ConfigDict(extra="allow")

    fingerprint: str
    shape: dict[str, Any] | None = None
    key: str | None = None
    about: dict[str, Any] | None = Field(None, alias="is")
    catalog: str | None = None
    path: str | None = None
    finder: str | None = None  # of a network in the bundle: its alignment, where that is not the first

    @property
    def stored(self) -> dict[str, Any]:
        """The part of ``bundle.json`` that this is."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class FusionEntry(StrictModel):
    """A weighted sum of columns, of each as much as counts, or the larger of two."""

    weights: Annotated[dict[str, Number], Field(min_length=1)]
    bias: Number
    otherwise: FusionEntry | None = None
    caps: dict[str, Number] | None = None


Counts = Annotated[list[NonNegativeInt], Field(min_length=2, max_length=2)]  # so many of so many


class OddEntry(StrictModel):
    """When sets of one size are asked about, and how often that errs."""

    least: Number
    wrong: dict[str, Counts]
    noticed: dict[str, Counts]


class PersonEntry(StrictModel):
    """What several photos of one person are judged by. Older ones hold ``odd_least``, which noticed nobody and is not read."""

    fusion: FusionEntry
    expected: Pair
    alike_most: dict[str, Number]
    odd: dict[str, OddEntry] = Field(default_factory=dict)


class BundleIndex(StrictModel):
    """A parsed and checked ``bundle.json``."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AfterValidator(_in_one_line)]
    tier: Literal["full", "reference"] = "full"
    network: NetworkEntry
    auditors: list[dict[str, Any]]
    fusion: dict[str, FusionEntry]
    platt: dict[str, Pair]
    range: dict[str, Pair]
    gates: dict[str, bool]
    people: PersonEntry | None = None
    uncalibrated_classes: list[NonNegativeInt] = Field(default_factory=list)
    facts: dict[str, Any]
    files: dict[Annotated[str, AfterValidator(_of_a_bundle)], FileEntry]

    @property
    def licence(self) -> str:
        """The bundle's, an SPDX identifier or other words; empty if it states none."""
        return str(self.facts.get("licence", ""))

    def core_sha256(self, question: str) -> str:
        """Return the sha256 of what the bundle's answers to a question rest on.

        It stays the same when a file that is computed from the others is made anew (``BOUNDS``, ``GRAPH``), when the network's
        file moves, and when what is merely said of the bundle changes. That of ``bundle.json`` does not.
        """
        rests_on = {
            "network": {k: v for k, v in self.network.stored.items() if k in ("fingerprint", "key", "shape", "finder")},
            "tier": self.tier,
            "auditors": self.auditors,
            "fusion": self.fusion[question].model_dump(),
            "range": self.range,
            "gates": self.gates,
            "numbers": {n: file.sha256 for n, file in self.files.items() if n.endswith(SUFFIXES[0]) and n != BOUNDS},
        }
        return hashlib.sha256(json_bytes(rests_on)).hexdigest()


def parse_index(data: bytes, bundle: str) -> BundleIndex:
    """Parse an untrusted ``bundle.json``.

    Args:
        data: its bytes.
        bundle: what to call the bundle.

    Raises:
        BundleMismatch: it has another format.
        ValueError: it is malformed; says where.
    """
    found = parse_json(data)
    if isinstance(found, dict) and found.get("format", FORMAT) != FORMAT:
        raise BundleMismatch(
            f"{bundle} has format {str(found['format'])[:50]!r}, this version reads {FORMAT}. Get a bundle that "
            "was made by this version, or the version that made this one."
        )
    if not isinstance(found, dict) or "format" not in found:
        raise ValueError(f"{INDEX} states no format")
    try:
        return checked(BundleIndex, found)
    except ValueError as error:
        raise ValueError(f"{INDEX}, {error}") from None


def read_index(path: Path, bundle: str) -> BundleIndex:
    """Read an untrusted ``bundle.json``. Raises OSError, and as ``parse_index``."""
    return parse_index(read_bytes(path, MOST_JSON), bundle)


def add_file(folder: Path, name: str, data: bytes) -> None:
    """Write a file of a bundle that is made from its others, in place of an older one, and list it.

    Raises:
        CannotWrite: there is no room, or the folder is read-only; what was there is unchanged.
    """
    index = read_json(folder / INDEX)
    listed = {**index["files"], name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}}
    write_files(folder, {name: data, INDEX: json_bytes({**index, "files": listed})})
