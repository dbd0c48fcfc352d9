"""Spoiled stores: shards, rows and manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import Rows, key_of, open_store
from mint.lab.store.run import extract
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
from tests.lab.photos import people, tiny_network

MANIFEST = "manifest.json"
# It names every other file's sha256 and its own settings' key; what is left are counts that nothing is made from.
MAY_OPEN = f"flip {MANIFEST}"
ROWS, TENSORS = "members/000000.parquet", "members/000000.safetensors"


def whole(folder: Path) -> None:
    """A store of a few photos, and another one of another network's views beside it."""
    sides = {
        "members": str(people(folder / "used", 2, 3, 0, bad=False)),
        "non-members": str(people(folder / "unused", 2, 3, 5, bad=False)),
    }
    for name, views in (("store", True), ("other", False)):
        extract(
            ExtractionRecipe(tiny_network(), aligned=True, recall=False, views=views, controls=False),
            sides,
            str(folder / name),
            size=4,
        )


def opened(folder: Path) -> tuple[Rows, dict[str, np.ndarray]]:
    """Open a store and read all of it, as training does."""
    store = open_store(folder / "store")
    store.verify()
    return store.rows, store.read(list(store.shapes()))


def is_fine(found: tuple[Rows, dict[str, np.ndarray]], whole: tuple[Rows, dict[str, np.ndarray]]) -> bool:
    """Whether a store that opens although it was spoiled gives training what it gave before."""
    (rows, numbers), (rows_before, before) = found, whole
    same = all(np.array_equal(numbers[name], before[name]) for name in before)
    for name in ("id", "identity", "side", "source", "split", "sha256"):
        same = same and np.array_equal(getattr(rows, name), getattr(rows_before, name))
    return same and all(
        np.array_equal(rows.qualities[name], rows_before.qualities[name]) for name in rows_before.qualities
    )


