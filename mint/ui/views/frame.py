"""What stands around the tabs: ways past the head for the keyboard, and the foot of the page."""

from __future__ import annotations

from mint import __version__
from mint.i18n.translate import ENGLISH, LANGUAGES, Say
from mint.report.sentences import REFERENCES
from mint.storage import addresses
from mint.ui.html import esc

PAPER = REFERENCES[0]


def skip_links(say: Say = ENGLISH) -> str:
    """Render the links that a first press of Tab shows; ``focus.js`` follows them."""
    ways = {"content": ("#things", say("Skip to the content")), "answer": ("#answer", say("Skip to the answer"))}
    links = "".join(f'<a href="{place}" data-skip="{way}">{told}</a>' for way, (place, told) in ways.items())
    return f'<p class="skip">{links}</p>'


def languages(before: str, say: Say) -> str:
    """Render links to the page in every language, each at what stands ``before`` a language's code in its address.

    Where they load the page anew, words say what that costs; the styles show them once there is anything to lose.
    """
    links = "".join(
        f'<a href="{before}{language}" lang="{language}" hreflang="{language}"'
        f"{' aria-current=true' if language == say.language else ''}>{name}</a>"
        for language, name in LANGUAGES.items()
    )
    cost = say("Starts over, without your answers.")
    told = f'<small class="cost">{cost}</small>' if before.startswith("?") else ""
    return f'<nav class="languages" aria-label="{say("Language")}">{links}{told}</nav>'


def colophon(say: Say = ENGLISH, links: bool = True) -> str:
    """Render the foot: version, paper, code and licence.

    Args:
        say: the visitor's language.
        links: whether they may be followed; a kiosk leads nowhere.
    """
    return f'<footer class="colophon"><ul><li>MINT {esc(__version__)}</li>{_items(say, links)}</ul></footer>'


def sources(say: Say = ENGLISH) -> str:
    """Render the links of the foot for the end of the first screen, where they are seen without a long way down."""
    return f'<ul class="sources">{_items(say, True)}</ul>'


def _items(say: Say, links: bool) -> str:
    named: dict[str, str | None] = {
        say("Paper: {name}", name=esc(str(PAPER["where"]).replace(":", " "))): str(PAPER["url"]),
        say("Code"): addresses.code(),
        say("Licence: {name}", name=addresses.LICENCE): addresses.licence(),
    }
    return "".join(f"<li>{link(told, url) if links else told}</li>" for told, url in named.items() if url is not None)


def link(told: str, url: str) -> str:
    """Link to another site, which learns nothing of this page or of who came from it."""
    return f'<a href="{esc(url)}" target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">{told}</a>'
