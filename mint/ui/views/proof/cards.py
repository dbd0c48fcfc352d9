"""Show the model cards that ship with the networks."""

from __future__ import annotations

from pathlib import Path

from mint.i18n.translate import ENGLISH, Say
from mint.storage.paths import WEIGHTS
from mint.ui.views.proof.markdown import rendered

FOLDER = WEIGHTS / "cards"
CARDS = {
    "twin-a": "The model card of twin A",
    "twin-b": "The model card of twin B",
    "augmented-a": "The model card of augmented A",
    "augmented-b": "The model card of augmented B",
    "attacks": "The card on edits and attacks",
    "reference-tier": "The card on networks of which no member is known",
    "peers": "The card on other tools beside this one",
    "folder-share": "The card on folders: how many of their photos were used",
    "gradients": "The card on gradients, with and without reset",
    "generalisation": "The card on networks that recognise strangers, and what is left to find in them",
    "private": "The card on private training: what auditors find where ε was promised",
    "scale-law": "The card on evidence and the size of the training set",
    "factors": "The card on training: what hides a photo, and what it costs",
    "versions": "The card on versions of a network: since which one a photo is known",
    "active": "The card on networks that are trained together with their auditor",
    "objects": "The card on classifiers of objects",
    "ceiling": "The card on attacks with reference networks: how much more they find",
    "paper-protocol": "The card on the papers’ protocol",
}


def shipped(folder: Path = FOLDER) -> dict[str, str]:
    """Return the cards that are there: file to title."""
    return {name: title for name, title in CARDS.items() if (folder / f"{name}.md").is_file()}


def heading(say: Say = ENGLISH) -> str:
    """Render what stands above the folded cards."""
    told = say(
        "They ship with the networks and say who made what, from what, what was measured on how many, and what nobody "
        "measured. They are in English and long."
    )
    return (
        f'<section class="cards-head" aria-labelledby="cards-title"><h2 id="cards-title">{say("The cards, whole")}</h2>'
        f'<p class="lead">{told}</p></section>'
    )


def card(name: str, say: Say = ENGLISH, folder: Path = FOLDER) -> str:
    """Render one card; nothing for an unknown name.

    Args:
        name: a key of ``CARDS``.
        say: the visitor's language, for what is not the card's own.
        folder: where the cards lie.
    """
    if name not in shipped(folder):
        return ""
    text = (folder / f"{name}.md").read_text("utf-8")

    def table(number: int) -> str:
        return say("{card}, table {number}", card=say(CARDS[name]), number=number)

    return f'<article class="shipped" lang="en">{rendered(text, folder, table, lambda words: f"{say(CARDS[name])}: {words}")}</article>'
