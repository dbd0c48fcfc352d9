"""Render our own cards from Markdown to HTML: no raw HTML, no links."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from mint.ui.html import data_uri, esc, inert

_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
DEEPER = 2  # the page's own headings stand above: a card's h1 becomes an h3
DEEPEST = 6


def rendered(
    text: str, folder: Path, table: Callable[[int], str], plot: Callable[[str], str] = lambda words: words
) -> str:
    """Render a card's body.

    Args:
        text: Markdown with tables; front matter is left out.
        folder: of the card; pictures are taken from there, and only from there, into the page.
        table: what screen readers call the first table, the second, and so on.
        plot: likewise a drawing of these words.
    """
    return inert(_parser(folder, table, plot).render(_FRONT.sub("", text)))


def _parser(folder: Path, table: Callable[[int], str], plot: Callable[[str], str]) -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})

    def rule(name: str, draw: Callable[[Token], str]) -> None:
        def apply(
            own: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]
        ) -> str:
            return draw(tokens[index])

        parser.add_render_rule(name, apply)

    for way in ("open", "close"):
        rule(f"link_{way}", lambda token: "")
        rule(f"heading_{way}", _heading)
    numbers = count(1)
    rule("table_open", lambda token: _box(table(next(numbers))))
    rule("table_close", lambda token: "</table></div>")
    rule("image", lambda token: _picture(token, folder, plot))
    return parser


def _box(name: str) -> str:
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(name)}"><table class="figures">'


def _heading(token: Token) -> str:
    level = min(int(token.tag[1:]) + DEEPER, DEEPEST)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


def _picture(token: Token, folder: Path, plot: Callable[[str], str]) -> str:
    """Render a drawing that lies beside the card; of any other only its words."""
    path = (folder / str(token.attrs.get("src", ""))).resolve()
    if folder.resolve() not in path.parents or path.suffix != ".svg" or not path.is_file():
        return esc(token.content)
    told = esc(token.content)  # on a phone its letters would be too small: there it is pushed along
    return (
        f'<span class="scroll plotted" tabindex="0" role="region" aria-label="{esc(plot(token.content))}">'
        f'<img class="plot" loading="lazy" src="{data_uri(path.read_bytes(), "svg+xml")}" alt="{told}"></span>'
    )
