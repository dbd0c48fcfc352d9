"""The page's own head, its first screen and its scripts, made without Gradio, which would bring them later."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from mint.i18n.translate import Say
from mint.ui import context
from mint.ui.context import PageContext
from mint.ui.early import scripts
from mint.ui.early.choices import named, offered
from mint.ui.views import frame
from mint.ui.views.play.first_screen import first_screen
from mint.ui.views.play.flip_wall import answered, flip_wall

TITLE = "MINT: was this photo used?"
PLAIN_STYLES = ("tokens.css", "gradio.css", "first.css")
NESTED_STYLES = (
    "style.css", "answer.css", "examples.css", "flip.css", "figures.css", "scan.css", "over_time.css", "work.css", "phone.css",
)  # fmt: skip
SCRIPTS = ("keys.js", "focus.js", "flip.js", "charts.js")


def screen(shared: PageContext, language: str) -> str:
    """Return the HTML of a page up to the end of its first screen, from the doctype on."""
    say, kiosk = Say(language), ("kiosk.js", "attract.js") if shared.kiosk else ()
    tabs = {name: f"{number} {say(title)}" for number, name, title in offered(shared.kiosk)}
    choices = named(shared.choices, lambda english, before: before + say(english))
    drawn = wall(shared, say)
    first = first_screen(intro(say), tabs, [*choices.values()], drawn, say)
    script = (
        "".join(map(context.text, (*SCRIPTS, *kiosk))) + scripts.card() + scripts.script() + context.text("first.js")
    )
    style = ("kiosk attract" if drawn else "kiosk") if kiosk else ""  # as the scripts will have it
    return (
        f'<!doctype html>\n<html lang="{language}" class="{style}">{_head(say(TITLE))}<body><script>{context.text("theme.js")}</script>{first}'
        f"<script>{script}</script>"
    )


def failed(language: str) -> str:
    """Return HTML that tells that the rest of the page did not come."""
    told = Say(language)(
        "The rest of the page could not be made. Load it again; if that fails too, the server's log says why."
    )
    return f'<p class="failed" role="alert">{told}</p>'


def intro(say: Say) -> str:
    """Return the page's head: ways for the keyboard, what this is, and the languages."""
    return frame.skip_links(say) + context.told("intro", say).replace(
        "<!--languages-->", frame.languages("?lang=", say)
    )


def wall(shared: PageContext, say: Say) -> str:
    """Draw the flip wall, of the faces whose answers are known."""
    known = shared.known
    faces = [replace(face, example=known[face.index]) for face in shared.faces()]
    shown = [face for face in faces if answered(face.example)]
    return flip_wall(shown, say, shared.kiosk, choice=len(shared.choices) > 1)


@cache
def _head(title: str) -> str:
    """Return the page's head under a title, with the first script of all and the styles; gradio would rewrite selectors given as ``css``."""
    script = context.text("language.js")
    return (
        f'<head><meta charset="utf-8"><base href="./"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><script>{script}</script><style id="mint">{_style()}</style></head>'
    )


def _style() -> str:
    """Join the style sheets, ours nested so that they outweigh gradio's."""
    plain, nested = ("".join(map(context.text, names)) for names in (PLAIN_STYLES, NESTED_STYLES))
    return f"{plain}.gradio-container {{\n{nested}}}"
