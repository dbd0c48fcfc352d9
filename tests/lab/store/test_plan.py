import json

import pytest
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.plan import WAYS, Probe, estimates, probe
from mint.lab.store.run import extract
from tests.lab.photos import people, tiny_network
from tests.tiny_bundles import tiny_bundle

FOUND = Probe(
    read=0.004, plain=0.002, network=0.030, controls=0.020,
    bytes_network=1000, bytes_controls=500, bytes_maps=9000, bytes_control_maps=4000, memory=10**9,
)  # fmt: skip


def test_estimates_add_up():
    by_way = {(e.views, e.controls, e.maps): e for e in estimates(FOUND, photos=1_000_000, readers=2)}
    assert set(by_way) == set(WAYS)
    assert by_way[True, True, False].seconds == pytest.approx(50_000)
    assert by_way[True, False, False].seconds == pytest.approx(30_000)
    assert by_way[False, False, False].seconds == pytest.approx(2000)  # two readers keep up
    assert by_way[False, True, False].seconds == pytest.approx(1e6 * (0.002 + 0.020 / 15))
    assert by_way[True, True, True].storage == pytest.approx(14.5e9)
    assert by_way[True, False, True].storage == pytest.approx(10e9)
    assert by_way[False, False, False].storage == pytest.approx(1e9)
    slow = estimates(FOUND, photos=1_000_000, readers=1)
    assert slow[WAYS.index((False, False, False))].seconds == pytest.approx(4000)  # one does not


def test_storage_is_what_a_store_then_takes(tmp_path, monkeypatch):
    monkeypatch.setattr("mint.lab.store.plan.ROUNDS", 1)  # seconds are another matter
    side = people(tmp_path / "photos", 3, 10, 0, bad=False)
    found = probe(ExtractionRecipe(tiny_network(), aligned=True), side)
    assert min(found.read, found.plain, found.network, found.controls, found.memory) > 0
    for views, controls, maps in ((True, True, True),):
        recipe = ExtractionRecipe(tiny_network(), aligned=True, controls=controls, views=views, maps=maps)
        extract(recipe, {"non-members": side}, tmp_path / f"{maps}")
        taken = sum(p.stat().st_size for p in (tmp_path / f"{maps}" / "non-members").iterdir())
        expected = estimates(found, 30, 2)[WAYS.index((views, controls, maps))].storage
        assert expected == pytest.approx(taken, rel=0.1)


def test_the_shell_prints_a_table_and_json(tmp_path):
    tiny_bundle(tmp_path / "twin-x", "twin-x")
    side = people(tmp_path / "photos", 1, 3, 0)
    if not lab_app.registered_commands:
        register(lab_app)
    command = [
        "plan",
        "--photos",
        "22000000",
        "--network",
        str(tmp_path / "twin-x"),
        "--sample",
        str(side),
        "--aligned",
    ]
    shown = CliRunner().invoke(lab_app, [*command, "--processors", "32"])
    assert shown.exit_code == 0, shown.output
    assert "22,000,000 photos" in shown.output
    assert "ray, 32 processors" in shown.output
    found = json.loads(CliRunner().invoke(lab_app, [*command, "--json"]).output)
    assert [(e["views"], e["controls"], e["maps"]) for e in found["estimates"]] == list(WAYS)
    assert found["photos"] == 22_000_000
