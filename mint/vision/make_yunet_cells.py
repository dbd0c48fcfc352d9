"""Make the file that ``yunet_cells`` runs from YuNet's own: ``python -m mint.vision.make_yunet_cells``.

Only what goes in and comes out is another: any number of pictures of any size, and of the outputs the three that are read. Nodes
and weights stay. It is done once, and the file ships beside the original, because ``onnx`` takes a while to import.
"""

from __future__ import annotations

import hashlib

from mint.errors import WeightsCorrupt
from mint.storage.files import read_bytes, write_bytes
from mint.vision import faces
from mint.vision.shipped_graph import LARGEST_GRAPH
from mint.vision.yunet_cells import CELLS, OUTPUTS


def cells_graph(detector: bytes) -> bytes:
    """Return YuNet with free sizes, and with the outputs of its finest grid alone.

    Args:
        detector: the file of ``cv2.FaceDetectorYN``.

    Raises:
        WeightsCorrupt: it is no such graph.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(detector)
        pictures, _, height, width = model.graph.input[0].type.tensor_type.shape.dim
    except (DecodeError, IndexError, ValueError) as error:
        raise WeightsCorrupt(
            f"The detector {faces.DETECTOR.name} is damaged. Restore it from the repository."
        ) from error
    pictures.dim_param, height.dim_param, width.dim_param = "pictures", "height", "width"
    kept = [output for output in model.graph.output if output.name in OUTPUTS]
    del model.graph.output[:]
    for output in kept:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells of {output.name}"
        model.graph.output.append(output)
    found: bytes = model.SerializeToString(deterministic=True)
    return found


def main() -> None:
    """Write the file, and print its sha256, which ``yunet_cells`` knows."""
    data = cells_graph(read_bytes(faces.DETECTOR, LARGEST_GRAPH))
    write_bytes(CELLS, data)
    print(f"{CELLS}: {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
