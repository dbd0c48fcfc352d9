"""A run of many networks looks at all folders before it trains the first: what is refused has written over nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.errors import BadPool
from mint.lab.active import run as active
from mint.lab.active.groups import Sizes
from mint.lab.active.training import ActiveRecipe
from mint.lab.factors import run as factors
from mint.lab.factors.settings import SETTINGS
from mint.lab.scaling import run as scaling
from mint.storage.files import write_json
from tests.lab.tiny_runs import TINY_TWIN, tiny_pool

OTHER = {"about": {"ledger sha256": "0", "recipe": {}, "seed": 9}}
SIZES = Sizes(known=9, secret=8, ghost=2, outsiders=9, photos=2, siblings=2)
RECIPE = ActiveRecipe(width=4, input_size=16, embedding_size=8, epochs=2, batch=16)


def run_active(out: Path) -> Any:
    return active.measure_active(tiny_pool(40, 4), out, out / "active.json", SIZES, (4, 3), (10.0,), RECIPE, 1)


def run_factors(out: Path) -> Any:
    return factors.measure_factors(tiny_pool(28), out, out / "factors.json", SETTINGS[:1], 14, (4, 3), TINY_TWIN)


def run_law(out: Path) -> Any:
    return scaling.scale_law(tiny_pool(20), out, out / "scale-law.json", (32, 40), (4,), 1, TINY_TWIN)


@pytest.mark.parametrize(
    ("run", "trains", "late", "figures"),
    [
        (run_active, (active, "network_figures"), "passive-epochs-2-seed-3", "active.json"),
        (run_factors, (factors, "figures_of"), f"{SETTINGS[0].name}-seed-3", "factors.json"),
        (run_law, (scaling, "figures_of"), "000040-of-04", "scale-law.json"),
    ],
)
def test_a_folder_of_another_network_is_refused_before_the_first_is_trained(
    run: Callable[[Path], Any],
    trains: tuple[Any, str],
    late: str,
    figures: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trained(*given: Any) -> Any:
        raise AssertionError("a network is trained")

    monkeypatch.setattr(*trains, trained)
    (tmp_path / late).mkdir()
    write_json(tmp_path / late / "figures.json", OTHER)
    write_json(tmp_path / figures, {"finished": True})
    before = (tmp_path / figures).read_bytes()
    with pytest.raises(BadPool, match=f"{late} holds a network of another"):
        run(tmp_path)
    assert (tmp_path / figures).read_bytes() == before
