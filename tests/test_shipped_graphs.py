"""The graphs that ship say what torch says of every stored photo, and an answer from them imports neither torch nor anything else heavy."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from mint.bundles import graph
from mint.bundles.files import AUDITORS, NETWORK, load_bundle
from mint.bundles.graph import AuditGraph, GraphPanel, shipped_graphs
from mint.errors import WeightsCorrupt
from mint.networks.onnx.checks import check_stored_graph
from mint.storage.bundle_index import GRAPH
from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.vision.images import open_photo
from tests.architecture import is_heavy

ROOT = Path(__file__).parents[1]
NETWORKS = tuple(sorted(path.parent.name for path in WEIGHTS.glob(f"*/{GRAPH}")))
PHOTOS = tuple(sorted(path for folder in ("faces", "people") for path in (EXAMPLES / folder).glob("*.*g")))
CLOSE = 1e-4  # of a score's standard deviation over the calibration photos


def test_the_default_pair_ships_graphs() -> None:
    assert {"twin-a", "twin-b"} <= set(NETWORKS)
    assert len(PHOTOS) == 72


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("step", [24, pytest.param(1, marks=pytest.mark.full)])
def test_every_score_of_a_stored_photo_is_torch_s(network: str, step: int) -> None:
    by_graph, by_torch = load_bundle(WEIGHTS / network, graph=True), load_bundle(WEIGHTS / network)
    assert isinstance(by_graph.panel, GraphPanel)
    crops = np.stack([by_torch.network.finder(open_photo(photo))[0].crop for photo in PHOTOS[::step]])
    found, wanted = (bundle.online().show(bundle.network, crops) for bundle in (by_graph, by_torch))
    assert list(found.columns) == list(wanted.columns)
    for spec in by_torch.specs:
        if spec.online:
            spread = np.concatenate([scores[spec.column] for scores in by_torch.calibration.values()]).std()
            apart = np.abs(found.columns[spec.column] - wanted.columns[spec.column]) / spread
            assert apart.max() < CLOSE, f"{spec.column}: {PHOTOS[::step][int(apart.argmax())].name}"
    np.testing.assert_allclose(found.embeddings, wanted.embeddings, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_graph_that_is_trusted_by_its_hash_passes_the_check(network: str) -> None:
    data = (WEIGHTS / network / GRAPH).read_bytes()
    assert hashlib.sha256(data).hexdigest() in shipped_graphs()
    check_stored_graph(data, network, (NETWORK, AUDITORS))


def test_every_other_graph_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx.load(WEIGHTS / NETWORKS[0] / GRAPH, load_external_data=False)
    model.graph.node[0].domain = "somebody"
    with pytest.raises(WeightsCorrupt, match="somebody"):
        AuditGraph(Path("bundle"), model.SerializeToString(), {NETWORK: b"", AUDITORS: b""})
    monkeypatch.setattr(graph, "WEIGHTS", Path("nowhere"))  # without a manifest none is trusted
    shipped_graphs.cache_clear()
    try:
        assert shipped_graphs() == frozenset()
    finally:
        shipped_graphs.cache_clear()


def test_an_audit_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "mint", "audit", str(PHOTOS[4]), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"mint.membership", "onnxruntime", "mint.bundles.graph"} <= imported
    assert not {name for name in imported if is_heavy(name) or name.partition(".")[0] in ("pyarrow", "reportlab")}
    assert "mint.networks.onnx.checks" not in imported  # a graph that came with MINT was checked before
    assert [json.loads(line)["network"] for line in done.stdout.splitlines()] == ["twin-a", "twin-b"]


def test_a_person_s_photos_need_none_either() -> None:
    code = (
        "import sys; from pathlib import Path; from mint.membership import MembershipTest; test = MembershipTest.load(); "
        "files = sorted(Path(sys.argv[1]).glob('01-?-gan.png'))[:3]; look = test.look_person(files, map(str, files)); "
        "print([str(audit.verdict) for audit in test.judge_person(look, 'somebody')], 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(EXAMPLES / "people")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert said[-1] == "False"
