"""InsightFace's detector through insightface itself: where it finds a face, what is cut, what it refuses."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from mint.errors import DeviceMissing, LibraryMissing, NoFace, WeightsCorrupt, WeightsMissing
from mint.networks.onnx import scrfd as scrfd_module
from mint.networks.onnx.scrfd import Scrfd
from mint.storage.files import sha256_of
from mint.vision.detectors import YUNET, WholePicture
from tests.graphs import mobile, scrfd

RED = (255, 0, 0)


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scrfd") / "det.onnx"
    onnx.save(scrfd(), path)
    return path


@pytest.fixture
def photo() -> np.ndarray:
    """640 × 640 grey with two red cells: 32 × 32 pixels each, on the detector's grid."""
    random = np.random.default_rng(0)
    rgb = random.integers(90, 110, (640, 640, 3)).astype(np.uint8)
    for x, y in ((160, 192), (448, 320)):
        rgb[y : y + 32, x : x + 32] = RED
    return rgb


def test_faces_are_where_the_graph_says_and_crops_are_cut_by_its_landmarks(detector: Path, photo: np.ndarray) -> None:
    faces = Scrfd(detector)(photo)
    assert sorted(face.box for face in faces) == [(120.0, 142.0, 80.0, 110.0), (408.0, 270.0, 80.0, 110.0)]
    for face in faces:
        x, y = int(face.box[0]) + 40, int(face.box[1]) + 50
        wanted = photo[y - 56 : y + 56, x - 56 : x + 56].astype(int)
        assert np.abs(face.crop - wanted).mean() < 1.0
        assert 0.5 <= face.confidence <= 1.0
        assert not face.crop.flags.writeable


def test_a_graph_that_knows_one_size_is_used_at_that_size(tmp_path: Path, photo: np.ndarray) -> None:
    onnx.save(scrfd(640), tmp_path / "fixed.onnx")
    assert len(Scrfd(tmp_path / "fixed.onnx")(photo)) == 2


def test_nothing_found_is_said(detector: Path) -> None:
    with pytest.raises(NoFace, match="No face was found"):
        Scrfd(detector)(np.full((200, 200, 3), 128, np.uint8))


