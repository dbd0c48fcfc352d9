"""``--mean``, ``--scale``, ``--bgr`` and ``--output``: in every command that opens a network, and kept with what it made."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mint.cli import main
from mint.cli.audit.command import audit
from mint.cli.lab import commands as lab
from mint.cli.lab import store as lab_store
from mint.cli.lab import taps as lab_taps
from mint.cli.lab import train as lab_train
from mint.cli.network_options import reading_of
from mint.errors import DoubtfulNetwork, MintError, StoreMismatch
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import open_store
from mint.lab.store.run import extract
from mint.networks.base import GraphReading
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.lab.photos import people
from tests.odd_graphs import scaled, several
from tests.tiny_bundles import named_bundle

OPEN = ("mean", "scale", "bgr", "output")


@pytest.mark.parametrize(
    "command",
    [audit, lab_taps.taps, lab_store.extract, lab_store.plan, lab_train.train, lab_train.calibrate, lab.paper],
)
def test_every_command_that_opens_a_network_takes_them(command: Callable[..., None]) -> None:
    assert set(OPEN) <= set(inspect.signature(command).parameters)


def test_numbers_and_fractions_are_read() -> None:
    assert reading_of(None, None, None, None) == GraphReading()
    assert reading_of("127.5", "1/127.5", True, "fc1") == GraphReading((127.5, 1 / 127.5), True, "fc1")
    assert reading_of("0", "1/255", None, None).scaling == (0.0, 1 / 255)
    assert reading_of("123.7, 116.3,103.5", "0.01,1/57,0.02", None, None).scaling == (
        (123.7, 116.3, 103.5), (0.01, 1 / 57, 0.02),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mean", "scale"),
    [
        ("127.5", None),
        (None, "1"),
        ("a", "1"),
        ("1,2", "1"),
        ("0", "0"),
        ("0", "1/0"),
        ("nan", "1"),
        ("0", "1/2/3"),
        ("", "1"),
    ],
)
def test_what_is_no_scaling_is_refused_in_one_line(mean: str | None, scale: str | None) -> None:
    with pytest.raises(MintError, match=r"^--(mean|scale)[^\n]*$"):
        reading_of(mean, scale, None, None)


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    """A graph of which cannot be told how it wants its pictures."""
    (tmp_path / "net.onnx").write_bytes(scaled(("Mul", 1 / 127.5)).SerializeToString())
    return tmp_path / "net.onnx"


def test_a_store_keeps_what_was_said_and_is_not_mixed(unclear: Path, tmp_path: Path) -> None:
    sides = {"non-members": people(tmp_path / "photos", 3, 1, 0, bad=False)}
    said = GraphReading((127.5, 1.0), True)

    def recipe(reading: GraphReading) -> ExtractionRecipe:
        return ExtractionRecipe(str(unclear), True, controls=False, views=False, reading=reading, alignment="yunet")

    with pytest.raises(MintError, match="cannot be told"):
        extract(recipe(GraphReading()), sides, tmp_path / "store")
    store = extract(recipe(said), sides, tmp_path / "store")
    assert json.loads((tmp_path / "store" / "manifest.json").read_text())["reading"] == said.given()
    again = lab_train._network_of(open_store(tmp_path / "store"), None, GraphReading())
    assert (again.mean, again.scale, again.bgr) == (127.5, 1.0, True)
    open_store(tmp_path / "store", again)
    for other in (GraphReading((127.5, 1.0), False), GraphReading((0.0, 1.0), True)):
        with pytest.raises(StoreMismatch):
            extract(recipe(other), sides, tmp_path / "store")
        with pytest.raises(StoreMismatch):
            open_store(tmp_path / "store", lab_train._network_of(store, None, other))


def test_an_extraction_says_how_the_network_is_read(unclear: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(lab_store.extract)
    photos, store = people(tmp_path / "photos", 2, 1, 0, bad=False), tmp_path / "store"
    arguments = ["--network", str(unclear), "--non-members", str(photos), "--out", str(store), "--aligned"]
    more = ["--no-controls", "--no-views", "--mean", "127.5", "--scale", "1", "--rgb"]
    done = CliRunner().invoke(app, arguments + more, catch_exceptions=False)
    assert "scaling: the graph itself divides by 127.5; MINT scales as it is told" in done.stderr
    assert json.loads((store / "manifest.json").read_text())["reading"] == {"mean": 127.5, "scale": 1.0, "bgr": False}


def test_a_bundle_remembers_and_an_audit_need_not_repeat_it(unclear: Path, tmp_path: Path) -> None:
    from mint.bundles.find import BundleRef
    from mint.cli.network_options import open_test

    named_bundle(tmp_path / "mine", open_network(unclear, scaling=(127.5, 1.0), bgr=True))
    ref = BundleRef(str(tmp_path / "mine"), str(unclear))
    (bundle,) = open_test([ref], GraphReading()).bundles.values()
    assert (bundle.network.mean, bundle.network.bgr) == (127.5, True)
    with pytest.raises(MintError, match="bgr differ"):
        open_test([ref], GraphReading(bgr=False))
    with pytest.raises(MintError, match="give it with --network FILE"):
        open_test([BundleRef(str(tmp_path / "mine"))], GraphReading(bgr=False))


def test_taps_are_listed_with_what_was_said(unclear: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(lab_taps.taps)
    done = CliRunner().invoke(app, [str(unclear), "--mean", "127.5", "--scale", "1", "--bgr"], catch_exceptions=False)
    assert "input: BGR, blue first, (x - 127.5) × 1 of values in [0, 255]" in done.output
    model = several("embedding", "other")
    (tmp_path / "two.onnx").write_bytes(model.SerializeToString())
    name = model.graph.output[1].name
    done = CliRunner().invoke(app, [str(tmp_path / "two.onnx"), "--output", name, "--json"], catch_exceptions=False)
    found = json.loads(done.output)
    assert found["network"]["output"] == name
    assert f"embedding: output '{name}', as told" in found["reading"]


def test_a_doubt_is_shown_on_stderr_and_other_warnings_as_ever(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    others: list[object] = []
    monkeypatch.setattr(warnings, "showwarning", lambda *told: others.append(told[0]))
    main._show_doubts()
    (tmp_path / "net.onnx").write_bytes(scaled(("Div", 255.0)).SerializeToString())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        network = open_network(tmp_path / "net.onnx", scaling=(127.5, 1e-6))
        warnings.warn("of a library", UserWarning, stacklevel=1)
    assert isinstance(network, OnnxNetwork)
    assert "mint: WARNING: net gives 6 quite different pictures nearly one embedding" in capsys.readouterr().err
    assert [str(told) for told in others] == ["of a library"]
    assert issubclass(DoubtfulNetwork, UserWarning)
