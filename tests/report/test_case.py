from __future__ import annotations

import logging
from dataclasses import fields

import pytest

from mint.errors import BadInput
from mint.i18n.translate import Say
from mint.membership import MembershipTest
from mint.report.case import LONGEST, NOT_STATED, Case
from mint.report.document import Document, photo_report, with_case
from mint.report.files import render
from tests.report import papers

STATED = Case("EXP-7", "An Authority", "Ana Muñoz", "A Firm", "v3", "2026-07-31", "Consent, GDPR Art. 9(2)(a)")


def test_what_is_not_stated_is_null_and_comes_back() -> None:
    assert set(NOT_STATED.to_dict().values()) == {None}
    for case in (NOT_STATED, STATED, Case(auditor="Ana")):
        assert Case.from_dict(case.to_dict()) == case
    assert Case(number="  ").to_dict()["number"] is None


@pytest.mark.parametrize("field", [field.name for field in fields(Case)])
def test_a_field_has_an_end_and_an_error_does_not_repeat_it(field: str) -> None:
    if field != "copy_date":
        assert Case(**{field: "x" * LONGEST})
    with pytest.raises(BadInput) as caught:
        Case(**{field: "secret " * LONGEST})
    assert "secret" not in str(caught.value)
    assert Say("es", strict=True)(caught.value.sentence)


@pytest.mark.parametrize("date", ["31.7.2026", "2026-13-01", "soon", "20260731", "2026-W31-5"])
def test_a_date_is_one(date: str) -> None:
    with pytest.raises(BadInput, match="written as 2026-07-31") as caught:
        Case(copy_date=date)
    assert date not in str(caught.value)
    assert "fecha" in Say("es", strict=True)(caught.value.sentence)


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_stands_on_the_report(twins: MembershipTest, documents: dict[str, Document], language: str) -> None:
    shown = [papers.exhibit(twins, "photo.jpg", 1)]
    made = photo_report(twins.bundles, shown, 0.01, 0.5, papers.MADE, STATED)
    assert made["case"] == STATED.to_dict()
    assert with_case(documents["one"], STATED)["case"] == made["case"]
    page = render(made, "html", language).decode()
    for text in STATED.to_dict().values():
        assert text is not None
        assert text in page
    assert "Not stated" not in page
    assert "Sin indicar" not in page
    bare = render(documents["one"], "html", language).decode()
    assert {"en": "Not stated: Case number;", "es": "Sin indicar: Número de expediente;"}[language] in bare


def test_a_hostile_text_stays_text(documents: dict[str, Document], caplog: pytest.LogCaptureFixture) -> None:
    bad = Case(number="<script>\u202e\n</script>", controller="{name} 100 %")
    with caplog.at_level(logging.DEBUG):
        document = with_case(documents["one"], bad)
        page = render(document, "html").decode()
        assert render(document, "pdf").startswith(b"%PDF")
    assert document["case"]["number"] == "<script>\ufffd\ufffd</script>"
    assert "<script" not in page
    assert "To: {name} 100" in page
    assert not caplog.records, "nothing of it is logged"
