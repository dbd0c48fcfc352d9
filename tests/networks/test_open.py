"""A name, a file or a pack: one door to every network, and what stands in the way is said."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from mint.errors import MintError, UnknownNetwork, WeightsCorrupt, WeightsMissing
from mint.networks import open
from mint.networks.base import Tap
from mint.networks.catalog import CATALOG, Entry, RemoteFile
from mint.networks.describe import describe_lines
from mint.networks.onnx.insightface_pack import kind_of, read_pack
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.onnx.stages import find_taps
from mint.networks.open import open_network
from mint.storage.files import sha256_of
from tests.graphs import mobile, scrfd


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A recogniser, a detector, and a model of each kind that is left alone."""
    folder = tmp_path / "antelope"
    folder.mkdir()
    onnx.save(scrfd(), folder / "b.onnx")
    onnx.save(mobile(residual=True, size=112), folder / "a.onnx")
    onnx.save(mobile(residual=True, size=192), folder / "landmarks.onnx")
    onnx.save(mobile(residual=True, size=96), folder / "age.onnx")
    (folder / "notes.txt").write_text("not a model")
    return folder


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (mobile(residual=True, size=112), "recogniser"),
        (mobile(residual=True, size=128, batch=1), "recogniser"),
        (mobile(residual=True, size=192), "other"),
        (mobile(residual=True, size=96), "other"),
        (scrfd(), "detector"),
        (scrfd(640), "detector"),
    ],
)
def test_models_are_what_insightface_takes_them_for(model: onnx.ModelProto, kind: str, tmp_path: Path) -> None:
    from insightface.model_zoo import get_model

    assert kind_of(model) == kind
    onnx.save(model, tmp_path / "x.onnx")
    theirs = get_model(str(tmp_path / "x.onnx"), providers=["CPUExecutionProvider"])
    names = {"SCRFD": "detector", "ArcFaceONNX": "recogniser"}
    assert names.get(type(theirs).__name__, "other") == kind


def test_a_pack_is_its_recogniser_with_its_detector(pack: Path, face_rgb: np.ndarray) -> None:
    found = read_pack(pack)
    assert (found.recogniser.name, found.detector and found.detector.name) == ("a.onnx", "b.onnx")
    network = open_network(pack)
    assert isinstance(network, OnnxNetwork)
    assert (network.name, network.file) == ("antelope", pack / "a.onnx")
    assert network.fingerprint == sha256_of(pack / "a.onnx")
    assert (network.mean, network.scale) == (0.0, 1.0)  # the graph scales by itself
    assert network.describe()["finder"] == f"scrfd:{sha256_of(pack / 'b.onnx')}"
    red = face_rgb.copy()
    red[192:224, 192:224] = (255, 0, 0)
    red = np.pad(red, ((0, 240), (0, 240), (0, 0)))  # to 640, the detector's own scale
    (face,) = network.finder(red)
    assert face.box == (152.0, 142.0, 80.0, 110.0)


def test_a_pack_without_a_detector_has_the_one_that_ships(pack: Path, face_rgb: np.ndarray) -> None:
    (pack / "b.onnx").unlink()
    network = open_network(str(pack))
    assert network.finder.name == "yunet"
    assert len(network.finder(face_rgb)) == 1


def test_a_folder_that_is_no_pack_says_what_it_holds(pack: Path, tmp_path: Path) -> None:
    (pack / "a.onnx").unlink()
    with pytest.raises(WeightsMissing, match=r"b\.onnx, age\.onnx, landmarks\.onnx, but no face recogniser"):
        open_network(pack)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsMissing, match="no ONNX file"):
        open_network(tmp_path / "empty")
    onnx.save(mobile(residual=True, size=112), pack / "one.onnx")
    onnx.save(mobile(residual=False, size=112), pack / "two.onnx")
    with pytest.raises(WeightsMissing, match=r"several recognisers: one\.onnx, two\.onnx"):
        open_network(pack)


