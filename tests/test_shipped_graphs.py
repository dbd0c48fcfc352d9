"""The graphs that ship say what torch says of every stored photo, and an answer from them imports no torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.files import load_bundle
from mint.bundles.stored import GraphPanel
from mint.storage.bundle_index import GRAPH
from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.vision.images import open_photo

ROOT = Path(__file__).parents[1]
NETWORKS = tuple(sorted(path.parent.name for path in WEIGHTS.glob(f"*/{GRAPH}")))
PHOTOS = tuple(sorted(path for folder in ("faces", "people") for path in (EXAMPLES / folder).glob("*.*g")))
CLOSE = 1e-4  # of a score's standard deviation over the calibration photos


def test_the_default_pair_ships_graphs() -> None:
    assert {"twin-a", "twin-b"} <= set(NETWORKS)
    assert len(PHOTOS) == 72


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("step", [12, pytest.param(1, marks=pytest.mark.full)])
def test_every_score_of_a_stored_photo_is_torch_s(network: str, step: int) -> None:
    by_graph, by_torch = load_bundle(WEIGHTS / network, graph=True), load_bundle(WEIGHTS / network)
    assert isinstance(by_graph.panel, GraphPanel)
    crops = np.stack([by_torch.network.find(open_photo(photo))[0].crop for photo in PHOTOS[::step]])
    found, wanted = (bundle.online().show(bundle.network, crops) for bundle in (by_graph, by_torch))
    assert list(found.columns) == list(wanted.columns)
    for spec in by_torch.specs:
        if spec.online:
            spread = np.concatenate([scores[spec.column] for scores in by_torch.calibration.values()]).std()
            apart = np.abs(found.columns[spec.column] - wanted.columns[spec.column]) / spread
            assert apart.max() < CLOSE, f"{spec.column}: {PHOTOS[::step][int(apart.argmax())].name}"
    np.testing.assert_allclose(found.embeddings, wanted.embeddings, atol=1e-5)


def test_an_audit_imports_no_torch() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "mint", "audit", str(PHOTOS[4]), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"mint.membership", "onnxruntime", "mint.bundles.graph"} <= imported
    assert not {name for name in imported if name.partition(".")[0] == "torch"}
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
