"""Ask the versions of a network about the photo whose answer is on the page. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.i18n.translate import ENGLISH, Say
from mint.types import Face, Look
from mint.ui.loading import Versions
from mint.ui.sessions.photo import PhotoSession
from mint.ui.views.details.over_time import instead, over_time

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.judging.over_time import OverTime

WAITING = "Asking the versions …"
LOADING = "The versions were not loaded yet when this photo came. Choose it once more in a moment."
ABSENT = "The versions cannot be asked here; the server's log says why."


@dataclass(frozen=True, slots=True, eq=False)
class SeenByVersions:
    """A photo's faces under all versions.

    Attributes:
        of: the faces, as they were cut out and not yet shown.
        look: the same faces, with every version's scores.
    """

    of: Look
    look: Look

    def belongs_to(self, session: PhotoSession | None) -> bool:
        """Return whether these are the faces of the answer on the page."""
        return session is not None and session.cut is self.of


def cut_for(versions: Versions | None, faces: Sequence[Face], rgb: np.ndarray, by: str) -> Look | None:
    """Return what the versions need of a photo, which is not kept itself; None without them, or while they are loading.

    Args:
        versions: the series.
        faces: that were found, largest first.
        rgb: (H, W, 3) uint8 RGB.
        by: the name of the detector that found them.
    """
    test = None if versions is None else versions.there()
    return None if test is None else test.cut(faces, "photo", rgb, by)


def look_under(versions: Versions, session: PhotoSession, seen: SeenByVersions | None) -> SeenByVersions | None:
    """Show a photo's faces to every version; those that were shown already are not shown again.

    Returns:
        None where the versions were not there when the photo came.
    """
    test = versions.there()
    if session.cut is None or test is None:
        return None
    if seen is not None and seen.belongs_to(session):
        return seen
    return SeenByVersions(session.cut, test.score(session.cut))


def answers(versions: Versions, seen: SeenByVersions, alpha: float) -> tuple[OverTime, ...]:
    """Judge every face over the versions. Runs no network."""
    return versions.loading.get().over_time(seen.look, versions.series, alpha)


def report_part(
    versions: Versions, session: PhotoSession, seen: SeenByVersions | None, alpha: float
) -> dict[str, Any] | None:
    """Return what a report says of the photo over the versions; None while they have no answer."""
    if seen is None or not seen.belongs_to(session):
        return None
    from mint.report.optional.over_time import over_time as part

    bundles = versions.loading.get().bundles
    return part(versions.series, bundles, [(session.look.photo, answers(versions, seen, alpha))], alpha)


def show_versions(
    versions: Versions, session: PhotoSession | None, seen: SeenByVersions | None, alpha: float, say: Say = ENGLISH
) -> str:
    """Render the answer of the chosen face over the versions; nothing without a photo, and words where there is none yet."""
    if session is None:
        return ""
    if seen is None or not seen.belongs_to(session):
        told = ABSENT if versions.failed else LOADING if session.cut is None else WAITING
        return instead(say(told), say)
    said = answers(versions, seen, alpha)[session.chosen]
    return over_time(said.to_dict(), versions.series.names, versions.series.measured, say)
