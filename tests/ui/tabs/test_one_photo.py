"""1. Was this photo used? Every event of the tab, as a browser sends it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mint.errors import WeightsMissing
from mint.ui.context import VISITS
from mint.vision.images import MAX_BYTES
from tests.ui.fakes import NETWORKS, THIRD
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE, TROUBLES, Elements, number, side_by_side, text, words
from tests.ui.served import Served

Visit = Callable[..., Guest]


def test_an_example_is_answered_beside_its_truth_and_the_answer_flips(served: Served, visit: Visit) -> None:
    guest = visit()
    assert guest.standing["status"].count("Both networks are ready.") == 1
    guest.pick("examples", 0)
    assert words(guest.page["answer"]) == {"twin-a": "Evidence of use", "twin-b": "No sign of use"}
    assert "Truth: twin A was trained on this picture; twin B was not." in text(guest.page["answer"])
    assert "The answer flips" in guest.page["answer"]
    first = number(guest.page["answer"])
    guest.pick("examples", 1)
    assert words(guest.page["answer"]) == {"twin-a": "No sign of use", "twin-b": "Evidence of use"}
    assert "Truth: twin B was trained on this picture; twin A was not." in text(guest.page["answer"])
    assert number(guest.page["answer"]) != first
    assert served.test.looks == 2


def test_details_follow_the_answer(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("examples", 0)
    steps = guest.visitor.steps
    verdict, first = (next(i for i, step in enumerate(steps) if step.get(part)) for part in ("faces", "details"))
    assert verdict < first, "the verdict does not wait for them"
    found = Elements(steps[-1]["details"])
    assert found.values("class").count("track") == 2 * 14
    assert "scan" in found.values("class")
    assert (served.test.looks, served.test.judgements) == (1, 1), "they are of the same look and the same judgement"


def test_a_photo_of_one_s_own_is_answered_without_a_truth_and_so_is_the_next(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(served.examples / "faces" / "00.png")
    assert "only twin A" in guest.page["answer"]
    assert "Truth" not in guest.page["answer"]
    assert guest.page["photo"] is None, "the field is free for the next one"
    assert Elements(guest.page["faces"]).values("width") == ["400", "112"], "the photo, and the face cut out"
    assert not served.waiting(), "the upload is gone"
    guest.add(served.examples / "faces" / "01.png")
    assert "only twin B" in guest.page["answer"]
    assert not served.waiting()


def test_who_only_empties_the_field_keeps_the_answer(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("examples", 0)
    before = dict(guest.page)
    guest.ask("photo", "input", photo=None)
    assert {part: html for part, html in guest.page.items() if html != before[part]} == {}
    assert served.test.looks == 1
    guest.pick("examples", 99)
    assert "only twin A" in guest.page["answer"], "there is no such example"
    assert served.test.looks == 1


@pytest.mark.parametrize("prefix", ["", "person-", "teach-"])
def test_a_photo_that_cannot_be_used_gets_words_and_the_next_one_an_answer(
    served: Served, visit: Visit, prefix: str
) -> None:
    guest = visit()
    for data, told in TROUBLES.values():
        guest.add(data, prefix)
        answer = guest.page[f"{prefix}answer"]
        assert 'data-visit="problem"' in answer
        assert told in answer
        assert "Traceback" not in answer
        assert not served.waiting()
        if prefix == "person-":  # the words on the one before would stay, as long as it is in the list
            guest.ask("person-clear")
    guest.add(FACE, prefix)
    assert "problem" not in guest.page[f"{prefix}answer"]
    assert not served.waiting()


def test_a_photo_without_a_face_is_shown_all_the_same(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(TROUBLES["no face"][0])
    assert Elements(guest.page["faces"]).values("width") == ["320"]
    assert not guest.page["details"]


def test_a_photo_over_the_limit_is_refused_with_the_limit(served: Served, visit: Visit) -> None:
    guest = visit("es-ES")
    guest.add(b"0" * (MAX_BYTES + 1))
    assert "no se puede leer" in guest.page["answer"]
    assert f"{MAX_BYTES >> 20} MB" in guest.page["answer"]
    assert not served.waiting()


def test_one_of_several_faces_is_chosen(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(side_by_side(3))
    assert Elements(guest.page["faces"]).values("aria-pressed") == ["true", "false", "false"]
    boxes = next(step for step in guest.visitor.steps if 'class="box' in step.get("faces", ""))
    assert "answer" not in boxes, "they are there before the answer"
    first = guest.page["details"]
    guest.pick("faces", 1)
    assert Elements(guest.page["faces"]).values("aria-pressed") == ["false", "true", "false"]
    assert "Face 2 of 3" in guest.page["faces"]
    second = guest.page["details"]
    assert second != first, "its own maps"
    guest.pick("faces", 99)
    assert "Face 2 of 3" in guest.page["faces"]
    guest.pick("faces", 0)
    assert guest.page["details"] == first
    assert served.test.looks == 2, "at the largest face, then at the others; to choose one runs nothing"


def test_a_moved_slider_judges_again_and_looks_at_nothing(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("examples", 0)
    before = guest.page["answer"]
    guest.move("alpha", 0.001)
    assert words(guest.page["answer"])["twin-a"] == "Inconclusive", "its p-value is 0.0024"
    assert "evidence at 0.001 or less" in guest.page["answer"]
    assert number(guest.page["answer"]) == number(before), "the same look"
    assert "Truth" in guest.page["answer"]
    guest.move("alpha", 0.01)
    assert guest.page["answer"] == before
    guest.move("prior", 0.02)
    # Bayes: of the members 0.93 get "evidence", of the others at most 0.014.
    right = 0.02 * 0.93 / (0.02 * 0.93 + 0.98 * 0.014)
    assert f"{100 * right:.1f} % if 2 % likely before" in text(guest.page["answer"])
    assert served.test.looks == 1


def test_everything_that_says_a_verdict_follows_the_limit(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("examples", 0)
    looks, before = served.test.looks, guest.page["details"]
    assert bar(before) == {"twin-a": "Evidence of use", "twin-b": "No sign of use"} == words(guest.page["answer"])
    for alpha, said in ((0.001, "Inconclusive"), (0.01, "Evidence of use")):
        guest.move("alpha", alpha)
        assert bar(guest.page["details"])["twin-a"] == words(guest.page["answer"])["twin-a"] == said
    assert guest.page["details"] == before
    guest.fields["alpha"] = 0.001  # moved while the next photo is on its way
    guest.pick("examples", 0)
    assert bar(guest.page["details"])["twin-a"] == "Inconclusive"
    guest.fields["alpha"] = 0.01
    guest.pick("faces", 0)
    assert bar(guest.page["details"])["twin-a"] == words(guest.page["answer"])["twin-a"] == "Evidence of use"
    assert served.test.looks == looks, "no network runs for it"


def test_a_forgotten_photo_is_said_to_be_forgotten_and_nothing_of_it_stays(served: Served, visit: Visit) -> None:
    untouched = visit("es-ES")
    untouched.move("alpha", 0.02)
    assert "answer" not in untouched.page, "there was nothing to forget"
    for use in (
        lambda guest: guest.move("alpha", 0.001),
        lambda guest: guest.move("prior", 0.1),
        lambda guest: guest.pick("faces", 0),
    ):
        guest = visit()
        guest.add(FACE)
        served.forget()
        use(guest)
        assert "This answer was forgotten." in guest.page["answer"]
        assert "15 minutes" in guest.page["answer"]
        assert not guest.page["faces"]
        assert not guest.page["details"]
        guest.ask("make")
        assert "This answer was forgotten." in guest.page["links"]
        guest.add(FACE)
        assert words(guest.page["answer"])
        assert guest.page["details"]


def test_whoever_was_crowded_out_is_told_so(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE)
    for other in range(VISITS):
        served.page.blocks.state_holder[f"other {other}"]
    assert guest.visitor.session not in served.sessions
    guest.move("alpha", 0.001)
    assert "This answer was forgotten." in guest.page["answer"]


def bar(details: str) -> dict[str, str]:
    """Network to the word in the bar that stays in sight."""
    said = re.findall(r'<span class="said [^"]*">(.*?)(?=<span class="said|</p>)', details, re.S)
    return dict(zip(NETWORKS, (text(one).rpartition(": ")[2] for one in said), strict=True))


def test_sliders_that_stand_elsewhere_are_what_the_next_photo_is_judged_by(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.move("alpha", 0.001)
    assert "answer" not in guest.page, "there is nothing to judge"
    guest.pick("examples", 0)
    assert words(guest.page["answer"])["twin-a"] == "Inconclusive"


def test_who_comes_while_the_networks_load_is_told_so_and_answered(served: Served, visit: Visit) -> None:
    served.networks.hold()
    guest = visit(loads=False)
    first = guest.begin("examples", data={"pick": 0})
    wait_until(lambda: "Loading the networks" in str(guest.visitor.steps), "the page says that they load")
    served.networks.arrive()
    assert "only twin A" in first.result(LIMIT)["answer"]
    guest.pick("examples", 1)
    working = [str(s["answer"]) for s in guest.visitor.steps if 'data-visit="working"' in str(s.get("answer"))]
    assert ["Loading" in said for said in working] == [True, False]


@pytest.mark.parametrize("prefix", ["", "person-"])
def test_networks_that_could_not_be_loaded_are_named_with_what_to_do(served: Served, visit: Visit, prefix: str) -> None:
    served.networks.error = WeightsMissing("weights/twin-a is missing. Restore it from the repository.")
    guest = visit()
    assert "The networks could not be loaded." in guest.page["status"]
    assert "Restore it from the repository." in guest.page["proof"]
    guest.add(FACE, prefix)
    answer = text(guest.page[f"{prefix}answer"])
    assert "The test cannot run." in answer
    assert "Restore it from the repository." in answer
    assert not served.waiting()


def test_a_third_network_stands_beside_the_twins(served: Served, visit: Visit) -> None:
    served.ask((*NETWORKS, THIRD))
    guest = visit()
    assert "3 networks are ready." in guest.page["status"]
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == [*NETWORKS, THIRD]
    assert "The answer flips" in guest.page["answer"]
    assert guest.page["details"].count('<div class="pass"') == 3
    guest.pick("people", 0)
    assert list(words(guest.page["person-answer"])) == [*NETWORKS, THIRD]
    assert THIRD in guest.page["proof"]


def test_a_fault_of_ours_is_not_blamed_on_the_photo(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("somebody at the beach")

    monkeypatch.setattr(served.test, "look_at", broken)
    guest = visit()
    guest.add(FACE)
    assert "Something broke on our side." in guest.page["answer"]
    assert "beach" not in str(guest.page)
    assert not served.waiting()


SCRIPT = (
    "\"'><img src=x onerror=\"window.ran='image'\"><svg onload=\"window.ran='svg'\"></svg>"
    "<script>window.ran='script'</script>{{window.ran='braces'}}${window.ran='dollar'}"
)
FILE = "\"'><img src=x onerror=window.ran=1>${window.ran=2}.jpg"


def test_names_of_files_and_networks_are_no_scripts(served: Served, visit: Visit) -> None:
    """What the page inserts is finished HTML: see also that no template evaluates a value."""
    served.ask(("twin-a", SCRIPT))
    guest = visit()
    guest.add(FACE, name=FILE)
    guest.add(FACE, "person-", FILE)
    guest.add_several(FACE)
    guest.add(FACE, "teach-", FILE)
    guest.ask("game", data={"places": [0]})
    guest.ask("make")
    shown = {name: value for name, value in guest.page.items() if isinstance(value, str)}
    assert SCRIPT in text(shown["answer"]).replace("> <", "><"), "it is shown as it is"
    assert SCRIPT.split("{{")[0] in text(shown["person-answer"])
    for name, html in shown.items():
        for tag, attributes in Elements(html).found:
            assert tag != "script", name
            assert not [attribute for attribute in attributes if attribute.startswith("on")], (name, tag)
            assert attributes.get("src") != "x", name


def test_an_example_is_looked_at_once_for_all_visitors_and_judged_for_each(served: Served, visit: Visit) -> None:
    first = visit()
    first.pick("examples", 0)
    again = visit("es-ES")
    again.move("alpha", 0.001)
    again.pick("examples", 0)
    assert words(again.page["answer"])["twin-a"] == "No concluyente", "at this visitor's limit, in their language"
    assert number(again.page["answer"]) != number(first.page["answer"])
    working = [step for step in again.visitor.steps if 'data-visit="working"' in str(step.get("answer"))]
    assert not working, "the answer is there as soon as these words would be"
    assert Elements(again.page["details"]).values("class").count("track") == 2 * 14
    assert served.test.looks == 1
    again.pick("flip", 0)
    assert served.test.looks == 1, "the same picture on another wall"
    again.add(served.examples / "faces" / "00.png")
    assert served.test.looks == 2, "a photo that somebody gives is looked at, whatever it shows"
