"""A list of a bundle's files that does not fit is refused in one line that names the field."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from mint.errors import BundleMismatch
from mint.storage.bundle_index import BOUNDS, FORMAT, GRAPH, BundleIndex, parse_index, read_index

SOUND: dict[str, Any] = {
    "format": FORMAT,
    "name": "mine",
    "network": {"fingerprint": "f", "key": "k", "is": {"taps": []}, "path": "../net.onnx", "more": 1},
    "auditors": [{"kind": "vanilla", "layer": "stage1", "preset": "demo2025"}],
    "fusion": {"photo": {"weights": {"vanilla/stage1": 1}, "bias": 0, "otherwise": {"weights": {"a": 1.5}, "bias": 2.0}}},
    "platt": {"photo": [1.0, 0]},
    "range": {"sharpness": [0, 9.5]},
    "gates": {"photo": True},
    "facts": {"licence": "MIT"},
    "files": {"scores.safetensors": {"bytes": 3, "sha256": "0" * 64}},
    "unknown": [1],
}  # fmt: skip


def parsed(**changes: Any) -> BundleIndex:
    """The index with values in other places; ``fusion__photo__bias`` is a path."""
    found = copy.deepcopy(SOUND)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = found
        for step in way:
            place = place[step]
        place[last] = value
    return parse_index(json.dumps(found).encode(), "mine")


def test_what_is_sound_is_read_as_it_stands() -> None:
    index = parsed()
    assert (index.name, index.tier, index.licence, index.people) == ("mine", "full", "MIT", None)
    assert index.network.stored == SOUND["network"], "what is not known of a network is kept: its key depends on it"
    assert index.fusion["photo"].model_dump(exclude_none=True) == SOUND["fusion"]["photo"]
    assert index.files["scores.safetensors"].bytes == 3
    assert not hasattr(index, "unknown")
    with pytest.raises(ValueError, match="frozen"):
        index.name = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("name", "a\nb", "bundle.json, name: it is not made of letters"),
        ("name", "", "bundle.json, name: "),
        ("tier", "gold", "bundle.json, tier: Input should be 'full' or 'reference', not 'gold'"),
        ("network__fingerprint", None, "bundle.json, network.fingerprint: Input should be a valid string"),
        ("auditors", {}, "bundle.json, auditors: Input should be a valid list"),
        ("fusion__photo__bias", "0", "bundle.json, fusion.photo.bias: Input should be a valid number"),
        ("fusion__photo__weights", {"a": True}, "bundle.json, fusion.photo.weights.a: Input should be a valid number"),
        ("fusion__photo__weights", {}, "bundle.json, fusion.photo.weights: "),
        ("platt__photo", [1.0], "bundle.json, platt.photo: "),
        ("range__sharpness", ["low", 1], "bundle.json, range.sharpness.0: Input should be a valid number"),
        ("gates__photo", 1, "bundle.json, gates.photo: Input should be a valid boolean"),
        ("facts", None, "bundle.json, facts: Input should be a valid dictionary"),
        ("files__scores.safetensors__bytes", True, "bundle.json, files.scores.safetensors.bytes: Input should be a valid int"),
        ("files__scores.safetensors__bytes", -1, "bundle.json, files.scores.safetensors.bytes: "),
        ("files__scores.safetensors__sha256", "A" * 64, "bundle.json, files.scores.safetensors.sha256: "),
        ("files", {"../x.json": {}}, "bundle.json, files.../x.json: it lists '../x.json', which no bundle holds"),
        ("files", {"bundle.json": {}}, "it lists 'bundle.json', which no bundle holds"),
        ("files", {"\x1b[2J.json": {}}, "bundle.json, files.'\\x1b[2J.json': it lists"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(path: str, value: Any, words: str) -> None:
    with pytest.raises(ValueError, match="bundle") as found:
        parsed(**{path: value})
    assert words in str(found.value)
    assert "\n" not in str(found.value)
    assert "\x1b" not in str(found.value)


@pytest.mark.parametrize("field", sorted({*SOUND} - {"format", "unknown"}))
def test_what_is_lacking_is_named(field: str) -> None:
    lacking = {name: value for name, value in SOUND.items() if name != field}
    with pytest.raises(ValueError, match=rf"^bundle\.json, {field}: Field required$"):
        parse_index(json.dumps(lacking).encode(), "mine")


def test_another_format_is_another_error_and_none_is_none(tmp_path: Path) -> None:
    with pytest.raises(BundleMismatch, match=f"mine has format 'mint-bundle-9', this version reads {FORMAT}"):
        parsed(format="mint-bundle-9")
    for text in (b"[]", b"{}", b"7"):
        with pytest.raises(ValueError, match="states no format"):
            parse_index(text, "mine")
    (tmp_path / "bundle.json").write_bytes(json.dumps(SOUND).encode())
    assert read_index(tmp_path / "bundle.json", "mine") == parsed()


def test_the_hash_of_what_answers_rest_on_leaves_out_what_is_computed_or_said() -> None:
    files = {
        name: {"bytes": 3, "sha256": f"{k:064x}"}
        for k, name in enumerate(
            ("network.safetensors", "auditors.safetensors", "scores.safetensors", "evaluation.json")
        )
    }
    first = parsed(files=files).core_sha256("photo")
    assert len(first) == 64
    derived = {name: {"bytes": 9, "sha256": "e" * 64} for name in (BOUNDS, GRAPH, "evaluation.json")}
    moved = {**SOUND["network"], "path": "elsewhere/net.onnx"}
    same = [
        parsed(files=files | derived),
        parsed(files=files, facts={"licence": "MIT", "note": "more"}),
        parsed(files=files, network=moved),
        parsed(files=files, name="renamed"),
    ]
    assert {index.core_sha256("photo") for index in same} == {first}
    other = [parsed(files=files | {name: {"bytes": 3, "sha256": "f" * 64}}) for name in list(files)[:3]]
    other += [
        parsed(files=files, network={**SOUND["network"], "fingerprint": "another"}),
        parsed(files=files, gates={"photo": False}),
        parsed(files=files, range={"sharpness": [0.0, 9.0]}),
        parsed(files=files, fusion__photo__bias=7.0),
        parsed(files=files, tier="reference"),
        parsed(files=files, auditors=[]),
    ]
    assert len({first, *(index.core_sha256("photo") for index in other)}) == 1 + len(other)
