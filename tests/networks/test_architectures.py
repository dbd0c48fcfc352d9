"""From a file to a network: the same answers, or a clear refusal."""

from __future__ import annotations

import hashlib

import pytest
import torch
from safetensors.torch import load_file, save_file

from mint.errors import WeightsCorrupt, WeightsMissing
from mint.lab.twins.training import save_weights
from mint.networks.architectures import GROUP_NORM_IRESNET, build_network, load_network

SHAPE = {"architecture": "iresnet", "layers": [1, 1, 1, 1], "width": 4, "input_size": 32, "embedding_size": 16}


@pytest.fixture
def file(tmp_path, network):
    """The small network as the lab writes it: float16, without the counters of batch norm."""
    state = {f"network.{k}": v.half() for k, v in network.model.state_dict().items() if v.is_floating_point()}
    path = tmp_path / "network.safetensors"
    save_file({k: v.contiguous() for k, v in (state | {"head": network.head.half()}).items()}, path)
    return path


def test_a_loaded_network_answers_like_the_saved_one(file, network, crops):
    loaded = load_network(file, SHAPE, "again")
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    wanted, found = network.look(batch).embedding, loaded.look(batch).embedding
    assert torch.cosine_similarity(wanted, found).min() > 0.9999  # float16 was in between
    torch.testing.assert_close(loaded.head, network.head, atol=2e-3, rtol=0)
    torch.testing.assert_close(loaded.head.norm(dim=1), torch.ones(5))
    assert loaded.name == "again"
    assert loaded.fingerprint == hashlib.sha256(file.read_bytes()).hexdigest()
    assert next(loaded.model.parameters()).dtype == torch.float32


@torch.no_grad()
def test_a_network_with_group_norm_comes_back_unfused_and_is_not_taken_for_the_other(tmp_path, crops):
    shape = {**SHAPE, "architecture": GROUP_NORM_IRESNET}
    torch.manual_seed(2)
    made = build_network(shape, "group")
    save_weights(tmp_path / "group.safetensors", made.model, torch.randn(16, 5))
    loaded = load_network(tmp_path / "group.safetensors", shape, "again")
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    assert torch.cosine_similarity(loaded.look(batch).embedding, made.look(batch).embedding).min() > 0.9999
    assert [tap.name for tap in loaded.taps] == ["stage1", "stage2", "stage3", "stage4"]
    with pytest.raises(WeightsCorrupt):
        load_network(tmp_path / "group.safetensors", SHAPE, "x")


def test_the_untrained_control_has_no_head_and_other_weights():
    torch.manual_seed(1)
    first, second = build_network(SHAPE, "untrained"), build_network(SHAPE, "untrained")
    assert first.head is None
    assert not torch.equal(first.model.conv1.weight, second.model.conv1.weight)


def test_a_missing_file(tmp_path):
    with pytest.raises(WeightsMissing, match=r"nothing\.safetensors"):
        load_network(tmp_path / "nothing.safetensors", SHAPE, "x")


def test_a_file_that_is_no_safetensors(file):
    whole = file.read_bytes()
    for damaged in (b"", b"junk" * 100, whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        with pytest.raises(WeightsCorrupt, match=r"network\.safetensors"):
            load_network(file, SHAPE, "x")


@pytest.mark.parametrize("change", [{"width": 8}, {"layers": [1, 2, 1, 1]}, {"input_size": 48}])
def test_another_shape(file, change):
    with pytest.raises(WeightsCorrupt):
        load_network(file, {**SHAPE, **change}, "x")


def test_an_unknown_architecture(file):
    with pytest.raises(WeightsCorrupt, match="transformer"):
        load_network(file, {**SHAPE, "architecture": "transformer"}, "x")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.pop("network.layer3.0.conv1.weight"),
        lambda t: t.pop("network.bn1.running_var"),
        lambda t: t.update({"network.extra": torch.zeros(1)}),
        lambda t: t.pop("head"),
        lambda t: t.update({"head": torch.zeros(5, 7)}),
        lambda t: t.update({"head": torch.zeros(16)}),
    ],
)
def test_missing_strange_and_misshapen_tensors(file, spoil):
    tensors = load_file(file)
    spoil(tensors)
    save_file(tensors, file)
    with pytest.raises(WeightsCorrupt):
        load_network(file, SHAPE, "x")
