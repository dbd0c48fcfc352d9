"""The store: a network's features of every photo of both sides.

::

    STORE/
      manifest.json               what it was made from and by, and every file with its bytes and sha256
      rejected.csv                photos without a face and damaged ones, and why
      members/000000.parquet      one row a photo: id, identity, sha256, face box, qualities
      members/000000.safetensors  network/embedding, network/maxima/stage1, …, pixels/…, untrained/…
      non-members/…

A store belongs to one network, its taps and its preprocessing: ``key`` is the hash of all three and of
what else the numbers depend on, and whoever reads it for another network gets an error. It shows
no picture, but it shows people: whole maps and the control ``pixels`` can be turned back into faces.
Keep it as you keep the photos.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load

from mint.errors import StoreIncomplete, StoreMismatch, brief
from mint.lab.inputs.splits import source_of_photo, split_of
from mint.lab.store.folder import Folder
from mint.lab.store.network_key import differences, network_key
from mint.lab.store.schema import MOST_MANIFEST, parse_manifest
from mint.lab.store.shards import ROWS, TENSORS, Shards
from mint.networks.base import AuditedNetwork
from mint.storage.files import sha256_of
from mint.storage.tensors import read_header
from mint.vision.faces import QUALITIES

FORMAT = "mint-store-1"
MANIFEST, REJECTED = "manifest.json", "rejected.csv"
SIDES = MEMBERS, NON_MEMBERS = "members", "non-members"
NETWORK = "network"  # the part of the store that the network itself showed; controls have parts of their own
OPEN = 64  # shards at a time
STORED = ("F16", "F32")  # to safetensors


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The photos of a store, in its order: members first.

    Attributes:
        id: (N,) names of the photos, of their own within a side.
        identity: (N,) the person.
        side: (N,) ``members`` or ``non-members``.
        source: (N,) ``members``, ``siblings`` (non-members of people who are also among the members)
            or ``outsiders``.
        split: (N,) ``training``, ``validation``, ``calibration`` or ``test``: a coin on the person's name.
        sha256: (N,) of the photo's bytes.
        qualities: name to (N,) float32: the ``QUALITIES`` of the range check.
    """

    id: NDArray[np.object_]
    identity: NDArray[np.object_]
    side: NDArray[np.object_]
    source: NDArray[np.object_]
    split: NDArray[np.object_]
    sha256: NDArray[np.object_]
    qualities: Mapping[str, NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.id)

    @property
    def on_both_sides(self) -> NDArray[np.bool_]:
        """Return (N,) photos whose bytes are on both sides, which is a mistake."""
        first = {side: set(self.sha256[self.side == side]) for side in SIDES}
        both = first[MEMBERS] & first[NON_MEMBERS]
        return np.array([value in both for value in self.sha256], dtype=bool)

    @property
    def first(self) -> NDArray[np.int64]:
        """Return (N,) the row of the first photo of the same side with these bytes: its own where there is none before."""
        rows: dict[tuple[str, str], int] = {}
        facts = enumerate(zip(self.side, self.sha256, strict=True))
        return np.array([rows.setdefault(photo, row) for row, photo in facts], np.int64)

    @property
    def under_other_names(self) -> NDArray[np.bool_]:
        """Return (N,) photos whose bytes an earlier photo of the same side has that is filed under another person.

        Of such, one could train the auditors and the other test them.
        """
        return np.asarray(self.identity[self.first] != self.identity, bool)

    @property
    def repeated(self) -> NDArray[np.bool_]:
        """Return (N,) photos whose bytes an earlier photo of the same person and side has: one photo, listed again."""
        first = self.first
        return np.asarray((first != np.arange(len(self))) & (self.identity[first] == self.identity), bool)

    @property
    def unusable(self) -> NDArray[np.bool_]:
        """Return (N,) photos that auditors are neither fitted to nor measured on, and that no count has: there more than once."""
        return self.on_both_sides | self.under_other_names | self.repeated


