"""Licences of third-party weights: shown before the first download, accepted once.

What is remembered is the sha256 of the words that were shown, so that other words are asked about again.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mint.errors import LicenceNotAccepted
from mint.storage.files import read_json, write_json

# For servers without a terminal: the names of the licences that their operator accepts, with commas between.
VARIABLE = "MINT_ACCEPT_LICENCE"
REMEMBERED = "licences.json"
# Licences under which anybody may pass on what they got.
FREE = frozenset({"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "ISC", "MIT"})


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence under which weights may be used.

    Attributes:
        name: SPDX identifier, or a name of ours where there is none.
        url: where its words stand.
        summary: what it asks of the user, in our words.
        asks: whether it must be accepted before the first download.
        shares: whether the weights may be uploaded again.
    """

    name: str
    url: str
    summary: str
    asks: bool = False
    shares: bool = True

    @property
    def text(self) -> str:
        """The text that is shown and accepted."""
        return f"{self.name}: {self.summary}\n{self.url}"

    @property
    def sha256(self) -> str:
        """The sha256 of ``text``."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def accepted(licence: Licence) -> bool:
    """Return whether a licence needs no consent, or this very text was accepted before."""
    named = {name.strip() for name in os.environ.get(VARIABLE, "").split(",")}
    if not licence.asks or licence.name in named:
        return True
    return bool(_remembered().get(licence.name, {}).get("sha256") == licence.sha256)


def accept(licence: Licence) -> Path:
    """Record that the user accepted this text today.

    Returns:
        The file that remembers it.
    """
    path = config_folder() / REMEMBERED
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"accepted": now, "sha256": licence.sha256, "text": licence.text}
    write_json(path, {**_remembered(), licence.name: entry})
    return path


def require(licence: Licence, what: str) -> None:
    """Raise LicenceNotAccepted unless the licence was accepted.

    Args:
        licence: of what is about to be downloaded.
        what: its name in the catalog.

    Raises:
        LicenceNotAccepted: with the words and the three ways to accept them.
    """
    if not accepted(licence):
        raise LicenceNotAccepted(
            f"{what} comes under a licence that you have not accepted yet.\n{licence.text}\n"
            f"Accept it once: mint weights get {what} (with --accept-licence where there is no terminal), "
            f"or on a server {VARIABLE}={licence.name}."
        )


def config_folder() -> Path:
    """Return the folder of this user's settings for MINT."""
    from typer import get_app_dir  # knows every system's custom

    return Path(get_app_dir("mint"))


def _remembered() -> dict[str, Any]:
    path = config_folder() / REMEMBERED
    try:
        found = read_json(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise LicenceNotAccepted(f"{path} cannot be read ({error}). Remove it, then accept again.") from error
    return found if isinstance(found, dict) else {}
