from dataclasses import replace
from pathlib import Path

import pytest

from mint.errors import BadPool
from mint.lab.twin_bundles.same_pool import check_pool
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row, write_ledger
from mint.storage.files import sha256_of, write_json

RECIPE = {"identities": 2, "alignment": "yunet-learned-1"}
ROWS = [
    Row(f"{k:064x}", f"gan/{k}", "gan", f"gan/{k}/0", TRAINED if k % 2 else HELD_OUT, HELD_OUT, k % 2, "test")
    for k in range(4)
]
OTHER_ROLES = [replace(row, role_a=row.role_b, role_b=row.role_a) for row in ROWS]
ROUNDED = [replace(ROWS[0], sha256="f" * 64), *ROWS[1:]]


def pool(folder: Path, rows: list[Row], recipe: dict[str, object] = RECIPE) -> Path:
    folder.mkdir()
    write_ledger(folder / "ledger.csv", rows)
    write_json(folder / "pool.json", {"recipe": recipe})
    return folder


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return pool(tmp_path / "shipped", ROWS) / "ledger.csv"


def facts(shipped: Path) -> dict[str, object]:
    return {"pool": {"ledger sha256": sha256_of(shipped), "recipe": RECIPE}}


def test_the_pool_that_a_twin_was_made_with_is_taken_also_where_a_crop_was_rounded_otherwise(
    shipped: Path, tmp_path: Path
) -> None:
    check_pool("twin-a", facts(shipped), shipped.parent, tmp_path / "no ledger beside the bundle")
    check_pool("twin-a", facts(shipped), pool(tmp_path / "rounded", ROUNDED), shipped)


@pytest.mark.parametrize(
    ("rows", "recipe"),
    [(OTHER_ROLES, RECIPE), (ROWS[:3], RECIPE), (ROUNDED, {**RECIPE, "alignment": "yunet-still-1"})],
    ids=["others are used", "a photo is missing", "crops are laid otherwise"],
)
def test_another_pool_is_refused_in_one_line(
    rows: list[Row], recipe: dict[str, object], shipped: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadPool, match="not the one that twin-a was made with: its ledger differs"):
        check_pool("twin-a", facts(shipped), pool(tmp_path / "other", rows, recipe), shipped)


def test_a_pool_is_refused_where_nothing_tells_that_it_is_the_same(shipped: Path, tmp_path: Path) -> None:
    rounded = pool(tmp_path / "rounded", ROUNDED)
    for about, ledger in ((facts(shipped), tmp_path / "none"), (facts(shipped), rounded / "ledger.csv"), ({}, shipped)):
        with pytest.raises(BadPool, match="twin-a"):
            check_pool("twin-a", about, rounded, ledger)
