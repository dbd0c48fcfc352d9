"""Which classes are of a kind of people with too few to calibrate on."""

from __future__ import annotations

from mint.lab.twin_bundles.nearest_class import uncalibrated_classes
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row


def rows(source: str, used: int, calibrating: int) -> list[Row]:
    """People of a source: so many that twin A was trained on, and so many who only calibrate."""
    people = [(f"{source}/{k}", TRAINED, "test") for k in range(used)]
    people += [(f"{source}/c{k}", HELD_OUT, "calibration") for k in range(calibrating)]
    return [
        Row(name, name, source, f"{name}/{k}", role, HELD_OUT, 0, purpose)
        for name, role, purpose in people
        for k in (0, 1)
    ]


def test_a_source_with_few_who_were_not_used_is_not_calibrated_on() -> None:
    ledger = [*rows("gan", 4, 300), *rows("openpeople", 2, 229), *rows("film", 1, 230)]
    # Classes are numbered in the order of their identities: the film's, four of gan, two of openpeople.
    assert uncalibrated_classes(ledger, "twin-a") == (5, 6)


def test_where_all_sources_are_small_the_largest_counts() -> None:
    assert uncalibrated_classes([*rows("gan", 3, 20), *rows("openpeople", 2, 2)], "twin-a") == (3, 4)
    assert uncalibrated_classes(rows("gan", 3, 20), "twin-a") == ()


def test_people_who_were_used_calibrate_nobody() -> None:
    used = [Row("u", f"gan/u{k}", "gan", f"u{k}", TRAINED, HELD_OUT, 0, "calibration") for k in range(300)]
    assert uncalibrated_classes([*used, *rows("openpeople", 1, 2)], "twin-a") == tuple(range(300))
