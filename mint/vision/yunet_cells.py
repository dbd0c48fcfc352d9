"""What every cell of YuNet says about the face in small pictures, before the best cell is chosen.

``cv2.FaceDetectorYN`` keeps the one cell that is surest of a face, and with a face that lies elsewhere in the grid that is
another cell, which sees other landmarks. Here all cells are read. ONNX Runtime takes half as long as OpenCV for it, and
runs a file of its own with the same weights, whose pictures may have any size.
"""

from __future__ import annotations

import numpy as np

from mint.storage.paths import WEIGHTS
from mint.vision.shipped_graph import open_graph, run_graph

CELLS = WEIGHTS / "yunet_cells.onnx"  # make_yunet_cells.py made it from the detector's file
SHA256 = "f2cb581bd7111ab59afa4e3d5bfaf84c95c813c984a8dbc9395c7f5228876f32"
STRIDE = 8  # pixels a cell; the coarser grids of the network see larger faces than those of ``still``
OUTPUTS = ("cls_8", "obj_8", "kps_8")


def read_cells(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run YuNet on pictures of one size.

    Args:
        pictures: (N, S, S, 3) float32 RGB in [0, 255]; S a multiple of 32.

    Returns:
        (N, C) confidences in [0, 1] and (N, C, 5, 2) landmarks in pixels of the picture, in the order of ``faces.align``,
        float32. The cells' order is that of reading.

    Raises:
        WeightsMissing: the detector's file is not in ``weights/``.
        WeightsCorrupt: it is another file.
    """
    count, side = pictures.shape[:2]
    batch = np.ascontiguousarray(pictures[..., ::-1].transpose(0, 3, 1, 2))  # blue first, as it was trained
    found = run_graph(CELLS, SHA256, OUTPUTS, {"input": batch})
    kind, object_, points = (np.asarray(part, np.float32).reshape(count, -1, part.shape[-1]) for part in found)
    confidence = np.sqrt(np.clip(kind[..., 0], 0, 1) * np.clip(object_[..., 0], 0, 1))
    down, across = np.divmod(np.arange((side // STRIDE) ** 2), side // STRIDE)
    cells = np.stack([across, down], 1).astype(np.float32)
    landmarks = (points.reshape(count, -1, 5, 2) + cells[:, None]) * np.float32(STRIDE)
    return confidence, landmarks


def open_cells() -> None:
    """Open the detector's file, so that the first photo does not wait for it. Raises as ``read_cells``."""
    open_graph(CELLS, SHA256)
