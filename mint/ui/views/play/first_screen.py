"""Draw the first screen as it is sent with the page: there before gradio's scripts, which then put the page in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.i18n.translate import Say
from mint.ui.html import esc


def first_screen(intro: str, tabs: Mapping[str, str], choices: Sequence[str], wall: str, say: Say) -> str:
    """Draw head, choice of networks, tabs and wall where the page will have them.

    What is pressed meanwhile is done once the page is there, see ``first.js``: ``data-later`` says where.

    Args:
        intro: the head, finished.
        tabs: name to title, in the language of ``say``; the first one is open.
        choices: the networks that can be chosen, likewise; nothing is drawn for fewer than two.
        wall: the flip wall, finished.
        say: the visitor's language.
    """
    networks = ""
    if len(choices) > 1:
        buttons = "".join(
            _button(f"#pair label:nth-of-type({place}) input", name, place == 1)
            for place, name in enumerate(choices, 1)
        )
        networks = f'<div class="networks"><span>{say("Networks")}</span><p>{buttons}</p></div>'
    ways = "".join(
        _button(f"#tab-{name}-button", title, place == 0) for place, (name, title) in enumerate(tabs.items())
    )
    told = f'<p class="status loading" role="status">{say("The rest of the page is on its way …")}</p>'
    return (
        f'<div id="first" class="gradio-container"><main><div class="html-container">{intro}</div>{networks}'
        f'<div class="ways">{ways}</div><div class="html-container">{wall.replace("flip-title", "first-title")}{told}</div>'
        "</main></div>"
    )


def _button(later: str, told: str, chosen: bool) -> str:
    return (
        f'<button type="button" data-later="{esc(later)}"{" aria-current=true" if chosen else ""}>{esc(told)}</button>'
    )
