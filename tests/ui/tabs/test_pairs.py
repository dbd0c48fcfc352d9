"""The choice of the pair of networks that is asked: offered where there is one, and followed by both tabs of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mint.errors import WeightsMissing
from mint.i18n.labels import PAIRS
from tests.ui.fakes import NETWORKS, THIRD, FakeTest
from tests.ui.guest import Guest, Guests
from tests.ui.latch import LIMIT
from tests.ui.reading import FACE, Elements, number, side_by_side, text, words
from tests.ui.served import LET_GRADIO_WARN, Served, lent, serving_here

pytestmark = LET_GRADIO_WARN
Visit = Callable[..., Guest]
AUGMENTED = PAIRS["augmented"].networks


@pytest.fixture(scope="module")
def offering(served_once: Served, written_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that offers both pairs."""
    uploads = tmp_path_factory.mktemp("uploads")
    with serving_here(written_examples, uploads, who=served_once.who, others=["augmented"]) as page:
        yield page


@pytest.fixture
def pairs(offering: Served) -> Iterator[Served]:
    """The same, as new."""
    with lent(offering) as page:
        yield page


@pytest.fixture
def visit(pairs: Served) -> Iterator[Visit]:
    with Guests(pairs.url, pairs.config) as guests:
        yield guests.come


def choose(guest: Guest, pair: str) -> dict[str, Any]:
    guest.fields["pair"] = pair
    return guest.ask("pair", "input")


def component(served: Served, name: str) -> list[dict[str, Any]]:
    return [c["props"] for c in served.config["components"] if c["props"].get("elem_id") == name]


def test_nothing_is_offered_where_there_is_nothing_to_choose(served: Served) -> None:
    assert component(served, "pair") == []
    assert not [c for c in served.config["components"] if c["type"] == "radio"]
    assert "augmented" not in str(component(served, "examples"))


