"""Read training sets: folders, tars, lists and tables of photos, local or remote.

Everything comes out as one stream of ``Sample``, in an order that depends on names alone, and without
holding more than one folder or one list of row groups in memory: millions of photos are no more than few.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from mint.errors import BadInput
from mint.lab.inputs.columns import listed
from mint.lab.inputs.layout import split_of_file, split_of_photo
from mint.lab.inputs.lists import LISTS, METADATA, list_photos, names_pictures
from mint.lab.inputs.record_sets import INDEX, record_samples, told_of
from mint.lab.inputs.recordio import SUFFIX as RECORDS
from mint.lab.inputs.samples import Sample
from mint.lab.inputs.source import PhotoSource, Reading, as_source
from mint.lab.inputs.tables import TABLES, open_rows
from mint.lab.inputs.tars import tar_photos
from mint.vision.kinds import PICTURES, SUFFIXES, hidden, unlike_a_picture

RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
COUNTED = tuple(suffix for suffix in LISTS if suffix != ".txt")  # most texts are no lists
PACKED = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
MOST_NAMES = 1_000_000  # that a range may stand for


def samples(source: str | Path | PhotoSource, reading: Reading | None = None) -> Iterator[Sample]:
    """Yield all photos of one side.

    Args:
        source: a path or a URL that fsspec knows, with what is to be told of it in a ``PhotoSource``.
            A folder of photos, one folder a person (links to folders are followed).
            A tar of the same, or WebDataset tars; many at once as a folder or as ``shards-{000..123}.tar``.
            A list: CSV or with other separators, or JSON Lines; paths are relative to the list.
            A Hugging Face dataset on disk: a folder of Parquet or Arrow files, or an ImageFolder.
            A set in RecordIO (MXNet, InsightFace): ``train.rec``, or the folder that holds it.
            Pictures of kinds that are not read here are yielded too: whoever reads them is told so.
            docs/inputs.md has all of it, with the rule by which people are told apart.
        reading: is filled with what is to be told of how the source was read.

    Raises:
        BadInput: nothing of this kind is there, it cannot be read, or it is not clear who is who. Some of this shows
            only after the last photo.
    """
    reading = Reading(as_source(source)) if reading is None else reading
    yield from _all(str(reading.source.place), reading)
    reading.finish()
    if not reading.photos:
        left = "".join(f"; {number} {what}" for what, number in (+reading.left).items())
        raise BadInput(
            f"There are no photos in {reading.source.place}: no {', '.join(s[1:] for s in SUFFIXES)} and no table of them{left}."
        )


def _all(source: str, reading: Reading) -> Iterator[Sample]:
    many = list(_expanded(source))
    around = source[: source.find("{")].rpartition("/")[0] + "/" if len(many) > 1 else ""
    for place in many:
        url = place if "://" in place else os.path.abspath(place)
        try:
            fs, path = fsspec.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise BadInput(f"{source} cannot be opened: {error}") from error
        if fs.isdir(path) and len(many) > 1:
            raise BadInput(
                f"{source} stands for folders, whose photos may be called alike. Give the folder around them."
            )
        if fs.isdir(path):
            for relative in _walk(fs, path, "", (os.path.realpath(path),), reading):
                yield from _in_folder(fs, f"{url.rstrip('/')}/{relative}", relative, reading)
        elif fs.isfile(path):
            yield from _file(fs, url, place.removeprefix(around) if len(many) > 1 else "", True, reading)
        else:
            raise BadInput(f"There is nothing at {place}. Give a folder, a tar, a CSV list or a table of photos.")


def _expanded(source: str) -> Iterator[str]:
    """Expand ``shards-{000..002}.tar`` to its three names."""
    found = RANGE.search(source)
    if not found:
        yield source
        return
    first, last = found.groups()
    if int(last) - int(first) >= MOST_NAMES:
        raise BadInput(f"{source[:200]} stands for more than {MOST_NAMES} files. Give a folder of them.")
    for number in range(int(first), int(last) + 1):
        yield from _expanded(source[: found.start()] + str(number).zfill(len(first)) + source[found.end() :])


def _walk(fs: Any, root: str, folder: str, above: tuple[str, ...], reading: Reading | None) -> Iterator[str]:
    """Yield the relative paths of all files under a folder, sorted, one listing a level.

    Where a folder has the metadata of an ImageFolder, the photos in it are named there and not found by their place; without a reading, all files are found.
    """
    entries = fs.ls(f"{root}/{folder}" if folder else root, detail=True)
    names = [PurePosixPath(entry["name"]).name for entry in entries]
    if reading is not None and not reading.source.by_level:
        for name in METADATA:
            relative = f"{folder}/{name}" if folder else name
            if name in names and names_pictures(fs, f"{root}/{relative}"):
                yield relative
                return
    for entry in sorted(entries, key=lambda e: str(e["name"])):
        name = PurePosixPath(entry["name"]).name
        if hidden(name) or name in METADATA:
            continue
        relative = f"{folder}/{name}" if folder else name
        real = os.path.realpath(entry["name"]) if entry.get("islink") else entry["name"]
        if entry["type"] == "directory" or (entry.get("islink") and os.path.isdir(real)):
            if real not in above:  # a link to a folder that it lies in has no end
                yield from _walk(fs, root, relative, (*above, real), reading)
        else:
            yield relative


def _in_folder(fs: Any, url: str, relative: str, reading: Reading) -> Iterator[Sample]:
    """Yield the photos of a file in a folder, if it is of the split that is read."""
    suffix, source, name = PurePosixPath(relative).suffix.lower(), reading.source, PurePosixPath(relative).name
    folders = relative.split("/")[:-1]
    if suffix in TABLES and fs.isfile(fsspec.url_to_fs(url[: -len(suffix)] + ".tar")[1]):
        reading.left[f"{suffix} beside a tar of the same name, which says what is in it"] += 1
    elif suffix in TABLES or suffix in (".tar", RECORDS) or name in METADATA:
        # Sets of records in folders of their own are all called train.rec: there the name alone is the split.
        split = split_of_file(name if suffix == RECORDS and not split_of_photo(folders)[0] else relative)
        if not name.startswith("cache-") and (not split or reading.splits.take(split)):
            before = reading.photos
            if suffix == RECORDS:
                _alone(relative, reading)
            yield from _file(fs, url, relative, False, reading, split)
            if name in METADATA and source.split is None:
                beside = _walk(fs, fsspec.url_to_fs(url)[1].rpartition("/")[0], "", (), None)
                there = sum(PurePosixPath(name).suffix.lower() in PICTURES for name in beside)
                reading.left["photo(s) beside an ImageFolder's metadata that does not list them"] += max(
                    0, there - (reading.photos - before)
                )
    elif suffix in PICTURES:
        taken = reading.in_split(folders)
        if taken is not None:
            yield reading.sample(relative, reading.folder_person(folders, relative, taken), url)
    elif suffix in PACKED or suffix in COUNTED:
        packed = "unpack them" if suffix in PACKED else "give such a file by itself"
        reading.left[f"file(s) {suffix} in a folder; {packed}"] += 1
    elif unlike_a_picture(name):
        reading.pass_over(relative, folders)


def _file(fs: Any, url: str, relative: str, given: bool, reading: Reading, split: str = "") -> Iterator[Sample]:
    """Yield the photos in a file.

    Args:
        fs: of fsspec.
        url: of the file.
        relative: its name in the folder or among the files given; empty for the only file given.
        given: it was given by name, and is not one of many files in a folder.
        reading: see ``samples``.
        split: of a file in a folder, by its path; what lies in it may say more.
    """
    suffix, name, source = PurePosixPath(url).suffix.lower(), relative or PurePosixPath(url).name, reading.source
    if suffix in (RECORDS, *TABLES) and source.by_level:
        raise BadInput(
            f"{url} says itself who is who, and the folders around it do not: --person-level has no meaning there. Leave it "
            "out, or say it for the other side alone, such as --person-level members=1."
        )
    if suffix in PICTURES:
        yield reading.sample(name, None, url)
    elif suffix == RECORDS:
        if source.person_column is not None:
            raise BadInput(
                f"{url} has no columns: the labels of its records name the people. Leave out --person-column."
            )
        reading.labelled = True
        if rule := told_of(url):
            reading.note(rule.rstrip("."))
        for sample in record_samples(fs, url, name):
            person = None if sample.identity == sample.id else sample.identity  # a damaged record shows nobody
            if reading.splits.take(split):
                yield reading.sample(sample.id, person, url, sample.start, sample.size, by=("the labels of records",))
    elif suffix == ".tar":
        yield from tar_photos(fs, url, f"{relative}/" if relative else "", reading, split)
    elif suffix in TABLES:
        yield from _table(url, name, reading, split)
    elif suffix in LISTS:
        folder = "" if given else relative.rpartition("/")[0]
        yield from list_photos(fs, url, f"{folder}/" if folder else "", reading, split)
    elif given:
        raise BadInput(f"{url} {_unread(PurePosixPath(url).name.lower())}")


def _unread(name: str) -> str:
    """Return what to say of a file of another kind."""
    if name.endswith(PACKED):
        return (
            "is packed, and photos are read from their place: unpack it, and give the folder or the tar that comes out."
        )
    if name.endswith((INDEX, ".bin")) or name == "property":
        return "is no set of photos by itself. Give the .rec file beside it, or the folder."
    return "is not a folder, a tar (uncompressed), a CSV list or a table of photos."


def _alone(relative: str, reading: Reading) -> None:
    """Refuse a second set of records in a folder: nobody could say whether both number the same people."""
    folder = relative.rpartition("/")[0]
    first = reading.records.setdefault(folder, relative)
    if first != relative:
        raise BadInput(
            f"{first} and {PurePosixPath(relative).name} lie in one folder, and both number their people. Give parts of one set as "
            "a range, such as train_{0..1}.rec, and sets of other people in folders of their own."
        )
    if len(reading.records) > 1:
        reading.note("sets of records in folders of their own have people of their own")


def _table(url: str, name: str, reading: Reading, outer: str) -> Iterator[Sample]:
    source = reading.source
    table = open_rows(url, source.image_column, source.person_column, not source.no_person)
    if table.people is not None:
        reading.named_by(table.people)
    reading.splits.column = table.flags
    for row, (person, split) in enumerate(table.rows):
        if reading.take((split or "").casefold(), outer):
            yield reading.sample(
                f"{name}/{row}",
                person,
                url,
                row,
                column=table.pictures,
                by=(f"the column {listed([table.people or ''])}",),
            )
