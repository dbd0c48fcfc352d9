"""Detectors (SCRFD) and packs (InsightFace), mutated by seed: read right, or refused in one clear line; nothing changes.

``python -m tests.networks.onnx.fuzz_packs --seed 0 --count 60`` makes up that many: a detector whose faces are recomputed
from its outputs, a pack's folder of which it is known what it holds, or the folder that ``MINT_MODELS`` names.
"""

from __future__ import annotations

import hashlib
import os
import traceback
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper

from mint.errors import MintError, NoFace
from mint.networks.catalog import Entry, RemoteFile
from mint.networks.locate import FOLDERS_DOWN, VARIABLE, find_file
from mint.networks.onnx.insightface_pack import read_pack
from mint.networks.onnx.scrfd import Scrfd
from mint.networks.open import open_network
from mint.storage.licences import Licence
from mint.vision.detectors import YUNET
from mint.vision.faces import MIN_FACE
from tests.graphs import mobile, scrfd
from tests.networks.onnx.fuzz import Random, mutated, run, unclear

SIDE = 128  # a graph of this fixed side sees the photo below as it is, and at no other scale
STRIDES, THRESHOLD, OVERLAP = (8, 16, 32), 0.5, 0.4
FREE = Licence("free", "https://example.org", "", asks=False, shares=True)


@cache
def photo() -> np.ndarray:
    """Grey, with red cells on the coarsest grid."""
    rgb = np.random.default_rng(0).integers(90, 110, (SIDE, SIDE, 3)).astype(np.uint8)
    for x, y in ((32, 32), (96, 64)):
        rgb[y : y + 32, x : x + 32] = (255, 0, 0)
    return rgb


# ---- detectors


def detector(random: Random, folder: Path) -> tuple[str, bool, str]:
    """One detector: what was done to it, whether it was read, and what is wrong with that."""
    ways: dict[str, Callable[[], tuple[str, bytes]]] = {
        "mutated": lambda: mutated(random, [lambda: scrfd(SIDE), scrfd]),
        "turned": lambda: ("turned", _turned(random)),
        "logits": lambda: ("logits", _without("Sigmoid")),
        "in a batch": lambda: ("in a batch", _batched()),
        "sound": lambda: ("sound", scrfd([SIDE, None][random.integers(2)]).SerializeToString()),
    }
    names = [*ways, *["mutated"] * 8]
    way, data = ways[names[random.integers(len(names))]]()
    path = folder / "det.onnx"
    path.write_bytes(data)
    try:
        found = Scrfd(path)
        try:
            faces = found(photo())
        except NoFace:
            faces = ()
        boxes = [(*face.box, face.confidence) for face in faces]
        assert all(face.crop.shape == (112, 112, 3) for face in faces)
    except MintError as error:
        return way, False, unclear(error)
    except Exception:
        return way, False, traceback.format_exc()
    if path.read_bytes() != data or len(list(folder.iterdir())) > 1:
        return way, True, "something was written"
    if not all(0.5 <= box[4] <= 1 for box in boxes) or not np.isfinite(np.array(boxes)).all():
        return way, True, f"no face can be: {boxes}"
    try:
        wanted = decoded(data)
    except Exception:
        return way, True, f"read, though its outputs are not of an SCRFD: {traceback.format_exc()}"
    if wanted is not None and not _alike(boxes, wanted):
        return way, True, f"faces at {boxes} instead of {wanted}"
    return way, True, ""