def test_a_pack_that_unpacked_into_itself_is_found(pack: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer" / "antelope"
    outer.mkdir(parents=True)
    shutil.move(pack, outer / "antelope")
    network = open_network(outer)
    assert isinstance(network, OnnxNetwork)
    assert network.file == outer / "antelope" / "a.onnx"
    shutil.copytree(outer / "antelope", outer / "again")
    with pytest.raises(WeightsMissing, match="its folders again, antelope do"):
        open_network(outer)


def test_a_twin_says_itself_how_it_is_read(weights: Path) -> None:
    for what in ("twin-a", weights / "twin-a"):
        with pytest.raises(MintError, match="is no graph"):
            open_network(what, scaling=(0.0, 1.0), weights=weights)


def test_what_a_system_keeps_beside_a_pack_and_links_to_it_are_passed_over(pack: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    shutil.move(pack, outer / "antelope")
    (outer / "__MACOSX" / "antelope").mkdir(parents=True)
    for place in (outer, outer / "antelope", outer / "__MACOSX", outer / "__MACOSX" / "antelope"):
        (place / "._a.onnx").write_bytes(b"\0\5\x16\7")  # what a Mac's zip adds
    (outer / "link").symlink_to(outer / "antelope", target_is_directory=True)
    found = read_pack(outer)
    assert found.recogniser.resolve() == outer / "antelope" / "a.onnx"
    assert found.detector is not None


def test_a_network_is_described_in_lines(pack: Path, weights: Path) -> None:
    lines = describe_lines(open_network(pack))
    assert lines[0].startswith("antelope: 112 × 112 pixels, onnx, sha256 ")
    assert lines[1:] == [
        "scaling: the graph itself subtracts 127.5 and divides by 128; MINT hands it values in [0, 255] as they are",
        "input: RGB, values in [0, 255] as they are",
        "embedding: output 'embedding'",
        "pictures: together, 16 a run, with the answers that each gets alone",
        "taps: stage1 = s1_pw_relu, stage2 = s2_sum, stage3 = s3_sum, stage4 = s4_pw_relu",
        "faces: found by scrfd",
    ]
    twin = describe_lines(open_network(weights / "twin-a"))
    assert "input: RGB, (x - 127.5) × 0.00784314 of values in [0, 255]" in twin
    assert "faces: found by yunet" in twin


def test_a_file_is_scaled_by_insightface_s_rule_and_looked_at_where_told(tmp_path: Path) -> None:
    path = tmp_path / "own.onnx"
    model = mobile(residual=True, size=112)
    onnx.save(model, path)
    assert open_network(path).taps == find_taps(model)
    named = open_network(path, [Tap("here", "s2_dw_bn", 4, 4)])
    assert list(named.shapes()) == ["here", "embedding"]
    assert named.key != open_network(path).key
    del model.graph.node[:2]  # without Sub and Mul, pictures are scaled outside
    model.graph.node[0].input[0] = "input"
    onnx.save(model, path)
    plain = open_network(path)
    assert (plain.mean, plain.scale) == (127.5, 1 / 127.5)


def test_a_name_of_the_catalog_comes_with_what_the_catalog_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"det.onnx": scrfd(), "rec.onnx": mobile(residual=True, size=112)}
    folder = tmp_path / "models" / "small"
    folder.mkdir(parents=True)
    remote = {}
    for name, model in files.items():
        onnx.save(model, folder / name)
        data = (folder / name).read_bytes()
        remote[name] = RemoteFile(f"deep/{name}", hashlib.sha256(data).hexdigest(), len(data))
    entry = Entry(
        "small", "nobody", CATALOG["sface"].licence, "a/b", None, remote["rec.onnx"], remote["det.onnx"],
        mean=1.0, scale=0.5, taps=(Tap("only", "s3_sum", 4, 8),),
    )  # fmt: skip
    monkeypatch.setitem(open.CATALOG, "small", entry)
    monkeypatch.setenv("MINT_MODELS", str(tmp_path / "models"))
    network = open_network("small", download=False)
    assert (network.name, network.mean, network.scale) == ("small", 1.0, 0.5)
    assert [tap.name for tap in network.taps] == ["only"]
    assert network.finder.name == f"scrfd:{remote['det.onnx'].sha256}"
    (folder / "rec.onnx").write_bytes(b"something else")
    with pytest.raises(WeightsCorrupt, match="sha256"):
        open_network("small", download=False)


def test_what_is_not_on_this_machine_is_not_fetched_unasked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MINT_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match="mint weights get antelopev2"):
        open_network("antelopev2", download=False)


