"""Names of layers, auditors, controls and kinds of pictures for readers.

English, as everywhere; whoever shows one sends it through a ``Say``.
"""

from __future__ import annotations

from mint.i18n.translate import Say

TWINS = ("twin-a", "twin-b")  # trained on complementary halves: nothing was used by both
PLACES = {"embedding": "Embedding", "all": "All layers"}
PUBLISHED = {"vanilla": "MLP", "cnn": "CNN"}  # one auditor a layer, as the papers publish them
OWN = {
    "norm": ("Norm", "length of the embedding"),
    "consistency": ("Consistency", "how steady it stays over altered views"),
    "prototype": ("Prototype", "how close it lies to a class centre"),
    "recall": ("Recall", "the same, at the best-matching crop"),
    "combined": ("Combined", "what the answer for a photo rests on"),
    "person": ("Combined for the person", "any photo of a used person"),
}
CONTROLS = {
    "pixels": ("Pixels only", "auditors that see the photo and not the network", 0.5),
    "untrained": ("Untrained network", "the same auditors on a network that learned nothing", 0.5),
    "other-twin": ("The other twin", "the same photos under the network that did not use them", 0.5),
    "shuffled-labels": ("Shuffled labels", "auditors fitted to members and non-members mixed up", 0.5),
    "swapped-halves": ("Swapped halves", "one twin’s score minus the other’s: only use in training flips it", 1.0),
    "positive": ("Overfitted on purpose", "the same auditors on a network that memorised its pictures", 1.0),
}
SOURCE_NAMES = {
    "members": "Photos that it was trained on",
    "siblings": "Other photos of trained people",
    "outsiders": "Generated people whom it never saw",
    "openpeople": "Photographic fictional people (few)",
    "real": "Real faces",
}
REFERENCE_TIER = (
    "No member is known for this network. The p-values say how unusual the face is among people who were not used; "
    "whether use is the reason was never checked."
)


def letter(network: str) -> str:
    """Return the badge letter of a network: "A" for ``twin-a``."""
    return network.rsplit("-", 1)[-1][:2].upper()


def title(network: str, say: Say) -> str:
    """Return ``twin-a`` as "Twin A"; other networks keep their name."""
    return say("Twin {letter}", letter=letter(network)) if network.startswith("twin-") else network


def inline(network: str, say: Say) -> str:
    """Return ``twin-a`` as "twin A", for the middle of a sentence."""
    return say("twin {letter}", letter=letter(network)) if network.startswith("twin-") else network


def place(layer: str, say: Say) -> str:
    """Return a layer's name: "Stage 2", "Embedding"; other taps keep their names."""
    if layer.startswith("stage") and layer[5:].isdecimal():
        return say("Stage {n}", n=layer[5:])
    return say(PLACES[layer]) if layer in PLACES else layer


def auditor(name: str, layer: str, say: Say) -> tuple[str, str]:
    """Return what an auditor on a layer is called, and what it reads in a few words."""
    if name in OWN:
        what, small = OWN[name]
        return say(what), say(small)
    kind, _, preset = name.partition("-")
    return f"{place(layer, say)} · {PUBLISHED.get(kind, kind)}" + (f" ({preset})" if preset else ""), ""
