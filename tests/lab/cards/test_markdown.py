"""Templates of cards: a value that is lacking is an error, never a gap; nothing is escaped."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, UndefinedError

from mint.lab.cards import markdown
from mint.lab.cards.markdown import TEMPLATES, rendered


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
