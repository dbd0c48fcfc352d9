"""Read training sets: folders, tars, lists and tables of photos, local or remote.

Everything comes out as one stream of ``Sample``, in an order that depends on names alone, and without
holding more than one folder or one list of row groups in memory: millions of photos are no more than few.
"""

from __future__ import annotations

import csv
import json
import os
import re
import tarfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from mint.errors import BadInput
from mint.lab.inputs.record_sets import record_samples
from mint.lab.inputs.recordio import SUFFIX as RECORDS
from mint.lab.inputs.samples import Sample
from mint.lab.inputs.tables import NAMES, TABLES, people
from mint.vision.kinds import PICTURES, SUFFIXES

PATHS = ("path", "file", "filename", "image")  # what a list may call its photos
SIDECARS = (".json", ".cls", ".txt")  # of WebDataset, the first that tells counts
LARGEST_SIDECAR = 1 << 20
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


def samples(source: str | Path) -> Iterator[Sample]:
    """Yield all photos of one side.

    Args:
        source: a path or a URL that fsspec knows.
            A folder of photos, one folder a person (links to folders are followed).
            A tar of the same, or WebDataset tars: ``key.jpg`` with the person in ``key.json`` (as
            ``identity``, ``person``, ``label``, ``name`` or ``class``), ``key.cls`` or ``key.txt``; many
            at once as a folder or as ``shards-{000..123}.tar``.
            A CSV list: path and person, with or without a line that names the columns; paths are
            relative to the list.
            A Hugging Face dataset on disk: a folder of Parquet or Arrow files.
            A set in RecordIO (MXNet, InsightFace): ``train.rec``, or the folder that holds it.
            Pictures of kinds that are not read here are yielded too: whoever reads them is told so.

    Raises:
        BadInput: nothing of this kind is there, or it cannot be read.
    """
    some = False
    for sample in _all(str(source)):
        some = True
        yield sample
    if not some:
        raise BadInput(
            f"There are no photos in {source}: no {', '.join(s[1:] for s in SUFFIXES)} and no table of them."
        )


def _all(source: str) -> Iterator[Sample]:
    many = list(_expanded(source))
    for place in many:
        url = place if "://" in place else os.path.abspath(place)
        try:
            fs, path = fsspec.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise BadInput(f"{source} cannot be opened: {error}") from error
        if fs.isdir(path):
            for relative in _walk(fs, path, "", (os.path.realpath(path),)):
                yield from _file(fs, f"{url.rstrip('/')}/{relative}", relative)
        elif not fs.isfile(path):
            raise BadInput(f"There is nothing at {place}. Give a folder, a tar, a CSV list or a table of photos.")
        elif path.lower().endswith(".csv"):
            yield from _list(fs, url)
        else:
            yield from _file(fs, url, "" if len(many) == 1 else PurePosixPath(path).name)


def _expanded(source: str) -> Iterator[str]:
    """Expand ``shards-{000..002}.tar`` to its three names."""
    found = RANGE.search(source)
    if not found:
        yield source
        return
    first, last = found.groups()
    for number in range(int(first), int(last) + 1):
        yield from _expanded(source[: found.start()] + str(number).zfill(len(first)) + source[found.end() :])


