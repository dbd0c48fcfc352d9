"""Who is trained on and scored: the same people, members and siblings for every setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mint.errors import BadPool
from mint.evidence.score_table import CALIBRATION, TEST, TRAINING, VALIDATION
from mint.lab.factors.settings import BASE_PHOTOS, Setting
from mint.lab.scaling.nested import LEFT_OUT, MIN_OF_A_PURPOSE, SPARED_PICTURES, Order, Size, check_people, order
from mint.lab.twins.ledger import Row

# Nothing is calibrated here, and a TPR at 1 % FPR needs a thousand siblings: calibration people are test people as well.
PURPOSES = {CALIBRATION: TEST, TRAINING: TRAINING, VALIDATION: VALIDATION, TEST: TEST}
MOST_OUTSIDERS = 100  # people whom no network knows, at most, drawn in proportion: strangers to be told apart


def people_of(rows: Sequence[Row], seed: int, count: int, settings: Sequence[Setting]) -> Order:
    """Choose the people of all networks: each has the photos that the largest setting asks for, and siblings.

    Raises:
        BadPool: there are too few.
    """
    drawn = order(rows, seed, PURPOSES)
    most = max(setting.photos for setting in settings)
    able = [person for person in drawn.people if len(drawn.pictures[person]) >= most + SPARED_PICTURES][:count]
    purpose = {row.identity: PURPOSES[row.purpose] for row in rows}
    of_each = Counter(purpose[person] for person in able)
    check_people(len(able), most + SPARED_PICTURES, count)
    if min(of_each[name] for name in set(PURPOSES.values())) < MIN_OF_A_PURPOSE:
        raise BadPool(
            f"Of {count} people there have to be {MIN_OF_A_PURPOSE} at least to fit auditors on, some to validate and some to test "
            f"them on; here they are {of_each[TRAINING]}, {of_each[VALIDATION]} and {of_each[TEST]}. Ask for more, or make a larger pool."
        )
    return replace(drawn, people=tuple(able), outsiders=_fewer(drawn, purpose))


def ledger(people: Order, setting: Setting, settings: Sequence[Setting]) -> tuple[Row, ...]:
    """Return the ledger of a setting's network.

    Members are each person's first photos. Those up to ``BASE_PHOTOS`` are scored where they are trained on; siblings are the
    photos that no setting trains on, the same in all.
    """
    size = Size(setting.photos * len(people.people), setting.photos)
    rows = list(people.ledger(size, size.members))
    most = max(s.photos for s in settings)
    for person in people.people:
        for place, index in enumerate(people.pictures[person][:most]):
            if place >= min(BASE_PHOTOS, setting.photos):
                rows[index] = replace(rows[index], purpose=LEFT_OUT)
    return tuple(rows)


def _fewer(drawn: Order, purpose: dict[str, str]) -> frozenset[str]:
    """Keep ``MOST_OUTSIDERS`` people, of each purpose its share and two at least, in the pool's order."""
    share = min(1.0, MOST_OUTSIDERS / len(drawn.outsiders))
    found: list[str] = []
    for name in set(purpose.values()):
        those = [person for person in drawn.pictures if person in drawn.outsiders and purpose[person] == name]
        found += those[: max(MIN_OF_A_PURPOSE, round(share * len(those)))]
    return frozenset(found)
