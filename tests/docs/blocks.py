"""The documents that people read, and the blocks of code in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README, INDEX = ROOT / "README.md", ROOT / "docs" / "index.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
GUIDES = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *GUIDES, CONTRIBUTING]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMENTS = re.compile(r"<!--.*?-->", re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        page: the document, relative to the root.
        line: that the block begins on.
        language: as the fence says.
        text: what is in it.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Every block in these languages, in all documents."""
    return [block for page in PAGES for block in _of(page) if not languages or block.language in languages]


def program(page: str) -> Block:
    """The one Python program of a document, by its path from the root."""
    (found,) = [block for block in blocks("python") if block.page == page]
    return found


def prose(page: Path) -> str:
    """A document without its blocks and comments."""
    return COMMENTS.sub("", FENCED.sub("", page.read_text("utf-8")))


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a block: comments dropped, split at ``&&`` and ``;``."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&;")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word not in ("&&", ";"):
                words.append(word)
            elif words:
                yield words
                words = []


def _of(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in FENCED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page.relative_to(ROOT).as_posix(), line, found[1], found[2])
