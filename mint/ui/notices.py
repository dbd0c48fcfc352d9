"""What stands where the answer will be: nothing yet, working, or what went wrong and what to do."""

from __future__ import annotations

from mint.errors import BadPhoto, MintError, NoFace
from mint.ui.html import esc, sentence

EMPTY = (
    '<div class="notice empty"><p class="headline">The answer will stand here.</p>'
    "<p>Take or add a photo, or click one of the pictures with a known truth below.</p>"
    '<div class="ghosts" aria-hidden="true"><span><b class="letter letter-a">A</b><i></i><i></i><i></i></span>'
    '<span><b class="letter letter-b">B</b><i></i><i></i><i></i></span></div></div>'
)


def working(waiting: bool) -> str:
    """While the audit runs.

    Args:
        waiting: whether the networks are still loading.
    """
    words = "Loading the two networks, once …" if waiting else "Asking both networks …"
    return (
        f'<div class="notice working" role="status" data-visit="working"><p class="headline"><span class="spinner" aria-hidden="true"></span>{words}</p>'
        "<p>Finding the face, showing it and 13 altered views of it to each network, comparing layer by layer.</p>"
        '<div class="ghosts busy" aria-hidden="true"><span><b class="letter letter-a">A</b><i></i><i></i><i></i></span>'
        '<span><b class="letter letter-b">B</b><i></i><i></i><i></i></span></div></div>'
    )


def unexpected(error: Exception) -> bool:
    """Whether it is a fault of ours, which belongs in the log."""
    return not isinstance(error, BadPhoto | NoFace)


def problem(error: Exception) -> str:
    """What went wrong, and what to do about it; details of a fault of ours stay in the log."""
    if isinstance(error, NoFace):
        head, tip = (
            "No face was found in this photo.",
            "A clearly visible, mostly frontal face works best. Move closer, add light, take off sunglasses.",
        )
    elif isinstance(error, BadPhoto):
        head, tip = "This photo cannot be read.", str(error)
    elif isinstance(error, MintError):
        head, tip = "The test cannot run.", str(error)
    else:
        head, tip = (
            "Something broke on our side.",
            "Your photo is not the cause, and it has been forgotten. Try once more; if it happens again, restart the page's server and read its log.",
        )
    return f'<div class="notice problem" role="alert" data-visit="problem"><p class="headline">{esc(head)}</p><p>{sentence(tip)}</p></div>'
