from __future__ import annotations

import re

from mint.ui.views.proof.paper import papers, tables


def test_recognisers_have_names_and_their_files_stand_small_beside() -> None:
    heads = re.findall(r"<h3>(.*?)</h3>", papers())
    assert "<span>SFace <small>face_recognition_sface_2021dec</small></span>" in heads
    assert "<span>MobileFaceNet <small>mobilefacenet_y1</small></span>" in heads
    assert not [head for head in heads if head.startswith(("face_", "mobile"))]


def test_any_other_network_keeps_the_name_of_its_file() -> None:
    found = {"network": "<mine>", "plan": {"control": 5000}, "rows": [], "controls": {}}
    assert "<h3>&lt;mine&gt;</h3>" in tables([found])