def test_a_kiosk_offers_no_choice(written_examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mint.ui import serve as start
    from mint.ui.loading import Loading

    made: list[Any] = []

    class Page:
        def __init__(self, shared: Any) -> None:
            made.append(shared)

        def look_ahead(self) -> None:
            pass

        def launch(self, *where: object, **more: object) -> None:
            pass

    monkeypatch.setattr(start, "silence", lambda: None)
    monkeypatch.setattr(start, "share_heaps", lambda: None)
    monkeypatch.setattr(start.PrivateFolder, "use", lambda self: None)
    monkeypatch.setattr("mint.ui.page.Page", Page)
    first = Loading(lambda: None)  # type: ignore[arg-type, return-value]
    for kiosk in (True, False):
        start.serve(first, written_examples, kiosk=kiosk, others={"augmented": first})
    assert [shared.pairs for shared in made] == [("twin",), ("twin", "augmented")]


def test_the_choice_is_in_every_language_and_the_twins_come_first(pairs: Served) -> None:
    (radio,) = component(pairs, "pair")
    assert [value for _, value in radio["choices"]] == ["twin", "augmented"]
    assert radio["value"] == "twin"
    tables = pairs.config["i18n_translations"]
    keys = [str(name).partition('"key": "')[2].partition('"')[0] for name, _ in radio["choices"]]
    assert [tables["en"][key] for key in keys] == ["trained on pictures as they are", "trained with augmentation"]
    assert [tables["es"][key] for key in keys] == [
        "entrenadas con las imágenes tal cual",
        "entrenadas con aumento de datos",
    ]


def test_the_wall_says_that_both_networks_of_a_half_used_a_picture(pairs: Served, visit: Visit) -> None:
    (wall,), (people,) = component(pairs, "examples"), component(pairs, "people")
    assert "Used by twin A and augmented A" in wall["value"]
    assert "They are those of twin A and twin B." in wall["value"]
    assert "Used by twin A and augmented A" in people["value"]
    assert "Usada por la gemela A y la aumentada A" in visit("es-ES").standing["examples"]


def test_the_first_screen_says_who_else_can_be_asked_and_whom_its_button_asks(
    pairs: Served, served: Served, visit: Visit
) -> None:
    (told,), (wall,) = component(pairs, "twins"), component(pairs, "flip")
    assert "Augmented A and augmented B" in told["value"]
    assert "Ask the chosen networks now" in wall["value"]
    assert "Ask both twins now" not in wall["value"], "they need not be the twins"
    assert "La aumentada A y la aumentada B" in visit("es-ES").standing["twins"]
    (told,), (wall,) = component(served, "twins"), component(served, "flip")
    assert "augmented" not in told["value"]
    assert "Ask both twins now" in wall["value"]


def test_an_answer_is_given_anew_by_the_pair_that_is_chosen(pairs: Served, visit: Visit) -> None:
    guest, other = visit(), pairs.others["augmented"].test
    assert choose(guest, "augmented").get("answer") is None, "nothing was asked yet"
    choose(guest, "twin")
    guest.pick("examples", 0)
    assert words(guest.page["answer"]) == {"twin-a": "Evidence of use", "twin-b": "No sign of use"}
    first, faces = dict(guest.page), guest.page["faces"]
    choose(guest, "augmented")
    answer = guest.page["answer"]
    assert words(answer) == {"augmented-a": "Evidence of use", "augmented-b": "No sign of use"}
    assert "Evidence that augmented A was trained on this photo, and only augmented A." in text(answer)
    assert "Truth: augmented A was trained on this picture; augmented B was not." in text(answer)
    assert answer.count('class="checked hit"') == 4
    assert "The answer flips" in answer
    assert "twin" not in text(answer).lower()
    assert number(answer) != number(first["answer"])
    assert guest.page["faces"] == faces
    assert "Augmented B" in guest.page["details"]
    assert "Twin" not in guest.page["details"]
    assert Elements(guest.page["details"]).values("class").count("track") == 2 * 14
    assert (pairs.test.looks, other.looks) == (1, 1)
    choose(guest, "twin")
    assert words(guest.page["answer"]) == words(first["answer"])
    assert guest.page["details"] == first["details"]
    choose(guest, "augmented")
    assert (pairs.test.looks, other.looks) == (1, 1), "who goes back and forth waits for no network"


def test_the_next_photos_are_asked_of_the_pair_that_is_chosen(pairs: Served, visit: Visit) -> None:
    guest = visit()
    choose(guest, "augmented")
    guest.pick("examples", 1)
    assert words(guest.page["answer"]) == {"augmented-a": "No sign of use", "augmented-b": "Evidence of use"}
    guest.add(pairs.examples / "faces" / "00.png")
    assert "only augmented A" in guest.page["answer"]
    assert "Truth" not in guest.page["answer"]
    assert pairs.test.looks == 0
    guest.move("alpha", 0.001)
    assert words(guest.page["answer"]) == {"augmented-a": "Inconclusive", "augmented-b": "No sign of use"}
    assert not pairs.waiting()


def test_a_face_that_was_chosen_stays_chosen(pairs: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(side_by_side(3))
    guest.pick("faces", 1)
    details = guest.page["details"]
    choose(guest, "augmented")
    guest.pick("faces", 1)
    assert "Face 2 of 3" in guest.page["faces"]
    choose(guest, "twin")
    assert guest.page["details"] == details


def test_a_person_is_asked_of_the_pair_that_is_chosen(pairs: Served, visit: Visit) -> None:
    guest, other = visit(), pairs.others["augmented"].test
    guest.pick("people", 0)
    grown = pairs.test.looks
    choose(guest, "augmented")
    answer = guest.page["person-answer"]
    assert words(answer) == {"augmented-a": "Evidence of use", "augmented-b": "No sign of use"}
    assert "Truth: augmented A was trained on pictures of this person." in text(answer)
    assert answer.count('class="checked hit"') == 2
    assert (pairs.test.looks, other.looks) == (grown, grown)
    photos = guest.page["person-photos"]
    choose(guest, "twin")
    assert words(guest.page["person-answer"]) == {"twin-a": "Evidence of use", "twin-b": "No sign of use"}
    assert guest.page["person-photos"] == photos
    assert (pairs.test.looks, other.looks) == (grown, grown)
    guest.pick("people", 1)
    choose(guest, "augmented")
    assert "neither augmented A nor augmented B was trained on this person" in guest.page["person-answer"]


def test_photos_of_one_person_join_those_that_another_pair_was_asked_about(pairs: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE, "person-")
    guest.fields["pair"] = "augmented"  # as if the choice itself were still on its way
    guest.add(pairs.examples / "people" / "01-1-gan.png", "person-")
    assert list(words(guest.page["person-answer"])) == list(AUGMENTED)
    assert text(guest.page["person-photos"]).startswith("2 usable photos")


def test_a_report_is_of_the_pair_that_answered(pairs: Served, visit: Visit) -> None:
    from mint.ui.sessions import downloads

    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "links", lambda document, say: made.append(document) or "made")
        guest = visit()
        choose(guest, "augmented")
        guest.pick("examples", 0)
        guest.ask("make")
        guest.pick("people", 0)
        guest.ask("person-make")
        choose(guest, "twin")
        guest.ask("make")
    photo, person, again = made
    assert photo["photos"][0]["truth"] == {"augmented-a": True, "augmented-b": False}
    assert [network["name"] for network in photo["networks"]] == list(AUGMENTED)
    assert [said["network"] for said in person["person"]["answers"]] == list(AUGMENTED)
    assert again["photos"][0]["truth"] == {"twin-a": True, "twin-b": False}


def test_a_pair_that_is_still_loading_is_waited_for_and_the_first_is_not_kept_waiting(
    pairs: Served, visit: Visit
) -> None:
    slow = pairs.others["augmented"]
    slow.hold()
    guest = visit(loads=False)
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == list(NETWORKS)
    guest.fields["pair"] = "augmented"
    asked = guest.begin("pair", "input")
    slow.arrive()
    assert list(words(asked.result(LIMIT)["answer"])) == list(AUGMENTED)


def test_a_pair_that_could_not_be_loaded_is_told_of_when_it_is_chosen(pairs: Served, visit: Visit) -> None:
    pairs.others["augmented"].error = WeightsMissing("weights/augmented-a is damaged.")
    guest = visit()
    assert "Both networks are ready." in guest.standing["status"]
    assert "Twin A" in guest.page["proof"]
    guest.pick("examples", 0)
    guest.pick("people", 0)
    choose(guest, "augmented")
    for prefix in ("", "person-"):
        assert "The test cannot run." in guest.page[f"{prefix}answer"]
    assert guest.page["person-photos"] == ""
    choose(guest, "twin")
    guest.pick("examples", 0)
    guest.pick("people", 0)
    for prefix in ("", "person-"):
        assert list(words(guest.page[f"{prefix}answer"])) == list(NETWORKS)


def test_faces_that_are_cut_out_in_another_way_need_the_photo_again(pairs: Served, visit: Visit) -> None:
    pairs.others["augmented"].test.cuts = "in another"
    guest = visit("es-ES")
    guest.add(FACE)
    choose(guest, "augmented")
    assert "Añada la foto otra vez." in guest.page["answer"]
    assert not guest.page["details"]
    guest.add(FACE)
    assert list(words(guest.page["answer"])) == list(AUGMENTED)


def test_what_no_radio_sends_is_refused_and_changes_nothing(pairs: Served, visit: Visit) -> None:
    from tests.hostile.visitor import Failed

    guest = visit()
    guest.pick("examples", 0)
    before = guest.page["answer"]
    with pytest.raises(Failed):
        choose(guest, "../../etc/passwd")
    assert guest.page["answer"] == before


def test_what_was_measured_is_shown_of_both_pairs(pairs: Served, visit: Visit) -> None:
    proof = text(visit().page["proof"])
    for name in ("Twin A", "Twin B", "Augmented A", "Augmented B"):
        assert name in proof


def test_who_is_asked_beside_the_pair_is_asked_beside_either(pairs: Served, visit: Visit) -> None:
    pairs.ask((*NETWORKS, THIRD))
    other = pairs.others["augmented"]
    other.test = FakeTest(pairs.who, networks=(*AUGMENTED, THIRD))
    guest = visit()
    guest.pick("examples", 0)
    choose(guest, "augmented")
    assert list(words(guest.page["answer"])) == [*AUGMENTED, THIRD]
    assert guest.page["answer"].count('class="checked') == 4, "what a third network used is not known"
