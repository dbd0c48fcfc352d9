"""A report of what is on the page, in three forms: its files lie in the page itself."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
from collections.abc import Callable

import pytest
from PIL import Image

from tests.ui.guest import Guest
from tests.ui.reading import FACE, Elements
from tests.ui.served import Served

Visit = Callable[..., Guest]


def files(html: str) -> dict[str, bytes]:
    """What the links save, by name."""
    links = [attributes for tag, attributes in Elements(html).found if tag == "a"]
    return {str(a["download"]): base64.b64decode(str(a["href"]).partition(";base64,")[2]) for a in links}


def test_a_report_on_a_photo_is_taken_along_in_three_forms(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.ask("make")
    assert guest.page["links"] == "", "nothing was audited yet"
    guest.add(FACE)
    guest.ask("make")
    found = files(guest.page["links"])
    assert list(found) == ["mint-report.pdf", "mint-report.html", "mint-report.json"]
    assert found["mint-report.pdf"].startswith(b"%PDF")
    assert found["mint-report.html"].startswith(b"<!doctype html>")
    assert b'lang="en"' in found["mint-report.html"]
    (photo,) = json.loads(found["mint-report.json"])["photos"]
    assert photo["name"] == "photo", "a name, never a path"
    assert photo["sha256"] == hashlib.sha256(FACE.read_bytes()).hexdigest()
    assert thumbnails(found) == []
    assert b"data:image" not in found["mint-report.html"]
    assert not served.waiting(), "the server keeps no file of it"


def test_the_face_goes_in_only_if_that_was_ticked(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE)
    guest.ask("make")
    guest.tick("thumbnail")
    assert guest.page["links"] == "", "what was made before is gone"
    guest.ask("make")
    found = files(guest.page["links"])
    (picture,) = thumbnails(found)
    assert Image.open(io.BytesIO(picture)).size == (112, 112)
    assert b"data:image" in found["mint-report.html"]
    guest.ask("make", thumbnail="yes")
    assert thumbnails(files(guest.page["links"])) == [], "a tick, and nothing like one"


def thumbnails(found: dict[str, bytes]) -> list[bytes]:
    """The faces in a report."""
    report = json.loads(found["mint-report.json"])
    pictured = report["person"]["photos"] if report["person"] else [f for p in report["photos"] for f in p["faces"]]
    return [base64.b64decode(face["thumbnail"]) for face in pictured if face["thumbnail"] is not None]


def test_what_an_authority_asks_for_goes_in_and_nowhere_else(
    served: Served, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    guest = visit("es-ES")
    guest.pick("examples", 0)
    guest.ask("make")
    stated = {"number": "EXP-7", "auditor": "Ana Muñoz", "copy-date": "2026-07-31", "legal-basis": "RGPD, art. 9.2.a"}
    for field, text in stated.items():
        guest.fields[f"case-{field}"] = text
        guest.page["links"] = "made before"
        guest.ask(f"case-{field}", "input")
        assert guest.page["links"] == "", "it said something else"
    with caplog.at_level(logging.DEBUG):
        guest.ask("make")
    found = files(guest.page["links"])
    case = json.loads(found["mint-report.json"])["case"]
    assert {key: text for key, text in case.items() if text} == {k.replace("-", "_"): v for k, v in stated.items()}
    assert "EXP-7" in found["mint-report.html"].decode()
    assert "EXP-7" not in caplog.text
    assert not served.waiting()


def test_a_slip_in_the_date_is_said_and_not_logged(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    guest = visit("es-ES")
    guest.pick("examples", 0)
    with caplog.at_level(logging.DEBUG, "mint"):
        guest.ask("make", **{"case-copy-date": "ayer", "case-auditor": "Ana Muñoz"})
        assert "debe escribirse como 2026-07-31" in guest.page["links"]
        guest.ask("make", **{"case-auditor": "x" * 500})
        assert "más de 120 caracteres" in guest.page["links"]
    assert not [record for record in caplog.records if record.name.startswith("mint")]


@pytest.mark.parametrize("slider", ["alpha", "prior"])
def test_a_report_says_what_the_sliders_say(served: Served, visit: Visit, slider: str) -> None:
    guest = visit()
    guest.pick("examples", 0)
    guest.ask("make")
    guest.move(slider, 0.02)
    assert guest.page["links"] == "", "it said something else"
    guest.ask("make")
    report = json.loads(files(guest.page["links"])["mint-report.json"])
    assert (report["alpha"], report["prior"]) == ((0.02, 0.5) if slider == "alpha" else (0.01, 0.02))


def test_a_report_on_a_person_counts_the_photos_that_are_left(served: Served, visit: Visit) -> None:
    guest = visit("es-ES")
    guest.ask("person-make")
    assert guest.page["person-links"] == ""
    guest.pick("people", 0)
    guest.pick("person-photos", 2)
    guest.ask("person-make", **{"person-thumbnail": True})
    found = files(guest.page["person-links"])
    assert found["mint-report.pdf"].startswith(b"%PDF")
    assert b'lang="es"' in found["mint-report.html"]
    report = json.loads(found["mint-report.json"])
    assert [photo["name"] for photo in report["person"]["photos"]] == ["Photo 1", "Photo 3"]
    assert len(thumbnails(found)) == 2
    guest.pick("person-photos", 1)
    assert guest.page["person-links"] == "", "it counted another photo"
