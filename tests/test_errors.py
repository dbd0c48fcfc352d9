"""What other libraries say is told in a line that people can read."""

from __future__ import annotations

from mint.errors import brief


def test_another_library_s_message_becomes_one_line() -> None:
    assert brief(ValueError("first\n\tsecond\x1b[31m")) == "first second [31m"
    assert brief(ValueError("x" * 300)) == "x" * 199 + "…"
    assert brief(OSError(2, "No such file or directory", "photo.jpg")) == "No such file or directory"
    assert brief(KeyError()) == "KeyError"


def test_bytes_of_a_file_are_left_out() -> None:
    assert brief(SyntaxError(f"broken PNG file (chunk {b'>@'!r})")) == "broken PNG file (chunk …)"
    assert brief(ValueError(f"{b'it' + bytes([39])!r} and {bytes([34, 39, 92])!r}, not b")) == "… and …, not b"
