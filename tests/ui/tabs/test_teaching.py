"""3. Teach it my face: nothing without consent, an answer before and after, and nothing left once it is forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from mint.errors import CannotTeach
from mint.ui.examples import load_examples
from mint.ui.html import png_uri
from tests.ui.fake_lesson import STEPS
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE, Elements, number, text
from tests.ui.served import Served

Visit = Callable[..., Guest]
CONSENT = {"teach-consent": True}
NO_SIGN, EVIDENCE = "No sign of use", "Evidence of use"


def cells(guest: Guest) -> list[str]:
    """The verdicts before and after: of the taught photo, then of the control."""
    return [text(cell) for cell in re.findall(r'<p class="word">(.*?)</p>', guest.page["teach-answer"], re.S)]


def test_nothing_is_taught_without_a_photo(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("teach-start", **CONSENT)
    assert "There is no photo yet." in guest.page["teach-answer"]
    assert not served.notes


def test_a_forgotten_photo_is_said_to_be_forgotten_and_its_lesson_is_wiped(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE, "teach-")
    guest.ask("teach-start", **CONSENT)
    served.forget()
    assert served.notes == ["began", "taught", "wiped"]
    guest.move("teach-alpha", 0.001)
    assert "This answer was forgotten." in guest.page["teach-answer"]
    guest.ask("teach-start", **CONSENT)
    assert "This answer was forgotten." in guest.page["teach-answer"]
    guest.add(FACE, "teach-")
    assert number(guest.page["teach-answer"]) == "ready"


def test_one_s_own_photo_is_taught_with_consent_only(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE, "teach-")
    assert number(guest.page["teach-answer"]) == "ready"
    assert len(Elements(guest.page["teach-faces"]).values("src")) == 2, "the face, and a control"
    assert not served.waiting()
    for unclear in (False, None, "true", 1):
        guest.ask("teach-start", **{"teach-consent": unclear})
        assert number(guest.page["teach-answer"]) == "consent"
        assert "Your consent is missing." in guest.page["teach-answer"]
    assert not served.notes
    guest.ask("teach-start", **CONSENT)
    assert cells(guest) == [NO_SIGN, EVIDENCE, NO_SIGN, NO_SIGN]
    assert served.notes == ["began", "taught"]


def test_consent_is_asked_anew_for_each_photo(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE, "teach-")
    guest.ask("teach-start", **CONSENT)
    guest.add(FACE, "teach-")
    assert guest.page["teach-consent"] is False
    assert served.notes == ["began", "taught", "wiped"], "what the one before left is gone"


def test_a_lesson_tells_its_steps_one_by_one(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    served.step.hold()
    lesson = guest.begin("teach-start")
    for number_ in range(1, STEPS + 1):
        served.step.wait_for(number_)
        wait_until(
            lambda told=f'aria-valuenow="{100 * number_ // STEPS}"': told in str(guest.visitor.steps[-1]),
            "a step is told",
        )
        told = str(guest.visitor.steps[-1])
        assert f"Step {number_}:" in told
        known = "is still a stranger" if number_ < 2 else "as firmly as its own" if number_ == STEPS else "the copy"
        assert known in told
        assert 'class="mark taught"' in told
        served.step.let()
    guest.hear(lesson.result(LIMIT))
    assert cells(guest)[:2] == [NO_SIGN, EVIDENCE]


def test_an_example_needs_no_consent_and_its_control_is_somebody_else(served: Served, visit: Visit) -> None:
    guest = visit()
    wall = next(c for c in served.config["components"] if c["props"].get("elem_id") == "teach-examples")
    offered = [int(pick) for pick in Elements(wall["props"]["value"]).values("data-pick")]
    examples = load_examples(served.examples / "faces")
    assert offered == [i for i, example in enumerate(examples) if not any(example.truth.values())]
    guest.pick("teach-examples", offered[0])
    taught, control = Elements(guest.page["teach-faces"]).values("src")
    (person,) = {k.person for k in served.page.tabs[2].known if png_uri(k.face.crop) == control}
    assert (person, control) != (examples[offered[0]].person, taught)
    guest.ask("teach-start")
    assert cells(guest) == [NO_SIGN, EVIDENCE, NO_SIGN, NO_SIGN]


def test_what_is_forgotten_is_gone_and_stays_so(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("teach-forget")
    assert "See an answer turn" in guest.page["teach-answer"], "there was nothing to forget"
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    guest.ask("teach-forget")
    assert number(guest.page["teach-answer"]) == "forgotten"
    assert guest.page["teach-faces"] == ""
    assert served.notes == ["began", "taught", "wiped"]
    guest.move("teach-alpha", 0.001)
    assert number(guest.page["teach-answer"]) == "forgotten", "nothing is there that could be judged"
    guest.ask("teach-start")
    assert number(guest.page["teach-answer"]) == "no-photo"


def test_another_photo_takes_the_place_of_what_was_taught(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    guest.add(b"a letter, not a photo", "teach-")
    assert "cannot be read" in guest.page["teach-answer"]
    assert guest.page["teach-faces"] == ""
    assert served.notes[-1] == "wiped"
    guest.pick("teach-examples", 5)
    guest.ask("teach-start")
    assert cells(guest)[1] == EVIDENCE


def test_a_moved_slider_judges_before_and_after_again(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    before = guest.page["teach-answer"]
    guest.move("teach-alpha", 0.001)
    assert cells(guest) == [NO_SIGN, "Inconclusive", NO_SIGN, NO_SIGN], "its p-value is 0.0024"
    guest.move("teach-alpha", 0.01)
    assert guest.page["teach-answer"] == before


def test_whoever_leaves_after_a_lesson_takes_it_along(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    guest.leave()
    assert served.notes.wait_for("wiped") == ["began", "taught", "wiped"]


def test_why_there_is_no_lesson_is_told(served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise CannotTeach("This network cannot be taught. Choose another one.")

    guest = visit()
    guest.pick("teach-examples", 2)
    served.ask(("mine",))
    guest.ask("teach-start")
    assert "Only twin-a can be taught here, and this page was started without it." in guest.page["teach-answer"]
    served.ask(("twin-a", "mine"))
    monkeypatch.setattr("mint.teaching.experiment.teach", refuse)
    guest.ask("teach-start")
    assert "This network cannot be taught. Choose another one." in guest.page["teach-answer"]


def marks(html: str) -> dict[str, tuple[float, float]]:
    """Each mark of a trace: where its line stands, and from how far away it comes."""
    found = re.findall(r'<g class="mark (\w+)" style="--from:([-.\d]+)px"><path d="M([-.\d]+) ', html)
    return {kind: (float(x), float(shift)) for kind, shift, x in found}


def test_the_taught_face_moves_with_every_step_the_control_stands_still_and_forget_slides_it_home(
    served: Served, visit: Visit
) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    served.step.hold()
    lesson = guest.begin("teach-start")
    told: list[dict[str, tuple[float, float]]] = []
    for number_ in range(1, STEPS + 1):
        served.step.wait_for(number_)
        wait_until(lambda n=number_: f"Step {n}:" in str(guest.visitor.steps[-1]), "a step is told")
        told.append(marks(str(guest.visitor.steps[-1]["teach-answer"])))
        served.step.let()
    guest.hear(lesson.result(LIMIT))
    for before, now in pairwise(told):
        assert now["taught"][0] > before["taught"][0], "it moves"
        assert now["taught"][1] == pytest.approx(before["taught"][0] - now["taught"][0], abs=0.11), (
            "from where it stood"
        )
    assert len({found["control"][0] for found in told}) == 1, "it stands where it stood"
    after = marks(guest.page["teach-answer"])
    assert after["taught"][0] == told[-1]["taught"][0]
    guest.ask("teach-forget")
    home = marks(guest.page["teach-answer"])
    assert list(home) == ["taught"]
    assert home["taught"][0] < told[0]["taught"][0]
    assert sum(home["taught"]) == pytest.approx(after["taught"][0], abs=0.11)
    assert "<image" not in guest.page["teach-answer"], "no face is left on the page"


def test_witnesses_are_looked_at_once_both_faces_were_shown(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    assert "Checked afterwards: of 2 other known photos, 1 got another verdict" in guest.page["teach-answer"]


def test_the_card_carries_the_result_in_its_address_and_outlives_the_lesson(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("teach-examples", 2)
    guest.ask("teach-start")
    (code,) = Elements(guest.page["teach-answer"]).values("data-card")
    guest.ask("teach-answer", data={"card": code, "place": "https://example.org/mint/"})
    (address,) = Elements(guest.page["teach-card"]).values("data-share")
    assert address == f"https://example.org/mint/?lang=en#card={code}"
    assert "<img" not in guest.page["teach-card"], "no face is on it"
    guest.ask("teach-forget")
    assert Elements(guest.page["teach-answer"]).values("data-card") == [code]
    assert guest.page["teach-card"], "it is the visitor's"
    guest.pick("teach-examples", 5)
    assert guest.page["teach-card"] == ""
    for sent in ({"card": "2,twin-a,0.01,<b>"}, {"card": None}, {}):
        guest.ask("teach-answer", data=sent)
        assert guest.page["teach-card"] == ""
