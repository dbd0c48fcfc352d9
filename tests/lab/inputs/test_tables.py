"""Tables: the column of pictures is told by what is in it, and people by the names of columns, or neither is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from tests.lab.inputs.sources import jpeg, read, rules, who, write

THREE = [jpeg(k) for k in range(3)]
PEOPLE = ["ann", "bob", "ann"]


def parquet(path: Path, columns: dict[str, Any], features: dict[str, Any] | None = None) -> Path:
    table = pa.table(columns)
    if features is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, path, row_group_size=2)
    return path


STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@pytest.mark.parametrize(
    "pictures",
    [
        pa.array(THREE, pa.binary()),
        pa.array(THREE, pa.large_binary()),
        pa.array(THREE, pa.binary_view()),
        pa.array(THREE, pa.binary(len(THREE[0]))),
        pa.array([{"bytes": data, "path": "x.jpg"} for data in THREE], STRUCT),
        pa.array([[data] for data in THREE], pa.list_(pa.binary())),
        pa.array([[{"bytes": data, "path": None}] for data in THREE], pa.list_(STRUCT)),
        pa.array([list(data) for data in THREE], pa.list_(pa.uint8())),
        pa.array([list(data) for data in THREE], pa.large_list(pa.uint8())),
        pa.array([None, THREE[1], THREE[2]], pa.binary()),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("name", ["t.parquet", "T.PARQUET", "t.arrow"])
def test_pictures_of_every_type_beside_an_embedding(tmp_path: Path, pictures: pa.Array, name: str) -> None:
    columns = {
        "emb": pa.array([np.arange(4, dtype=np.float32).tobytes()] * 3),
        "vector": pa.array([[0.1, 0.2]] * 3),
        "url": pa.array([f"https://x/{k}.jpg" for k in range(3)]),
        "jpg": pictures,
        "Subject_ID": pa.array(PEOPLE),
    }
    path = tmp_path / name
    if name.endswith(".arrow"):
        table = pa.table(columns)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
            out.write_table(table, max_chunksize=2)
    else:
        parquet(path, columns)
    found, photos = list(samples(path)), Photos()
    assert [(s.identity, s.column) for s in found] == [(person, "jpg") for person in PEOPLE]
    assert [photos.read(s) for s in found if pictures[s.start].is_valid] == [
        data for data, there in zip(THREE, pictures.is_valid().to_pylist(), strict=True) if there
    ]
    assert set(who(tmp_path).values()) == set(PEOPLE)  # as a file of a folder, too


def test_two_columns_of_pictures_are_refused_until_one_is_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"photo": THREE, "sketch": THREE[::-1], "person": PEOPLE})
    with pytest.raises(BadInput, match=r"several columns of pictures: photo, sketch.*--image-column"):
        who(path)
    assert [data for _, data in read(path, image_column="Sketch").values()] == THREE[::-1]
    path = parquet(tmp_path / "u.parquet", {"photo": THREE, "person": [1, 2, 3]})
    with pytest.raises(BadInput, match=r"The column person of .* is of type int64: no pictures"):
        who(path, image_column="person")


def test_bytes_of_no_known_kind_are_taken_where_nothing_else_is_there(tmp_path: Path) -> None:
    assert read(parquet(tmp_path / "t.parquet", {"data": [b"a", b"b", b"c"], "person": PEOPLE}))
    both = parquet(tmp_path / "u.parquet", {"emb": [b"1", b"2", b"3"], "image": [b"a", b"b", b"c"], "person": PEOPLE})
    assert [data for _, data in read(both).values()] == [b"a", b"b", b"c"]
    with pytest.raises(BadInput, match="no column of pictures; it has emb, other"):
        who(parquet(tmp_path / "v.parquet", {"emb": [b"1", b"2"], "other": [b"a", b"b"], "person": [1, 2]}))
    with pytest.raises(BadInput, match="no column of pictures"):
        who(parquet(tmp_path / "w.parquet", {"vector": [[0.1]], "person": ["ann"]}))


def test_paths_are_read_beside_the_table(tmp_path: Path) -> None:
    write(tmp_path, {"p/1.jpg": jpeg(1), "p/2.jpg": jpeg(2)})
    path = parquet(
        tmp_path / "t.parquet", {"file_name": ["p/1.jpg", "p\\2.jpg"], "celeb": ["ann", "bob"], "note": ["", ""]}
    )
    assert list(read(path).values()) == [("ann", jpeg(1)), ("bob", jpeg(2))]
    path = parquet(tmp_path / "u.parquet", {"file": ["p/1.jpg"], "path": ["q/1.jpg"], "celeb": ["ann"]})
    with pytest.raises(BadInput, match="several columns that may hold the picture: file, path"):
        who(path)


def test_a_row_with_two_pictures_is_rejected_by_itself(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"images": [[THREE[0]], THREE[1:]], "person": ["ann", "bob"]})
    first, second = samples(path)
    assert Photos().read(first) == THREE[0]
    with pytest.raises(BadPhoto, match="2 pictures"):
        Photos().read(second)


@pytest.mark.parametrize(
    ("column", "values", "people"),
    [
        ("person_id", [7, 8, 7], ["7", "8", "7"]),
        ("IDENTITY", [7.0, None, 7.0], ["7", "t.parquet/1", "7"]),
        ("pid", ["a", "", " a "], ["a", "t.parquet/1", "a"]),
        ("celeb", pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        ("Label", pa.array(["a", "b", "a"], pa.string_view()), ["a", "b", "a"]),
        ("name", pa.array(["a", "b", "a"], pa.large_string()), ["a", "b", "a"]),
        ("id", [1, 1, 2], ["1", "1", "2"]),
    ],
)
def test_people_of_every_type(tmp_path: Path, column: str, values: Any, people: list[str]) -> None:
    path = parquet(tmp_path / "t.parquet", {"image": THREE, column: values})
    assert list(who(path).values()) == people
    assert rules(path) == [f"the column {column} names the person"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"age": [1, 2, 3]}, "no column that is known to name the person; it has image, age"),
        ({"label": [True, False, True]}, "no column that is known to name the person; it has image, label"),
        ({"label": [[1], [2], [3]]}, "column label of .* seems to name the person and is of type list"),
        (
            {"person": [[1], [2], [3]], "label": [0, 1, 0]},
            "column person of .* seems to name the person and is of type list",
        ),
        ({"name": PEOPLE, "label": [0, 1, 0]}, "several columns that may name the person: name, label"),
    ],
)
def test_people_that_no_column_clearly_names(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    path = parquet(tmp_path / "t.parquet", {"image": THREE} | columns)
    with pytest.raises(BadInput, match=said):
        who(path)
    assert list(who(path, no_person=True, side="m").values()) == [f"m/t.parquet/{k}" for k in range(3)]


def test_of_several_columns_the_plainest_is_preferred(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"image": THREE, "id": [7, 8, 9], "label": [0, 0, 1], "person_id": PEOPLE})
    assert list(who(path).values()) == PEOPLE
    assert list(who(path, person_column="label").values()) == ["0", "0", "1"]
    with pytest.raises(BadInput, match="neither a name nor a whole number"):
        who(path, person_column="image")


def test_classes_are_called_by_their_names(tmp_path: Path) -> None:
    features = {"label": {"_type": "ClassLabel", "names": ["ann", "bob"]}, "image": {"_type": "Image"}}
    path = parquet(tmp_path / "t.parquet", {"image": THREE, "label": [1, 0, -1]}, features)
    assert list(who(path).values()) == ["bob", "ann", "t.parquet/2"]
    path = parquet(tmp_path / "u.parquet", {"image": THREE, "label": [1, 0, 2]}, features)
    with pytest.raises(BadInput, match=r"Row 2 of .* is of class 2, and label has 2 classes"):
        who(path)


def test_a_split_column_is_asked_for(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"image": THREE, "person": PEOPLE, "split": ["train", "test", "train"]})
    with pytest.raises(BadInput, match=r"the split\(s\) train, test"):
        who(path)
    assert who(path, split="train") == {"t.parquet/0": "ann", "t.parquet/2": "ann"}


def test_offsets_that_lead_out_of_an_arrow_file_are_damage(tmp_path: Path) -> None:
    """Arrow maps the file as it is: to follow them would end the process."""
    table = pa.table({"image": THREE, "person": PEOPLE})
    path = tmp_path / "t.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table)
    offsets = np.array([0, 3, 6, 9], np.int32).tobytes()  # of the people
    data = path.read_bytes()
    assert data.count(offsets) == 1
    path.write_bytes(data.replace(offsets, np.array([0, 3, 6, 2**31 - 1], np.int32).tobytes()))
    with pytest.raises(BadInput, match="is not a whole table"):
        who(path)


def test_a_group_that_promises_more_rows_than_a_column_has_is_damage(tmp_path: Path) -> None:
    """pyarrow reads such a file without a word, and the photo of row 2 would be looked for where there is none."""
    file = parquet(tmp_path / "people.parquet", {"image": THREE, "person": PEOPLE})
    data = file.read_bytes()
    two_rows = b"\x16\x04\x26\x08"  # of the footer (Thrift): rows of the first group, and that it begins at byte 4
    assert data.count(two_rows) == 1
    file.write_bytes(data.replace(two_rows, b"\x16\x06\x26\x08"))
    with pytest.raises(BadInput, match=r"people.parquet is not a whole table: .* has 2 values in 3 rows"):
        read(file)


@pytest.mark.parametrize("value", [0.5, float("inf")])
def test_a_score_names_nobody(tmp_path: Path, value: float) -> None:
    file = parquet(tmp_path / "scores.parquet", {"image": THREE, "label": [value, 1.0, 2.0]})
    with pytest.raises(BadInput, match="neither a name nor a whole number"):
        read(file)