def test_the_twins_and_bundles_open_as_networks(weights: Path) -> None:
    by_name = open_network("twin-a", weights=weights)
    by_folder = open_network(weights / "twin-a")
    assert by_name.key == by_folder.key
    assert by_name.kind == "torch"
    with pytest.raises(UnknownNetwork, match="Restore"):
        open_network("twin-a", weights=weights / "nowhere")


def test_a_bundle_with_another_network_s_file_is_refused(weights: Path, tmp_path: Path) -> None:
    shutil.copytree(weights / "twin-a", tmp_path / "twin-a")
    shutil.copy(weights / "twin-b" / "network.safetensors", tmp_path / "twin-a")
    with pytest.raises(WeightsCorrupt, match="not the network"):
        open_network(tmp_path / "twin-a")


def test_neither_name_nor_path_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UnknownNetwork, match="antelopev2, buffalo_l"):
        open_network("anteloupe")
    with pytest.raises(WeightsMissing, match="There is no network at"):
        open_network(tmp_path / "gone.onnx")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8 no network")
    with pytest.raises(WeightsCorrupt):
        open_network(tmp_path / "photo.jpg")


def test_a_real_pack(tmp_path: Path, face_rgb: np.ndarray) -> None:
    folder = os.environ.get("MINT_TEST_MODELS")
    if not folder:
        pytest.skip("set MINT_TEST_MODELS to a folder with det_500m.onnx and mobilefacenet_y1.onnx")
    pack = tmp_path / "buffalo_real"
    pack.mkdir()
    for name in ("det_500m.onnx", "mobilefacenet_y1.onnx"):
        shutil.copy(Path(folder) / name, pack)
    network = open_network(pack)
    assert network.finder.name.startswith("scrfd:5e4447f5")
    assert network.shapes() == {
        "stage1": (128, 56), "stage2": (64, 28), "stage3": (128, 14), "stage4": (128, 7), "embedding": (128, 1),
    }  # fmt: skip
    _matches_insightface(network, pack / "mobilefacenet_y1.onnx", face_rgb)


def test_real_sface(face_rgb: np.ndarray) -> None:
    path = os.environ.get("MINT_TEST_SFACE")
    if not path:
        pytest.skip("set MINT_TEST_SFACE to a copy of face_recognition_sface_2021dec.onnx")
    network = open_network(path)
    assert network.fingerprint == CATALOG["sface"].recogniser.sha256  # type: ignore[union-attr]
    assert (network.mean, network.scale) == (CATALOG["sface"].mean, CATALOG["sface"].scale)
    assert list(network.shapes().values()) == [(128, 56), (256, 28), (512, 14), (1024, 7), (128, 1)]
    _matches_insightface(network, Path(path), face_rgb)


def _matches_insightface(network: object, path: Path, rgb: np.ndarray) -> None:
    """The embedding of a crop is the one that InsightFace's own runner gives."""
    from insightface.model_zoo import ArcFaceONNX
    from onnxruntime import InferenceSession

    assert isinstance(network, OnnxNetwork)
    (face,) = network.finder(rgb)
    theirs = ArcFaceONNX(str(path), InferenceSession(str(path), providers=["CPUExecutionProvider"]))
    wanted = theirs.get_feat(np.ascontiguousarray(face.crop[:, :, ::-1]))
    mine = network.look(torch.from_numpy(face.crop.copy()).permute(2, 0, 1)[None].float()).embedding
    np.testing.assert_allclose(mine.numpy(), wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())
