"""A bundle's graph: it says what torch says, and only for the bundle that it was made from."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from mint.auditors.panel import Panel
from mint.bundles.files import AUDITORS, NETWORK, load_bundle, save_bundle
from mint.bundles.graph import GraphPanel, opened
from mint.bundles.graph_export import add_graph
from mint.bundles.stored import StoredNetwork
from mint.errors import BundleMismatch, MintError, WeightsCorrupt
from mint.membership import MembershipTest
from mint.networks.modules.export import exported
from mint.networks.modules.light_names import EQUALISED, NAMES, PLAIN, light_of, told_of_light
from mint.networks.onnx.session import OnnxSession
from mint.networks.torch_network import TorchNetwork
from mint.storage.bundle_index import GRAPH
from mint.storage.paths import WEIGHTS
from tests.lab.few_views import few_views
from tests.tiny_bundles import SHAPE, tiny_bundle


def without_search(folder: Path, seed: int, light: str = PLAIN) -> None:
    """A tiny bundle of all auditors but the one that searches, of a network that is shown a form of light."""
    tiny_bundle(folder, folder.name, seed)
    bundle = load_bundle(folder)
    kept = tuple(spec for spec in bundle.specs if spec.kind != "recall")
    source = folder.parent / f"{folder.name}-source.safetensors"
    panel = bundle.panel.only(spec.column for spec in kept)
    save_bundle(replace(bundle, specs=kept, panel=panel), folder, source, {**SHAPE, **told_of_light(light)})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bundles with graphs, twin-a and twin-b; read only."""
    weights = tmp_path_factory.mktemp("graphs")
    for seed, name in enumerate(("twin-a", "twin-b")):
        without_search(weights / name, seed)
        assert add_graph(weights / name) < 1e-3
    return weights


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of twin-a to spoil."""
    return Path(shutil.copytree(made / "twin-a", tmp_path / "twin-a"))


def put(folder: Path, data: bytes) -> None:
    """Put other bytes in the graph's place, and let the index promise them."""
    (folder / GRAPH).write_bytes(data)
    index = json.loads((folder / "bundle.json").read_text())
    index["files"][GRAPH] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "bundle.json").write_text(json.dumps(index))


def test_it_scores_as_torch_does(made: Path, crops: np.ndarray) -> None:
    by_graph, by_torch = load_bundle(made / "twin-a", graph=True), load_bundle(made / "twin-a")
    assert isinstance(by_graph.panel, GraphPanel)
    assert not isinstance(by_torch.panel, GraphPanel)
    found = by_graph.online().show(by_graph.network, crops, saliency=True)
    wanted = by_torch.online().show(by_torch.network, crops, saliency=True)
    assert list(found.columns) == list(wanted.columns)
    for column, values in wanted.columns.items():
        assert found.columns[column].dtype == np.float32
        np.testing.assert_allclose(found.columns[column], values, rtol=1e-4, atol=1e-4 * max(1, values.std()))
    np.testing.assert_allclose(found.embeddings, wanted.embeddings, atol=1e-5)
    assert list(found.saliency) == ["stage1", "stage2", "stage3", "stage4"]
    for tap, values in wanted.saliency.items():
        np.testing.assert_allclose(found.saliency[tap], values, atol=1e-4)


