from __future__ import annotations

from typing import Any

import pytest

from mint.ui.proof import proof
from tests.ui.fakes import evaluation


def test_both_questions_all_rows_controls_and_gate() -> None:
    html = proof({"twin-a": evaluation(), "twin-b": evaluation()})
    assert html.count("Was this photo used?") == html.count("Was this person used?") == 2
    assert html.count("<tr>") == 4 * (11 + 1)
    for text in (
        "Stage 1 · MLP",
        "Consistency · 13 altered views",
        "0.985",
        "3\u202f710",
        "Pixels only",
        "beat their best control",
    ):
        assert text in html, text


@pytest.mark.parametrize(
    "found",
    [None, {}, {"sample": {}}, {"sample": {"rows": [{}], "controls": {"pixels": {}}, "gate": {}}}, {"sample": None, "identity": {"rows": None}}],
)  # fmt: skip
def test_what_was_not_measured_is_left_out(found: dict[str, Any] | None) -> None:
    assert "Twin A" in proof({"twin-a": found})


def test_a_failed_gate_is_told() -> None:
    failed = {"sample": {"rows": [], "gate": {"passes": False, "margin": -0.1}}}
    assert "cannot say" in proof({"twin-a": failed})


def test_a_name_from_a_file_is_escaped() -> None:
    found = {"sample": {"rows": [{"layer": "<b>", "auditor": "<i>x"}], "controls": {"<u>": {"auc": 0.5}}}}
    html = proof({"twin-a": found})
    assert not any(tag in html for tag in ("<b>", "<i>x", "<u>")) or html.count("<b>") == html.count("</b>")
    assert "&lt;u&gt;" in html
