"""What the cards are made of: figures with their intervals, and the templates beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mint.evidence.bootstrap import OVER_PEOPLE
from mint.i18n.figures import at_least
from mint.storage.files import read_json, write_bytes

Row = Mapping[str, Any]
TEMPLATES = Path(__file__).parent / "templates"


def interval(row: Row | None, name: str = "auc") -> str:
    """Write ``0.985 (0.979–0.991)``, or why there is no figure."""
    if row is None or name not in row:
        return "–"
    if row[name] is None:
        return "too few"
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f}–{row[f'{name}_high']:.3f})"


def share(rate: Row | None) -> str:
    """Write ``1.7% (1.1%–2.7%), n = 1151``, with people where they are counted."""
    if rate is None:
        return "–"
    of = f" of {rate['people']} people" if "people" in rate else ""
    return f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}{of}"


def pairs_right(found: Row) -> str:
    """Write how many pairs of photos are told right: ``89.8% (87.0%–92.2%), n = 6000 pairs of 48 people``."""
    told = f"{found['accuracy']:.1%} ({found['low']:.1%}–{found['high']:.1%})"
    return f"{told}, n = {found['pairs']} pairs of {found['people']} people"


def pairs_note(measured: Iterable[Row]) -> str:
    """Say how the intervals of pairs told right were made: older figures counted pairs as if nobody were in two of them."""
    if over_people(measured):
        return "Intervals of pairs told right are over people, whom pairs share."
    return "Intervals of pairs told right count the pairs alone, though pairs share people: they are too narrow."


def over_people(measured: Iterable[Row]) -> bool:
    """Return whether all intervals of pairs told right are over people."""
    return all(found.get("interval") == OVER_PEOPLE for found in measured)


def computed(found: Row) -> str:
    """Write the options of what figures hang on beside recipe and seed: `` --device cuda --threads 2``; nothing of the defaults.

    Older figures do not name them.
    """
    device, threads = found.get("device", "cpu"), found.get("threads", 1)
    return (f" --device {device}" if device != "cpu" else "") + (f" --threads {threads}" if threads != 1 else "")


def find(rows: Iterable[Row], **wanted: object) -> Row | None:
    """Return the first row with these values; None where there is none."""
    return next((row for row in rows if all(row[name] == value for name, value in wanted.items())), None)


def rendered(template: str, **values: Any) -> str:
    """Fill a template of the folder ``templates``, which may write what ``render`` is given below as well.

    Raises:
        jinja2.UndefinedError: it needs a value that it is not given.
    """
    # Markdown: nothing is escaped. A line that holds a tag alone leaves no line.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        at_least=at_least,
        computed=computed,
        interval=interval,
        pairs_note=pairs_note,
        pairs_right=pairs_right,
        share=share,
        zip=zip,
        **values,
    )


def write_card(cards: Path, figures: str, card: str, make: Callable[[Any], str]) -> None:
    """Write a card into the folder of cards, if there are measurements.

    Args:
        cards: the folder.
        figures: the name of the JSON of measurements in it.
        card: the name of the card.
        make: renders it from the measurements.
    """
    if (cards / figures).is_file():
        write_bytes(cards / card, make(read_json(cards / figures)).encode())
