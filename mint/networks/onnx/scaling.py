"""How a graph scales its pictures itself: what it does to colours on their way to its first layer.

The nodes between the input and the first convolution or dense layer are run alone on plain pictures of a few colours.
So it does not matter which operators an exporter wrote a subtraction or a change of channels with, and nothing behind
the first layer (an activation made of Mul and Neg, for example) is taken for a scaling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import numpy_helper

from mint.errors import MintError
from mint.networks.base import Values
from mint.networks.onnx.file import output_of, with_only
from mint.networks.onnx.session import OnnxSession
from mint.networks.onnx.stages import picture_input

QUANTISERS = {"QuantizeLinear", "DynamicQuantizeLinear"}
LAYERS = QUANTISERS | {
    "Conv", "ConvInteger", "ConvTranspose", "DynamicQuantizeMatMul", "Einsum", "FusedConv", "FusedGemm", "FusedMatMul",
    "Gemm", "MatMul", "MatMulInteger", "MatMulIntegerToFloat", "MatMulNBits", "NhwcFusedConv", "QGemm", "QLinearConv",
    "QLinearMatMul",
}  # fmt: skip
LEVEL = 200.0
GREY, MIXED = (100.0, 100.0, 100.0), (20.0, 130.0, 70.0)
PLAIN = ((0.0, 0.0, 0.0), (LEVEL, 0.0, 0.0), (0.0, LEVEL, 0.0), (0.0, 0.0, LEVEL), GREY, MIXED)
# What is in [0, 255] may come in as it is, as [0, 1], or as [-1, 1]: the mean and scale that MINT then applies.
RANGES: dict[tuple[float, float], tuple[float, float]] = {
    (0.0, 255.0): (0.0, 1.0), (0.0, 1.0): (0.0, 1 / 255), (-1.0, 1.0): (127.5, 1 / 127.5),
}  # fmt: skip
INSIGHTFACE = RANGES[-1.0, 1.0]
OFF_CENTRE, CLEARLY = 0.6, 0.25  # of half the range of values: what a layer may see, and by how much the best must win


@dataclass(frozen=True, slots=True)
class GraphScaling:
    """What reaches the first layer of a graph for a picture in RGB.

    Attributes:
        gain: (K,) of each value at the first layer, for a grey that grows; empty if nothing is done or nothing is known.
        offset: (K,) of each, for black.
        says: what was found, for people: "the graph itself …".
        known: whether it is arithmetic that could be followed.
        alone: whether each picture is standardised by its own mean and deviation, so that scaling does not matter.
        expects: the range of values that a quantised input was made for, or None.
    """

    gain: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    says: str = "the graph itself scales nothing"
    known: bool = True
    alone: bool = False
    expects: tuple[float, float] | None = None


def graph_scaling(model: onnx.ModelProto, name: str) -> GraphScaling:
    """Find out what a graph does to colours before its first layer.

    Raises:
        WeightsCorrupt: that part of the graph cannot be run.
    """
    picture = picture_input(model)
    reached, readers = _first_layer(model, picture.name)
    whole = (0.0, 255.0) if picture.dtype == np.uint8 else None
    if not reached:
        return GraphScaling(expects=whole)
    if reached == [picture.name]:
        return GraphScaling(expects=whole or _quantised_range(model, readers))
    session = OnnxSession(with_only(_until(model, reached), reached, reached), name)  # cast: it may compute in float16
    fetched = [output_of(tensor, reached) for tensor in reached]

    def shown(rgb: np.ndarray) -> np.ndarray:
        batch = np.repeat(rgb.astype(picture.dtype), max(1, picture.batch), axis=0)  # as many as it is fixed at
        return np.concatenate([_middle(value) for value in session({picture.name: batch}, fetched)])

    plain = [
        np.broadcast_to(np.array(colour)[None, :, None, None], (1, 3, picture.side, picture.side)) for colour in PLAIN
    ]
    black, *pure, grey, mixed = (shown(colour).astype(np.float64) for colour in plain)
    gains = np.stack([(value - black) / LEVEL for value in pure], 1)  # (K, 3)
    if not len(gains):
        return GraphScaling(says="before its first layer the graph itself leaves nothing of a picture", known=False)
    near = 0.01 * max(1e-9, float(np.abs(gains).sum(1).max()) * 255)
    linear = all(
        np.allclose(value, black + gains @ np.array(colour), rtol=0, atol=near)
        for value, colour in ((grey, GREY), (mixed, MIXED))
    )
    lit = np.abs(gains).sum(1) > 1e-6
    if not linear or not lit.any():
        if _standardises(shown, picture.side):
            return GraphScaling(says="the graph itself standardises each picture by its own values", alone=True)
        return GraphScaling(says="what the graph itself does before its first layer is no plain scaling", known=False)
    found = _described(gains[lit], black[lit])
    return replace(found, expects=whole) if not found.gain else found


def choose_scaling(found: GraphScaling, name: str) -> tuple[Values, Values, str]:
    """Return the mean and scale that MINT has to apply before the graph, and why.

    Raises:
        MintError: what was found leaves it open.
    """
    if found.alone:
        return 0.0, 1.0, "MINT hands it values in [0, 255] as they are"
    if found.known and not found.gain:
        expects = next(
            (span for span in RANGES if found.expects and np.allclose(found.expects, span, atol=_slack(span))), None
        )
        if expects is not None:
            mean, scale = RANGES[expects]
            return mean, scale, f"its quantised input was made for {_span(expects)}: MINT scales to that"
        mean, scale = INSIGHTFACE
        return mean, scale, (
            "MINT scales to [-1, 1], (x - 127.5) / 127.5, as InsightFace does: assumed, not found. "
            "If it was trained otherwise, give --mean and --scale"
        )  # fmt: skip
    fitting = sorted((score, span) for span in RANGES if (score := _score(found, span)) is not None)
    if not fitting or not found.known or (len(fitting) > 1 and fitting[1][0] - fitting[0][0] < CLEARLY):
        raise MintError(
            f"How {name} wants its pictures cannot be told: {found.says}. Say what is subtracted from RGB in [0, 255] and "
            "what the difference is multiplied with before it goes in: --mean 0 --scale 1 for nothing, "
            "--mean 127.5 --scale 1/127.5 for [-1, 1], --mean 0 --scale 1/255 for [0, 1] (in Python: scaling=(0, 1))."
        )
    span = fitting[0][1]
    mean, scale = RANGES[span]
    does = "hands it values in [0, 255] as they are" if span == (0.0, 255.0) else f"scales to {_span(span)} before"
    return mean, scale, f"MINT {does}"


def blue_first_hint(found: GraphScaling) -> str:
    """Return why a graph may want blue first although MINT hands it red first, or ""."""
    if "turns RGB into BGR" in found.says:
        return "; if it is made to be handed BGR and turns that into RGB, give --bgr"
    if len(found.gain) == 3 and "into" not in found.says and found.known:
        red, _, blue = (-offset / gain for gain, offset in zip(found.gain, found.offset, strict=True))
        if blue > 1.1 * red > 0:  # photos are redder than blue everywhere: Caffe's 104, 117, 123 are blue, green, red
            return "; means that rise like these are usually of blue, green, red: if so, give --bgr"
    return ""


def _first_layer(model: onnx.ModelProto, start: str) -> tuple[list[str], list[onnx.NodeProto]]:
    """Return the tensors that depend on the picture and enter a first layer, and these layers."""
    before, behind = {start}, set[str]()
    reached: dict[str, None] = {}
    readers = []
    for node in model.graph.node:
        inputs = set(node.input)
        if inputs & behind:
            behind |= set(node.output)
        elif inputs & before:
            if node.op_type in LAYERS:
                reached |= {name: None for name in node.input if name in before}
                readers.append(node)
                behind |= set(node.output)
            else:
                before |= set(node.output)
    return list(reached), readers


def _until(model: onnx.ModelProto, ends: list[str]) -> onnx.ModelProto:
    """Return the part of a graph that these tensors need."""
    makers = {name: number for number, node in enumerate(model.graph.node) for name in node.output}
    needed: set[int] = set()
    names = set(ends)
    open_ = list(ends)
    while open_:
        number = makers.get(open_.pop())
        if number is not None and number not in needed:
            needed.add(number)
            read = set(_reads(model.graph.node[number])) - names
            names |= read
            open_ += read
    part = onnx.ModelProto(ir_version=model.ir_version)
    part.opset_import.extend(model.opset_import)
    part.functions.extend(model.functions)
    part.graph.name = "before the first layer"
    part.graph.node.extend(model.graph.node[number] for number in sorted(needed))
    part.graph.initializer.extend(weight for weight in model.graph.initializer if weight.name in names)
    part.graph.sparse_initializer.extend(s for s in model.graph.sparse_initializer if s.values.name in names)
    weights = {weight.name for weight in model.graph.initializer}
    part.graph.input.extend(value for value in model.graph.input if value.name in names or value.name not in weights)
    return part


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from _reads(inner)


def _middle(value: np.ndarray) -> np.ndarray:
    """Return the values in the middle of maps, where no padding reaches; all values of anything else."""
    if value.ndim == 4:
        return value[0, :, value.shape[2] // 2, value.shape[3] // 2].astype(np.float64)
    return value.astype(np.float64).ravel()


def _standardises(shown: Callable[[np.ndarray], np.ndarray], side: int) -> bool:
    """Return whether a picture and the same one with other contrast look alike behind the arithmetic, and another does not."""
    picture, another = np.random.default_rng(0).uniform(0, 255, (2, 1, 3, side, side))
    first, *same, other = (shown(seen) for seen in (picture, picture * 0.5 + 40, picture / 255, another))
    most = float(np.abs(first).max())
    return bool(
        np.isfinite(first).all()
        and all(np.allclose(first, value, rtol=0, atol=0.02 * most) for value in same)
        and not np.allclose(first, other, rtol=0, atol=0.02 * most)
    )


def _described(gains: np.ndarray, offset: np.ndarray) -> GraphScaling:
    """Put a linear scaling into words.

    Args:
        gains: (K, 3) of each value, for red, green and blue.
        offset: (K,) for black.
    """
    whole = gains.sum(1)
    main = np.abs(gains).argmax(1)
    pure = np.abs(gains).max(1) > 0.999 * np.abs(gains).sum(1)
    if not pure.all():
        gain, far = whole[np.abs(whole) > 1e-6], offset[np.abs(whole) > 1e-6]
        known = len(gain) > 0
        says = "the graph itself mixes the colours"
        return GraphScaling(
            tuple(gain), tuple(far), f"{says} and {_words(gain[:1], far[:1])}" if known else says, known
        )
    kinds = [np.stack([whole, offset], 1)[main == channel] for channel in range(3)]
    alike = all(len(kind) == 0 or np.allclose(kind, kind[:1], rtol=1e-3, atol=1e-6) for kind in kinds)
    parts = []
    if alike:
        each = np.array([kind[0] for kind in kinds if len(kind)])
        same = np.allclose(each, each[:1], rtol=1e-3, atol=1e-5)
        each = each[:1] if same else each
        if words := _words(each[:, 0], each[:, 1]):
            parts.append(words + ("" if same or len(each) < 3 else " (red, green, blue)"))
    else:
        parts.append("scales parts of the picture in different ways")
    if main.tolist() == [2, 1, 0]:
        parts.append("turns RGB into BGR")
    elif main.tolist() != [0, 1, 2] and len(main) == 3:
        parts.append("reorders the channels")
    if not parts:  # only moves pixels about: pads, transposes, casts
        return GraphScaling()
    if parts == ["turns RGB into BGR"]:
        return GraphScaling(says="the graph itself turns RGB into BGR and scales nothing")
    return GraphScaling(tuple(whole), tuple(offset), f"the graph itself {' and '.join(parts)}")


def _words(gain: np.ndarray, offset: np.ndarray) -> str:
    """Return "subtracts 127.5 and divides by 128" of gains and offsets; nothing where nothing is changed."""
    mean = -offset / gain
    parts = []
    if np.abs(mean).max() > 1e-3 * max(1.0, 1 / np.abs(gain).max()) and np.abs(offset).max() > 1e-6:
        less = mean.max() <= 0
        parts.append(f"{'adds' if less else 'subtracts'} {', '.join(_number(-m if less else m) for m in mean)}")
    if np.abs(gain - 1).max() > 1e-4:
        divides = np.abs(gain).max() < 1
        numbers = ", ".join(_number(1 / g if divides else g) for g in gain)
        parts.append(f"{'divides by' if divides else 'multiplies by'} {numbers}")
    return " and ".join(parts)


def _number(value: float) -> str:
    return f"{round(float(value), 3) + 0.0:g}" if abs(value) < 1000 else f"{value:.5g}"


def _score(found: GraphScaling, span: tuple[float, float]) -> float | None:
    """Return how far off centre the first layer's values are if pictures come in this range; None if none was made so.

    Layers are made for values about zero, one to four wide, or as wide as a picture's own; or for [0, 1] and [0, 255].
    """
    low, high = span
    worst = 0.0
    for gain, offset in zip(found.gain, found.offset, strict=True):
        half, centre = abs(gain) * (high - low) / 2, gain * (high + low) / 2 + offset
        from_zero = abs(centre - half) < 0.05 * half and (0.45 <= half <= 0.55 or 120 <= half <= 130)
        off = 0.0 if from_zero else abs(centre) / half
        if off > OFF_CENTRE or not (0.4 <= half <= 4.5 or 100 <= half <= 135):
            return None
        worst = max(worst, off)
    return worst


def _quantised_range(model: onnx.ModelProto, readers: list[onnx.NodeProto]) -> tuple[float, float] | None:
    """Return the range of values that the quantiser of the input was made for, if it is one and says so."""
    weights = {weight.name: weight for weight in model.graph.initializer}
    if not readers or readers[0].op_type != "QuantizeLinear" or not set(readers[0].input[1:]) <= set(weights):
        return None
    step, *zero = (numpy_helper.to_array(weights[name]) for name in readers[0].input[1:] if name)
    kind = zero[0].dtype if zero else np.dtype(np.uint8)
    if step.size != 1 or kind not in (np.uint8, np.int8):
        return None
    shift = float(zero[0].ravel()[0]) if zero else 0.0
    ends = np.iinfo(kind)
    return (ends.min - shift) * float(step.ravel()[0]), (ends.max - shift) * float(step.ravel()[0])


def _slack(span: tuple[float, float]) -> float:
    return 0.15 * (span[1] - span[0])


def _span(span: tuple[float, float]) -> str:
    return f"[{span[0]:g}, {span[1]:g}]"
