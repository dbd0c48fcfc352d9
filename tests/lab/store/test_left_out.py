"""Pictures that are not read are counted by kind and listed, wherever they lie; a JPEG by another name is read."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path

import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.lab.inputs.source import PhotoSource
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.left_out import left_out
from mint.lab.store.run import extract
from tests.graphs import mobile
from tests.lab.inputs.record_writer import insightface, written
from tests.lab.photos import crop, png, tiny_network

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99


def encoded(seed: int, format_: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(crop(seed)).save(buffer, format_)
    return buffer.getvalue()


FILES = {
    "ann/1.png": png(crop(1)),
    "ann/2.jfif": encoded(2, "JPEG"),
    "ann/3.JPG": encoded(3, "JPEG"),
    "ann/4.jpe": encoded(4, "JPEG"),
    "ann/5.heic": encoded(5, "JPEG"),  # what it holds decides
    "ann/6.HEIC": HEIC,
    "bob/1.heic": HEIC,
    "bob/2.bmp": encoded(6, "BMP"),
    "bob/3.tif": encoded(7, "TIFF"),
    "bob/4.nef": b"MM\0*" + b"\0" * 99,
    "bob/5.jpg": encoded(8, "GIF"),
    "bob/6.jpg": b"no picture at all",
    "bob/7.raw": b"numbers",
    "bob/notes.doc": b"no photo",
}
READ = {"ann/1.png", "ann/2.jfif", "ann/3.JPG", "ann/4.jpe", "ann/5.heic"}
COUNTED = (
    "non-members: 2 .heic, 1 .bmp, 1 .nef, 1 .raw, 1 .tif, 1 GIF photos were left out: only JPEG, PNG and WebP are read. "
    "Save them as one of these; they are listed in rejected.csv."
)


def extracted(source: Path | PhotoSource, place: Path):
    recipe = ExtractionRecipe(tiny_network(), aligned=True, controls=False, views=False)
    store = extract(recipe, {"non-members": source}, place)
    with (place / "rejected.csv").open(newline="", encoding="utf-8") as file:
        return store, {row["id"]: row["reason"] for row in csv.DictReader(file)}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, data in FILES.items():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(data)
    return tmp_path / "photos"


def in_a_folder(folder: Path) -> Path:
    return folder


def in_a_tar(folder: Path) -> Path:
    with tarfile.open(folder.parent / "photos.tar", "w") as archive:
        archive.add(folder, "photos")
    return folder.parent / "photos.tar"


def in_a_list(folder: Path) -> Path:
    lines = [f"photos/{name},{name.partition('/')[0]}\n" for name in FILES if not name.endswith(".doc")]
    (folder.parent / "list.csv").write_text("".join(lines))
    return folder.parent / "list.csv"


@pytest.mark.parametrize("kept", [in_a_folder, in_a_tar, in_a_list])
def test_what_looks_like_a_picture_and_is_not_read_is_counted_and_listed(folder, kept):
    source = PhotoSource(kept(folder), person_level=2 if kept is in_a_tar else None)
    store, reasons = extracted(source, folder.parent / "store")
    photos = {name for name in FILES if not name.endswith(".doc")}
    cut = {name.removeprefix("photos/"): reason for name, reason in reasons.items()}
    assert set(cut) == photos - READ
    assert sorted(name.removeprefix("photos/") for name in store.rows.id) == sorted(READ)
    assert left_out(store) == [COUNTED]
    assert cut["bob/2.bmp"] == "This is not a JPEG, PNG or WebP photo but BMP. Save it as one of these."
    assert cut["bob/6.jpg"] == "This is not a JPEG, PNG or WebP photo. Save it as one of these."


def test_also_in_tables_and_records(tmp_path):
    some = [png(crop(1)), HEIC, encoded(2, "BMP"), HEIC, b"no picture at all"]
    pq.write_table(pa.table({"jpg": some, "person": list("aabbb")}), tmp_path / "t.parquet")
    written(tmp_path / "set", insightface([some[:2], some[2:]]))
    for source in (tmp_path / "t.parquet", tmp_path / "set"):
        store, reasons = extracted(source, tmp_path / f"{source.stem}-store")
        assert len(reasons) == 4
        (line,) = left_out(store)
        assert line.startswith("non-members: 2 HEIC, 1 BMP photos were left out: ")


def test_nothing_is_said_where_nothing_was_left_out(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(png(crop(1)))
    (tmp_path / "a" / "2.jpg").write_bytes(b"no picture at all")
    source = PhotoSource(tmp_path / "a", no_person=True)
    assert left_out(extracted(source, tmp_path / "store")[0]) == []
    (tmp_path / "a" / "3.tiff").write_bytes(encoded(3, "TIFF"))
    assert left_out(extracted(source, tmp_path / "store")[0])[0].startswith("non-members: 1 .tiff photo was left")


def test_the_shell_tells_the_rule_of_a_set_and_what_was_left_out(tmp_path):
    if not lab_app.registered_commands:
        register(lab_app)
    some = [png(crop(k)) for k in range(4)]
    written(tmp_path / "used", insightface([[*some[:2], HEIC], some[2:]]))
    written(tmp_path / "unused", insightface([[png(crop(9))]]), index=False)
    network = tmp_path / "net.onnx"
    onnx.save(mobile(residual=False), network)
    command = ["extract", "--network", str(network), "--members", str(tmp_path / "used"), "--aligned", "--no-controls"]
    command += ["--non-members", str(tmp_path / "unused" / "train.rec"), "--no-views", "--out", str(tmp_path / "s")]
    found = CliRunner().invoke(lab_app, command)
    assert found.exit_code == 0, found.exception
    assert (
        "members: 5 photos of 2 people: train.rec is read as RecordIO, in the order of its index: a record is a photo, "
        in found.stdout
    )
    assert "non-members: 1 photo of 1 person: train.rec is read as RecordIO, from front to end: " in found.stdout
    assert "members: 1 HEIC photo was left out: only JPEG, PNG and WebP are read." in found.stdout
