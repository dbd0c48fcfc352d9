from __future__ import annotations

from mint.ui.views.faces import Picture, faces_panel
from tests.ui.fakes import a_face

PICTURE = Picture("data:image/jpeg;base64,AA==", 200, 100)


def test_one_face_needs_no_choice() -> None:
    html = faces_panel(PICTURE, [a_face()], 0)
    assert "data-pick" not in html
    assert html.count('class="box chosen"') == 1


def test_several_faces_are_numbered_and_one_is_chosen() -> None:
    html = faces_panel(PICTURE, [a_face(0), a_face(1), a_face(2)], 1)
    assert html.count('class="thumb') == 3 + 1  # and the row itself
    assert html.count('aria-pressed="true"') == 1
    assert "Face 2 of 3" in html


def test_boxes_stay_inside_the_photo() -> None:
    html = faces_panel(Picture("data:,", 20, 20), [a_face()], 0)
    assert "width:50.000%" in html  # from 10 to the edge at 20, though the box is 50 wide


def test_faces_that_were_not_looked_at_are_admitted() -> None:
    assert "3 smaller faces were not looked at" in faces_panel(PICTURE, [a_face(0), a_face(1)], 0, skipped=3)
    assert "not looked at" not in faces_panel(PICTURE, [a_face(0), a_face(1)], 0)


def test_a_photo_without_faces_is_still_shown() -> None:
    html = faces_panel(PICTURE, (), 0)
    assert PICTURE.uri in html
    assert "box" not in html


def test_every_picture_has_a_text_for_those_who_do_not_see_it() -> None:
    html = faces_panel(PICTURE, [a_face(0), a_face(1)], 0)
    assert html.count("<img") == html.count("alt=")
    assert 'aria-label="Face 1 of 2"' in html
    assert 'aria-label="Face 2 of 2"' in html
