from __future__ import annotations

import pytest

from mint.i18n.translate import Say
from mint.ui.html import badge, esc, inline, title

HOSTILE = ["<img src=x onerror=a()>", "\"'><b>", "${alert(1)}", "{{value}}", "`${1}`", "\\x3cscript"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_starts_markup_or_a_template_survives(hostile: str) -> None:
    assert not set("<>\"'`${}\\") & set(esc(hostile))


def test_a_network_of_a_pair_has_a_letter_and_a_name_in_the_visitors_language() -> None:
    assert badge("twin-a") == '<span class="letter letter-a" aria-hidden="true">A</span>'
    assert (title("twin-a"), inline("twin-a")) == ("Twin A", "twin A")
    assert (title("twin-a", Say("es")), inline("twin-a", Say("es"))) == ("Gemela A", "la gemela A")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_network_may_be_called_anything(hostile: str) -> None:
    assert title(hostile) == inline(hostile) == esc(hostile)
    sign = badge(hostile).removeprefix('<span class="letter letter-').removesuffix("</span>")
    assert not set("<'`${}\\") & set(sign)
