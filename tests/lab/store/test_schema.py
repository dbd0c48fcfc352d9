"""A store's manifest that does not fit is refused in one line that names the field."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from mint.lab.store.schema import MOST_VALUES, parse_manifest

ROWS, TENSORS = "members/000000.parquet", "members/000000.safetensors"
PROMISED = {"bytes": 9, "sha256": "0" * 64}
SOUND: dict[str, Any] = {
    "format": "mint-store-1",
    "complete": True,
    "key": "k",
    "made_of": {"parts": {"network": {"embedding": [16]}}, "aligned": True},
    "files": {ROWS: {**PROMISED, "kept": 4, "photos": 4}, TENSORS: PROMISED, "rejected.csv": PROMISED},
    "sides": {"members": {"photos": 4, "rejected": 0}},
    "opened": None,
    "more": 1,
}


def parsed(*way: str, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(SOUND)
    place = found
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    return parse_manifest(json.dumps(found).encode(), "rejected.csv")


def test_what_is_sound_comes_back_whole_and_an_unfinished_one_needs_less() -> None:
    assert parsed("more", value=2) == {**SOUND, "more": 2}
    unfinished = {name: SOUND[name] for name in ("format", "key", "made_of")} | {"complete": False}
    assert parse_manifest(json.dumps(unfinished).encode(), "rejected.csv") == unfinished


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (("complete",), "yes", "complete: Input should be a valid boolean, not 'yes'"),
        (("key",), 7, "key: Input should be a valid string, not 7"),
        (("made_of", "parts", "network", "embedding"), [0], "made_of.parts.network.embedding.0: "),
        (("made_of", "parts", "network", "embedding"), [True], "made_of.parts.network.embedding.0: "),
        (("made_of", "parts", "network", "embedding"), [MOST_VALUES, 2], "a shape in it is too large"),
        (("files", ROWS), {**PROMISED, "kept": -1}, f"files.{ROWS}.kept: "),
        (("files", ROWS), PROMISED, f"it does not count the photos of {ROWS}"),
        (("files", TENSORS, "sha256"), "A" * 64, f"files.{TENSORS}.sha256: "),
        (("files", TENSORS, "bytes"), 9.5, f"files.{TENSORS}.bytes: "),
        (("files", "../x.parquet"), {**PROMISED, "kept": 1}, "it names '../x.parquet', which no store holds"),
        (("files", "members/000001.parquet"), {**PROMISED, "kept": 1}, "it names half a shard"),
        (("sides", "members", "rejected"), None, "sides.members.rejected: "),
        (("opened",), ["x"], "opened: "),
    ],
)
def test_what_does_not_fit_is_named(way: tuple[str, ...], value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as found:
        parsed(*way, value=value)
    assert words in str(found.value)
    assert "\n" not in str(found.value)
