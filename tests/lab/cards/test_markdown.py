"""Templates of cards: a value that is lacking is an error, never a gap; nothing is escaped."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, UndefinedError

from mint.evidence.bootstrap import OVER_PEOPLE
from mint.lab.cards import markdown
from mint.lab.cards.markdown import TEMPLATES, pairs_note, pairs_right, rendered


def test_a_value_that_is_lacking_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="versions"):
        rendered("peers.md.j2", found={})


def test_tags_leave_no_lines_and_names_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{# a note #}\n# {{ name }}\n{% for n in numbers %}\n  {% if n %}\n- {{ interval(n) }}\n  {% endif %}\n{% endfor %}\nend\n"
    monkeypatch.setattr(markdown, "FileSystemLoader", lambda folder: DictLoader({"x": text}))
    figures = ({"auc": 0.5, "auc_low": 0.25, "auc_high": 1}, None)
    assert rendered("x", name="<a> & b", numbers=figures) == "# <a> & b\n- 0.500 (0.250–1.000)\nend\n"


def test_every_template_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(markdown.__file__).parents[1].rglob("*.py"))
    for path in TEMPLATES.iterdir():
        assert f'"{path.name}"' in code, path.name


def test_pairs_are_told_with_their_people_and_with_how_their_intervals_were_made() -> None:
    old = {"accuracy": 0.8976, "low": 0.89, "high": 0.905, "pairs": 6000, "people": 48}
    new = old | {"low": 0.87, "high": 0.922, "interval": OVER_PEOPLE}
    assert pairs_right(new) == "89.8% (87.0%–92.2%), n = 6000 pairs of 48 people"
    assert pairs_note([new, new]) == "Intervals of pairs told right are over people, whom pairs share."
    assert pairs_note([new, old]).endswith("though pairs share people: they are too narrow.")