class Store:
    """A finished store. Made by ``open_store``.

    Attributes:
        folder: where it lies.
        manifest: as in ``manifest.json``.
    """

    def __init__(self, folder: Folder, manifest: Mapping[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self._names = [name.removesuffix(ROWS) for name in manifest["files"] if name.endswith(ROWS)]
        self._open: dict[int, Callable[[str], Any]] = {}
        self._checked: set[int] = set()

    @property
    def key(self) -> str:
        """The sha256 of network, taps, preprocessing and all else that the numbers depend on."""
        return str(self.manifest["key"])

    @property
    def parts(self) -> tuple[str, ...]:
        """``network`` and the controls that were extracted with it."""
        return tuple(self.manifest["made_of"]["parts"])

    def shapes(self, part: str = NETWORK) -> dict[str, tuple[int, ...]]:
        """Return each feature's shape of one row."""
        return {name: tuple(shape) for name, shape in self.manifest["made_of"]["parts"][part].items()}

    @cached_property
    def rows(self) -> Rows:
        """The facts of every photo, in the order of the numbers.

        Raises:
            StoreIncomplete: a shard is damaged or gone.
        """
        tables, sides = [], []
        for name in self._names:
            table = self._rows(name)
            tables.append(table.filter(pc.equal(table["rejected"], "")))
            sides += [name.partition("/")[0]] * len(tables[-1])
        joined = pa.concat_tables(tables)
        identity, side = joined["identity"].to_numpy(), np.array(sides, dtype=object)
        inside = set(identity[side == MEMBERS])
        return Rows(
            id=joined["id"].to_numpy(),
            identity=identity,
            side=side,
            source=np.array([source_of_photo(s == MEMBERS, p in inside) for s, p in zip(side, identity, strict=True)], object),
            split=np.array([split_of(person) for person in identity], object),
            sha256=joined["sha256"].to_numpy(),
            qualities={name: joined[name].to_numpy() for name in QUALITIES},
        )  # fmt: skip

    def read(
        self, names: Sequence[str], part: str = NETWORK, where: NDArray[Any] | None = None
    ) -> dict[str, np.ndarray]:
        """Read numbers of some photos.

        Args:
            names: of features, such as ``embedding`` or ``maps/stage1``.
            part: ``network`` or a control.
            where: (M,) row numbers in any order, or (N,) bool; all rows if not given.

        Returns:
            Name to (M, …): whole maps in float16, all else in float32.

        Raises:
            StoreIncomplete: a shard is damaged or gone.
            KeyError: the store holds no such numbers.
        """
        shapes = self.shapes(part)
        rows = np.arange(self._starts[-1]) if where is None else np.asarray(where)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        shard = np.searchsorted(self._starts, rows, side="right") - 1
        if len(rows):  # what the manifest says of shapes is checked before room is made for them
            self._tensors(int(shard[0]))
        found: dict[str, np.ndarray] = {
            name: np.empty((len(rows), *shapes[name]), np.float16 if name.startswith("maps/") else np.float32)
            for name in names
        }
        for number in np.unique(shard):
            here = np.flatnonzero(shard == number)
            wanted = rows[here] - self._starts[number]
            tensors = self._tensors(int(number))
            for name in names:
                low, high = int(wanted.min()), int(wanted.max()) + 1
                found[name][here] = tensors(f"{part}/{name}")[low:high][wanted - low]
        return found

    def batches(self, names: Sequence[str], part: str = NETWORK, size: int = 256) -> Iterator[dict[str, np.ndarray]]:
        """Yield all numbers in order, ``size`` photos at a time."""
        for start in range(0, self._starts[-1], size):
            yield self.read(names, part, np.arange(start, min(start + size, self._starts[-1])))

    def verify(self) -> None:
        """Compare every file with its sha256.

        Raises:
            StoreIncomplete: a file is damaged or gone.
        """
        for name in self.manifest["files"]:
            self._verified(name, self.folder.local(name))

    @cached_property
    def _starts(self) -> list[int]:
        """The first row of every shard, and the total at its end."""
        kept = [self.manifest["files"][name + ROWS]["kept"] for name in self._names]
        return [0, *np.cumsum(kept, dtype=int).tolist()]

    def _rows(self, name: str) -> pa.Table:
        found, promised = Shards(self.folder, self.key).rows(name), self.manifest["files"]
        if (
            found is None
            or hashlib.sha256(found.data).hexdigest() != promised[name + ROWS]["sha256"]
            or found.about["kept"] != promised[name + ROWS]["kept"]
            or found.about["tensors"] != promised[name + TENSORS]["sha256"]
        ):
            raise self._damaged(name + ROWS)
        return found.table

    def _tensors(self, number: int) -> Callable[[str], Any]:
        """Return the tensors of a shard: checked at first use, memory-mapped if local."""
        if number not in self._open:
            name = self._names[number] + TENSORS
            path = self.folder.local(name)
            while len(self._open) >= OPEN:
                del self._open[next(iter(self._open))]
            try:
                if number not in self._checked or path is None:
                    data = self._verified(name, path)
                    with io.BytesIO(data) if path is None else path.open("rb") as file:
                        self._check_header(number, read_header(file))
                self._checked.add(number)
                self._open[number] = (
                    load(data).__getitem__ if path is None else safe_open(path, framework="np").get_slice
                )
            except (KeyError, OSError, TypeError, ValueError, SafetensorError) as error:
                raise self._damaged(name) from error
        return self._open[number]

    def _check_header(self, number: int, header: Mapping[str, Any]) -> None:
        """Compare a shard's tensors with the manifest. Raises ValueError."""
        rows = self._starts[number + 1] - self._starts[number]
        for part in self.parts if rows else ():
            for name, shape in self.shapes(part).items():
                there = header[f"{part}/{name}"]
                if there["shape"] != [rows, *shape] or there["dtype"] not in STORED:
                    raise ValueError(f"{part}/{name} has another type or shape")

    def _verified(self, name: str, path: Path | None) -> bytes:
        """Check a file's hash; return its bytes if it is remote, nothing if it is local."""
        promised = self.manifest["files"][name]
        try:
            if path is not None and path.is_file() and path.stat().st_size == promised["bytes"]:
                data, digest = b"", sha256_of(path)
            else:
                data = b"" if path is not None else self.folder.read(name, promised["bytes"])
                digest = "" if path is not None else hashlib.sha256(data).hexdigest()
        except OSError as error:
            raise self._damaged(name) from error
        if digest != promised["sha256"]:
            raise self._damaged(name)
        return data

    def _damaged(self, name: str) -> StoreIncomplete:
        return StoreIncomplete(f"{name} of {self.folder.place} is damaged or gone. Extract again: it is mended.")


def open_store(place: str | Path, network: AuditedNetwork | None = None) -> Store:
    """Read a finished store.

    Args:
        place: path or URL of its folder.
        network: whose numbers are wanted; without one, the caller must look at the manifest.

    Raises:
        StoreIncomplete: there is none, or it is not finished.
        StoreMismatch: it was made for another network, other taps or another preprocessing.
    """
    folder = Folder(place)
    manifest = read_manifest(folder)
    if manifest is None:
        raise StoreIncomplete(f"There is no store in {place}. Make one with mint lab extract.")
    if not manifest["complete"]:
        raise StoreIncomplete(f"The store in {place} is not finished. Start mint lab extract again: it goes on.")
    if network is not None:
        check(folder, manifest["made_of"], network_key(network))
    return Store(folder, manifest)


def read_manifest(folder: Folder) -> dict[str, Any] | None:
    """Return the manifest of a store, or None where there is none.

    Raises:
        StoreMismatch: it is not one that this version reads.
    """
    try:
        found = parse_manifest(folder.read(MANIFEST, MOST_MANIFEST), REJECTED)
        if found["format"] != FORMAT or found["key"] != key_of(found["made_of"]):
            raise ValueError("its format or its key is another")
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise StoreMismatch(
            f"{MANIFEST} in {folder.place} is not that of a store in the format {FORMAT}: {brief(error)}. "
            "Get the store again, or extract into another folder."
        ) from error
    return found


def check(folder: Folder, made_of: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse a store that differs from what is wanted.

    Raises:
        StoreMismatch: naming what differs.
    """
    if differs := differences(made_of, wanted):
        raise StoreMismatch(
            f"The store in {folder.place} does not fit: {'; '.join(differs)}. Mend that, or extract into another folder."
        )


def key_of(made_of: Mapping[str, Any]) -> str:
    """Return the sha256 of the canonical JSON."""
    text = json.dumps(made_of, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
