"""Mutations of small sound graphs: each is read right, or refused in one clear line; no traceback, no dead process.

``python -m tests.networks.onnx.fuzz --seed 0 --count 60`` mutates and judges that many in this process and prints a line
for each that fails. A mutation that kills the process is the last that it named in ``--trace FILE``.
"""

from __future__ import annotations

import argparse
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

from mint.errors import MintError
from mint.networks.describe import describe_lines
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.hostile.memory import MOST_MB, Growth
from tests.odd_graphs import dynamically_quantised, flat_inside, in_type, reshaped, scaled, several, tensorflow_prelu

Random = np.random.Generator
SOUND: list[Callable[[], onnx.ModelProto]] = [
    lambda: scaled(("Sub", 127.5), ("Div", 128.0)), lambda: scaled(("last", 127.5), ("gather", None)), tensorflow_prelu,
    lambda: scaled(("bn", ([120, 110, 100], [60, 58, 59]))), lambda: several("norm", "embedding", "softmax", "unit"),
    lambda: reshaped([1, -1]), lambda: flat_inside("N"), dynamically_quantised, lambda: in_type(TensorProto.FLOAT16),
    lambda: mobile(residual=True, batch=1),
]  # fmt: skip
PLENTY = [-(2**63), -7, -1, 0, 1, 2, 3, 5, 17, 2**20, 2**31, 2**62]


def mutated(random: Random, among: Sequence[Callable[[], onnx.ModelProto]] = SOUND) -> tuple[str, bytes]:
    """A mutation of one among these, and the file's bytes."""
    model = among[random.integers(len(among))]()
    name = list(_WAYS)[random.integers(len(_WAYS))]
    changed = _WAYS[name](model, random)
    return name, model.SerializeToString() if changed is None else changed


def judge(data: bytes, folder: Path) -> tuple[bool, str]:
    """Whether these bytes were read, and what is wrong with that, or with the refusal; "" if nothing is."""
    path = folder / "net.onnx"
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = open_network(path)
            assert isinstance(network, OnnxNetwork)
            crops = np.random.default_rng(1).uniform(0, 255, (3, 3, network.input_size, network.input_size))
            batch = network.preprocess(torch.from_numpy(crops.astype(np.float32)))
            found = network.forward(batch).embedding.numpy()
    except MintError as error:
        return False, unclear(error)
    except Exception:
        return False, traceback.format_exc()
    if any("\n" in line for line in describe_lines(network)):
        return True, "it is described in more than lines"
    wanted = _alone(data, network, batch.numpy())
    if found.shape != wanted.shape:
        return True, f"{found.shape} instead of {wanted.shape}"
    found, wanted = found.astype(np.float64), wanted.astype(np.float64)
    if not np.array_equal(np.isfinite(found), np.isfinite(wanted)):
        return True, "numbers where the runtime has none, or the other way round"
    found, wanted = (value[np.isfinite(value).all(1)] for value in (found, wanted))
    length = np.linalg.norm(wanted, axis=1) + 1e-6
    if not np.all(np.linalg.norm(found - wanted, axis=1) <= 0.03 * length):
        return True, f"other embeddings than the runtime's, by {np.abs(found - wanted).max():.3g}"
    return True, ""


def unclear(error: MintError) -> str:
    """What is wrong with a refusal, or ""."""
    line = str(error)
    return "" if line.strip() and "\n" not in line and len(line) < 900 else f"not one clear line: {line!r}"


def _alone(data: bytes, network: OnnxNetwork, batch: np.ndarray) -> np.ndarray:
    """The runtime's own answers, one picture at a time; what the file declares of outputs and batch is left aside."""
    model = onnx.load_from_string(data)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    del model.graph.output[:]
    model.graph.output.append(helper.make_empty_tensor_value_info(network.output))
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    kinds = {"tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(uint8)": np.uint8}
    kind = kinds.get(session.get_inputs()[0].type, np.float32)
    feeds = [np.clip(np.rint(one), 0, 255) if kind is np.uint8 else one for one in batch]
    name = session.get_inputs()[0].name
    return np.stack([session.run([network.output], {name: one[None].astype(kind)})[0].ravel() for one in feeds])


def _node(model: onnx.ModelProto, random: Random) -> onnx.NodeProto:
    return model.graph.node[random.integers(len(model.graph.node))]


def _cut(model: onnx.ModelProto, random: Random) -> bytes:
    data = model.SerializeToString()
    return data[: random.integers(len(data))]


def _bytes(model: onnx.ModelProto, random: Random) -> bytes:
    data = bytearray(model.SerializeToString())
    for place in random.integers(0, len(data), random.integers(1, 6)):
        data[place] ^= 1 << int(random.integers(8))
    return bytes(data)


def _attribute(model: onnx.ModelProto, random: Random) -> None:
    nodes = [node for node in model.graph.node if node.attribute]
    node = nodes[random.integers(len(nodes))]
    attribute = node.attribute[random.integers(len(node.attribute))]
    value = PLENTY[random.integers(len(PLENTY))]
    if attribute.ints and random.random() < 0.8:
        attribute.ints[random.integers(len(attribute.ints))] = value
    elif random.random() < 0.3:
        node.attribute.remove(attribute)
    else:
        name = attribute.name
        node.attribute.remove(attribute)
        node.attribute.append(helper.make_attribute(name, [value, [value], 0.5, "x"][random.integers(4)]))


def _dims(model: onnx.ModelProto, random: Random) -> None:
    weight = model.graph.initializer[random.integers(len(model.graph.initializer))]
    if weight.dims:
        weight.dims[random.integers(len(weight.dims))] = PLENTY[random.integers(len(PLENTY))]
    else:
        weight.dims.append(PLENTY[random.integers(len(PLENTY))])