def decoded(data: bytes) -> list[tuple[float, ...]] | None:
    """The faces that a graph of fixed size puts out for the photo, by the definition of its outputs; None where the size is free.

    Scores, boxes and landmarks come one after the other, each at strides of 8, 16 and 32; a box is the distances from the
    cell's corner to its left, top, right and bottom, in strides. Of overlapping boxes the surest stays.
    """
    model = onnx.load_from_string(data)
    weights = {weight.name for weight in model.graph.initializer}
    (value,) = (value for value in model.graph.input if value.name not in weights)
    sides = [dim.dim_value for dim in value.type.tensor_type.shape.dim[2:]]
    if sides != [SIDE, SIDE]:
        return None
    options = ort.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    blob = (photo().transpose(2, 0, 1)[None].astype(np.float32) - 127.5) / 128
    kinds = {"tensor(float16)": np.float16, "tensor(double)": np.float64}
    blob = blob.astype(kinds.get(session.get_inputs()[0].type, np.float32))
    answers = [np.squeeze(a, 0) if a.ndim == 3 else a for a in session.run(None, {value.name: blob})]
    rows = []
    for level, stride in enumerate(STRIDES):
        cells = SIDE // stride
        scores, boxes, landmarks = answers[level], answers[level + 3], answers[level + 6]
        assert (scores.shape, boxes.shape, landmarks.shape) == tuple((2 * cells**2, wide) for wide in (1, 4, 10))
        for k in np.flatnonzero(scores[:, 0] >= THRESHOLD):
            y, x = divmod(k // 2, cells)
            left, top, right, bottom = boxes[k].astype(float) * stride
            rows.append((x * stride - left, y * stride - top, left + right, top + bottom, float(scores[k, 0])))
    kept: list[tuple[float, ...]] = []
    for row in sorted(rows, key=lambda row: -row[4]):
        if all(_overlap(row, other) <= OVERLAP for other in kept):
            kept.append(row)
    return [row for row in kept if min(row[2:4]) >= MIN_FACE]


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    wide, high = (
        max(0.0, min(one[k] + one[k + 2], other[k] + other[k + 2]) - max(one[k], other[k]) + 1) for k in (0, 1)
    )
    areas = [(row[2] + 1) * (row[3] + 1) for row in (one, other)]
    return wide * high / (sum(areas) - wide * high)


def _alike(found: list[tuple[float, ...]], wanted: list[tuple[float, ...]]) -> bool:
    one, other = (np.array(sorted(rows)).reshape(-1, 5) for rows in (found, wanted))
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-3, atol=0.05)


def _turned(random: Random) -> bytes:
    """Its outputs in another order, as exporters write them that go level by level."""
    model = scrfd(SIDE)
    ends = [onnx.ValueInfoProto.FromString(end.SerializeToString()) for end in model.graph.output]
    order = np.arange(9).reshape(3, 3).T.ravel() if random.random() < 0.5 else random.permutation(9)
    del model.graph.output[:]
    model.graph.output.extend(ends[k] for k in order)
    return model.SerializeToString()


def _without(operator: str) -> bytes:
    model = scrfd(SIDE)
    for node in model.graph.node:
        if node.op_type == operator:
            node.op_type = "Identity"
    return model.SerializeToString()


def _batched() -> bytes:
    """With a leading axis of one at each output."""
    model = scrfd(SIDE)
    for node in model.graph.node:
        if node.op_type == "Reshape":
            (shape,) = (w for w in model.graph.initializer if w.name == node.input[1])
            shape.CopyFrom(helper.make_tensor(shape.name, TensorProto.INT64, [3], [1, *shape_of(shape)]))
    for end in model.graph.output:
        end.type.tensor_type.ClearField("shape")
    return model.SerializeToString()


def shape_of(tensor: onnx.TensorProto) -> list[int]:
    return [int(value) for value in onnx.numpy_helper.to_array(tensor)]


# ---- packs


@cache
def sound() -> Mapping[str, bytes]:
    """What a pack may hold."""
    landmarks = mobile(residual=True, size=112)
    for dim in landmarks.graph.input[0].type.tensor_type.shape.dim[2:]:
        dim.dim_value = 192
    models = {"detector": scrfd(), "recogniser": mobile(residual=True, size=112), "landmarks": landmarks}
    return {kind: model.SerializeToString() for kind, model in models.items()}


