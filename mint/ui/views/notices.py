"""Notices in place of an answer: nothing yet, working, or what went wrong."""

from __future__ import annotations

from mint.errors import BadPhoto, MintError, NoFace
from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.phrases import sentence
from mint.ui.html import badge, esc


def empty(what: str, tip: str, say: Say = ENGLISH) -> str:
    """Render the notice before anything was asked.

    Args:
        what: the headline, already told in the language of ``say``.
        tip: what to do, likewise.
        say: the visitor's language.
    """
    return f'<div class="notice empty"><p class="headline">{what}</p><p>{tip}</p>{_ghosts("ghosts", say)}</div>'


def empty_photo(say: Say = ENGLISH) -> str:
    """Render the notice before a photo was added."""
    return empty(
        say("The answer will stand here."),
        say("Take or add a photo, or click a picture below whose truth is known."),
        say,
    )


def working(waiting: bool, say: Say = ENGLISH, told: str | None = None) -> str:
    """Render the notice while the audit runs.

    Args:
        waiting: whether the networks are still loading.
        say: the visitor's language.
        told: what is being done; that of one photo's audit unless told otherwise.
    """
    words = say("Loading the networks, once …") if waiting else say("Asking the networks …")
    told = told or say(
        "Finding the face, showing it and altered views of it to each network, comparing layer by layer."
    )
    return (
        '<div class="notice working" role="status" data-visit="working"><p class="headline">'
        f'<span class="spinner" aria-hidden="true"></span>{words}</p>'
        f"<p>{told}</p>{_ghosts('ghosts busy', say)}</div>"
    )


def _ghosts(style: str, say: Say) -> str:
    """Render placeholders of the two cards."""
    cards = "".join(f"<span>{badge(network)}<i></i><i></i><i></i></span>" for network in PAIRS[DEFAULT_PAIR].networks)
    return f'<div class="{style}" aria-hidden="true">{cards}</div>'


def status(networks: int | None, say: Say = ENGLISH) -> str:
    """Tell whether the networks are there; None while they load, 0 if loading failed."""
    if networks is None:
        return f'<p class="status loading" role="status">{say("Loading the networks …")}</p>'
    if not networks:
        return f'<p class="status absent" role="status">{say("The networks could not be loaded.")}</p>'
    ready = say("Both networks are ready.") if networks == 2 else say("{n} networks are ready.", n=networks)
    return f'<p class="status ready" role="status">{ready}</p>'


def gone(minutes: int, say: Say = ENGLISH) -> str:
    """Tell that what was shown here was forgotten, and after how many minutes that comes."""
    head = say("This answer was forgotten.")
    tip = say(
        "What you add is forgotten {n} minutes after you last used it, and sooner where very many people come or the "
        "connection is lost. To ask again, add it once more.",
        n=minutes,
    )
    return (
        '<div class="notice problem" role="alert" data-visit="gone"><p class="headline">'
        f"{esc(head)}</p><p>{esc(tip)}</p></div>"
    )


def started_over(say: Say = ENGLISH) -> str:
    """Tell that photos were added to others that had been forgotten meanwhile."""
    told = say("The photos that you added before were forgotten; only those added since count.")
    return f'<p class="fine" role="alert">{esc(told)}</p>'


def unexpected(error: Exception) -> bool:
    """Return whether an error is a fault of ours, which belongs in the log."""
    return not isinstance(error, BadPhoto | NoFace)


def slip(error: MintError, say: Say = ENGLISH) -> str:
    """Tell what is wrong with something that the visitor wrote."""
    return f'<p class="fine" role="alert">{esc(sentence(say(error.sentence)))}</p>'


def problem(error: Exception, say: Say = ENGLISH) -> str:
    """Tell what went wrong and what to do; details of a fault of ours stay in the log."""
    if isinstance(error, NoFace):
        head = say("No face was found in this photo.")
        tip = say("A clearly visible, mostly frontal face works best. Move closer, add light, take off sunglasses.")
    elif isinstance(error, BadPhoto):
        head = say("This photo cannot be read.")
        tip = f"{say(error.sentence)} {say('You can also try another photo.')}"
    elif isinstance(error, MintError):
        head = say("The test cannot run.")  # of what only its operator can mend there is no translation
        tip = say(error.sentence) if say.knows(error.sentence) else say("The server's log says why.")
    else:
        head = say("Something broke on our side.")
        tip = say("The fault is ours, not your photo's. Try once more; if it happens again, the server's log says why.")
    return (
        f'<div class="notice problem" role="alert" data-visit="problem"><p class="headline">{esc(head)}</p>'
        f"<p>{esc(sentence(tip))}</p></div>"
    )
