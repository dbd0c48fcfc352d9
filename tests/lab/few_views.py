"""Fewer altered views of a photo, for tests of whole runs: each view is a look of the network at every photo."""

from __future__ import annotations

import pytest

from mint.auditors.views import VIEWS

KEPT = ("flip", "shift left", "blur", "noise", "darker")  # the last is one that a form of light undoes


def few_views(patch: pytest.MonkeyPatch) -> None:
    """Take the other views away; what each of them is, and that all are shown, is tested in tests/auditors.

    All of them go, the last first, so that they come back in their order.
    """
    every = dict(VIEWS)
    for name in reversed(every):
        patch.delitem(VIEWS, name)
    for name in KEPT:
        patch.setitem(VIEWS, name, every[name])
