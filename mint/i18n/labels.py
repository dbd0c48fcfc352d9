"""Names of layers, auditors, controls and kinds of pictures for readers.

English, as everywhere; whoever shows one sends it through a ``Say``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mint.i18n.translate import Say


@dataclass(frozen=True, slots=True)
class Pair:
    """Two networks, trained in one way on complementary halves of one pool: nothing was used by both.

    Attributes:
        networks: of the first half, and of the second.
        title: what one is called, with a place for its letter.
        inline: the same, for the middle of a sentence.
        trained: how, as a visitor chooses it.
    """

    networks: tuple[str, str]
    title: str
    inline: str
    trained: str


DEFAULT_PAIR = "twin"
PAIRS: Mapping[str, Pair] = {
    DEFAULT_PAIR: Pair(("twin-a", "twin-b"), "Twin {letter}", "twin {letter}", "trained on pictures as they are"),
    "augmented": Pair(
        ("augmented-a", "augmented-b"), "Augmented {letter}", "augmented {letter}", "trained with augmentation"
    ),
}
PLACES = {"embedding": "Embedding", "all": "All layers"}
PUBLISHED = {"vanilla": "MLP", "cnn": "CNN"}  # one auditor a layer, as the papers publish them
OWN = {
    "norm": ("Norm", "length of the embedding"),
    "consistency": ("Consistency", "how steady it stays over altered views"),
    "prototype": ("Prototype", "how close it lies to a class centre"),
    "centred": ("Centred", "how closely it and its altered views keep to a class centre"),
    "recall": ("Recall", "the same, at the best-matching crop"),
    "combined": ("Combined", "what the answer for a photo rests on"),
    "person": ("Combined for the person", "any photo of a used person"),
}
CONTROLS = {
    "pixels": ("Pixels only", "auditors that see the photo and not the network", 0.5),
    "untrained": ("Untrained network", "the same auditors on a network that learned nothing", 0.5),
    "other-twin": ("The other network", "the same photos under the network that did not use them", 0.5),
    "shuffled-labels": ("Shuffled labels", "auditors fitted to members and non-members mixed up", 0.5),
    "swapped-halves": ("Swapped halves", "one network’s score minus the other’s: only use in training flips it", 1.0),
    "positive": ("Overfitted on purpose", "the same auditors on a network that memorised its pictures", 1.0),
}
SOURCE_NAMES = {
    "members": "Photos that it was trained on",
    "siblings": "Other photos of trained people",
    "outsiders": "People whom it never saw",
    "openpeople": "Photographic fictional people (few)",
    "real": "Further people whom it never saw",
}
# The same, where it is known of whom: of networks that were trained on a pool of MINT's own making.
POOL_NAMES = {**SOURCE_NAMES, "outsiders": "Generated people whom it never saw", "real": "Real faces"}
RECOGNISERS = {"face_recognition_sface_2021dec": "SFace", "mobilefacenet_y1": "MobileFaceNet"}  # by their files' names
REFERENCE_TIER = (
    "No member is known for this network. The p-values say how unusual the face is among people who were not used; "
    "whether use is the reason was never checked."
)


def kind_name(kind: str, pool: object) -> str:
    """Return what a kind of photos is called; ``pool`` is true for what was made from a pool of MINT's, and else anything."""
    return (POOL_NAMES if pool is True else SOURCE_NAMES).get(kind, kind)


def letter(network: str) -> str:
    """Return the badge letter of a network: "A" for ``twin-a``."""
    return network.rsplit("-", 1)[-1][:2].upper()


def title(network: str, say: Say) -> str:
    """Return ``twin-a`` as "Twin A"; networks of no pair keep their name."""
    pair = pair_of(network)
    return network if pair is None else say(pair.title, letter=letter(network))


def inline(network: str, say: Say) -> str:
    """Return ``twin-a`` as "twin A", for the middle of a sentence."""
    pair = pair_of(network)
    return network if pair is None else say(pair.inline, letter=letter(network))


def pair_of(network: str) -> Pair | None:
    """Return the pair that a network belongs to, or None."""
    return next((pair for pair in PAIRS.values() if network in pair.networks), None)


def whole_pair(networks: Collection[str]) -> Pair | None:
    """Return the first pair of which both networks are among these, or None."""
    return next((pair for pair in PAIRS.values() if set(pair.networks) <= set(networks)), None)


def same_half(network: str) -> tuple[str, ...]:
    """Return the networks, one a pair, that were trained on the same pictures; of no pair, the network alone."""
    pair = pair_of(network)
    if pair is None:
        return (network,)
    half = pair.networks.index(network)
    return tuple(each.networks[half] for each in PAIRS.values())


def of_every_pair(truth: Mapping[str, bool]) -> dict[str, bool]:
    """Extend the truth about the networks of one pair to every pair: networks of the same half used the same pictures."""
    return {other: member for network, member in truth.items() for other in same_half(network)}


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