@pytest.mark.parametrize("shape", [(8, 300, 3), (20, 2000, 3), (2000, 20, 3)])
def test_strips_are_no_photos_of_faces(detector: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(NoFace, match="no room"):
        Scrfd(detector)(np.zeros(shape, np.uint8))


def test_longish_photos_are_searched(detector: Path) -> None:
    with pytest.raises(NoFace, match="No face was found"):
        Scrfd(detector)(np.zeros((20, 1200, 3), np.uint8))


def test_its_name_is_its_weights(detector: Path) -> None:
    assert Scrfd(detector).name == f"scrfd:{sha256_of(detector)}"


def test_what_is_no_scrfd_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        Scrfd(tmp_path / "none.onnx")
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    with pytest.raises(WeightsCorrupt, match="not an SCRFD with landmarks"):
        Scrfd(tmp_path / "mobile.onnx")
    broken = scrfd()
    broken.graph.node[0].op_type = "NoSuchOperation"
    onnx.save(broken, tmp_path / "broken.onnx")
    with pytest.raises(WeightsCorrupt, match="cannot be run"):
        Scrfd(tmp_path / "broken.onnx")


def test_cuda_that_is_not_there_is_said(detector: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine's runtime was built with CUDA")
    with pytest.raises(DeviceMissing, match=r"requirements-gpu\.txt"):
        Scrfd(detector, device="cuda")


def test_telemetry_is_off_before_anything_of_mint_can_load_the_runtime() -> None:
    code = "import os, sys, mint; print(os.environ['ORT_DISABLE_TELEMETRY'], 'onnxruntime' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


@pytest.mark.full
def test_telemetry_is_off_before_the_runtime_is_loaded() -> None:
    code = """
import sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            import os
            print("telemetry off:", os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Watch())
import mint.networks.onnx.scrfd
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "telemetry off: 1"
    assert not done.stderr


def test_without_the_package_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "insightface", None)
    with pytest.raises(LibraryMissing, match=r"insightface .*pip install -r requirements\.txt"):
        runpy.run_path(scrfd_module.__file__)


def test_a_whole_picture_is_one_face_of_its_size() -> None:
    random = np.random.default_rng(1)
    for shape in ((8, 8, 3), (300, 200, 3)):
        rgb = random.integers(0, 255, shape).astype(np.uint8)
        (face,) = WholePicture()(rgb)
        assert face.box == (0.0, 0.0, shape[1], shape[0])
        assert face.crop.shape == (112, 112, 3)
        np.testing.assert_allclose(face.crop.mean((0, 1)), rgb.mean((0, 1)), atol=6)


def test_the_real_detector_finds_the_face_that_yunet_finds(face_rgb: np.ndarray) -> None:
    folder = os.environ.get("MINT_TEST_MODELS")
    if not folder:
        pytest.skip("set MINT_TEST_MODELS to a folder with InsightFace's det_500m.onnx")
    (mine,), (theirs,) = Scrfd(Path(folder) / "det_500m.onnx")(face_rgb), YUNET(face_rgb)
    x, y, w, h = (np.array([a, b]) for a, b in zip(mine.box, theirs.box, strict=True))
    inside = (np.min(x + w) - np.max(x)) * (np.min(y + h) - np.max(y))
    assert inside / (np.sum(w * h) - inside) > 0.8
    # Landmarks a few pixels apart: the crops show the same face at the same place.
    assert np.corrcoef(mine.crop.ravel(), theirs.crop.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("size", [500, 100, 48])
def test_a_fixed_side_that_the_grids_do_not_fit_is_refused(size: int, tmp_path: Path) -> None:
    onnx.save(scrfd(size), tmp_path / "det.onnx")
    with pytest.raises(
        WeightsCorrupt, match=rf"det\.onnx takes pictures of {size} × {size} pixels only.*multiple of 32"
    ):
        Scrfd(tmp_path / "det.onnx")


def test_oblong_input_is_refused(tmp_path: Path) -> None:
    model = scrfd(640)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 480
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(WeightsCorrupt, match=r"480 × 640 pixels only"):
        Scrfd(tmp_path / "det.onnx")


def test_a_detector_that_does_not_run_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    model = scrfd()
    for weight in model.graph.initializer:
        if weight.name == "box16_s":  # another number of values than four a box
            weight.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 7], np.int64), "box16_s"))
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(WeightsCorrupt, match=r"det\.onnx does not answer as an SCRFD.*take it out"):
        Scrfd(tmp_path / "det.onnx")


def test_outputs_in_another_order_are_not_taken_for_what_they_are_not(tmp_path: Path) -> None:
    """insightface takes outputs by their places: those of an exporter that goes level by level would be read as others."""
    model = scrfd()
    ends = [onnx.ValueInfoProto.FromString(end.SerializeToString()) for end in model.graph.output]
    del model.graph.output[:]
    model.graph.output.extend(ends[k] for k in (0, 3, 6, 1, 4, 7, 2, 5, 8))
    onnx.save(model, tmp_path / "det.onnx")
    says = r"det\.onnx puts out \(512, 4\) at 'box8', in the place of the scores at stride 16 .* these are \(128, 1\)"
    with pytest.raises(WeightsCorrupt, match=says):
        Scrfd(tmp_path / "det.onnx")


def test_scores_that_are_no_probabilities_are_refused(tmp_path: Path) -> None:
    model = scrfd()
    for node in model.graph.node:
        if node.op_type == "Sigmoid":
            node.op_type = "Identity"
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(
        WeightsCorrupt, match=r"values that are none between 0 and 1 at 'score8', in the place of the scores"
    ):
        Scrfd(tmp_path / "det.onnx")


@pytest.mark.parametrize(
    ("weight", "place"), [("box16_b", "boxes"), ("landmarks8_b", "landmarks"), ("score32_w", "scores")]
)
def test_values_that_are_no_numbers_are_refused(weight: str, place: str, tmp_path: Path) -> None:
    model = scrfd()
    for tensor in model.graph.initializer:
        if tensor.name == weight:
            value = onnx.numpy_helper.to_array(tensor)
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full_like(value, np.nan), weight))
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(
        WeightsCorrupt, match=rf"values that are no(ne between|) .*in the place of the {place}|no finite numbers"
    ):
        Scrfd(tmp_path / "det.onnx")


def test_a_detector_in_bfloat16_is_named_with_the_runtime(tmp_path: Path) -> None:
    import onnxruntime

    model = scrfd()
    model.graph.node.insert(0, onnx.helper.make_node("Cast", ["input"], ["half"], to=onnx.TensorProto.BFLOAT16))
    for node in model.graph.node[1:]:
        node.input[:] = ["half" if name == "input" else name for name in node.input]
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            value = onnx.numpy_helper.to_array(tensor)
            tensor.CopyFrom(
                onnx.helper.make_tensor(tensor.name, onnx.TensorProto.BFLOAT16, value.shape, value.ravel().tolist())
            )
    for end in model.graph.output:
        end.type.tensor_type.elem_type = onnx.TensorProto.BFLOAT16
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(
        WeightsCorrupt, match=rf"det\.onnx computes in bfloat16, which ONNX Runtime {onnxruntime.__version__}"
    ):
        Scrfd(tmp_path / "det.onnx")


@pytest.mark.parametrize(
    ("weight", "value", "said"),
    [("box32_b", 1e30, "far outside of any picture"), ("landmarks32_b", 0.5, "landmarks are all in one place")],
)
def test_a_face_that_cannot_be_is_refused(
    weight: str, value: float, said: str, tmp_path: Path, photo: np.ndarray
) -> None:
    model = scrfd()
    for tensor in model.graph.initializer:
        if tensor.name == weight:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full(tensor.dims, value, np.float32), weight))
    onnx.save(model, tmp_path / "det.onnx")
    with pytest.raises(WeightsCorrupt, match=rf"det\.onnx does not answer .*{said}"):
        Scrfd(tmp_path / "det.onnx")(photo)
