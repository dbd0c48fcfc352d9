"""A bundle names the network of others, and finds it again: by path, by name, moved beside it; another is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import nn

from mint.errors import BundleMismatch, WeightsMissing
from mint.networks.base import FIRST, AuditedNetwork, Tap
from mint.networks.onnx.file import read_onnx
from mint.networks.open import open_network
from mint.networks.reopen import recorded_taps, reference, reopen
from mint.networks.tap_search import tapped
from mint.networks.torch_network import TorchNetwork
from tests.graphs import mobile, scrfd


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "pack"
    folder.mkdir(parents=True)
    onnx.save(mobile(residual=True, size=112), folder / "rec.onnx")
    onnx.save(scrfd(), folder / "det.onnx")
    return folder


def stored(network: AuditedNetwork, bundle: Path) -> dict[str, object]:
    """What a bundle keeps, through JSON."""
    bundle.mkdir(parents=True, exist_ok=True)
    found = json.loads(json.dumps(reference(network, bundle)))
    rest: dict[str, Any] = {name: {} for name in ("fusion", "platt", "range", "gates", "facts", "files")}
    index = {"format": "mint-bundle-1", "name": "mine", "network": found, "auditors": [], **rest}
    (bundle / "bundle.json").write_text(json.dumps(index))
    return dict(found)


def test_a_pack_comes_back_with_its_detector(pack: Path, tmp_path: Path) -> None:
    network, bundle = open_network(pack), tmp_path / "bundles" / "mine"
    kept = stored(network, bundle)
    again = reopen(kept, bundle)
    assert (again.key, again.finder.name, again.name) == (network.key, network.finder.name, "pack")
    assert str(tmp_path) not in json.dumps(kept)  # paths are told from the bundle's folder


def test_own_taps_come_back(pack: Path, tmp_path: Path) -> None:
    network = tapped(open_network(pack / "rec.onnx"), {"early": "s1_dw_bn"})
    again = reopen(stored(network, tmp_path / "mine"), tmp_path / "mine")
    assert again.taps == network.taps == tuple(recorded_taps(tmp_path / "mine") or ())
    assert recorded_taps(tmp_path) is None


def test_a_file_that_moved_is_found_beside_the_bundle_or_in_it(pack: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundles" / "mine"
    kept = stored(open_network(pack / "rec.onnx"), bundle)
    for place in (bundle, bundle.parent):
        shutil.copy(pack / "rec.onnx", place / "rec.onnx")
        moved = pack / "rec.onnx"
        moved.rename(pack / "away")
        assert reopen(kept, bundle).fingerprint == kept["fingerprint"]
        (place / "rec.onnx").unlink()
        with pytest.raises(WeightsMissing, match=r"rec\.onnx \(sha256"):
            reopen(kept, bundle)
        (pack / "away").rename(moved)


def test_another_network_or_another_look_at_it_is_refused(pack: Path, tmp_path: Path) -> None:
    network = open_network(pack)
    kept = stored(network, tmp_path / "mine")
    with pytest.raises(BundleMismatch, match="finder differ"):
        reopen(kept, tmp_path / "mine", open_network(pack / "rec.onnx"))
    with pytest.raises(BundleMismatch, match="taps differ"):
        reopen(kept, tmp_path / "mine", tapped(network, {"early": "s1_dw_bn"}))
    model = mobile(residual=True, size=112)
    model.producer_name = "somebody else"
    onnx.save(model, pack / "rec.onnx")
    with pytest.raises(BundleMismatch, match=r"another network: .*fingerprint"):
        reopen(kept, tmp_path / "mine")
    onnx.save(mobile(residual=False, size=112), pack / "rec.onnx")
    with pytest.raises(BundleMismatch, match=r"another network: .*fingerprint"):
        reopen(kept, tmp_path / "mine")
    kept["fingerprint"] = read_onnx(pack / "rec.onnx")[1]
    with pytest.raises(BundleMismatch, match=r"another network: .* has no tensor"):
        reopen(kept, tmp_path / "mine")


def test_a_name_of_the_catalog_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mint.networks import reopen as reopen_networks

    network = TorchNetwork("sface", nn.Conv2d(3, 2, 1), [Tap("all", "", 2, 1)], 8)
    network.source, network.kind = "sface", "onnx"
    kept = stored(network, tmp_path / "mine")
    assert kept["catalog"] == "sface"
    told: list[object] = []
    monkeypatch.setattr(
        reopen_networks, "open_network", lambda what, taps, **more: (told.append((what, taps, more)), network)[1]
    )
    assert reopen(kept, tmp_path / "mine") is network
    more = {
        "fingerprint": network.fingerprint,
        "scaling": (network.mean, network.scale),
        "bgr": False,
        "output": FIRST,
        "alignment": "yunet",
    }
    assert told == [("sface", list(network.taps), more)]


def test_a_twin_comes_back_by_its_name(weights: Path, tmp_path: Path) -> None:
    network = tapped(open_network(weights / "twin-a"), {"inside": "layer2.0.prelu"})
    again = reopen(stored(network, tmp_path / "mine"), tmp_path / "mine")
    assert (again.key, again.taps) == (network.key, network.taps)


def test_a_torch_module_must_be_handed_over(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = TorchNetwork("mine", nn.Conv2d(3, 2, 1), [Tap("all", "", 2, 1)], 8)
    kept = stored(network, tmp_path / "mine")
    with pytest.raises(WeightsMissing, match=r"load_bundle\(folder, network\)"):
        reopen(kept, tmp_path / "mine")
    assert reopen(kept, tmp_path / "mine", network) is network
