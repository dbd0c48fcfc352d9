"""6. Many photos: they come at once, each has its row, and the table is in a link that no disk has seen."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mint.storage.paths import EXAMPLES
from mint.ui.server.uploads import Upload
from mint.ui.sessions.many_photos import AT_ONCE
from mint.ui.tabs.many_photos import ManyPhotos
from tests.ui.guest import Guest
from tests.ui.reading import FACE, Elements, number, text
from tests.ui.served import Served

Visit = Callable[..., Guest]
PEOPLE = [EXAMPLES / "people" / f"01-{i}-gan.png" for i in (1, 2, 3)]


def add(guest: Guest, *photos: tuple[bytes, str]) -> dict[str, Any]:
    return guest.ask("many-files", "upload", **{"many-files": [guest.upload(data, name) for data, name in photos]})


def table(guest: Guest) -> list[dict[str, str]]:
    """The file in the link."""
    guest.ask("many-make")
    (link,) = Elements(guest.page["many-links"]).values("href")
    return list(csv.DictReader(io.StringIO(base64.b64decode(link.partition("base64,")[2]).decode())))


def test_photos_become_a_table_and_the_table_a_file(served: Served, visit: Visit) -> None:
    guest = visit()
    add(guest, *[(path.read_bytes(), path.name) for path in PEOPLE], (b"a letter", "letter.txt"))
    told = text(guest.page["many-answer"])
    assert "Photos: 4 · faces: 3" in told
    assert all(path.name in told for path in PEOPLE)
    assert "letter.txt" in told
    assert not served.waiting(), "no photo lies on the disk"
    assert served.test.looks == 3
    assert not guest.page.get("many-links"), "the file is made on demand"
    found = table(guest)
    assert [row["photo"] for row in found] == [name for path in PEOPLE for name in (path.name,) * 2] + [
        "letter.txt"
    ] * 2
    assert not served.waiting(), "and it is in the link alone"
    first = number(guest.page["many-answer"])
    add(guest, (FACE.read_bytes(), PEOPLE[0].name))
    assert "Photos: 5 · faces: 4" in text(guest.page["many-answer"])
    assert number(guest.page["many-answer"]) == first, "the table grows where it stands"
    assert guest.page["many-links"] == "", "that file was of fewer photos"
    assert [row["photo"] for row in table(guest)][-1] == "01-1-gan (2).png"


def test_a_moved_slider_judges_again_and_takes_the_file_away(served: Served, visit: Visit) -> None:
    guest = visit()
    add(guest, (PEOPLE[0].read_bytes(), "a.png"))
    assert table(guest)[0]["alpha"] == "0.01"
    looks = served.test.looks
    guest.move("many-alpha", 0.05)
    assert guest.page["many-links"] == ""
    assert "used at α = 0.05, as promised" in text(guest.page["many-answer"])
    assert table(guest)[0]["alpha"] == "0.05"
    assert served.test.looks == looks


def test_forgotten_photos_are_said_to_be_forgotten_and_new_ones_do_not_count_silently(
    served: Served, visit: Visit
) -> None:
    guest = visit()
    add(guest, *[(path.read_bytes(), path.name) for path in PEOPLE[:2]])
    served.forget()
    guest.ask("many-make")
    assert "This answer was forgotten." in guest.page["many-links"]
    guest.move("many-alpha", 0.05)
    assert "This answer was forgotten." in guest.page["many-answer"]
    add(guest, (FACE.read_bytes(), "face.jpg"))
    told = text(guest.page["many-answer"])
    assert "The photos that you added before were forgotten" in told
    assert "Photos: 1" in told
    guest.move("many-alpha", 0.01)
    assert "The photos that you added before were forgotten" in text(guest.page["many-answer"])
    guest.ask("many-clear")
    add(guest, (FACE.read_bytes(), "face.jpg"))
    assert "were forgotten" not in guest.page["many-answer"]


def test_everything_is_removed_at_once(served: Served, visit: Visit) -> None:
    guest = visit()
    add(guest, (PEOPLE[0].read_bytes(), "a.png"))
    table(guest)
    guest.ask("many-clear")
    assert "One answer for each photo" in text(guest.page["many-answer"])
    assert guest.page["many-links"] == ""
    guest.ask("many-make")
    assert guest.page["many-links"] == "", "there is nothing to make a file of"


def test_one_turn_takes_so_many_and_says_what_it_leaves_out(served: Served, visit: Visit) -> None:
    guest = visit()
    add(guest, *[(b"a letter", f"{n}.txt") for n in range(AT_ONCE + 2)])
    told = text(guest.page["many-answer"])
    assert f"Photos: {AT_ONCE} · faces: 0" in told
    assert "too many: 2" in told
    assert not served.waiting()


def test_words_are_those_of_the_visitor(visit: Visit) -> None:
    guest = visit(speaks="es-ES")
    assert "Una respuesta por cada foto" in guest.standing["many-answer"]
    add(guest, (PEOPLE[0].read_bytes(), "a.png"))
    assert "Fotos: 1 · caras: 1" in text(guest.page["many-answer"])
    table(guest)
    assert "Guárdela" in guest.page["many-links"]


def test_no_file_is_left_when_the_first_photo_is_looked_at(tmp_path: Any) -> None:
    paths = [tmp_path / f"{n}.png" for n in range(2)]
    for path in paths:
        path.write_bytes(b"somebody's photo")
    photos = [Upload(path.read_bytes(), path, path.name) for path in paths]

    def work(now: Any, given: Any, *more: Any) -> Any:
        assert [name for _, name in given] == ["0.png", "1.png"]
        assert not [path for path in paths if path.exists()]
        yield ("first",)
        raise RuntimeError

    run = ManyPhotos._files(SimpleNamespace(_add=work), photos, None, 0.01, 0.5, "en", "twin")  # type: ignore[arg-type]
    assert next(run) == ("first",)
    with pytest.raises(RuntimeError):
        next(run)
