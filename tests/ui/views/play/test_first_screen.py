"""The screen that is drawn before gradio's page is there has the same things, each with its place on that page."""

from __future__ import annotations

import re

from mint.i18n.translate import Say
from mint.ui.views.play.first_screen import first_screen
from tests.ui.reading import Elements, text

WALL = '<section aria-labelledby="flip-title"><h2 id="flip-title">Faces</h2></section>'
TABS = {"photo": "1 Was this <photo> used?", "how": "5 How?"}


def test_everything_to_press_says_where_it_will_be() -> None:
    html = first_screen("<h1>MINT</h1>", TABS, ["as they are", "altered"], WALL, Say())
    assert [path.replace("&quot;", '"') for path in Elements(html).values("data-later")] == [
        "#pair label:nth-of-type(1) input",
        "#pair label:nth-of-type(2) input",
        "#tab-photo-button",
        "#tab-how-button",
    ]
    assert Elements(html).values("aria-current") == ["true", "true"], "the first pair, and the first tab"
    assert "1 Was this &lt;photo&gt; used?" in html
    assert "<h1>MINT</h1>" in html


def test_no_name_stands_twice_on_the_page_while_both_are_there() -> None:
    html = first_screen("", TABS, [], WALL, Say())
    assert Elements(html).values("id") == ["first", "first-title"]
    assert Elements(html).values("aria-labelledby") == ["first-title"]


def test_without_a_choice_there_is_none_and_the_rest_is_said_to_come() -> None:
    html = first_screen("", TABS, ["as they are"], WALL, Say("es", strict=True))
    assert "networks" not in html
    assert re.search(r'role="status">El resto de la página', html)
    assert text(html).count("1 Was this") == 1
