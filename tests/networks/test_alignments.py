"""Which alignment a network is shown crops of: recorded by stores and bundles, and never mixed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from mint.bundles.files import load_bundle
from mint.errors import BadInput, BundleMismatch, StoreMismatch
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.network_key import network_key
from mint.lab.store.run import extract
from mint.membership import MembershipTest
from mint.networks.open import open_network
from mint.networks.reopen import aligning, reference, reopen
from mint.storage.files import json_bytes
from mint.vision.detectors import LEARNED, STILL, YUNET, WholePicture
from mint.vision.images import open_photo
from tests.graphs import mobile, scrfd
from tests.lab.photos import people, tiny_network
from tests.tiny_bundles import SHAPE, named_bundle, tiny_bundle


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    onnx.save(mobile(residual=True, size=112), tmp_path / "rec.onnx")
    return tmp_path / "rec.onnx"


def test_the_alignment_belongs_to_the_key() -> None:
    old, new = tiny_network(), tiny_network()
    new.finder = STILL
    assert old.finder is YUNET
    assert old.key != new.key
    assert {name for name, value in network_key(old).items() if network_key(new)[name] != value} == {"finder"}


def test_a_file_is_opened_with_the_alignment_that_is_asked_for(graph: Path) -> None:
    assert open_network(graph).finder is YUNET
    assert open_network(graph, alignment="yunet-still-1").finder is STILL
    with pytest.raises(BadInput, match="yunet-still-1"):
        open_network(graph, alignment="nonsense")


def test_a_pack_keeps_its_own_detector_and_may_measure_again(graph: Path) -> None:
    onnx.save(scrfd(), graph.parent / "det.onnx")
    plain, new = open_network(graph.parent), open_network(graph.parent, alignment="yunet-still-1")
    assert plain.finder.name.startswith("scrfd:")
    assert new.finder.name == f"{plain.finder.name}+yunet-still-1"
    assert open_network(graph.parent, alignment="yunet").key == plain.key != new.key
    (graph.parent / "mine").mkdir()
    for network in (plain, new):  # a bundle of either comes back as it was made, whoever opened the pack
        kept = reference(network, graph.parent / "mine")
        for handed in (None, plain, new):
            assert reopen(kept, graph.parent / "mine", handed).key == network.key


def test_what_ships_is_aligned_as_it_was_trained() -> None:
    for name in ("twin-a", "twin-b"):
        assert open_network(name, alignment="yunet").finder is LEARNED


def test_a_bundle_that_holds_its_network_records_the_alignment(tmp_path: Path) -> None:
    from mint.bundles.files import save_bundle

    tiny_bundle(tmp_path / "old")
    assert "finder" not in json.loads((tmp_path / "old" / "bundle.json").read_text())["network"]
    read = load_bundle(tmp_path / "old")
    assert read.network.finder is YUNET
    read.network.finder = STILL
    save_bundle(read, tmp_path / "new", tmp_path / "old" / "network.safetensors", SHAPE)
    assert load_bundle(tmp_path / "new").network.finder is STILL
    assert open_network(tmp_path / "new").finder is STILL


def test_a_bundle_of_an_unknown_alignment_is_refused(tmp_path: Path) -> None:
    tiny_bundle(tmp_path / "old")
    place = tmp_path / "old" / "bundle.json"
    index = json.loads(place.read_text())
    index["network"]["finder"] = "yunet-still-9"
    place.write_bytes(json_bytes(index))
    with pytest.raises(BundleMismatch, match=r"another version: .*yunet-still-9"):
        load_bundle(tmp_path / "old")


@pytest.mark.parametrize("finder", [YUNET, STILL])
def test_a_bundle_reads_its_network_with_the_alignment_that_it_was_made_with(graph: Path, finder: object) -> None:
    network = open_network(graph, alignment=finder.name)  # type: ignore[attr-defined]
    folder = graph.parent / "mine"
    named_bundle(folder, network)
    assert load_bundle(folder).network.finder is finder
    for other in (YUNET, STILL):  # somebody opened it already
        opened = open_network(graph, alignment=other.name)
        read = load_bundle(folder, opened)
        assert read.network.finder is finder
        assert opened.finder is other


def test_a_detector_that_does_not_ship_is_not_replaced(graph: Path) -> None:
    network = open_network(graph)
    network.finder = WholePicture()
    assert aligning(network, STILL.name) is network
    kept = reference(open_network(graph), graph.parent)
    with pytest.raises(BundleMismatch, match="finder differ"):
        reopen(kept, graph.parent, network)


def test_two_alignments_asked_together_each_see_their_own_crops(tmp_path: Path, face_path: Path) -> None:
    old, new = (tiny_bundle(tmp_path / name, name, seed) for seed, name in enumerate(("twin-a", "twin-b")))
    new.network.finder = STILL
    rgb = open_photo(face_path)
    look = MembershipTest({"twin-a": old, "twin-b": new}).look(face_path)
    alone = MembershipTest({"twin-b": new}).look(face_path)
    np.testing.assert_array_equal(look.faces[0].crop, YUNET(rgb)[0].crop)
    (own,) = look.own["twin-b"]
    assert own is not None
    np.testing.assert_array_equal(own.crop, STILL(rgb)[0].crop)
    for column, values in alone.scores["twin-b"].items():
        np.testing.assert_allclose(look.scores["twin-b"][column], values, rtol=1e-5)


@pytest.mark.parametrize(
    ("chosen", "kept"), [("", "yunet-learned-1"), ("yunet", "yunet"), ("yunet-still-1", "yunet-still-1")]
)
def test_a_store_keeps_the_alignment_that_it_was_begun_with(graph: Path, chosen: str, kept: str) -> None:
    sides = {"non-members": people(graph.parent / "album", 2, 1, 0, bad=False)}

    def made(alignment: str) -> dict[str, object]:
        recipe = ExtractionRecipe(str(graph), aligned=True, controls=False, views=False, alignment=alignment)
        return dict(extract(recipe, sides, graph.parent / "store").manifest)

    first = made(chosen)
    assert first["made_of"]["finder"] == kept  # type: ignore[index]
    assert made("") == first  # gone on with as it was begun
    other = "yunet" if kept != "yunet" else "yunet-learned-1"
    with pytest.raises(StoreMismatch, match=rf"aligned by {kept}, not by {other} \(--alignment\)"):
        made(other)