@pytest.mark.parametrize("light", [pytest.param(n, marks=[] if n == EQUALISED else pytest.mark.full) for n in NAMES])
def test_the_form_of_light_is_in_the_graph(
    tmp_path: Path, crops: np.ndarray, light: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_views(monkeypatch)  # all of them are in the graphs of the other tests
    without_search(tmp_path / "twin-a", 0, light)
    assert add_graph(tmp_path / "twin-a") < 1e-3
    by_graph, by_torch = load_bundle(tmp_path / "twin-a", graph=True), load_bundle(tmp_path / "twin-a")
    assert by_graph.network.describe() == by_torch.network.describe()
    assert light_of(by_graph.network.describe()) == light
    found = by_graph.online().show(by_graph.network, crops).columns
    for column, values in by_torch.online().show(by_torch.network, crops).columns.items():
        np.testing.assert_allclose(found[column], values, rtol=1e-4, atol=1e-4 * max(1, values.std()))
    dim = load_bundle(tmp_path / "twin-a", graph=True)
    darker = (0.8 * crops.astype(np.float32) + 10).astype(np.uint8)
    again = dim.online().show(dim.network, darker).embeddings
    assert np.abs(again - by_graph.online().show(by_graph.network, crops).embeddings).max() < 0.05


def test_some_auditors_and_one_crop_score_as_all_do(made: Path, crops: np.ndarray) -> None:
    bundle = load_bundle(made / "twin-a", graph=True)
    every = bundle.online().show(bundle.network, crops)
    few = bundle.panel.only(["prototype/head", "consistency/views"])
    alone = few.show(bundle.network, crops[2:3])
    assert [c for c in alone.columns if "/" in c] == ["consistency/views", "prototype/head"], "in the panel's order"
    for column, values in alone.columns.items():
        assert values == every.columns[column][2:3], "no score depends on the crops beside it"
    with pytest.raises(KeyError, match="peak/head"):
        bundle.panel.only(["peak/head"])


def test_the_network_is_known_before_it_is_opened(made: Path) -> None:
    stored, itself = load_bundle(made / "twin-b", graph=True).network, load_bundle(made / "twin-b").network
    assert isinstance(stored, StoredNetwork)
    assert stored.describe() == itself.describe()
    assert stored.key == itself.key
    assert itself.head is not None
    np.testing.assert_allclose(stored.centres(), torch.nn.functional.normalize(itself.head).numpy(), atol=1e-6)


def test_who_wants_network_and_auditors_themselves_gets_torchs(made: Path, crops: np.ndarray) -> None:
    bundle = load_bundle(made / "twin-a", graph=True)
    itself = opened(bundle)
    assert isinstance(itself.network, TorchNetwork)
    assert type(itself.panel) is Panel
    assert itself.sha256 == bundle.sha256
    pixels = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    assert torch.equal(bundle.network.look(pixels).embedding, itself.network.look(pixels).embedding)
    assert set(bundle.panel.auditors) == set(itself.panel.auditors)


def test_another_network_is_never_scored_by_the_graph(made: Path, crops: np.ndarray) -> None:
    bundle, other = load_bundle(made / "twin-a", graph=True), load_bundle(made / "twin-b")
    found = bundle.online().show(other.network, crops).columns
    wanted = load_bundle(made / "twin-a").online().show(other.network, crops).columns
    mine = bundle.online().show(bundle.network, crops).columns
    np.testing.assert_allclose(found["prototype/head"], wanted["prototype/head"], rtol=1e-6)
    assert not np.allclose(found["prototype/head"], mine["prototype/head"], rtol=1e-3)


def test_a_bundle_without_a_graph_scores_in_torch(made: Path, folder: Path, face_path: Path) -> None:
    with_graph = MembershipTest.load(["twin-a"], made).look(face_path).scores["twin-a"]
    index = json.loads((folder / "bundle.json").read_text())
    del index["files"][GRAPH]
    (folder / "bundle.json").write_text(json.dumps(index))
    test = MembershipTest.load([str(folder)])
    assert isinstance(test.bundles["twin-a"].network, TorchNetwork)
    for column, values in test.look(face_path).scores["twin-a"].items():
        np.testing.assert_allclose(with_graph[column], values, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("place", [0.01, 0.5, 0.99])
def test_a_flipped_byte_is_refused(folder: Path, place: float) -> None:
    data = bytearray((folder / GRAPH).read_bytes())
    data[int(place * len(data))] ^= 1
    (folder / GRAPH).write_bytes(data)
    for by_graph in (True, False):
        with pytest.raises(WeightsCorrupt, match=f"{GRAPH} is damaged"):
            load_bundle(folder, graph=by_graph)


def test_the_graph_of_another_network_is_refused_even_when_the_index_names_it(folder: Path, made: Path) -> None:
    put(folder, (made / "twin-b" / GRAPH).read_bytes())
    with pytest.raises(BundleMismatch, match="made from other weights"):
        load_bundle(folder, graph=True)


def outside(model: onnx.ModelProto) -> None:
    weight = next(w for w in model.graph.initializer if w.data_location == onnx.TensorProto.EXTERNAL)
    next(entry for entry in weight.external_data if entry.key == "location").value = "../../secret.bin"


def beyond(model: onnx.ModelProto) -> None:
    weight = next(w for w in model.graph.initializer if w.data_location == onnx.TensorProto.EXTERNAL)
    next(entry for entry in weight.external_data if entry.key == "offset").value = str(2**40)


def foreign(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "of.somebody"


def silent(model: onnx.ModelProto) -> None:
    next(output for output in model.graph.output if output.name == "prototype/head").name = "something else"


def unnamed(model: onnx.ModelProto) -> None:
    del model.metadata_props[:]


def huge(model: onnx.ModelProto) -> None:
    shape = onnx.numpy_helper.from_array(np.array([2**20, 2**20], np.int64), "huge")
    model.graph.initializer.append(shape)
    model.graph.node.append(onnx.helper.make_node("ConstantOfShape", ["huge"], ["vast"]))
    model.graph.node.append(onnx.helper.make_node("ReduceSum", ["vast"], ["sum"]))


@pytest.mark.parametrize("change", [outside, beyond, foreign, silent, unnamed, huge])
def test_a_hostile_graph_is_refused_before_it_scores(folder: Path, change: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load(folder / GRAPH, load_external_data=False)
    change(model)
    put(folder, model.SerializeToString())
    with pytest.raises(WeightsCorrupt):
        load_bundle(folder, graph=True)


@pytest.mark.parametrize("data", [b"", b"\x00" * 99, b"no graph at all", b"\x08\x08"])
def test_what_is_no_graph_is_refused(folder: Path, data: bytes) -> None:
    put(folder, data)
    with pytest.raises(WeightsCorrupt):
        load_bundle(folder, graph=True)


@pytest.mark.full
def test_made_again_it_is_the_same_and_nothing_else_changes(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    add_graph(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_it_holds_no_weights(made: Path) -> None:
    size = (made / "twin-a" / GRAPH).stat().st_size
    model = onnx.load(made / "twin-a" / GRAPH, load_external_data=False)
    files = {
        entry.value for w in model.graph.initializer for entry in w.external_data if entry.key == "location"
    }  # fmt: skip
    assert files == {NETWORK, AUDITORS}
    assert size < 300_000


def test_an_auditor_that_searches_has_none(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "twin-a")
    before = (tmp_path / "twin-a" / "bundle.json").read_bytes()
    with pytest.raises(MintError, match="searches for the best cut"):
        add_graph(tmp_path / "twin-a")
    assert (tmp_path / "twin-a" / "bundle.json").read_bytes() == before
    assert not (tmp_path / "twin-a" / GRAPH).exists()


def test_what_changed_on_disk_is_not_opened(folder: Path) -> None:
    bundle = load_bundle(folder, graph=True)
    index = json.loads((folder / "bundle.json").read_text())
    index["facts"]["seed"] = 99
    (folder / "bundle.json").write_text(json.dumps(index))
    with pytest.raises(BundleMismatch, match="changed since it was loaded"):
        bundle.network.look(torch.zeros(1, 3, 112, 112))


@pytest.mark.parametrize("slopes", [[0.25], [0.25, 0.0, 1.0, 1.5, -0.5]])
def test_prelu_is_written_in_operators_of_the_convolutions_own_layout(slopes: list[float]) -> None:
    prelu = torch.nn.PReLU(len(slopes))
    with torch.no_grad():
        prelu.weight.copy_(torch.tensor(slopes))
    values = torch.randn((2, 5, 3, 3), generator=torch.Generator().manual_seed(0)) * 100
    model = onnx.load_from_string(exported(prelu.eval(), (values,), ["x"], ["y"], "prelu"))
    assert {node.op_type for node in model.graph.node} >= {"BatchNormalization", "Relu", "Add"}
    assert "PRelu" not in {node.op_type for node in model.graph.node}
    (found,) = OnnxSession(model, "prelu")({"x": values.numpy()}, ["y"])
    np.testing.assert_allclose(found, prelu(values).detach().numpy(), rtol=1e-5, atol=1e-4)


def test_the_graphs_that_ship_have_no_prelu() -> None:
    for path in WEIGHTS.glob(f"*/{GRAPH}"):
        model = onnx.load(path, load_external_data=False)
        assert "PRelu" not in {node.op_type for node in model.graph.node}, path
