from __future__ import annotations

import re

from mint.i18n.translate import Say
from mint.report.story.phrases import constant
from mint.storage.paths import WEIGHTS
from mint.ui.views.proof.measured import proof
from mint.ui.views.proof.paper import papers, tables
from tests.ui.reading import text


def test_recognisers_have_names_and_their_files_stand_small_beside() -> None:
    heads = re.findall(r"<h3>(.*?)</h3>", papers())
    assert "<span>SFace <small>face_recognition_sface_2021dec</small></span>" in heads
    assert "<span>MobileFaceNet <small>mobilefacenet_y1</small></span>" in heads
    assert not [head for head in heads if head.startswith(("face_", "mobile"))]


def test_any_other_network_keeps_the_name_of_its_file() -> None:
    found = {"network": "<mine>", "plan": {"control": 5000}, "rows": [], "controls": {}}
    assert "<h3>&lt;mine&gt;</h3>" in tables([found])


def test_an_auditor_whose_training_failed_is_called_constant_as_on_the_card() -> None:
    card = (WEIGHTS / "cards" / "paper-protocol.md").read_text("utf-8")
    of_sface = card.partition("### Table 1")[2].partition("### AUC")[0]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in of_sface.splitlines() if line.startswith("|")]
    head, row = lines[0], next(line for line in lines if line[0] == "all conv")
    there = [row[head.index(name)] for name in ("paper, 50K", "here, 5000", "untrained, 5000", "pixels, 5000")]
    part = papers().partition("face_recognition_sface")[2].partition("CNN: whole maps")[0]
    here = [text(cell) for cell in re.findall(r"<td>(.*?)</td>", part.partition(">All layers<")[2])][:4]
    assert here == there
    assert here[1] == "constant"
    assert "constante" in papers(Say("es", strict=True))


def test_half_without_an_interval_of_no_width_is_a_figure() -> None:
    row = {"auditor": "cnn", "layer": "stage1", "auc": 0.5, "auc_low": 0.48, "auc_high": 0.52}
    assert constant(row | {"auc_low": 0.5, "auc_high": 0.5})
    for figure in (row, {}, {"auc": 0.5}, {"auc": 1.0, "auc_low": 1.0, "auc_high": 1.0}):
        assert not constant(figure)
    silent = {"sample": {"rows": [row, row | {"layer": "stage2", "auc_low": 0.5, "auc_high": 0.5}]}}
    shown = [text(cell) for cell in re.findall(r"<td><b>.*?</td>", proof({"mine": silent}))]
    assert shown == ["0.500 0.480\u2060–\u20600.520", "constant"]
