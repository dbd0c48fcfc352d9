"""Spoiled bundles: by accident, by somebody who cannot forge hashes, and by somebody who can."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save

from mint.bundles.bundle import Bundle
from mint.bundles.files import AUDITORS, EVALUATION, NETWORK, SCORES, load_bundle
from tests.hostile.files import (
    INSTEAD,
    NO_JSON,
    Case,
    flipped,
    header_of,
    in_json,
    in_the_place_of,
    objects,
    pickled,
    positions,
    promised,
    rewritten,
    safetensors_of,
    zipped,
)  # fmt: skip
from tests.tiny_bundles import tiny_bundle

INDEX = "bundle.json"
TENSORS = (NETWORK, AUDITORS, SCORES)
OTHER = "other"  # another whole bundle that lies beside the one that is spoiled
# The index names every other file's sha256, and nothing names its own: where a letter of a name or a digit of a bias is
# another one, it is another bundle, and says so.
MAY_OPEN = f"flip {INDEX}"


def whole(folder: Path) -> None:
    """A bundle with every file, and another one beside it."""
    tiny_bundle(folder / "twin-a")
    tiny_bundle(folder / OTHER, "twin-b", seed=5)
    for place in (folder / "twin-a", folder / OTHER):
        (place / EVALUATION).write_text(json.dumps({"sample": {"rows": [], "controls": {}}}))
        repromise(place, EVALUATION)


def opened(folder: Path) -> Bundle:
    return load_bundle(folder / "twin-a")


def is_fine(found: Bundle, whole: Bundle) -> bool:
    """Whether a bundle that opens although it was spoiled says that it is not the one it was."""
    return found.sha256 != whole.sha256


def repromise(folder: Path, *names: str) -> None:
    """Write the hashes that the files now have into the index, as whoever forges a bundle does."""

    def change(index: dict[str, Any]) -> None:
        for name in names:
            index["files"][name] = promised((folder / name).read_bytes())
        if NETWORK in names:
            index["network"]["fingerprint"] = index["files"][NETWORK]["sha256"]

    in_json(folder / INDEX, change)
    if NETWORK in names:  # auditors and scores name the network
        fingerprint = json.loads((folder / INDEX).read_text())["network"]["fingerprint"]
        for name in (AUDITORS, SCORES):
            header, body = header_of((folder / name).read_bytes())
            header["__metadata__"]["network"] = fingerprint
            (folder / name).write_bytes(safetensors_of(header, body))
        repromise(folder, AUDITORS, SCORES)


def cases(folder: Path, seed: int = 0, places: int = 12) -> Iterator[Case]:
    """All of them, for the bundle that ``whole`` made in ``folder``."""
    random = np.random.default_rng(seed)
    bundle = folder / "twin-a"
    for name in (*TENSORS, EVALUATION, INDEX):
        data = (bundle / name).read_bytes()
        for kind, place in positions(data, random, places):
            for bit in (0, 7):
                yield _case(f"flip {name} {kind} {place}.{bit}", name, partial(flipped, place=place, bit=bit))
        if name == INDEX:  # the rest comes below
            continue
        for kept in sorted(k for k in {0, 1, 7, 8, 9, 100, len(data) // 2, len(data) - 1} if k < len(data)):
            yield _case(f"cut {name} {kept}", name, lambda data, kept=kept: data[:kept])
        yield _case(f"longer {name}", name, lambda data: data + b"\0")
        for what, made in (("pickle", pickled), ("zip", zipped), ("objects", objects), ("zeros", lambda: bytes(5000))):
            yield _case(f"{what} as {name}", name, lambda data, made=made: made())
            yield _case(f"{what} as {name}, promised", name, lambda data, made=made: made(), forged=True)
        yield Case(f"swapped {name}", "bundle", partial(_swap, name=name))
    for name in (*TENSORS, EVALUATION, INDEX):
        for what in INSTEAD:
            yield Case(f"{what} for {name}", "bundle", lambda f, n=name, w=what: in_the_place_of(f / "twin-a" / n, w))
    for what, made in NO_JSON.items():
        yield _case(f"index: {what}", INDEX, lambda data, made=made: made())
        if what != "a giant text":  # of which an evaluation may have some
            yield _case(f"evaluation, promised: {what}", EVALUATION, lambda data, made=made: made(), forged=True)
    for number in range(1, 20):  # cut anywhere
        yield _case(f"cut index {number}/20", INDEX, lambda data, n=number: data[: len(data) * n // 20])
    for what, change in _index_changes().items():
        yield Case(f"index: {what}", "bundle", lambda f, c=change: in_json(f / "twin-a" / INDEX, c))
    yield _case("index: a name twice", INDEX, lambda data: data.rstrip()[:-1] + b', "gates": {}}')
    yield _case("index: NaN in the range", INDEX, lambda data: data.replace(b"-1000000.0", b"NaN", 1))
    yield _case("index: a weight without end", INDEX, lambda data: data.replace(b"1.0", b"1e999", 1))
    for name in TENSORS:
        for what, change in _tensor_changes(name).items():
            yield _case(f"{name}, promised: {what}", name, change, forged=True)
    for what, header in _headers().items():
        for name in TENSORS if what != "words of another network" else TENSORS[1:]:  # the network does not name itself
            yield _case(f"{name}, promised: {what}", name, lambda data, h=header: h(data), forged=True)


def _case(name: str, file: str, change: Callable[[bytes], bytes], forged: bool = False) -> Case:
    def spoil(folder: Path) -> None:
        rewritten(folder / "twin-a" / file, change)
        if forged:
            try:
                repromise(folder / "twin-a", file)
            except (KeyError, ValueError):  # spoilt beyond forging
                return

    return Case(name, "bundle", spoil)


def _swap(folder: Path, name: str) -> None:
    if name == EVALUATION:
        (folder / OTHER / name).write_text('{"sample": {"rows": []}}')
    shutil.copy(folder / OTHER / name, folder / "twin-a" / name)


def _set(*keys: Any, value: Any) -> Callable[[Any], None]:
    def change(index: Any) -> None:
        for key in keys[:-1]:
            index = index[key]
        index[keys[-1]] = value

    return change


def _index_changes() -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {}
    for key in ("format", "name", "network", "auditors", "fusion", "platt", "range", "gates", "facts", "files"):
        found[f"no {key}"] = lambda index, key=key: index.pop(key) and None
        for what, value in {"a number": 7, "null": None, "a list": [[]], "a text": "x" * 1000}.items():
            found[f"{key} is {what}"] = _set(key, value=value)
    entry = {"bytes": 9, "sha256": "0" * 64}
    strange = (
        "../twin-a/scores.safetensors", "/etc/passwd", "..\\scores.safetensors", "C:\\x", "a/b", "", ".", "..",
        "evil.pkl", "bundle.json", "x\0y", "\x1b[2J", "y" * 5000, "scores.safetensors/",
    )  # fmt: skip
    for name in strange:
        found[f"lists {name[:30]!r}"] = _set("files", name, value=entry)
    for what, value in {
        "negative": -1, "a text": "9", "true": True, "huge": 2**62, "a fraction": 9.5, "null": None, "a list": [9]
    }.items():  # fmt: skip
        found[f"bytes is {what}"] = _set("files", SCORES, "bytes", value=value)
    for what, value in {"empty": "", "null": None, "a number": 7, "of another": "0" * 64, "upper": "A" * 64}.items():
        found[f"sha256 is {what}"] = _set("files", SCORES, "sha256", value=value)
    found |= {f"{name} is not listed": lambda index, n=name: index["files"].pop(n) and None for name in TENSORS[1:]}
    for key, values in {
        "layers": ([10**9] * 4, [1, 1, 1], [1, 1, 1, -1], "abcd", [1.5] * 4, [True] * 4, [[1]] * 4, [100] * 4),
        "width": (0, -4, 10**6, 5, "4", 4.0, None, 512),
        "input_size": (0, -32, 10**9, 33, "32", 48, None),
        "embedding_size": (0, -1, 10**9, 17, "16", None, 8192),
        "architecture": ("transformer", "", None, ["iresnet"], "os.system"),
    }.items():
        for value in values:
            found[f"{key} is {value}"] = _set("network", "shape", key, value=value)
    found |= {
        "an auditor twice": lambda index: index["auditors"].append(index["auditors"][0]),
        "a hundred thousand auditors": lambda index: index["auditors"].extend(
            {"kind": "vanilla", "layer": "stage1", "preset": f"p{k}"} for k in range(10**5)
        ),
        "an auditor less": lambda index: index["auditors"].pop() and None,
        "an auditor of an unknown kind": _set("auditors", 0, "kind", value="eval"),
        "an auditor of an unknown layer": _set("auditors", 0, "layer", value="../stage1"),
        "an auditor of an unknown preset": _set("auditors", 0, "preset", value="x" * 500),
        "an auditor with more": _set("auditors", 0, "run", value="rm"),
        "a kind that is a list": _set("auditors", 0, "kind", value=["cnn"]),
        "another fingerprint": _set("network", "fingerprint", value="0" * 64),
        "no fingerprint": _set("network", "fingerprint", value=None),
        "a gate that is a number": _set("gates", "photo", value=1),
        "a tier that is none": _set("tier", value="gold"),
        "a tier that is a list": _set("tier", value=["full"]),
        "a name that steers a terminal": _set("name", value="\x1b[2Jtwin-a"),
        "a name of lines": _set("name", value="twin-a\nmint: all is well"),
        "people without weights": _set("people", value={}),
        "people of text": _set("people", value={"fusion": 1, "expected": "ab", "alike_most": {}, "odd": {}}),
        "a limit of words": _set("people", "odd", value={"n02": {"least": "low", "wrong": {}, "noticed": {}}}),
        "more sets than there are": _set(
            "people", "odd", value={"n02": {"least": 0.1, "wrong": {"real": [3, 2]}, "noticed": {}}}
        ),
        "a range upside down": _set("range", "sharpness", value=[2.0, 1.0]),
        "a range of nothing": _set("range", "beauty", value=[0.0, 1.0]),
        "a range of one": _set("range", "sharpness", value=[0.0]),
        "a range of words": _set("range", "sharpness", value=["low", "high"]),
        "a fusion of unknown columns": _set("fusion", "photo", "weights", value={"nose/length": 1.0}),
        "a cap of unknown columns": _set("fusion", "photo", "caps", value={"nose/length": 1.0}),
        "a cap of words": _set("fusion", "photo", "caps", value={"consistency/views": "1"}),
        "a fusion of nothing": _set("fusion", "photo", "weights", value={}),
        "a fusion of words": _set("fusion", "photo", "weights", value={"consistency/views": "1"}),
        "a fusion of truths": _set("fusion", "photo", "weights", value={"consistency/views": True}),
        "a bias of words": _set("fusion", "person", "bias", value="0"),
        "no answer to person": lambda index: index["fusion"].pop("person") and None,
        "a probability of words": _set("platt", "photo", value=["1", "0"]),
        "a probability of three": _set("platt", "photo", value=[1.0, 0.0, 0.0]),
        "no probability": lambda index: index["platt"].pop("photo") and None,
    }
    elsewhere = ("/dev/zero", "/etc/passwd", "../../../../etc/passwd", "x" * 5000, "a\0b", 7, "~/x.onnx", "//host/x")
    for place in elsewhere:  # a bundle that names its network
        about = {"kind": "onnx", "name": "x", "fingerprint": "0" * 64, "taps": []}
        value = {"fingerprint": None, "key": "0" * 64, "path": place, "is": about}
        found[f"a network at {str(place)[:30]!r}"] = lambda index, v=value: index.update(
            network={**v, "fingerprint": index["network"]["fingerprint"]}
        )
    return found


def _tensor_changes(name: str) -> dict[str, Callable[[bytes], bytes]]:
    def to(change: Callable[[dict[str, torch.Tensor], str], None]) -> Callable[[bytes], bytes]:
        def spoil(data: bytes) -> bytes:
            about = header_of(data)[0]["__metadata__"]
            tensors = load(data)
            change(tensors, next(k for k, v in tensors.items() if v.is_floating_point() and v.numel() > 3))
            return save(tensors, about)

        return spoil

    found = {
        "NaN": to(lambda t, k: t.update({k: torch.full_like(t[k], torch.nan)})),
        "infinite": to(lambda t, k: t.update({k: torch.full_like(t[k], torch.inf)})),
        "complex": to(lambda t, k: t.update({k: t[k].to(torch.complex64)})),
        "bfloat16": to(lambda t, k: t.update({k: t[k].to(torch.bfloat16)})),
        "another shape": to(lambda t, k: t.update({k: t[k][None].repeat(2, *[1] * t[k].ndim)})),
        "no tensors": to(lambda t, k: t.clear()),
    }
    if name != SCORES:  # scores may lack a column that nothing rests on
        found |= {
            "int8": to(lambda t, k: t.update({k: t[k].to(torch.int8)})),
            "one less": to(lambda t, k: t.pop(k) is None and None),
            "one more": to(lambda t, k: t.update({"network.x" if name == NETWORK else "x": torch.zeros(3)})),
            "float64": to(lambda t, k: t.update({k: t[k].double()})),
        }
    else:
        found |= {
            "a name of two parts": to(lambda t, k: t.update({"a|b": torch.zeros(3)})),
            "a name of five parts": to(lambda t, k: t.update({"a|b|c|d|e": torch.zeros(3)})),
            "a table": to(lambda t, k: t.update({"calibration|members|photo": torch.zeros(240, 2)})),
            "a shorter column": to(lambda t, k: t.update({"calibration|members|photo": torch.zeros(3)})),
            "no column of the answer": to(lambda t, k: t.pop("calibration|outsiders|photo") is None and None),
        }
    return found


def _headers() -> dict[str, Callable[[bytes], bytes]]:
    def edited(change: Callable[[dict[str, Any], str], None]) -> Callable[[bytes], bytes]:
        def spoil(data: bytes) -> bytes:
            header, body = header_of(data)
            change(header, next(key for key in header if key != "__metadata__"))
            return safetensors_of(header, body)

        return spoil

    def long_as(length: int) -> Callable[[bytes], bytes]:
        return lambda data: length.to_bytes(8, "little") + data[8:]

    def nested(data: bytes) -> bytes:
        return safetensors_of(b'{"a":' * 40_000 + b"1" + b"}" * 40_000)

    def many(data: bytes) -> bytes:
        one = '"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
        return safetensors_of(("{" + ",".join(one % k for k in range(200_000)) + "}").encode())

    return {
        **{f"a header of {n}": long_as(n) for n in (0, 1, 7, 2**20, 99_999_999, 2**31, 2**32, 2**63, 2**64 - 1)},
        "a header of blanks": lambda data: safetensors_of(b" " * 90_000_000),
        "a nested header": nested,
        "a header of a million tensors": many,
        "a header that is a list": lambda data: safetensors_of(b"[]"),
        "a header with a name twice": lambda data: safetensors_of(
            header_of(data)[1] and b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},' * 2 + b'"b":1}', b"\0"
        ),
        "giant shape": edited(lambda h, k: h[k].update(shape=[2**40, 2**40])),
        "negative shape": edited(lambda h, k: h[k].update(shape=[-1])),
        "an unknown type": edited(lambda h, k: h[k].update(dtype="PICKLE")),
        "offsets beyond the end": edited(lambda h, k: h[k].update(data_offsets=[0, 2**40])),
        "offsets upside down": edited(lambda h, k: h[k].update(data_offsets=[8, 0])),
        "offsets that overlap": edited(lambda h, k: h.update(extra=dict(h[k]))),
        "no offsets": edited(lambda h, k: h[k].pop("data_offsets") and None),
        "words of another network": edited(lambda h, k: h.update(__metadata__={"network": "0" * 64})),
        "words that are none": edited(lambda h, k: h.update(__metadata__=[1])),
    }
