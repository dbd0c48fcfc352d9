"""Read photos from tars: a folder that was packed, WebDataset shards, or what img2dataset wrote.

In WebDataset, files whose names are the same up to the first dot of the base name are one sample: ``7.jpg`` and
``7.cls``. A sample has one picture. What names its person is ``.cls``, or a field of its ``.json`` with one of the usual
names; ``.txt`` is a caption and names nobody. A picture without either belongs to its folder in the tar.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import fsspec

from mint.errors import BadInput, brief
from mint.lab.inputs.cells.fields import fields_of
from mint.lab.inputs.cells.names import person_name, whole
from mint.lab.inputs.columns import PERSONS, choose_person, find, key, listed, person_text
from mint.lab.inputs.layout import flags_of, split_column
from mint.lab.inputs.samples import Sample
from mint.lab.inputs.source import BY_FOLDER, Reading
from mint.lab.inputs.tables import TABLES
from mint.vision.kinds import PICTURES, SUFFIXES, hidden, unlike_a_picture

LARGEST_SIDECAR = 1 << 20
SETS = (".rec", *TABLES)
NAMING = frozenset(name for row in PERSONS for name in row)  # extensions that name the person
JSON = "json"
TEXTS = ("txt", "text", "cls")  # what is in a file whose name says before that of what


def tar_photos(fs: Any, url: str, prefix: str, reading: Reading, split: str = "") -> Iterator[Sample]:
    """Yield the photos of a tar.

    Args:
        fs: of fsspec.
        url: of the tar.
        prefix: of the photos' names, such as ``shard-000.tar/``.
        reading: what is told of people, and to whom it is told how they were read.
        split: that the tar's own name says.

    Raises:
        BadInput: not a whole, uncompressed tar, or it is not clear whom a sample shows.
    """
    try:
        with fs.open(fsspec.url_to_fs(url)[1], "rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            group = _Group("", url, prefix, reading, split)
            while (member := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # else tarfile remembers every one
                path = PurePosixPath(member.name)
                if (member.islnk() or member.issym()) and path.suffix.lower() in PICTURES:
                    reading.left["link(s) to photos in tars"] += 1
                if not member.isreg() or any(hidden(part) for part in path.parts):
                    continue
                if path.suffix.lower() in SETS:
                    raise BadInput(
                        f"{url} holds {member.name[:200]}, which is read from a file of its own and not from within a tar. Unpack the "
                        "tar, and give the folder that comes out."
                    )
                stem, _, extension = path.name.partition(".")
                if f"{path.parent}/{stem}" != group.key:
                    yield from group.samples()
                    group = _Group(f"{path.parent}/{stem}", url, prefix, reading, split)
                if member.issparse():
                    raise BadInput(
                        f"{member.name} of {url} has holes in it, which tars keep apart. Pack it without -S."
                    )
                group.add(member, extension.lower(), archive)
            yield from group.samples()
    except (tarfile.TarError, EOFError, OverflowError, ValueError) as error:
        raise BadInput(
            f"{url} is not a whole, uncompressed tar ({brief(error)}). Photos are read from its middle: unpack it with "
            "gunzip, or get it again."
        ) from error


class _Group:
    """The files of one sample, which stand next to each other."""

    def __init__(self, group_key: str, url: str, prefix: str, reading: Reading, split: str) -> None:
        self.key, self._url, self._prefix, self._reading, self._split = group_key, url, prefix, reading, split
        self._photos: list[tuple[str, tarfile.TarInfo]] = []
        self._told: dict[str, bytes] = {}
        self._read: dict[bytes, Mapping[str, Any]] = {}
        self._others = 0
        self._unlike: list[str] = []

    def add(self, member: tarfile.TarInfo, extension: str, archive: tarfile.TarFile) -> None:
        """Take one file of the sample."""
        if PurePosixPath(member.name).suffix.lower() in PICTURES:
            self._photos.append((extension, member))
            return
        self._others += 1
        if (
            (extension.rpartition(".")[2] == JSON or self._names(extension))
            and member.size <= LARGEST_SIDECAR
            and (file := archive.extractfile(member))
        ):
            if extension in self._told:
                raise BadInput(f"{self._where} has two files .{extension}. One key is one sample: pack it again.")
            self._told[extension] = file.read()
        elif unlike_a_picture(PurePosixPath(member.name).name):
            self._unlike.append(member.name)

    def samples(self) -> Iterator[Sample]:
        """Yield the sample, or each picture where no other file belongs to it.

        Raises:
            BadInput: it has several pictures, or two files that may name its person.
        """
        reading, asked = self._reading, self._reading.source.image_column
        if self._told and not self._photos:
            reading.left["sample(s) in tars without their picture beside them"] += 1
        for name in self._unlike:  # beside its picture, a file of a sample has an ending of any kind
            base = PurePosixPath(name).name.lower()
            if not (self._photos or self._told) or "." not in base or any(suffix in base for suffix in SUFFIXES):
                reading.pass_over(f"{self._prefix}{name}", _folders(name), self._split)
        photos = [p for p in self._photos if asked is None or p[0] == asked.casefold().lstrip(".")]
        if len(photos) > 1 and self._others:
            raise BadInput(
                f"{self._where} has {len(photos)} pictures, {listed([m.name for _, m in photos])}: WebDataset takes all "
                "files that are called alike up to the first dot for one sample. Say which picture with --image-column "
                f"{photos[0][0]}, or rename them without dots."
            )
        for extension, member in photos:
            name = f"{self._prefix}{member.name}"
            folders = _folders(member.name)
            split = reading.in_split(folders, self._split, self._told_split(extension))
            if split is None:
                continue
            person, by = (None, BY_FOLDER) if reading.source.by_level else self._person(extension)
            if person is None:
                person = reading.folder_person(folders, name, split)
            yield reading.sample(name, person, self._url, member.offset_data, member.size, by=by)

    @property
    def _where(self) -> str:
        return f"The sample {self.key.removeprefix('./')} of {self._url}"

    def _person(self, photo: str) -> tuple[str | None, tuple[str, ...]]:
        """Return the person that files of the sample name, and which, of a picture with this extension: ``1.cls`` is of ``1.jpg``.

        "" is nobody: the file that names people is empty, or what the user says is not there. Where no file is of that
        kind, None: then the folder is asked.
        """
        source = self._reading.source
        if source.no_person:
            return None, BY_FOLDER
        found: dict[str, str] = {}
        for name, data in self._told.items():
            of, _, extension = name.rpartition(".")
            while extension != JSON and of and self._names(last := of.rpartition(".")[2]):
                of, extension = of.rpartition(".")[0], last  # identity.txt is a text that names the person
            if of not in ("", photo.rpartition(".")[0]):
                continue
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise BadInput(f".{extension} of {self._where} is not text: {error}.") from error
            if extension == JSON:
                named = self._of_fields(data)
            elif "\0" in text or len(text.split("\n", 2)) > 2 - (not text.endswith("\n")):
                raise BadInput(f".{extension} of {self._where} is not one name or number. Say --no-person, or mend it.")
            else:
                named = extension, person_name(text) or ""
            if named is not None:
                if found.get(named[0], named[1]) != named[1]:
                    raise BadInput(
                        f"{self._where} has two files that name the person by {listed([named[0]])}. Keep one."
                    )
                found[named[0]] = named[1]
        some = {name: person for name, person in found.items() if person}
        if len(set(some.values())) > 1:
            some = dict([list(some.items())[choose_person(list(some), source.person_column, self._where)]])
        for name in some:
            self._reading.named_by(name, "{} of a sample names the person")
        if some:
            return next(iter(some.values())), tuple(f"{listed([name])} of a sample" for name in some)
        return (None if not found and source.person_column is None else "", BY_FOLDER)

    def _told_split(self, photo: str) -> str:
        """Return the split that the JSON sidecar of a picture with this extension names, or ""."""
        for name, data in self._told.items():
            of, _, extension = name.rpartition(".")
            if extension != JSON or of not in ("", photo.rpartition(".")[0]):
                continue
            fields = self._fields(data)
            names = list(fields)
            asked = self._reading.source.person_column
            taken = [i for i, field in enumerate(names) if asked is not None and key(field) == key(asked)]
            place = split_column(names, list(fields.values()).__getitem__, taken)
            if place is not None:
                self._reading.splits.column = flags_of(names[place])
                value = fields[names[place]]
                return "" if value is None else whole(str(value).strip().casefold())
        return ""

    def _names(self, extension: str) -> bool:
        """Return whether a file with this extension, or the part of it before ``.txt``, names the person."""
        *_, before, last = ["", *extension.split(".")]
        asked = self._reading.source.person_column
        usual = NAMING if asked is None else {key(asked), key(asked.rpartition(".")[0])} - {""}
        return key(last) in usual or (last in TEXTS and key(before) in usual)

    def _fields(self, data: bytes) -> Mapping[str, Any]:
        """Return the fields of a JSON sidecar, read once; none where it is something else than an object."""
        if data in self._read:
            return self._read[data]
        try:
            fields = fields_of(data.decode())
        except (ValueError, RecursionError) as error:
            raise BadInput(
                f".json of {self._where} cannot be read: {brief(error)}. Mend it, or leave it out."
            ) from error
        return self._read.setdefault(data, fields if isinstance(fields, Mapping) else {})

    def _of_fields(self, data: bytes) -> tuple[str, str] | None:
        """Return the field of a JSON sidecar that names the person, and the name."""
        fields, asked = self._fields(data), self._reading.source.person_column
        names = list(fields)
        if asked is not None:
            if not any(key(name) == key(asked) for name in names):
                return None
            field = names[find(names, asked, "--person-column", self._where)]
        else:
            if not any(key(name) in NAMING for name in names):
                return None
            there = [name for name in names if fields[name] is not None and key(name) in NAMING] or names
            field = there[choose_person(there, None, self._where)]
        return field, person_text(fields[field], self._where) or ""


def _folders(name: str) -> list[str]:
    return [part for part in PurePosixPath(name).parts[:-1] if part != "/"]
