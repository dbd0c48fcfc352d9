"""Offer the pictures whose truth is known, to try them elsewhere."""

from __future__ import annotations

from mint.i18n.translate import ENGLISH, Say
from mint.report.story.phrases import capital
from mint.ui.html import badge, count, esc, inline
from mint.ui.known_pictures import FILE, KnownPictures


def offer(known: KnownPictures | None, say: Say = ENGLISH) -> str:
    """Render what is in the file, and the link to it; nothing where there is no file."""
    if known is None:
        return ""
    n = len(known.pictures)
    used = {network: sum(e.truth.get(network, False) for e in known.pictures) for network in known.networks}
    neither = sum(not e.used_by for e in known.pictures)
    items = "".join(
        f"<li>{badge(network)}<span>{say('{network} used {n}', network=capital(inline(network, say)), n=count(k))}</span></li>"
        for network, k in used.items()
    )
    licences = "; ".join(
        f"{esc(source)}: {esc(licence.replace('package `', '`').replace('`', ''))}"  # a package's name says what it is
        for source, licence in known.licences.items()
    )
    told = say(
        "For another tool, or for a test of your own: {n} pictures of fictional people, a table that says of each which "
        "network was trained on it, and on this person, and where the pictures come from. The networks are in weights/.",
        n=count(n),
    )
    return (
        f'<section class="wall take" aria-labelledby="take-title"><h2 id="take-title">{say("Known pictures to try elsewhere")}</h2>'
        f'<p class="lead">{told}</p><ul class="counts">{items}<li><span>{say("used by none: {n}", n=count(neither))}</span></li></ul>'
        f'<p class="actions"><a class="download" href="{FILE}" download="{FILE}">{say("Download (zip)")}</a></p>'
        f'<p class="fine">{say("Licences: {names}", names=licences)}</p></section>'
    )
