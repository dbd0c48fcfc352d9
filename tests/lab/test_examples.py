from collections import Counter

from mint.lab.examples import choose
from mint.lab.ledger import HELD_OUT, TRAINED, Row


def ledger() -> list[Row]:
    rows = []
    for person in range(60):
        name = f"gan/{person:04d}"
        for k in range(10):
            roles = [TRAINED if person % 3 == side and k < 4 else HELD_OUT for side in (0, 1)]
            purpose = "test" if person < 45 else "training"
            rows.append(Row(f"{person}-{k}", name, "gan", f"{name}/{k:02d}", *roles, int(TRAINED in roles), purpose))
    for person in range(10):
        name = f"openpeople/P{person:03d}"
        roles = [TRAINED if person // 3 == side else HELD_OUT for side in (0, 1)]
        purpose = "test" if person < 8 else "calibration"
        rows += [
            Row(
                f"P{person}-{k}",
                name,
                "openpeople",
                f"{name}/{('studio_portrait', 'amateur_selfie', 'emotions_sheet-00', 'emotions_sheet-01', 'amateur_posture')[k]}",
                *roles,
                int(TRAINED in roles),
                purpose,
            )
            for k in range(5)
        ]
    return rows


def test_examples_are_balanced_test_people_and_include_the_hardest() -> None:
    rows = ledger()
    chosen = choose(rows, 1)
    assert len(chosen) == len({r.sha256 for r in chosen}) == 36
    assert {r.purpose for r in chosen} == {"test"}
    truth = Counter((r.member("twin-a"), r.member("twin-b")) for r in chosen)
    assert truth == {(True, False): 12, (False, True): 12, (False, False): 12}
    known = {r.identity for r in rows if r.exposure}
    neither = [r for r in chosen if not r.exposure and r.source == "gan"]
    assert sum(r.identity in known for r in neither) == 4
    assert chosen == choose(rows, 1)
    assert not [r for r in chosen if "posture" in r.picture]  # the face is too small to show


def test_people_come_as_seldom_as_possible() -> None:
    chosen = choose(ledger(), 2)
    assert max(Counter(r.identity for r in chosen if r.source == "gan").values()) <= 2
