from __future__ import annotations

import re

import pytest

from mint.ui.names import NAMES, script
from mint.words import LANGUAGES, Say


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_name_is_told_and_keeps_its_place(language: str) -> None:
    for name in NAMES:
        told = Say(language, strict=True)(name)
        assert told != name
        assert re.findall(r"\{\w+\}", told) == re.findall(r"\{\w+\}", name)
        assert f"{name}" in script()


def test_the_script_cannot_end_its_element() -> None:
    assert "</" not in script()
    assert "TABLES" not in script()
