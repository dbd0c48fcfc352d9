"""The headers by their own words: ``test_headers.py`` compares answers with the list, and a list can lose an entry."""

from __future__ import annotations

import pytest

from mint.ui.server.headers import HEADERS

POLICY = {part.split()[0]: part.split()[1:] for part in HEADERS.get("content-security-policy", "").split(";") if part}
WITHIN = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}


@pytest.mark.parametrize(
    ("header", "value"), [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")]
)
def test_the_browser_guesses_no_type_and_tells_nobody_where_it_was(header: str, value: str) -> None:
    assert HEADERS[header] == value


@pytest.mark.parametrize(
    ("directive", "sources"),
    [
        ("default-src", ["'self'"]),
        ("frame-src", ["'none'"]),
        ("object-src", ["'none'"]),
        ("base-uri", ["'self'"]),
        ("form-action", ["'self'"]),
        ("frame-ancestors", ["'self'", "https://huggingface.co"]),
    ],
)
def test_the_policy_says_who_may_frame_it_and_what_it_may_send(directive: str, sources: list[str]) -> None:
    assert POLICY[directive] == sources


def test_nothing_comes_from_elsewhere_and_nothing_goes_there() -> None:
    assert {source for name, some in POLICY.items() if name != "frame-ancestors" for source in some} <= WITHIN


def test_of_a_visitor_s_machine_it_may_use_the_camera_alone() -> None:
    granted = [part.strip() for part in HEADERS["permissions-policy"].split(",") if not part.strip().endswith("=()")]
    assert granted == ["camera=(self)"]
    assert {"microphone=()", "geolocation=()"} <= {part.strip() for part in HEADERS["permissions-policy"].split(",")}