def pack(random: Random, folder: Path) -> tuple[str, bool, str]:
    """One pack: as ``detector``."""
    counts = {kind: int(random.choice(3, p=(0.15, 0.7, 0.15))) for kind in ("detector", "recogniser", "landmarks")}
    files = [(kind, sound()[kind]) for kind, count in counts.items() for _ in range(count)]
    way = "sound"
    if random.random() < 0.4 and files:
        k = int(random.integers(len(files)))
        base = onnx.load_from_string(files[k][1])
        way, data = mutated(random, [lambda: base])
        files[k] = (f"mutated {files[k][0]}", data)
    if junk := random.random() < 0.2:
        files.append(("junk", [b"", b"no graph", b"PK\3\4"][random.integers(3)]))
    place = folder / "pack"
    inside = place / ["", "antelopev2", "models/antelopev2"][random.integers(3)]
    inside.mkdir(parents=True)
    for k, (_, data) in enumerate(files):
        (inside / f"{random.integers(1000)}-{k}.onnx").write_bytes(data)
    for name, data in (("._1-0.onnx", b"\0\5\x16\7"), ("README.txt", b"x"), ("__MACOSX/._1.onnx", b"\0\5\x16\7")):
        if random.random() < 0.3:
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_bytes(data)
    if random.random() < 0.2:
        (place / "again").symlink_to(place, target_is_directory=True)
    known = way == "sound" and not junk
    wanted = known and counts["recogniser"] == 1 and counts["detector"] < 2
    before = _tree(place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = open_network(place)
            crops = np.random.default_rng(1).uniform(0, 255, (2, 3, 112, 112)).astype(np.float32)
            embedding = network.look(torch.from_numpy(crops)).embedding.numpy()
    except MintError as error:
        said = f"a sound pack is refused: {error}" if wanted else unclear(error)
        return way, False, said if _tree(place) == before else "something was written"
    except Exception:
        return way, False, traceback.format_exc()
    if known and not wanted:
        return way, True, f"read, though it holds {counts}"
    if _tree(place) != before:
        return way, True, "something was written"
    hashes = {kind: hashlib.sha256(data).hexdigest() for kind, data in files}
    names = {f"scrfd:{sha256}" for sha256 in hashes.values()}
    if not (
        network.finder.name in names or (network.finder.name == YUNET.name and (not counts["detector"] or not known))
    ):
        return way, True, f"faces are found by {network.finder.name}"
    if network.fingerprint not in hashes.values() or (known and network.fingerprint != hashes["recogniser"]):
        return way, True, f"{network.fingerprint} is the network"
    if known:
        alone = open_network(read_pack(place).recogniser).look(torch.from_numpy(crops)).embedding.numpy()
        if not np.array_equal(embedding, alone):
            return way, True, "other embeddings than the file's own"
    return way, True, ""


def models(random: Random, folder: Path) -> tuple[str, bool, str]:
    """The folder of ``MINT_MODELS``: as ``detector``."""
    data = random.bytes(int(random.integers(1, 200)))
    file = RemoteFile("pack/net.onnx", hashlib.sha256(data).hexdigest(), len(data))
    entry = Entry("fuzzed", "a set", FREE, "owner/fuzzed", "0" * 40, file)
    own = folder / "own"
    places = ["", "fuzzed", "fuzzed/fuzzed", "models/fuzzed", "a/b/c", "a/b/c/d", "x y"]
    depth: dict[str, bool] = {}
    for k in random.permutation(len(places))[: random.integers(4)]:
        right = bool(random.random() < 0.6)
        place = own / places[k]
        place.mkdir(parents=True, exist_ok=True)
        wrong = data[:-1] + bytes([data[-1] ^ 1])
        (place / "net.onnx").write_bytes(data if right else wrong)
        depth[places[k]] = right
    told = str(own) if random.random() < 0.9 else f"{own}/gone"
    shallow = [depth[place] for place in ("fuzzed", "") if place in depth]
    deep = any(right and len(Path(place).parts) <= FOLDERS_DOWN for place, right in depth.items())
    there = told == str(own) and own.is_dir() and (shallow[0] if shallow else deep)
    before = _tree(folder)
    try:
        with mock.patch.dict(os.environ, {VARIABLE: told}):
            found = find_file(entry, file, download=False, weights=folder / "weights")
    except MintError as error:
        said = f"it is there: {depth}" if there else unclear(error)
        return "models", False, said
    except Exception:
        return "models", False, traceback.format_exc()
    if found.read_bytes() != data:
        return "models", True, f"{found} is another file"
    if not there or _tree(folder) != before:
        return "models", True, f"it is not there, or something was written: {depth}"
    return "models", True, ""


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def one(random: Random, folder: Path) -> tuple[str, bool, str]:
    """One of the three, by chance."""
    kind = (detector, detector, pack, models)[random.integers(4)]
    way, read, wrong = kind(random, folder)
    return f"{kind.__name__}, {way}", read, wrong


if __name__ == "__main__":
    run(__doc__, one)
