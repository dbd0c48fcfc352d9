"""Write a store: begin, resume after any end, finish. One process at a time.

What is to be done is written down first, a row group a shard, so that neither a resumed run nor a worker
on another machine has to hold the list of all photos. What is done is told by the shards themselves:
a shard counts if it is whole and was made from the very samples that are due (see ``shards.py``),
so photos that were added, renamed or taken away are noticed. Where the stamps of their files are others than they
were, or were not kept, the photos are read again and their bytes compared: so changed ones are noticed, and a
set that was copied costs its reading. Photos that were rejected are tried again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mint.errors import BadInput, StoreIncomplete
from mint.lab.inputs.samples import Sample, Stamps, fingerprint, stamps_of
from mint.lab.inputs.source import PhotoSource
from mint.lab.store.census import Census, Count, census_of
from mint.lab.store.extractor import FaceReader
from mint.lab.store.folder import Folder
from mint.lab.store.reader import FORMAT, MANIFEST, REJECTED, SIDES, check, key_of, read_manifest
from mint.lab.store.shards import ROWS, SUFFIXES, TENSORS, Resumed, Shards, shard_name

PLAN = ".plan-"
PLANNED = pa.schema(
    [
        ("id", pa.string()),
        ("identity", pa.string()),
        ("file", pa.string()),
        ("start", pa.int64()),
        ("size", pa.int64()),
        ("column", pa.string()),
        ("stamp", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Task:
    """A shard that has to be made.

    Attributes:
        side: ``members`` or ``non-members``.
        number: of the shard.
    """

    side: str
    number: int

    @property
    def name(self) -> str:
        """The name of its files."""
        return shard_name(self.side, self.number)


@dataclass(frozen=True, slots=True)
class Plan:
    """The samples of each shard, kept as a file in the store while it is written."""

    folder: Folder

    def write(self, sides: Mapping[str, str | Path | PhotoSource], size: int) -> Census:
        """Write the plan of each side.

        Args:
            sides: side to where its photos are.
            size: samples a shard.

        Returns:
            The photos and people of each.

        Raises:
            BadInput: photos cannot be found, or it is not clear who is who.
        """
        found, stamps = {}, Stamps()
        for side, source in sides.items():
            count = found[side] = Count(source)
            with self.folder.new(_planned(side)) as file, pq.ParquetWriter(file, PLANNED) as writer:
                stamped = (replace(sample, stamp=stamps.of(sample)) for sample in count.samples)
                while some := list(islice(stamped, size)):
                    columns = [[getattr(sample, f.name) for sample in some] for f in fields(Sample)]
                    writer.write_table(pa.table(columns, schema=PLANNED), row_group_size=size)
        return census_of(found)

    def reader(self, side: str) -> pq.ParquetFile:
        """Open the plan of a side, with one row group a shard."""
        return pq.ParquetFile(self.folder.open(_planned(side)))

    def samples(self, task: Task) -> list[Sample]:
        """Return the samples of a shard."""
        with self.reader(task.side) as reader:
            return samples_of(reader, task.number)

    def remove(self) -> None:
        """Remove the plan."""
        for side in SIDES:
            self.folder.remove(_planned(side))


def samples_of(reader: pq.ParquetFile, number: int) -> list[Sample]:
    """Return the samples of a row group."""
    return [Sample(**row) for row in reader.read_row_group(number).to_pylist()]


class Writing:
    """A store being written. Made by ``writing``.

    Attributes:
        shards: its files.
        plan: what is due.
        census: the photos and people of each side.
        there: photos that ``due`` found extracted already.
        resumed: what ``due`` found of them.
    """

    def __init__(
        self,
        folder: Folder,
        made_of: Mapping[str, Any],
        sides: Mapping[str, str | Path | PhotoSource],
        size: int,
        eye: FaceReader,
        settled: Sequence[Sample] = (),
    ) -> None:
        self.shards, self.plan = Shards(folder, key_of(made_of)), Plan(folder)
        self._folder, self._made_of, self._eye = folder, made_of, eye
        self._settled = [sample.id for sample in settled]
        self.there, self.resumed = 0, Resumed()
        for part in ("", *SIDES):
            folder.sweep(part)
        there = read_manifest(folder)
        if there is None:
            others = [name for name in folder.names() if not name.startswith(".")]
            if others:
                raise BadInput(
                    f"{folder.place} has files in it, {others[0]} for one, and is no store. Take another folder."
                )
            self._manifest(complete=False)
        else:
            check(folder, there["made_of"], made_of)
        self._complete = there is not None and there["complete"]
        self._promised = there["files"] if there is not None and there["complete"] else {}
        try:
            self.census = self.plan.write(sides, size)
        except BadInput:  # nothing was begun
            self.plan.remove()
            if there is None:
                folder.remove(MANIFEST)
            raise

    def due(self) -> Iterator[Task]:
        """Yield shards that are missing, broken, or of photos that have changed."""
        for side in self.census.sides:
            with self.plan.reader(side) as reader:
                for number in range(reader.num_row_groups):
                    task = Task(side, number)
                    if self._stands(task, samples_of(reader, number)):
                        self.there += reader.metadata.row_group(number).num_rows
                    else:
                        self._unfinish()
                        yield task

    def _stands(self, task: Task, some: Sequence[Sample]) -> bool:
        """Return whether a shard is whole and shows these samples as they are now."""
        promised = self._promised.get(task.name + ROWS, {}).get("sha256")
        found = self.shards.whole(task.name, fingerprint(some), promised)
        if found is None:
            return False
        rows, known = (
            found.table.select(["sha256", "rejected"]).to_pylist(),
            found.about.get("stamps") == stamps_of(some),
        )
        unsure = [k for k, sample in enumerate(some) if sample.stamp and not known]
        others = {
            k
            for k, digest in zip(unsure, self._eye.digests([some[k] for k in unsure]), strict=True)
            if digest != rows[k]["sha256"]
        }
        rejected = [k for k, row in enumerate(rows) if row["rejected"] and k not in others]
        for k, (_, seen) in zip(rejected, self._eye.look([some[k] for k in rejected]), strict=True):
            if seen.face is not None or seen.sha256 != rows[k]["sha256"]:
                others.add(k)
        if others:
            self.resumed.others += len(others)
            self.resumed.first = self.resumed.first or f"{task.side}/{some[min(others)].id}"
            return False
        self.resumed.compared += len(unsure)
        self.resumed.by_name += sum(not sample.stamp for sample in some)
        if not known:
            self._unfinish()
            self.shards.stamp(task.name, found, stamps_of(some))
        return True

    def finish(
        self, opened: str | None = None, reading: Mapping[str, Any] | None = None, command: str | None = None
    ) -> None:
        """Complete the store: remove leftovers, list rejected photos, name every file.

        Args:
            opened: what opens the network again, for whoever trains on the store.
            reading: how its graph is read, as far as the user said so (``GraphReading.given``).
            command: what was typed for it, or None.

        Raises:
            StoreIncomplete: a shard is not there after all.
            BadInput: every photo of a side was rejected.
        """
        due: dict[str, None] = {}
        reasons: dict[str, str] = {}  # the first of each side
        for side in self.census.sides:
            with self.plan.reader(side) as reader:
                due |= {shard_name(side, number): None for number in range(reader.num_row_groups)}
        stale = [
            f"{side}/{name}"
            for side in SIDES
            for name in self._folder.names(side)
            if name.endswith(SUFFIXES) and f"{side}/{name.partition('.')[0]}" not in due
        ]
        for name in stale:
            self._unfinish()
            self._folder.remove(name)
        if self._complete:
            self.plan.remove()
            return
        files: dict[str, dict[str, Any]] = {}
        sides = {side: {"photos": 0, "rejected": 0} for side in self.census.sides}
        listed = io.StringIO()
        rejected = csv.writer(listed, lineterminator="\n")
        rejected.writerow(("side", "id", "reason"))
        for name in due:
            found = self.shards.rows(name)
            if found is None:
                raise StoreIncomplete(f"{name}{ROWS} of {self._folder.place} is gone again. Start again: it goes on.")
            table, about = found.table, found.about
            files[name + ROWS] = {**_file(found.data), "kept": about["kept"]}
            files[name + TENSORS] = {"bytes": about["bytes"], "sha256": about["tensors"]}
            side = name.partition("/")[0]
            sides[side]["photos"] += len(table)
            sides[side]["rejected"] += len(table) - about["kept"]
            for row in table.select(["id", "rejected"]).to_pylist():
                if row["rejected"]:
                    reasons.setdefault(side, f"{row['id']}: {row['rejected']}")
                    rejected.writerow((side, row["id"], row["rejected"]))
        data = listed.getvalue().encode()
        self._folder.write(REJECTED, data)
        files[REJECTED] = _file(data)
        self.plan.remove()
        for side, counts in sides.items():
            if counts["rejected"] == counts["photos"]:
                raise BadInput(
                    f"All {counts['photos']} photos of the {side} were rejected, the first for this reason: {reasons[side]} "
                    f"The others are in {REJECTED} of {self._folder.place}, which is no store yet."
                )
        told: dict[str, Any] = {"reading": dict(reading)} if reading else {}
        if command is not None:
            told["command"] = command
        self._manifest(complete=True, opened=opened, **told, sides=sides, files=files)

    def _unfinish(self) -> None:
        """Mark a finished store as unfinished before anything in it changes."""
        if self._complete:
            self._manifest(complete=False)
            self._complete = False

    def _manifest(self, complete: bool, **more: Any) -> None:
        about = {"format": FORMAT, "key": self.shards.key, "complete": complete, "made_of": self._made_of, **more}
        about |= {"settled": self._settled} if self._settled else {}
        text = json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        self._folder.write(MANIFEST, text.encode())


@contextmanager
def writing(
    place: str | Path,
    made_of: Mapping[str, Any],
    sides: Mapping[str, str | Path | PhotoSource],
    size: int,
    eye: FaceReader,
    settled: Sequence[Sample] = (),
) -> Iterator[Writing]:
    """Begin a store, or resume one.

    Args:
        place: path or URL of its folder.
        made_of: what its numbers depend on.
        sides: side to where its photos are.
        size: samples a shard.
        eye: reads photos of an earlier run again, where that is needed.
        settled: non-members that set the untrained control, which later runs look for by name.

    Raises:
        StoreBusy: another process is at it.
        StoreMismatch: it was begun with another network, other taps or another preprocessing.
        BadInput: photos cannot be found, or the folder holds something else.
    """
    folder = Folder(place)
    with folder.alone():
        yield Writing(folder, made_of, sides, size, eye, settled)


def _planned(side: str) -> str:
    return f"{PLAN}{side}.parquet"


def _file(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
