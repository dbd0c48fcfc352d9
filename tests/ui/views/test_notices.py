from __future__ import annotations

import pytest

from mint.errors import BadPhoto, CannotTeach, NoFace, WeightsMissing
from mint.i18n.translate import Say
from mint.ui.views import notices


def test_what_a_visitor_can_mend_says_how() -> None:
    assert "frontal face" in notices.problem(NoFace("x"))
    assert "Send a smaller copy." in notices.problem(BadPhoto("The file is larger than 15 MB. Send a smaller copy."))
    assert "Restore it" in notices.problem(WeightsMissing("Restore it."))


def test_what_only_the_operator_can_mend_is_not_told_in_english_to_who_reads_another_language() -> None:
    spanish = Say("es", strict=True)
    html = notices.problem(WeightsMissing("Restore it."), spanish)
    assert "Restore" not in html
    assert "El registro del servidor dice por qué." in html
    taught = CannotTeach("Only {network} can be taught here, and this page was started without it.", network="X{y}")
    assert "enseñar a X&#123;y&#125;, y esta" in notices.problem(taught, spanish)
    assert "Only X&#123;y&#125; can be taught" in notices.problem(taught)


def test_a_fault_of_ours_shows_no_detail() -> None:
    html = notices.problem(RuntimeError("/home/somebody/secret"))
    assert "secret" not in html
    assert "Traceback" not in html


@pytest.mark.parametrize(
    ("error", "ours"),
    [(BadPhoto("x"), False), (NoFace("x"), False), (ValueError("x"), True), (WeightsMissing("x"), True)],
)
def test_only_our_faults_reach_the_log(error: Exception, ours: bool) -> None:
    assert notices.unexpected(error) is ours


def test_the_status_tells_loading_from_ready_from_never() -> None:
    assert len({notices.status(n) for n in (None, 0, 2)}) == 3


def test_a_hostile_message_is_escaped() -> None:
    assert "<img" not in notices.problem(BadPhoto("<img src=x onerror=a()>"))
