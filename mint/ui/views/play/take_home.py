"""Draw a lesson's result as a card to take home: a QR code, the words, and ways to print and to share them.

The result lies in the address itself, after the "#", which browsers keep to themselves: nothing is stored or sent. The card
names no person and shows no face. ``card.js`` reads such an address, and draws the same words.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from mint.i18n import labels
from mint.i18n.figures import glued
from mint.i18n.labels import PAIRS
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG
from mint.report.render.qr_code import svg
from mint.report.story.phrases import capital, limit, word
from mint.types import Verdict
from mint.ui.html import esc, p_value

VERSION = "2"  # 1 did not say at which limit its verdicts hold, so that its cards are no longer read
LONGEST_ADDRESS = 200  # of the page, in letters: longer ones would need a code that no phone reads from afar
_P = r"[01]\.\d{2,5}"
_ALPHA = r"0\.\d{1,5}"
_SAID = "|".join(SLUG.values())
_CODE = re.compile(rf"{VERSION},([a-z-]{{1,20}}),({_ALPHA}),({_SAID}),({_P}),({_SAID}),({_P}),({_SAID}),({_SAID})")
_VERDICTS = {slug: verdict for verdict, slug in SLUG.items()}

# The same here and in ``card.js``; {network} is its name, {before} and {after} are verdicts at the limit {alpha}, {p} and {q} p-values.
TITLE = "A face leaves a trace"
LINES = (
    "{network} as it is says of a face, at the limit α = {alpha}: {before} (p = {p}).",
    "A copy of it that was taught this face: {after} (p = {q}).",
    "Somebody else’s face, which was not taught: {control} before, {still} after.",
)
FINE = (
    "The test and its limits were the same each time. The copy, the face and all scores were in memory only.",
    "This card is kept nowhere. Its address carries these words after the “#”, which no browser sends.",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A lesson's result, without anything of the face.

    Attributes:
        network: that was taught.
        alpha: the limit of all verdicts, as it is told.
        before, after: of the taught face.
        p_before, p_after: their p-values, as they are told.
        control_before, control_after: of the other face.
    """

    network: str
    alpha: str
    before: Verdict
    p_before: str
    after: Verdict
    p_after: str
    control_before: Verdict
    control_after: Verdict

    @property
    def code(self) -> str:
        """What the address carries; ``parse`` reads it."""
        parts = [self.network, self.alpha, SLUG[self.before], self.p_before, SLUG[self.after], self.p_after]
        return ",".join([VERSION, *parts, SLUG[self.control_before], SLUG[self.control_after]])


def card_of(
    network: str,
    alpha: float,
    taught: tuple[Verdict, float, Verdict, float],
    control_before: Verdict,
    control_after: Verdict,
) -> Card:
    """Return the card of a lesson at a limit; ``taught`` is verdict and p-value before, then after."""
    before, p, after, q = taught
    return Card(network, limit(alpha), before, p_value(p), after, p_value(q), control_before, control_after)


def parse(code: object) -> Card | None:
    """Read a card's code, whatever a browser sends; None for everything that is none."""
    found = _CODE.fullmatch(code) if isinstance(code, str) else None
    if found is None or found[1] not in _titles():
        return None
    said = [_VERDICTS[found[place]] for place in (3, 5, 7, 8)]
    return Card(found[1], found[2], said[0], found[4], said[1], found[6], *said[2:])


def button(card: Card, say: Say = ENGLISH) -> str:
    """Draw what makes the card; ``card.js`` sends its code and the page's address."""
    return f'<p class="actions"><button type="button" class="primary" data-card="{esc(card.code)}">{say("Take a card with you")}</button></p>'


def take_home(card: Card, place: object, say: Say = ENGLISH, kiosk: bool = False) -> str:
    """Draw the card.

    Args:
        card: the result.
        place: the page's address, as the visitor's browser says.
        say: the visitor's language.
        kiosk: whether the browser is not the visitor's own; what it copied or opened would stay there.
    """
    told, fine = lines(card, say)
    shown = "".join(f"<p>{esc(glued(line, ' = '))}</p>" for line in told)
    address = _reachable(place)
    url = None if address is None else f"{address}?lang={say.language}#card={card.code}"
    text = "\n".join(("MINT: " + say(TITLE), *told))
    label = say("QR code with the address of this card") if url else say("QR code with the words of this card")
    tip = (
        say("Point a phone’s camera at the code: it opens this card.")
        if url
        else say("This page has no address that a phone could open, so the code holds the words themselves.")
    )
    buttons = f'<button type="button" class="primary" data-print>{say("Print")}</button>'
    if not kiosk:
        buttons += (
            f'<button type="button" class="primary" data-share="{esc(url or "")}" data-title="{esc(say(TITLE))}" '
            f'data-text="{esc(text)}" data-done="{esc(say("Copied"))}">{say("Share or copy")}</button>'
        )
    return (
        f'<section class="takehome" tabindex="-1" aria-labelledby="takehome-title">{svg(url or text, label)}<div>'
        f'<h2 id="takehome-title">{say(TITLE)}</h2>{shown}'
        f'<p class="fine">{esc(" ".join(fine if url else fine[:1]))}</p><p class="fine aside">{tip}</p><p class="actions">{buttons}</p></div></section>'
    )


def lines(card: Card, say: Say = ENGLISH) -> tuple[list[str], list[str]]:
    """Return the card's sentences, and what is told in smaller letters."""
    values = {
        "network": _called(card.network, say), "alpha": card.alpha, "before": _said(card.before, say), "p": card.p_before,
        "after": _said(card.after, say), "q": card.p_after, "control": _said(card.control_before, say),
        "still": _said(card.control_after, say),
    }  # fmt: skip
    return [say(line, **values) for line in LINES], [say(line) for line in FINE]


def tables(say: Say) -> dict[str, object]:
    """Return what ``card.js`` needs to draw a card in a language."""
    return {
        "pattern": f"^(?:{_CODE.pattern})$",
        "title": say(TITLE),
        "lines": [glued(say(line), " = ") for line in LINES],
        "fine": [say(line) for line in FINE],
        "networks": {network: _called(network, say) for network in _titles()},
        "verdicts": {slug: _said(verdict, say) for verdict, slug in SLUG.items()},
        "close": say("Go to the page"),
        "unknown": say("This address carries no card that this page can read."),
    }


def _titles() -> tuple[str, ...]:
    """Return the networks that a card may name: those of every pair."""
    return tuple(network for pair in PAIRS.values() for network in pair.networks)


def _called(network: str, say: Say) -> str:
    """Return a network's name as a sentence begins with it: in Spanish it has its article."""
    return capital(labels.inline(network, say))


def _said(verdict: Verdict, say: Say) -> str:
    told = word(verdict, say)
    return told[:1].lower() + told[1:]


def _reachable(place: object) -> str | None:
    """Return the page's address without what follows the path; None where no other machine can open it."""
    if not isinstance(place, str) or not re.fullmatch(rf"[!-~]{{1,{LONGEST_ADDRESS}}}", place):
        return None
    try:
        parts = urlsplit(place)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc) or _loopback(host):
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")
