"""Labels become keys that every language has words for."""

from __future__ import annotations

import pytest

from mint.i18n.translate import LANGUAGES, Say
from mint.ui.labels import Labels, announced


def test_a_label_is_told_in_every_language_under_its_key() -> None:
    labels = Labels()
    key = labels("Was I used?", "2 ")
    tables = labels.i18n().translations
    for language in LANGUAGES:
        own = tables[language]
        assert own[key.key] == f"2 {Say(language, strict=True)('Was I used?')}"
        assert announced(Say(language)).items() <= own.items()
    assert "." not in key.key, "dots would mean nested tables"


def test_two_labels_never_share_a_key() -> None:
    labels = Labels()
    labels("Was I used?")
    with pytest.raises(ValueError, match="two labels have the key"):
        labels("Was I used!")
