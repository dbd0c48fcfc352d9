from typing import Any

import numpy as np
import onnx
import pytest
import torch

from mint.errors import MintError
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.lab.store.network_key import differences, network_key
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.lab.photos import tiny_network


@pytest.fixture
def graph(tmp_path):
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    return tmp_path / "mobile.onnx"


def test_a_description_tells_preprocessings_apart(graph):
    one = open_network(str(graph))
    model = onnx.load(graph)
    same = OnnxNetwork("other name", model, None, one.fingerprint, 0.0, 1.0)
    scaled = OnnxNetwork("mobile", model, None, one.fingerprint, 127.5, 1 / 127.5)
    assert network_key(one) == network_key(same)
    assert network_key(one)["preprocessing"] != network_key(scaled)["preprocessing"]
    assert network_key(one)["preprocessing"]["colours"][1] == [255.0, 0.0, 0.0]  # red


@pytest.mark.parametrize("kind", ["onnx", "torch"])
def test_the_untrained_copy_knows_nothing_and_leaves_the_network_as_it_is(kind, graph, crops):
    network = open_network(str(graph)) if kind == "onnx" else tiny_network()
    pixels = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)
    before = network.look(pixels).embedding
    torch.manual_seed(5)
    drawn = torch.rand(3)
    torch.manual_seed(5)
    copy, again, other = (untrained_copy(network, crops, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), drawn)  # nobody else's random numbers are touched
    assert torch.equal(network.look(pixels).embedding, before)
    shown, repeated, differs = (c.look(pixels) for c in (copy, again, other))
    assert torch.equal(shown.embedding, repeated.embedding)
    assert not torch.allclose(shown.embedding, differs.embedding)
    assert not torch.allclose(shown.embedding, before)
    assert copy.name == "untrained"
    assert copy.fingerprint != network.fingerprint
    for name, values in {**shown.taps, "embedding": shown.embedding}.items():
        assert torch.isfinite(values).all()
        assert 1e-2 < values.std() < 1e2, name  # the scale neither vanished nor ran away
    assert {tap.name for tap in copy.taps} == {tap.name for tap in network.taps}


def test_a_network_without_weights_has_no_untrained_copy(crops):
    with pytest.raises(MintError, match="--no-controls"):
        untrained_copy(PixelNetwork(32), crops, 1)


NOW: dict[str, Any] = {
    "network": "a" * 64, "taps": [1], "finder": "yunet", "preprocessing": {"size": 112}, "faces": "found", "views": ["flip"],
    "parts": {"network": {"embedding": [4]}}, "untrained": {"seed": 1, "crops": "c"}, "shard": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("was", "told"),
    [
        ({"network": "b" * 64}, "it is of another network (sha256 bbbbbbbbbbbbbbbb…, not aaaaaaaaaaaaaaaa…)"),
        ({"taps": []}, "(taps)"),
        ({"finder": "still"}, "its faces were aligned by still, not by yunet (--alignment)"),
        ({"preprocessing": {}}, "(preprocessing: --mean, --scale, --bgr)"),
        ({"faces": "aligned crops"}, "its faces: aligned crops, not found (--aligned)"),
        ({"views": []}, "it was made without altered views (--no-views)"),
        ({"views": ["zoom"]}, "as of another version of MINT"),
        ({"parts": {"network": {"embedding": [4]}, "pixels": {}}, "untrained": None}, "it was made with controls (--no-controls)"),
        ({"parts": {"network": {"embedding": [4], "maps/a": [9]}}, "shard": 2}, "with whole activation maps (--maps)"),
        ({"parts": {"network": {"embedding": [4], "recalled": [4]}}}, "it was made with the best cut (--no-recall)"),
        ({"parts": {"network": {"embedding": [8]}}}, "it keeps other numbers of a photo"),
        ({"untrained": {"seed": 2, "crops": "c"}}, "its untrained control has the seed 2, not 1"),
        ({"untrained": {"seed": 1, "crops": "d"}}, "the sides exchanged"),
        ({"shard": 9}, "it has 9 photos a shard, not 5 (--shard)"),
        ({"untrained": None}, "other untrained"),
    ],
)  # fmt: skip
def test_what_differs_is_said_in_words_a_sentence_a_fact(was: dict[str, Any], told: str) -> None:
    (said,) = differences({**NOW, **was}, NOW)
    assert told in said
    assert differences(NOW, NOW) == []
