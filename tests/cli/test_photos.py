from pathlib import Path

import pytest

from mint.cli.photos import photos_at
from mint.errors import MintError


def test_a_photo_that_is_named_again_is_one_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "me").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "me" / name).write_bytes(b"a photo")
    monkeypatch.chdir(tmp_path)
    me, a, b = Path("me"), Path("me/a.jpg"), Path("me/b.jpg")
    assert photos_at(me) == [(a, me), (b, me)]
    assert not capsys.readouterr().err
    assert photos_at(a, b, a) == [(a, a), (b, b)]
    assert "1 photo was named again: each counts once." in capsys.readouterr().err
    whole = tmp_path / "me" / ".." / "me" / "b.jpg"
    assert photos_at(a, me, whole) == [(a, a), (b, me)]
    assert "2 photos were named again: each counts once." in capsys.readouterr().err


def test_an_address_and_a_dash_say_what_to_give() -> None:
    with pytest.raises(MintError, match=r"^https://example\.org/a\.jpg: MINT fetches no addresses"):
        photos_at(Path("https://example.org/a.jpg"))
    with pytest.raises(MintError, match="/dev/stdin"):
        photos_at(Path("-"))
