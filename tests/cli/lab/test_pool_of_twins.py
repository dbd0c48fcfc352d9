"""Commands that ask shipped twins about a pool take none but theirs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mint.cli.lab.commands import examples
from mint.cli.lab.gradients import gradients
from mint.errors import BadPool
from mint.lab.twins.ledger import HELD_OUT, Row, write_ledger
from mint.storage.paths import WEIGHTS


@pytest.mark.parametrize(
    "command",
    [
        lambda pool, out: gradients(pool, ["twin-a"], WEIGHTS, 20, 1, 1, out / "gradients.json"),
        lambda pool, out: examples(pool, out, WEIGHTS, 1),
    ],
    ids=["gradients", "examples"],
)
def test_another_pool_is_refused_before_anything_is_read_or_written(
    command: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    pool, out = tmp_path / "pool", tmp_path / "out"
    pool.mkdir()
    write_ledger(pool / "ledger.csv", [Row("0" * 64, "gan/0", "gan", "gan/0/0", HELD_OUT, HELD_OUT, 0, "test")])
    with pytest.raises(BadPool, match="not the one that twin-a was made with: its ledger differs"):
        command(pool, out)
    assert not out.exists() or not any(out.iterdir())
