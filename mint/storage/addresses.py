"""Where this program's code and licence stand on the web, for whoever wants to read them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mint.storage.paths import PACKAGE

LICENCE = "MIT"
_SPDX = f"https://spdx.org/licenses/{LICENCE}.html"
_SPACE = re.compile(r"[\w.-]+/[\w.-]+")
_CITED = re.compile(r"^repository-code: *[\"']?(https://[^\s\"']+)", re.M)


def code(environment: Mapping[str, str] = os.environ, citation: Path = PACKAGE.parent / "CITATION.cff") -> str | None:
    """Return the URL of the source code, or None if neither a Space nor ``CITATION.cff`` names one.

    On a Space these are the Space's own files, so that a visitor reads what really runs. Elsewhere it is what
    ``CITATION.cff`` calls ``repository-code``.

    Args:
        environment: variables; Hugging Face names a Space in ``SPACE_ID``, as "owner/name".
        citation: the file; it may be missing.
    """
    space = _space(environment)
    if space is not None:
        return f"{space}/tree/main"
    told = _CITED.search(citation.read_text("utf-8")) if citation.is_file() else None
    return None if told is None else told[1]


def licence(environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of the licence's text: the Space's own file, or SPDX's page.

    Args:
        environment: as for ``code``.
    """
    space = _space(environment)
    return _SPDX if space is None else f"{space}/blob/main/LICENSE"


def _space(environment: Mapping[str, str]) -> str | None:
    name = environment.get("SPACE_ID", "")
    return f"https://huggingface.co/spaces/{name}" if _SPACE.fullmatch(name) else None
