"""YuNet's graph, made to take pictures of any number and size. It is edited as bytes: importing ``onnx`` for it takes far longer.

An ONNX file is a protocol buffer: fields, each a key (number and wire type) and a value. Only three fields are touched; numbers
are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, the encoding that of
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator

INPUT, OUTPUTS = (
    "input",
    ("cls_8", "obj_8", "kps_8"),
)  # of the finest grid; the coarser ones see larger faces than ``still`` shows
SIZES = ("pictures", None, "height", "width")  # of the input: a name is free, and colours are three
COLOURS = 3
_GRAPH, _GRAPH_INPUT, _GRAPH_OUTPUT = 7, 11, 12  # in ModelProto, in GraphProto
_VARINT, _BYTES = 0, 2  # wire types
_FIXED = {1: 8, 5: 4}  # others: bytes of a value
_FLOAT = 1  # TensorProto.DataType


def any_size(model: bytes) -> bytes:
    """Return the graph with an input of any size, and the outputs that ``yunet_cells`` reads.

    Raises:
        ValueError: it is no graph.
    """
    parts = list(_fields(model))
    graphs = [value for number, value, _ in parts if number == _GRAPH]
    if len(graphs) != 1 or graphs[0] is None:
        raise ValueError("it is no ONNX file")
    kept = [raw for number, _, raw in _fields(graphs[0]) if number not in (_GRAPH_INPUT, _GRAPH_OUTPUT)]
    kept.append(_field(_GRAPH_INPUT, _input()))
    kept += [
        _field(_GRAPH_OUTPUT, _field(1, name.encode())) for name in OUTPUTS
    ]  # what sizes they have follows from the input
    return b"".join([_field(_GRAPH, b"".join(kept)) if number == _GRAPH else raw for number, _, raw in parts])


def _input() -> bytes:
    """Return the ValueInfoProto of the input."""
    sizes = (_key(1, _VARINT) + _varint(COLOURS) if name is None else _field(2, name.encode()) for name in SIZES)
    shape = b"".join(_field(1, size) for size in sizes)
    tensor = _key(1, _VARINT) + _varint(_FLOAT) + _field(2, shape)
    return _field(1, INPUT.encode()) + _field(2, _field(1, tensor))


def _fields(message: bytes) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Yield each field's number, its value if that is bytes, and all its bytes. Raises ValueError where there is none."""
    place = 0
    while place < len(message):
        begin = place
        key, place = _read_varint(message, place)
        value = None
        kind = key & 7
        if kind == _VARINT:
            _, place = _read_varint(message, place)
        elif kind == _BYTES:
            length, place = _read_varint(message, place)
            value, place = message[place : place + length], place + length
        elif kind in _FIXED:
            place += _FIXED[kind]
        else:
            raise ValueError("it is no protocol buffer")
        if place > len(message):
            raise ValueError("it is cut off")
        yield key >> 3, value, message[begin:place]


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
    raise ValueError("it is cut off")


def _field(number: int, value: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(value)) + value


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])
