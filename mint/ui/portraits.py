"""Choose the large faces of the first screen, and cut them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mint.errors import BadPhoto
from mint.types import Verdict
from mint.ui.examples import Address, Example
from mint.ui.html import jpeg_uri
from mint.vision.images import PORTRAIT_HEIGHT, open_photo, portrait, small_jpeg

FACES = 7  # with the visitor's own place they fill two rows of four
SIDE, KIOSK_SIDE = 400, 640  # pixels of a portrait: a kiosk shows it larger, and has no network to wait for
SHARP, LARGE, BRIGHT = 300.0, 400.0, 110.0  # beyond these a face is no better for being sharper, larger or brighter
QUALITY = 82  # of their JPEG


@dataclass(frozen=True, slots=True)
class Portrait:
    """One face of the first screen.

    Attributes:
        index: of the example among all examples.
        example: whose face it is, with the truth and the stored answers.
        picture: the face with what is around it, square, as an address.
    """

    index: int
    example: Example
    picture: str


def portraits(
    examples: Sequence[Example],
    networks: Sequence[str],
    count: int = FACES,
    side: int = SIDE,
    address: Address = jpeg_uri,
) -> tuple[Portrait, ...]:
    """Choose faces by the quality of their pictures alone, and cut them out.

    By turns one that the first network alone used, one of the second, and so on, then one that none used, so that all fates
    are seen. Whether the test may judge a picture has a say, what it answered has none: wrong answers are as welcome as right
    ones.

    Args:
        examples: to choose from; those without truth or a stored answer of each network are left out.
        networks: whose answers are shown.
        count: how many at most.
        side: of the portraits, in pixels.
        address: gives them theirs; one that holds the picture itself unless told otherwise.
    """
    groups: list[list[int]] = [[] for _ in range(len(networks) + 1)]
    for index, example in enumerate(examples):
        if not set(networks) <= example.truth.keys() & example.verdicts.keys():
            continue
        used = [place for place, network in enumerate(networks) if example.truth[network]]
        if len(used) < 2:
            groups[used[0] if used else -1].append(index)
    ranked = [_ranked(examples, group) for group in groups]
    longest = max(map(len, ranked))
    turns = [group[turn] for turn in range(longest) for group in ranked if turn < len(group)][:count]
    with ThreadPoolExecutor() as threads:  # decoding lets others run, and the page waits for it to start
        pictures = threads.map(lambda index: _cut(examples[index], side, address), turns)
        return tuple(Portrait(index, examples[index], picture) for index, picture in zip(turns, pictures, strict=True))


def portraits_ahead(
    examples: Sequence[Example], networks: Sequence[str], side: int, address: Address
) -> Callable[[], tuple[Portrait, ...]]:
    """Start ``portraits`` in a thread, and return a function that waits for them: pictures are decoded while gradio is imported."""
    thread = ThreadPoolExecutor(1, "portraits")
    found = thread.submit(portraits, examples, networks, side=side, address=address)
    thread.shutdown(wait=False)  # it ends with its work
    return found.result


def _ranked(examples: Sequence[Example], group: Sequence[int]) -> list[int]:
    """Return the best pictures first; a person comes twice only after everybody came once.

    Those that a network cannot judge come last: they show nothing of what an answer is.
    """
    best = sorted(group, key=lambda index: (_silent(examples[index]), -_quality(examples[index]), index))
    seen: set[str] = set()
    once: list[int] = []
    again: list[int] = []
    for index in best:
        person = examples[index].person
        (again if person and person in seen else once).append(index)
        seen.add(person)
    return once + again


def _silent(example: Example) -> bool:
    return Verdict.CANNOT_SAY in example.verdicts.values()


def _quality(example: Example) -> float:
    """Return how well a face can be seen: sharp, large and bright, each from 0 to 1, multiplied.

    Of what is known without finding the face again, while the page starts: ``mint.lab.twins.examples.clarity`` needs the crop.
    """
    width = example.box[2] if example.box else 0.0
    return min(1.0, example.sharpness / SHARP) * min(1.0, width / LARGE) * min(1.0, _brightness(example) / BRIGHT)


def _brightness(example: Example) -> float:
    """Return the mean of a thumbnail, from 0 to 255; decoding the pictures themselves would take a second."""
    try:
        return float(open_photo(example.small).mean())
    except BadPhoto:
        return 0.0


def _cut(example: Example, side: int, address: Address) -> str:
    """Return the square around a face, or around the middle where no face is known; else the thumbnail."""
    try:
        made = example.path.parent / "portraits" / f"{example.path.stem}.jpg"
        if made.is_file():  # with the example: decoding photos of several megapixels would take a second
            return address(small_jpeg(open_photo(made), side, QUALITY))
        rgb = open_photo(example.path)
    except BadPhoto:
        return example.thumbnail
    height, width = rgb.shape[:2]
    box = example.box or (0.0, 0.0, float(width), float(height) / PORTRAIT_HEIGHT)
    return address(portrait(rgb, box, side, QUALITY))
