"""What stands where the answer will be: nothing yet, working, or what went wrong and what to do."""

from __future__ import annotations

from mint.errors import BadPhoto, MintError, NoFace
from mint.ui.html import esc, sentence
from mint.ui.shapes import badge


def _ghosts(style: str) -> str:
    """Where the two cards will be."""
    cards = "".join(f"<span>{badge(network)}<i></i><i></i><i></i></span>" for network in ("twin-a", "twin-b"))
    return f'<div class="{style}" aria-hidden="true">{cards}</div>'


EMPTY = (
    '<div class="notice empty"><p class="headline">The answer will stand here.</p>'
    "<p>Take or add a photo, or click one of the pictures with a known truth below.</p>"
    f"{_ghosts('ghosts')}</div>"
)


def working(waiting: bool) -> str:
    """While the audit runs.

    Args:
        waiting: whether the networks are still loading.
    """
    words = "Loading the two networks, once …" if waiting else "Asking both networks …"
    return (
        '<div class="notice working" role="status" data-visit="working"><p class="headline">'
        f'<span class="spinner" aria-hidden="true"></span>{words}</p>'
        "<p>Finding the face, showing it and 16 altered views of it to each network, comparing layer by layer.</p>"
        f"{_ghosts('ghosts busy')}</div>"
    )


def status(networks: int | None) -> str:
    """One line on whether the networks are there; None while they load, 0 when they will never be."""
    if networks is None:
        return '<p class="status loading">Loading the networks …</p>'
    if not networks:
        return '<p class="status absent">The networks could not be loaded.</p>'
    return '<p class="status ready">Both networks are ready.</p>'


def unexpected(error: Exception) -> bool:
    """Whether it is a fault of ours, which belongs in the log."""
    return not isinstance(error, BadPhoto | NoFace)


def problem(error: Exception) -> str:
    """What went wrong, and what to do about it; details of a fault of ours stay in the log."""
    if isinstance(error, NoFace):
        head = "No face was found in this photo."
        tip = "A clearly visible, mostly frontal face works best. Move closer, add light, take off sunglasses."
    elif isinstance(error, BadPhoto):
        head, tip = "This photo cannot be read.", f"{error} You can also try another photo."
    elif isinstance(error, MintError):
        head, tip = "The test cannot run.", str(error)
    else:
        head = "Something broke on our side."
        tip = "Your photo is not the cause. Try once more; if it happens again, the server's log says why."
    return (
        f'<div class="notice problem" role="alert" data-visit="problem"><p class="headline">{esc(head)}</p>'
        f"<p>{sentence(tip)}</p></div>"
    )