def repromise(folder: Path) -> None:
    """Write what the files of the first shard now are into the manifest, and its key, as a forger does."""

    def change(manifest: dict[str, Any]) -> None:
        for name in (ROWS, TENSORS):
            manifest["files"][name] |= promised((folder / name).read_bytes())
        manifest["key"] = key_of(manifest["made_of"])

    table = pq.read_table(folder / ROWS)
    about = json.loads(table.schema.metadata[b"mint"])
    data = (folder / TENSORS).read_bytes()
    about |= {"tensors": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    pq.write_table(table.replace_schema_metadata({b"mint": json.dumps(about)}), folder / ROWS)
    in_json(folder / MANIFEST, change)


def cases(folder: Path, seed: int = 0, places: int = 12) -> Iterator[Case]:
    random = np.random.default_rng(seed)
    store = folder / "store"
    for name in (TENSORS, ROWS, "rejected.csv", MANIFEST):
        data = (store / name).read_bytes()
        for kind, place in positions(data, random, places):
            yield _case(f"flip {name} {kind} {place}", name, partial(flipped, place=place, bit=int(random.integers(8))))
        if name == MANIFEST:  # the rest comes below
            continue
        for kept in sorted({0, 1, 8, len(data) // 2, len(data) - 1}):
            yield _case(f"cut {name} {kept}", name, lambda data, kept=kept: data[:kept])
        for what, made in (("pickle", pickled), ("zip", zipped), ("objects", objects)):
            yield _case(f"{what} as {name}", name, lambda data, made=made: made())
        yield Case(f"another store's {name}", "store", partial(_swap, name=name))
    for name in (TENSORS, ROWS, "rejected.csv", MANIFEST):
        for what in INSTEAD:
            yield Case(f"{what} for {name}", "store", lambda f, n=name, w=what: in_the_place_of(f / "store" / n, w))
    yield Case("shards swapped", "store", _shards_swapped)
    yield Case("a side that is a link to another store", "store", _side_elsewhere)
    for what, made in NO_JSON.items():
        yield _case(f"manifest: {what}", MANIFEST, lambda data, made=made: made())
    for number in range(1, 20):
        yield _case(f"cut manifest {number}/20", MANIFEST, lambda data, n=number: data[: len(data) * n // 20])
    for what, change in _manifest_changes().items():
        yield Case(f"manifest: {what}", "store", partial(_forge, change=change))
    for what, change in _tensor_changes().items():
        yield _case(f"tensors, promised: {what}", TENSORS, change, forged=True)
    for what, change in _row_changes().items():
        yield Case(f"rows, promised: {what}", "store", partial(_rewrite_rows, change=change))


def _case(name: str, file: str, change: Callable[[bytes], bytes], forged: bool = False) -> Case:
    def spoil(folder: Path) -> None:
        rewritten(folder / "store" / file, change)
        if forged:
            repromise(folder / "store")

    return Case(name, "store", spoil)


def _swap(folder: Path, name: str) -> None:
    if name == "rejected.csv":
        (folder / "other" / name).write_text("side,id,reason\nmembers,x,y\n")
    shutil.copy(folder / "other" / name, folder / "store" / name)


def _shards_swapped(folder: Path) -> None:
    one, other = (folder / "store" / name / "000000.safetensors" for name in ("members", "non-members"))
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def _side_elsewhere(folder: Path) -> None:
    shutil.rmtree(folder / "store" / "members")
    (folder / "store" / "members").symlink_to(folder / "other" / "members")


def _forge(folder: Path, change: Callable[[Any], Any]) -> None:
    """Change the manifest, and let its key fit again where that can be done."""
    in_json(folder / "store" / MANIFEST, change)

    def rekey(manifest: Any) -> None:
        if isinstance(manifest, dict) and "key" in manifest and "made_of" in manifest:
            manifest["key"] = key_of(manifest["made_of"])

    if change.__name__ != "key":
        in_json(folder / "store" / MANIFEST, rekey)


def _manifest_changes() -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {}

    def to(*keys: str, value: Any) -> Callable[[Any], None]:
        def change(manifest: Any) -> None:
            for key in keys[:-1]:
                manifest = manifest[key]
            manifest[keys[-1]] = value

        change.__name__ = keys[-1]
        return change

    for key in ("format", "key", "complete", "made_of", "files", "sides"):
        found[f"no {key}"] = lambda manifest, key=key: manifest.pop(key) and None
        for what, value in {"a number": 7, "null": None, "a list": [[1]], "a text": "x" * 1000}.items():
            found[f"{key} is {what}"] = to(key, value=value)
    found["not finished"] = to("complete", value=False)
    found["opened is a list"] = to("opened", value=["x"])
    entry = {"bytes": 9, "sha256": "0" * 64, "kept": 3}
    for name in (
        "../../x.parquet", "/etc/passwd.parquet", "members/../../x.parquet", "members\\000000.parquet", "x.pkl",
        "members/000000.parquet/x.parquet", "members/x.parquet", "elsewhere/000000.parquet", "", "\x1b[2J.parquet",
        "members/000001\0.parquet", "members/" + "0" * 5000 + ".parquet", "members/٣٣٣٣٣٣.parquet", "members/000009.parquet",
        "members/000009.safetensors", "~/000000.parquet", "file:///etc/passwd",
    ):  # fmt: skip
        found[f"names {name[:30]!r}"] = to("files", name, value=entry)
    for what, value in {
        "negative": -1,
        "a text": "3",
        "true": True,
        "huge": 2**62,
        "null": None,
        "one more": 5,
    }.items():
        found[f"kept is {what}"] = to("files", ROWS, "kept", value=value)
        found[f"bytes is {what}"] = to("files", TENSORS, "bytes", value=value)
    for what, value in {"empty": "", "null": None, "a number": 7, "of another": "0" * 64}.items():
        for name in (ROWS, TENSORS):
            found[f"sha256 of {name} is {what}"] = to("files", name, "sha256", value=value)
    for what, value in {
        "giant": [2**40, 2**40], "negative": [-1], "a text": "16", "of texts": ["16"], "another": [17], "none": None,
        "of a million sides": [1] * 10**6, "a million": [2**20], "true": [True],
    }.items():  # fmt: skip
        found[f"shape is {what}"] = to("made_of", "parts", "network", "embedding", value=value)
    found["a part more"] = to("made_of", "parts", "pixels", value={"embedding": [16]})
    found["an ingredient more"] = to("made_of", "parts", "network", "x", value=[3])
    found["no parts"] = to("made_of", "parts", value={})
    found["another network"] = to("made_of", "network", value="0" * 64)
    return found


def _tensor_changes() -> dict[str, Callable[[bytes], bytes]]:
    def edited(change: Callable[[dict[str, Any], str], None]) -> Callable[[bytes], bytes]:
        def spoil(data: bytes) -> bytes:
            header, body = header_of(data)
            change(header, "network/embedding")
            return safetensors_of(header, body)

        return spoil

    return {
        "pickle": lambda data: pickled(),
        "empty": lambda data: b"",
        "a giant header": lambda data: (2**40).to_bytes(8, "little") + data[8:],
        "a header of blanks": lambda data: safetensors_of(b" " * 90_000_000),
        "a nested header": lambda data: safetensors_of(b'{"a":' * 40_000 + b"1" + b"}" * 40_000),
        "another shape": edited(lambda h, k: h[k].update(shape=h[k]["shape"][::-1])),
        "a shape that spreads": edited(lambda h, k: h[k].update(shape=[1, *h[k]["shape"]])),
        "whole numbers": edited(lambda h, k: h[k].update(dtype="I32")),
        "an unknown type": edited(lambda h, k: h[k].update(dtype="PICKLE")),
        "one less": edited(lambda h, k: h.pop(k) and None),
        "offsets beyond the end": edited(lambda h, k: h[k].update(data_offsets=[0, 2**40])),
    }


def _rewrite_rows(folder: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / "store" / ROWS
    table = pq.read_table(path)
    changed = change(table).replace_schema_metadata(table.schema.metadata)
    pq.write_table(changed, path, compression="zstd", write_page_checksum=True)
    in_json(folder / "store" / MANIFEST, lambda m: m["files"][ROWS].update(promised(path.read_bytes())))


def _row_changes() -> dict[str, Callable[[pa.Table], pa.Table]]:
    def column(name: str, values: Callable[[int], list[Any]]) -> Callable[[pa.Table], pa.Table]:
        return lambda table: table.set_column(
            table.schema.get_field_index(name), name, pa.array(values(len(table)))
        )  # fmt: skip

    def many(table: pa.Table) -> pa.Table:
        rows = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000_000, np.int32)), pa.array(["x" * 1_000_000]))
        columns = {name: rows if k < 3 else pa.array([""] * len(rows)) for k, name in enumerate(table.schema.names[:4])}
        rest = {name: pa.array(np.zeros(len(rows), np.float32)) for name in table.schema.names[4:]}
        return pa.table({**columns, **rest})

    return {
        "a row less": lambda table: table.slice(1),
        "a row twice": lambda table: pa.concat_tables([table, table.slice(0, 1)]),
        "no row": lambda table: table.slice(0, 0),
        "a column less": lambda table: table.drop_columns(["identity"]),
        "a column more": lambda table: table.append_column("x", pa.array([1] * len(table))),
        "numbers for names": column("identity", lambda n: [1.5] * n),
        "lists for names": column("identity", lambda n: [["x"]] * n),
        "long names": column("identity", lambda n: ["x" * 1_000_000] * n),
        "rejected after all": column("rejected", lambda n: ["no"] * n),
        "texts for numbers": column("x", lambda n: ["far"] * n),
        "a long name in two million rows": many,
    }