def _shape(model: onnx.ModelProto, random: Random) -> None:
    """Another size of a weight, with as many values as it says."""
    weight = model.graph.initializer[random.integers(len(model.graph.initializer))]
    value = numpy_helper.to_array(weight)
    if value.ndim:
        value = np.repeat(value, random.integers(0, 3), axis=random.integers(value.ndim))
    weight.CopyFrom(numpy_helper.from_array(value, weight.name))


def _value(model: onnx.ModelProto, random: Random) -> None:
    weight = model.graph.initializer[random.integers(len(model.graph.initializer))]
    value = numpy_helper.to_array(weight).copy()
    odd = PLENTY if value.dtype.kind in "iu" else [0.0, -1.0, 1e30, np.nan, np.inf, 1e-30]
    with np.errstate(all="ignore"):
        value.reshape(-1)[:] = np.array(odd[random.integers(len(odd))]).astype(value.dtype)
    weight.CopyFrom(numpy_helper.from_array(value, weight.name))


def _type(model: onnx.ModelProto, random: Random) -> None:
    kinds = [
        int(random.integers(0, 25)),
        TensorProto.FLOAT16,
        TensorProto.DOUBLE,
        TensorProto.BFLOAT16,
        TensorProto.INT64,
    ]
    kind = kinds[random.integers(len(kinds))]
    where = random.integers(3)
    if where == 0:
        model.graph.input[0].type.tensor_type.elem_type = kind
    elif where == 1:
        model.graph.initializer[random.integers(len(model.graph.initializer))].data_type = kind
    else:
        model.graph.output[0].type.tensor_type.elem_type = kind


def _names(model: onnx.ModelProto, random: Random) -> None:
    node = _node(model, random)
    names = [
        "",
        "input",
        *(n.output[0] for n in model.graph.node),
        *(w.name for w in model.graph.initializer),
        "\n\x1b[2J",
    ]
    name = names[random.integers(len(names))]
    if random.random() < 0.7 and node.input:
        node.input[random.integers(len(node.input))] = name
    else:
        node.output[0] = name


def _operator(model: onnx.ModelProto, random: Random) -> None:
    others = [node.op_type for node in model.graph.node] + [
        "Softmax",
        "Shape",
        "Reshape",
        "Loop",
        "If",
        "Neg",
        "Clip",
        "x\ny",
    ]
    _node(model, random).op_type = others[random.integers(len(others))]


def _order(model: onnx.ModelProto, random: Random) -> None:
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in model.graph.node]
    one, other = random.integers(len(nodes), size=2)
    if random.random() < 0.5:
        nodes[one], nodes[other] = nodes[other], nodes[one]
    else:
        del nodes[one]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _input(model: onnx.ModelProto, random: Random) -> None:
    dims = model.graph.input[0].type.tensor_type.shape.dim
    dim = dims[random.integers(len(dims))]
    if random.random() < 0.2:
        del dims[-1]
    else:
        dim.dim_value = [0, -1, 1, 2, 3, 4, 8, 15, 16, 17, 32, 112, 2**40][random.integers(13)]


def _outputs(model: onnx.ModelProto, random: Random) -> None:
    tensors = [name for node in model.graph.node for name in node.output]
    model.graph.output.insert(
        int(random.integers(2)), helper.make_empty_tensor_value_info(tensors[random.integers(len(tensors))])
    )


def _versions(model: onnx.ModelProto, random: Random) -> None:
    versions = [0, 1, 5, 6, 7, 9, 11, 14, 17, 18, 20, 22, 26, 28, 29, 2**31]
    if random.random() < 0.7:
        model.opset_import[0].version = versions[random.integers(len(versions))]
    else:
        model.ir_version = versions[random.integers(len(versions))]


_WAYS: dict[str, Callable[[onnx.ModelProto, Random], bytes | None]] = {
    "cut": _cut, "bytes": _bytes, "attribute": _attribute, "dims": _dims, "shape": _shape, "value": _value, "type": _type,
    "names": _names, "operator": _operator, "order": _order, "input": _input, "outputs": _outputs, "versions": _versions,
}  # fmt: skip


def run(description: str | None, one: Callable[[Random, Path], tuple[str, bool, str]]) -> None:
    """Try one seed after the other as the command line says, and print a line for each that found something.

    Args:
        description: of the command.
        one: given a seed's numbers and a folder: what was tried, whether it was read, and what is wrong with that, or "".
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=0, help="of the first mutation; each further one has the next")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so many, however few were tried"
    )
    parser.add_argument("--trace", type=Path, help="gets the number of the mutation that is tried")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ended, tried, read = time.monotonic() + options.seconds, 0, 0
    with Growth() as growth:
        for seed in range(options.seed, options.seed + options.count):
            if time.monotonic() > ended:
                break
            if options.trace:
                options.trace.write_text(str(seed))
            with TemporaryDirectory() as folder:
                what, was_read, wrong = one(np.random.default_rng(seed), Path(folder))
            if wrong:
                print(f"seed {seed}, {what}: {wrong}", flush=True)
            tried, read = tried + 1, read + was_read
    if growth.mb > MOST_MB:
        print(f"seed {options.seed} and later: memory grew")
    print(f"{tried} tried, {read} read, {growth.mb} MB above idle at most", flush=True)


def _graph(random: Random, folder: Path) -> tuple[str, bool, str]:
    way, data = mutated(random)
    return way, *judge(data, folder)


if __name__ == "__main__":
    run(__doc__, _graph)