def _walk(fs: Any, root: str, folder: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yield the relative paths of all files under a folder, sorted, one listing a level."""
    entries = fs.ls(f"{root}/{folder}" if folder else root, detail=True)
    for entry in sorted(entries, key=lambda e: str(e["name"])):
        name = PurePosixPath(entry["name"]).name
        if name.startswith("."):
            continue
        relative = f"{folder}/{name}" if folder else name
        real = os.path.realpath(entry["name"]) if entry.get("islink") else entry["name"]
        if entry["type"] == "directory" or (entry.get("islink") and os.path.isdir(real)):
            if real not in above:  # a link to a folder that it lies in has no end
                yield from _walk(fs, root, relative, (*above, real))
        else:
            yield relative


def _file(fs: Any, url: str, relative: str) -> Iterator[Sample]:
    """Yield the photos in a file.

    ``relative`` is its name in the folder, empty for a file given by itself.
    """
    suffix = PurePosixPath(url).suffix.lower()
    if suffix in PICTURES:
        name = relative or PurePosixPath(url).name
        yield Sample(name, _person(PurePosixPath(name).parent.name, name), url)
    elif suffix == RECORDS:
        yield from record_samples(fs, url, relative or PurePosixPath(url).name)
    elif suffix == ".tar":
        yield from _tar(fs, url, f"{relative}/" if relative else "")
    elif suffix in TABLES and not PurePosixPath(url).name.startswith("cache-"):  # of datasets, a copy
        name = relative or PurePosixPath(url).name
        for row, person in enumerate(people(url)):
            yield Sample(f"{name}/{row}", _person(person, f"{name}/{row}"), url, row)
    elif not relative:
        raise BadInput(f"{url} is not a folder, a tar (uncompressed), a CSV list or a table of photos.")


def _tar(fs: Any, url: str, prefix: str) -> Iterator[Sample]:
    """Yield the photos of a tar; files of one WebDataset key stand next to each other."""
    try:
        with fs.open(fsspec.url_to_fs(url)[1], "rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            key, photos, told = "", list[tarfile.TarInfo](), dict[str, str]()
            while (member := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # else tarfile remembers every one
                name = PurePosixPath(member.name)
                if not member.isreg() or name.name.startswith("."):
                    continue
                stem, suffix = name.name.split(".")[0], name.suffix.lower()
                if f"{name.parent}/{stem}" != key:
                    yield from _group(url, prefix, photos, told)
                    key, photos, told = f"{name.parent}/{stem}", [], {}
                if suffix in PICTURES:
                    photos.append(member)
                elif suffix in SIDECARS and member.size <= LARGEST_SIDECAR and (f := archive.extractfile(member)):
                    told[suffix] = f.read().decode("utf-8", "replace")
            yield from _group(url, prefix, photos, told)
    except tarfile.TarError as error:
        raise BadInput(
            f"{url} is not a whole, uncompressed tar ({error}). Photos are read from its middle: unpack it with gunzip, "
            "or get it again."
        ) from error


def _group(url: str, prefix: str, photos: list[tarfile.TarInfo], told: dict[str, str]) -> Iterator[Sample]:
    person = next((found for kind in SIDECARS if kind in told and (found := _told(kind, told[kind]))), None)
    for member in photos:
        name = f"{prefix}{member.name}"
        known = person or PurePosixPath(member.name).parent.name
        yield Sample(name, _person(known, name), url, member.offset_data, member.size)


def _told(kind: str, text: str) -> str | None:
    """Return the person that a sidecar names."""
    if kind != ".json":
        return text.strip() or None
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    fields = fields if isinstance(fields, dict) else {}
    return next((str(fields[name]) for name in NAMES if fields.get(name) is not None), None)


def _list(fs: Any, url: str) -> Iterator[Sample]:
    folder = url.rpartition("/")[0]
    with fs.open(fsspec.url_to_fs(url)[1], "r", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        path, person = 0, 1
        try:
            for number, row in enumerate(reader):
                cells = [cell.strip() for cell in row]
                named = [cell.lower() for cell in cells]
                if number == 0 and set(named) & set(PATHS):
                    path = next(named.index(name) for name in PATHS if name in named)
                    person = next((named.index(name) for name in NAMES if name in named), len(named))
                elif any(cells):
                    if len(cells) <= path or not cells[path]:
                        raise BadInput(f"Line {reader.line_num} of {url} names no photo. A line is: path, person.")
                    place = cells[path]
                    there = place if place.startswith("/") or "://" in place else f"{folder}/{place}"
                    yield Sample(place, _person(cells[person] if len(cells) > person else "", place), there)
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadInput(f"Line {reader.line_num} of {url} cannot be read: {error}.") from error


def _person(name: str | None, sample: str) -> str:
    return unicodedata.normalize("NFC", name) if name else sample
