import os
from pathlib import Path

import pytest

from mint.errors import BadInput
from mint.vision.folders import photos_below


def made(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def found(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in photos_below(root).photos]


def test_photos_in_a_folder_are_sorted_and_only_photos(tmp_path: Path) -> None:
    made(tmp_path, "b.JPG", "a.png", "deep/er/c.webp", "d.jpeg", "e.gif", "notes.txt", "ledger.csv")
    (tmp_path / "folder.png").mkdir()
    assert found(tmp_path) == ["a.png", "b.JPG", "d.jpeg", "deep/er/c.webp"]
    assert photos_below(tmp_path).left_out == (
        "1 .gif photo was left out: only JPEG, PNG and WebP are read. Save them as one of these.",
    )
    assert photos_below(tmp_path / "notes.txt").photos == (tmp_path / "notes.txt",)
    assert photos_below(tmp_path / "nowhere.jpg").photos == (tmp_path / "nowhere.jpg",)


def test_files_whose_names_end_like_no_pictures_are_counted(tmp_path: Path) -> None:
    made(
        tmp_path,
        "1.png",
        "b/c.jpg_1",
        "Thumbs.db",
        "notes.txt",
        ".DS_Store",
        "1.xmp",
        "README",
        ".hidden/d",
        "@eaDir/e",
    )
    (tmp_path / "folder").mkdir()
    assert photos_below(tmp_path).left_out == (
        "1 file was left out, such as c.jpg_1: the end of the name is that of no picture. Name such a file itself to ask.",
    )
    made(tmp_path, "a", "d.png~", "e.jpg.bak")
    assert found(tmp_path) == ["1.png"]
    assert photos_below(tmp_path).left_out[0].startswith("4 files were left out, such as a: ")


def test_links_are_followed_and_have_an_end(tmp_path: Path) -> None:
    made(tmp_path, "else/carl/1.png", "given/anna/1.png")
    given = tmp_path / "given"
    (given / "carl").symlink_to(tmp_path / "else" / "carl")
    (given / "anna" / "around").symlink_to(given)
    (given / "anna" / "itself.png").symlink_to(given / "anna" / "itself.png")
    (given / "anna" / "lost.png").symlink_to("nowhere.png")
    assert found(given) == ["anna/1.png", "anna/itself.png", "anna/lost.png", "carl/1.png"]


def test_hidden_photos_are_left_out_and_counted(tmp_path: Path) -> None:
    made(tmp_path, "1.png", "._1.png", "@eaDir/1.png/small.jpg", ".thumbs/2.jpg", "__MACOSX/3.jpg", ".heic")
    assert found(tmp_path) == ["1.png"]
    assert photos_below(tmp_path).hidden == 4
    assert photos_below(tmp_path).left_out[0].startswith("4 hidden photos were left out")
    assert found(tmp_path / ".thumbs") == ["2.jpg"]  # who names it means it


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "1.png", "closed/2.png", ".cache/3.png")
    listed = os.listdir

    def refusing(place: str | Path) -> list[str]:
        if Path(place).name in ("closed", ".cache"):
            raise PermissionError(13, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(os, "listdir", refusing)
    with pytest.raises(BadInput, match="closed cannot be read: Permission denied"):
        photos_below(tmp_path)
    (tmp_path / "closed" / "2.png").unlink()
    (tmp_path / "closed").rmdir()
    assert found(tmp_path) == ["1.png"]
