"""Who had a test made, of which copy, and on which ground: what an authority asks of a report and no program knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from mint.errors import BadInput

LONGEST = 120  # characters of a field: a name, an article of a law; so that all of them fit the summary's two pages


@dataclass(frozen=True, slots=True)
class Case:
    """What is written on a report beside what was computed; an empty text where it is not stated.

    Attributes:
        number: of the case.
        organisation: that had the test made.
        auditor: who made it.
        controller: who answers for the network and the data that it was trained on (GDPR, Art. 4(7)).
        copy_version: what the controller calls the audited copy; its hash is computed.
        copy_date: when that copy was taken, as 2026-07-31.
        legal_basis: of the test itself, which processes a face (GDPR, Art. 6 and 9).

    Raises:
        BadInput: a text is too long, or the date is none.
    """

    number: str = ""
    organisation: str = ""
    auditor: str = ""
    controller: str = ""
    copy_version: str = ""
    copy_date: str = ""
    legal_basis: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            if len(getattr(self, field.name)) > LONGEST:
                # The text itself is not repeated: an error may be logged.
                raise BadInput("A field of the case is longer than {n} characters. Shorten it.", n=LONGEST)
        if self.copy_date:
            try:
                found = date.fromisoformat(self.copy_date).isoformat()
            except ValueError:
                found = ""
            if found != self.copy_date:  # Python takes 20260731 and 2026-W31-5 as well, which few readers do
                raise BadInput("The date of the audited copy must be written as 2026-07-31.")

    def to_dict(self) -> dict[str, str | None]:
        """Return the fields as a report holds them: None where nothing is stated."""
        return {name: text.strip() or None for name, text in asdict(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Case:
        """Read what ``to_dict`` returned. Raises BadInput, and TypeError or AttributeError where it is damaged."""
        return cls(**{name: text or "" for name, text in stored.items()})


NOT_STATED = Case()
