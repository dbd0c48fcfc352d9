"""The people of one set are told apart in one way: one name in two columns, or of a folder and in a column, may be two people."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import BadInput
from tests.lab.inputs.sources import jpeg, who, write


def test_one_number_in_two_columns_is_not_one_person(tmp_path: Path) -> None:
    for name, column in (("a", "label"), ("b", "identity"), ("c", "Label")):
        (tmp_path / name).mkdir()
        table = pa.table({"image": [jpeg(f"{name}{k}") for k in range(2)], column: [1, 2]})
        pq.write_table(table, tmp_path / name / "t.parquet")
        pq.write_table(table, tmp_path / f"{name}.parquet")
    with pytest.raises(
        BadInput, match="several ways, 4 by the column label, 4 by the column identity, 4 by the column Label"
    ):
        who(tmp_path)
    for path in [*tmp_path.glob("b*/*"), *tmp_path.glob("b.*")]:
        path.unlink()
    assert sorted(who(tmp_path).values()) == ["1", "1", "1", "1", "2", "2", "2", "2"]


def test_folders_beside_a_table_are_not_pooled_with_it(tmp_path: Path) -> None:
    place = write(tmp_path / "set", {"1/x.jpg": jpeg(1), "2/y.jpg": jpeg(2)})
    pq.write_table(pa.table({"image": [jpeg(k) for k in range(3)], "label": [1, 2, 1]}), place / "t.parquet")
    with pytest.raises(BadInput, match="several ways, 3 by the column label, 2 by the folder"):
        who(place)


@pytest.mark.parametrize("kind", ["folder", "list"])
def test_a_column_that_is_nowhere_is_not_passed_over(kind: str, tmp_path: Path) -> None:
    place = write(tmp_path / "set", {"ann/x.jpg": jpeg(1), "bo/y.jpg": jpeg(2), "l.csv": "path,person\nann/x.jpg,1\n"})
    said = r"no column 'who'" if kind == "list" else r"Nothing in .*set is called 'who' \(--person-column\)"
    with pytest.raises(BadInput, match=said):
        who(place / "l.csv" if kind == "list" else place, person_column="who")
