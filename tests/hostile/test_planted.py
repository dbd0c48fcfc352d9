"""The search finds every kind of trace that it promises to find, and none of anybody else."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.storage.paths import EXAMPLES
from mint.ui.views.details.saliency import over
from mint.vision.faces import find
from mint.vision.images import open_photo
from tests.hostile.planted import Planted, plant, search

FACE = Path(__file__).parents[1] / "data" / "face.jpg"


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(FACE.read_bytes(), 7)


def encoded(rgb: np.ndarray, kind: str, side: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).resize((side, side)).save(buffer, kind)
    return buffer.getvalue()


def test_every_kind_of_copy_is_found(planted):
    grey = np.asarray(Image.fromarray(planted.crop).convert("L"))
    glowing = over(planted.crop, np.random.default_rng(0).random((8, 8), np.float32))
    copies = {
        "file": planted.data,
        "half a file": planted.data[: len(planted.data) // 2],
        "in base64": b"<img src='data:image/png;base64," + base64.b64encode(planted.data) + b"'>",
        "pixels": planted.rgb.tobytes(),
        "pixels of OpenCV": np.ascontiguousarray(planted.crop[..., ::-1]).tobytes(),
        "as the network sees it": ((planted.crop.transpose(2, 0, 1).astype(np.float32) - 127.5) / 127.5).tobytes(),
        "small": b"%PDF" + encoded(planted.rgb, "JPEG", 120),
        "thumbnail": encoded(planted.crop, "WEBP", 48),
        "mirrored": encoded(planted.crop[:, ::-1].copy(), "PNG", 112),
        "grey": encoded(np.stack([grey] * 3, -1), "JPEG", 64),
        "under activity": b'src="data:image/jpeg;base64,' + base64.b64encode(encoded(glowing, "JPEG", 112)),
        "in a report in a link": base64.b64encode(
            b"<img src='" + base64.b64encode(encoded(planted.crop, "PNG", 96)) + b"'>"
        ),
        "name": planted.name.encode(),
    }
    assert not [what for what, data in copies.items() if not planted.traces(data)]


def test_nobody_else_is_found(planted):
    others = [path.read_bytes() for path in sorted((EXAMPLES / "faces").glob("*.*g"))[::4]]
    others += [encoded(find(open_photo(data))[0].crop, "PNG", 112) for data in others]
    assert len(others) > 15
    assert not [found for data in others if (found := planted.traces(data))]
    assert not planted.traces(FACE.read_bytes()), "the same photo without the watermark"
    assert not planted.traces(plant(FACE.read_bytes(), 8).data)


def test_a_folder_is_searched_to_its_end(planted, tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "plain.txt").write_text("nothing")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert not search(planted, [tmp_path])
    (tmp_path / "a" / "b" / "log").write_bytes(b"..." + encoded(planted.crop, "JPEG", 80))
    (tmp_path / "a" / planted.name).touch()
    assert search(planted, [tmp_path]) == {
        str(tmp_path / "a" / "b" / "log"): ["picture: crop"],
        str(tmp_path / "a" / planted.name): ["name"],
    }
