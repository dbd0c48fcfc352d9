"""Ingredients: recomputed by the formulas that auditors used before they shared them, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors import build, specs
from mint.auditors.base import Reading, read
from mint.auditors.features import agreement, read_features
from mint.auditors.kinds.consistency import subspace_features
from mint.auditors.kinds.prototype import prototype_features
from mint.auditors.panel import Panel
from mint.auditors.views import VIEWS
from mint.networks.base import Maps


def consistency_before(reading: Reading) -> torch.Tensor:
    """As the auditor computed it from a reading when the shipped bundles were trained."""
    group = 1 + reading.views
    *_, last = reading.everything.taps.values()
    found = []
    for values in (last.permute(0, 2, 3, 1).flatten(1), reading.everything.embedding):
        values = values.reshape(-1, group, values.shape[1])
        dot = (values @ values[:, :1].transpose(1, 2)).squeeze(2)
        norm = torch.linalg.vector_norm(values, dim=2)
        cosine = dot[:, 1:] / (norm[:, 1:] * norm[:, :1]).clamp_min(1e-12)
        found.append(torch.atanh(cosine.clamp(-0.9999, 0.9999)))
    norms = norm.clamp_min(1e-6).log()
    return torch.cat([*found, norms[:, :1], norms[:, 1:] - norms[:, :1]], dim=1)


def before(column: str, reading: Reading, axes: torch.Tensor | None) -> list[torch.Tensor]:
    """What an auditor read of a reading, without anything in between."""
    plain, (kind, layer) = reading.plain, column.split("/")
    kind = kind.removesuffix("-ieee2025")
    if kind == "cnn":
        return list(plain.taps.values()) if layer == "all" else [plain.taps[layer]]
    if kind == "vanilla":
        names = plain.taps if layer == "all" else (layer,)
        if layer == "embedding":
            return [plain.embedding]
        return [torch.cat([plain.taps[name].amax((2, 3)) for name in names], dim=1)]
    if kind == "norm":
        return [torch.linalg.vector_norm(plain.embedding, dim=1, keepdim=True).clamp_min(1e-6).log()]
    if kind == "prototype":
        return [prototype_features(plain.embedding, reading.head)]
    mirrored = reading.everything.embedding[1 + list(VIEWS).index("flip") :: 1 + reading.views]
    return [torch.cat([consistency_before(reading), subspace_features(plain.embedding, mirrored, axes)], dim=1)]


def test_every_auditor_reads_and_scores_what_it_did_before(network, crops):
    every = {spec.column: build(spec, network).eval() for spec in specs(network)}
    every["consistency/views"].prepare(torch.randn(50, 16, generator=torch.Generator().manual_seed(1)))
    reading = read(network, crops, views=True)
    found = read_features(reading, maps=True)
    columns = Panel(every).scores(network, crops)
    pinned = {
        "vanilla", "vanilla-ieee2025", "cnn", "cnn-ieee2025", "norm", "consistency", "prototype"
    }  # fmt: skip
    assert pinned <= {name.split("/")[0] for name in every}
    for column, auditor in every.items():
        if column.split("/")[0] not in pinned:
            continue  # a kind that came later has no earlier way of reading
        wanted = before(column, reading, getattr(auditor, "axes", None))
        features = auditor.inputs({name: found[name] for name in auditor.needs}, network.head)
        assert len(features) == len(wanted)
        for ours, theirs in zip(features, wanted, strict=True):
            if column.startswith("consistency"):  # its cosines are computed with less rounding since
                torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
            else:
                assert torch.equal(ours, theirs), column
        with torch.inference_mode():
            score = auditor(*features).numpy()
        np.testing.assert_array_equal(columns[column], score)


def test_cosines_of_nearly_1_are_no_rounding() -> None:
    plain = torch.randn(5, 1, 200, generator=torch.Generator().manual_seed(2))
    views = plain * (1 + 0.02 * torch.randn(5, len(VIEWS), 200, generator=torch.Generator().manual_seed(3)))
    vectors = torch.cat([plain, views], dim=1)
    vectors[4] = 0  # a network that shows nothing
    reading = Reading(Maps(vectors.flatten(0, 1), {}), len(VIEWS), None)
    exact = vectors.double().numpy()
    norm = np.linalg.norm(exact, axis=2)
    cosine = (exact[:4, 1:] * exact[:4, :1]).sum(2) / (norm[:4, 1:] * norm[:4, :1])
    assert (np.abs(2e-4 - (1 - cosine)) < 1e-4).all()
    found = agreement(reading)[:, : len(VIEWS)].numpy()
    np.testing.assert_allclose(found[:4], np.arctanh(cosine), rtol=3e-6)
    assert not found[4].any()


def test_the_state_of_an_auditor_is_only_what_was_learned(network):
    names = {spec.column: set(build(spec, network).state_dict()) for spec in specs(network)}
    logistic = {"norm.running_mean", "norm.running_var", "norm.num_batches_tracked", "linear.weight", "linear.bias"}
    assert names["consistency/views"] == {"axes", *logistic}
    assert names["prototype/head"] == names["norm/embedding"] == logistic
    assert names["vanilla/all"] == {f"net.{k}.{v}" for k in (0, 3, 6) for v in ("weight", "bias")}


def test_maxima_and_mirror_image_by_hand(network, crops):
    found = read_features(read(network, crops, views=True), maps=True)
    alone = read_features(read(network, crops[:, :, ::-1].copy(), views=False), maps=False)
    torch.testing.assert_close(found["mirrored"], alone["embedding"], rtol=1e-2, atol=1e-2)
    for tap in network.taps:
        maps = found[f"maps/{tap.name}"].numpy()
        np.testing.assert_array_equal(found[f"maxima/{tap.name}"].numpy(), maps.reshape(*maps.shape[:2], -1).max(2))
    assert set(alone) == {"embedding", *(f"maxima/{tap.name}" for tap in network.taps)}


def test_a_panel_asks_for_no_more_than_it_needs(network):
    every = {spec.column: build(spec, network) for spec in specs(network)}
    wants = {"vanilla/all": (False, False), "cnn/stage1": (False, True), "consistency/views": (True, False)}
    for column, (views, maps) in wants.items():
        panel = Panel(every).only([column])
        assert panel.auditors == {column: every[column]}
        assert (panel.views, panel.maps) == (views, maps)
    assert Panel(every).views
    assert Panel(every).maps
    assert not Panel({}).views


def test_some_auditors_of_a_panel_keep_its_order_and_none_is_made_up(network):
    panel = Panel({spec.column: build(spec, network) for spec in specs(network)})
    names = list(panel.auditors)
    assert list(panel.only(reversed(names[2:5])).auditors) == names[2:5]
    assert not panel.only(()).auditors
    with pytest.raises(KeyError, match="no auditor cnn/nowhere"):
        panel.only(["cnn/nowhere", names[0]])


def test_agreement_without_taps_is_that_of_the_embedding():
    group = 1 + len(VIEWS)
    embedding = torch.randn(2 * group, 8)
    tap = torch.randn(2 * group, 3, 2, 2)
    whole = agreement(Reading(Maps(embedding, {"stage1": tap}), len(VIEWS), None))
    bare = agreement(Reading(Maps(embedding, {}), len(VIEWS), None))
    torch.testing.assert_close(bare, whole[:, len(VIEWS) :])


def test_agreement_needs_views(network, crops):
    with pytest.raises(ValueError, match="views"):
        agreement(read(network, crops, views=False))
