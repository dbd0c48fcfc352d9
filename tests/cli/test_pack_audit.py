"""From an InsightFace pack on disk to verdicts in the shell, by its own detector; and where the pack has moved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from mint.networks.match_faces import UNSEEN
from mint.networks.open import open_network
from mint.vision.images import open_photo, to_png
from tests.graphs import mobile, scrfd
from tests.shell import mint
from tests.tiny_bundles import named_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    (folder / "pack").mkdir()
    onnx.save(mobile(residual=True, size=112), folder / "pack" / "rec.onnx")
    onnx.save(scrfd(), folder / "pack" / "det.onnx")
    named_bundle(folder / "mine", open_network(folder / "pack"))
    return folder / "mine"


@pytest.fixture
def photo(tmp_path: Path, face_path: Path) -> Path:
    """640 × 640 with a face that YuNet finds and, elsewhere, a red cell that the pack's detector takes for one."""
    rgb = np.zeros((640, 640, 3), np.uint8)
    rgb[:400, :400] = open_photo(face_path)
    rgb[480:512, 512:544] = (255, 0, 0)
    (tmp_path / "photo.png").write_bytes(to_png(rgb))
    return tmp_path / "photo.png"


def audit(*arguments: object) -> list[dict[str, object]]:
    done = mint("audit", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_pack_audits_the_faces_that_its_detector_finds(bundle: Path, photo: Path) -> None:
    (found,) = audit(photo, "--bundle", bundle)
    (face,) = found["faces"]
    assert face["box"] == [472.0, 430.0, 80.0, 110.0]
    assert face["layers"]
    assert face["reason"] != UNSEEN


def test_beside_a_network_that_finds_other_faces_it_cannot_say(bundle: Path, photo: Path, weights: Path) -> None:
    twin, pack = audit(photo, "--network", weights / "twin-a", "--bundle", bundle)
    assert len(twin["faces"]) == len(pack["faces"]) == 1
    (face,) = pack["faces"]
    assert face["box"] == twin["faces"][0]["box"]
    assert (face["verdict"], face["reason"], face["combined"]["score"]) == ("cannot say", UNSEEN, None)


def test_a_pack_that_has_moved_is_named(bundle: Path, photo: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    (bundle.parent / "pack").rename(moved)
    try:
        (found,) = audit(photo, "--bundle", bundle, "--network", moved)
        assert len(found["faces"]) == 1
        done = mint("audit", photo, "--bundle", bundle)
        assert (done.returncode, "which is not there" in done.stderr) == (1, True)
    finally:
        moved.rename(bundle.parent / "pack")
