"""2. Was I used? Photos of one person come, are removed, and the answer follows."""

from __future__ import annotations

import re
from collections.abc import Callable

from mint.storage.paths import EXAMPLES
from tests.ui.guest import Guest
from tests.ui.reading import FACE, Elements, number, text, words
from tests.ui.served import Served

Visit = Callable[..., Guest]
PEOPLE = [EXAMPLES / "people" / f"01-{i}-gan.png" for i in (1, 2, 3)]


def photos(guest: Guest) -> int:
    """How many count."""
    return len(Elements(guest.page["person-photos"]).values("src"))


def test_an_answer_about_a_person_grows_and_shrinks_with_the_photos(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("people", 0)
    steps = [step["person-photos"] for step in guest.visitor.steps if step.get("person-photos")]
    assert [text(step).partition(" ")[0] for step in steps if "<li>" in step][:3] == ["1", "2", "3"], "one by one"
    assert not any("data-pick" in step for step in steps[:-2]), "what is added would come back"
    assert "Truth: twin A was trained on pictures of this person." in text(guest.page["person-answer"])
    assert words(guest.page["person-answer"]) == {"twin-a": "Evidence of use", "twin-b": "No sign of use"}
    looks = served.test.looks
    first = number(guest.page["person-answer"])
    guest.pick("person-photos", 2)
    assert Elements(guest.page["person-photos"]).values("data-pick") == ["1", "3"], "each keeps its number"
    assert number(guest.page["person-answer"]) != first
    guest.pick("person-photos", 3)
    assert photos(guest) == 1
    assert words(guest.page["person-answer"])["twin-a"] == "Inconclusive", "p = 0.4 with one photo"
    guest.pick("person-photos", 3)
    assert photos(guest) == 1, "clicked twice"
    guest.pick("person-photos", 1)
    assert "Was this person used, in whichever photo?" in guest.page["person-answer"]
    assert served.test.looks == looks, "nobody looks again"


def test_forgotten_photos_are_said_to_be_forgotten_and_new_ones_do_not_count_silently(
    served: Served, visit: Visit
) -> None:
    for use in (lambda guest: guest.move("person-alpha", 0.001), lambda guest: guest.pick("person-photos", 1)):
        guest = visit()
        guest.add_several(*PEOPLE[:2])
        served.forget()
        use(guest)
        assert "This answer was forgotten." in guest.page["person-answer"]
        assert not guest.page["person-photos"]
        guest.ask("person-make")
        assert "This answer was forgotten." in guest.page["person-links"]
        guest.add_several(PEOPLE[2])
        assert "The photos that you added before were forgotten" in guest.page["person-answer"]
        assert photos(guest) == 1
        guest.ask("person-clear")
        guest.add_several(PEOPLE[2])
        assert "were forgotten" not in guest.page["person-answer"]


def test_all_photos_are_removed_at_once(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("people", 1)
    assert "neither twin A nor twin B was trained on this person" in guest.page["person-answer"]
    guest.ask("person-clear")
    assert guest.page["person-photos"] == ""
    assert "Was this person used, in whichever photo?" in guest.page["person-answer"]
    guest.move("person-alpha", 0.05)
    assert "Was this person used, in whichever photo?" in guest.page["person-answer"], "nothing is there to judge"


def test_several_files_at_once_are_one_person(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add_several(*PEOPLE)
    assert photos(guest) == 3
    assert "Truth" not in guest.page["person-answer"]
    assert guest.page["person-answer"].count('class="growth"') == 2, "one for each network"
    assert not served.waiting()
    guest.add(FACE, "person-")
    assert photos(guest) == 4, "one more joins them"
    assert served.test.looks == 4


def test_the_same_photo_counts_once_and_what_is_none_takes_no_place(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(PEOPLE[0], "person-")
    before = words(guest.page["person-answer"])
    guest.add_several(PEOPLE[0], b"a letter, not a photo")
    told = text(guest.page["person-photos"])
    assert "1 usable photo" in told
    assert "Photo 2 repeats Photo 1: they are taken as one. It is removed with it." in told
    assert "Photo 3: This is not a JPEG" in told
    assert words(guest.page["person-answer"]) == before
    guest.add(PEOPLE[1], "person-")
    numbers = re.findall(r'alt="Photo (\d+)"><span class="tag">(\d+)</span>', guest.page["person-photos"])
    assert numbers == [("1", "1"), ("4", "4")], "a photo is called by the number that stands on it"
    told = Elements(guest.page["person-photos"]).values("aria-label")
    assert told[-2:] == ["Remove Photo 1 and what repeats it", "Remove Photo 4"]
    guest.pick("person-photos", 1)
    told = text(guest.page["person-photos"])
    assert "1 usable photo" in told
    assert "Photo 2" not in told
    assert not served.waiting()


def test_an_example_gives_way_to_photos_of_one_s_own(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("people", 0)
    guest.add(FACE, "person-")
    assert photos(guest) == 1
    assert "Truth" not in guest.page["person-answer"]


def test_a_moved_slider_judges_again_and_looks_at_nothing(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("people", 0)
    guest.ask("person-make")
    assert guest.page["person-links"]
    guest.move("person-alpha", 0.001)
    assert words(guest.page["person-answer"])["twin-a"] == "Inconclusive", "p = 0.004 with three photos"
    assert guest.page["person-links"] == "", "the report said something else"
    guest.move("person-prior", 0.02)
    assert "if 2 % likely before" in text(guest.page["person-answer"])
    assert served.test.looks == 3
