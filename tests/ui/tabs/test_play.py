"""4. Play auditor: the guesses are counted against the truth, which the test works out from the pictures on the table."""

from __future__ import annotations

import re
from collections.abc import Callable

from mint.ui.examples import load_examples
from tests.ui.guest import Guest
from tests.ui.reading import Elements, text
from tests.ui.served import Served

Visit = Callable[..., Guest]


def dealt(served: Served, guest: Guest) -> list[bool]:
    """Whether twin A was trained on the pictures that lie on the table."""
    truth = {example.thumbnail: example.truth["twin-a"] for example in load_examples(served.examples / "faces")}
    return [truth[picture] for picture in Elements(guest.page["game"]).values("src")]


def rows(guest: Guest) -> list[list[str]]:
    """The table of the score."""
    return [
        [text(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", guest.page["score"].partition("<tbody>")[2])
    ]


def test_guesses_are_counted_against_the_truth(served: Served, visit: Visit) -> None:
    guest = visit()
    assert len(Elements(guest.page["game"]).values("data-place")) == 12
    truth = dealt(served, guest)
    right = [place for place, used in enumerate(truth) if used]
    wrong = truth.index(False)
    guesses = [*right[1:], wrong]  # one is missed, one is accused
    guest.ask("game", data={"places": guesses})
    assert guest.page["game"].count("you: used") == len(guesses)
    assert rows(guest) == [
        ["You", "10 / 12", f"{len(right) - 1} / {len(right)}", f"1 / {12 - len(right)}"],
        ["Twin A · the test", "12 / 12", f"{len(right)} / {len(right)}", f"0 / {12 - len(right)}"],
    ]
    assert "You got 10 of 12 right, the test 12." in guest.page["score"]
    assert f"{100 / (12 - len(right)):.1f} %" in text(guest.page["score"])
    assert guest.page["score"].count('class="curve ') == 2, "the test's, and a published auditor's"
    before = guest.page["score"]
    guest.ask("game", data={"places": right})
    assert guest.page["score"] == before, "the truth is on the table by now"


def test_a_forgotten_table_is_dealt_anew(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("game", data={"places": [0]})
    served.forget()
    guest.ask("game", data={"places": [1]})
    assert "you: used" not in guest.page["game"], "nobody guessed yet"
    assert guest.page["score"] == ""
    guest.ask("game", data={"places": [1]})
    assert guest.page["game"].count("you: used") == 1


def test_another_round_is_counted_with_those_before(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("game", data={"places": [i for i, used in enumerate(dealt(served, guest)) if used]})
    assert "A draw with the test: 12 of 12 right." in guest.page["score"]
    guest.ask("game", data={"again": True})
    assert guest.page["score"] == ""
    assert len(Elements(guest.page["game"]).values("data-place")) == 12
    used = sum(dealt(served, guest))
    guest.ask("game", data={"places": []})
    assert [row[:2] for row in rows(guest)[:2]] == [
        ["You", f"{12 - used} / 12"],
        ["You, all rounds", f"{24 - used} / 24"],
    ]
    assert rows(guest)[2][1] == "12 / 12"


def test_places_that_there_are_not_are_nobody_s_guess(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("game", data={"places": ["0", True, None, -1, 12, 1.0, [3]]})
    assert guest.page["game"].count("you: used") == 0
    other = visit()
    other.ask("game", data={"places": "all"})
    assert other.page["game"].count("you: used") == 0


def test_the_limit_decides_what_the_test_says_on_the_table(served: Served, visit: Visit) -> None:
    guest = visit()
    truth = dealt(served, guest)
    guest.ask("game", data={"places": []})
    assert guest.page["game"].count("evidence of use") >= sum(truth)
    guest.move("play-alpha", 0.001)
    assert "evidence of use" not in guest.page["game"], "its p-values are 0.0024"
    assert rows(guest)[1][1:3] == [f"{12 - sum(truth)} / 12", f"0 / {sum(truth)}"]


def test_a_thousand_dots_follow_the_sliders(served: Served, visit: Visit) -> None:
    guest = visit()
    at_first = guest.page["crowd"]
    assert "Among 1000 photos with 500 used ones" in text(at_first)
    assert "The answers of twin A count with the highest share" in text(at_first)
    guest.move("play-alpha", 0.02)
    guest.move("play-alpha", 0.01)
    assert guest.page["crowd"] == at_first, "as measured, from the start"
    guest.move("play-prior", 0.01)
    assert "Among 1000 photos with 10 used ones" in text(guest.page["crowd"])
    assert "Of the other 990 it accuses 10." in text(guest.page["crowd"])
    guest.move("play-alpha", 0.05)
    assert "Of the other 990 it accuses 50." in text(guest.page["crowd"])
    assert "score" not in guest.page or guest.page["score"] == "", "nobody has guessed yet"


def test_while_the_networks_load_no_dots_say_how_many_are_found(served: Served, visit: Visit) -> None:
    served.networks.hold()
    guest = visit(loads=False)
    guest.move("play-prior", 0.01)
    assert guest.page["crowd"] == ""
