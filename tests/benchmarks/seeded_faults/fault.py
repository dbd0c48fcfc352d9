"""A fault that somebody could make, and that a test must notice."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of one file, said wrongly.

    Attributes:
        name: what to call it.
        file: path from the root.
        old: what stands there, exactly once.
        new: what is put in its place.
        why: what it would do to whom.
    """

    name: str
    file: str
    old: str
    new: str
    why: str

    def seeded(self, text: str) -> str:
        """The file's text with the fault.

        Raises:
            ValueError: the old text does not stand there exactly once, nothing would change, or the file would not
                be one any more: it would be noticed for another reason.
        """
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.file} has {self.old!r} {found} times, not once. Change the fault {self.name}.")
        changed = text.replace(self.old, self.new)
        if changed == text:
            raise ValueError(f"Old and new text are the same. Change the fault {self.name}.")
        try:
            if self.file.endswith(".py"):
                ast.parse(changed)
            elif self.file.endswith(".json"):
                json.loads(changed)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{self.file} cannot be read with it: {error}. Change the fault {self.name}.") from error
        return changed
