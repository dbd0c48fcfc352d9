import os
import re
import subprocess
import sys

import pytest

from mint.errors import UnknownNetwork
from mint.networks.catalog import CATALOG, ENTRIES, entry_of


def test_every_name_is_there_once() -> None:
    assert set(CATALOG) >= {
        "antelopev2",
        "buffalo_l",
        "buffalo_s",
        "sface",
        "twin-a",
        "twin-b",
        "augmented-a",
        "augmented-b",
    }
    assert len(CATALOG) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_an_entry_says_all_that_an_audit_needs(entry) -> None:
    assert entry.training_set
    assert entry.licence.name
    assert entry.licence.url.startswith("https://")
    assert entry.channels in {"RGB", "BGR"}
    assert entry.alignment == "arcface-112"
    assert bool(entry.files) == bool(entry.repository)
    if entry.files:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repository)
        assert entry.revision is None or re.fullmatch(r"[0-9a-f]{40}", entry.revision)
        assert entry.files[0] is entry.recogniser
    for file in entry.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.bytes > 100_000
        assert file.name.endswith(".onnx")
    assert len({file.name for file in entry.files}) == len(entry.files)


def test_models_of_insightface_ask_first_and_stay_here() -> None:
    for name in ("antelopev2", "buffalo_l", "buffalo_s"):
        licence = entry_of(name).licence
        assert licence.asks
        assert not licence.shares
        assert "non-commercial" in licence.text
        assert entry_of(name).detector is not None


def test_pixels_arrive_as_the_makers_feed_them() -> None:
    for name, (low, high) in {"antelopev2": (-1.0, 1.0), "buffalo_s": (-1.0, 1.0), "sface": (0.0, 255.0)}.items():
        entry = entry_of(name)
        assert (0 - entry.mean) * entry.scale == pytest.approx(low)
        assert (255 - entry.mean) * entry.scale == pytest.approx(high)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownNetwork, match="antelopev2"):
        entry_of("antelope")


def test_a_list_of_names_needs_neither_torch_nor_the_hub() -> None:
    code = "import sys, mint.networks.locate; print({'torch', 'onnx', 'huggingface_hub', 'socket'} & set(sys.modules))"
    # Coverage imports some of them itself.
    unwatched = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", code], env=unwatched, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
