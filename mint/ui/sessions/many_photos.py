"""Judge one visitor's photos one by one, and give the answers as a table. Values in, values out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mint.errors import BadPhoto, NoFace
from mint.i18n.labels import DEFAULT_PAIR
from mint.i18n.sentences import Sentence
from mint.i18n.translate import ENGLISH, Say
from mint.types import Look, PhotoAudit
from mint.ui.sessions.photo import UNMOVED, AnswerSettings, number
from mint.ui.views import notices
from mint.ui.views.work.answer_table import answer_table

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest

MOST = 64  # photos of a visit, whose faces stay in memory meanwhile; the shell takes any number
AT_ONCE = 16  # that one turn at the networks may take: everybody else waits in line meanwhile
LONGEST = 120  # letters of a file's name that are kept
NAMELESS = "Photo {n}"
Audits = tuple[PhotoAudit, ...]  # of one photo, one a network


@dataclass(frozen=True, slots=True, eq=False)
class PhotosSession:
    """The state of many photos while their answers are on the page, in memory only.

    Attributes:
        seen: name to what was seen of the photo, or why nothing was; the photos themselves are not kept.
        hashes: sha256 of each photo's file.
        audits: of each photo, at the settings of ``asked``.
        asked: the settings of the run that brought the answers.
        left_out: how many photos were too many.
        number: tells one answer from the next.
        pair: that was asked, see ``PageContext.others``; the looks may know more.
        started_over: whether photos that were there before had been forgotten.
    """

    seen: tuple[tuple[str, Look | Sentence], ...] = ()
    hashes: tuple[str, ...] = ()
    audits: tuple[Audits, ...] = ()
    asked: AnswerSettings = UNMOVED
    left_out: int = 0
    number: int = field(default_factory=number)
    pair: str = DEFAULT_PAIR
    started_over: bool = False

    def add(self, test: MembershipTest, photo: bytes, name: str, asked: AnswerSettings) -> PhotosSession:
        """Return a copy with one more photo: every network looks at it, and it is judged; one too many is counted."""
        if len(self.seen) >= MOST:
            return replace(self, left_out=self.left_out + 1)
        name = self._named(name)
        seen: Look | Sentence
        try:
            seen = test.look(photo, name)
        except (BadPhoto, NoFace) as error:
            seen = error.sentence
        audits = (*self.judged(test, asked.alpha, asked.prior), _judge(test, name, seen, asked.alpha, asked.prior))
        hashes = (*self.hashes, hashlib.sha256(photo).hexdigest())
        return replace(self, seen=(*self.seen, (name, seen)), hashes=hashes, audits=audits, asked=asked)

    def again(self, before: MembershipTest, test: MembershipTest, pair: str, asked: AnswerSettings) -> PhotosSession:
        """Return a copy that asks another pair. Arguments and errors are those of ``PhotoSession.again``."""
        seen = tuple(
            (name, test.look_again(look, before) if isinstance(look, Look) else look) for name, look in self.seen
        )
        asking = replace(self, seen=seen, audits=(), asked=asked, number=number(), pair=pair)
        return replace(asking, audits=_judge_all(test, asking, asked.alpha, asked.prior))

    def judged(self, test: MembershipTest, alpha: float, prior: float) -> tuple[Audits, ...]:
        """Return the audits at these settings: those that are kept, or new ones where a slider was moved."""
        kept = (alpha, prior) == (self.asked.alpha, self.asked.prior)
        return self.audits if kept else _judge_all(test, self, alpha, prior)

    def _named(self, name: str) -> str:
        """Return what to call a photo: its file's name, which no other has."""
        name = "".join(c for c in re.split(r"[\\/]", name)[-1] if c.isprintable())[:LONGEST].strip()
        if not name:
            return Sentence(NAMELESS, n=len(self.seen) + 1)
        taken = {known for known, _ in self.seen}
        stem, dot, suffix = name.rpartition(".")
        numbered = (f"{stem or suffix} ({n}){dot if stem else ''}{suffix if stem else ''}" for n in range(2, MOST + 2))
        return name if name not in taken else next(other for other in numbered if other not in taken)


def _judge_all(test: MembershipTest, session: PhotosSession, alpha: float, prior: float) -> tuple[Audits, ...]:
    return tuple(_judge(test, name, seen, alpha, prior) for name, seen in session.seen)


def _judge(test: MembershipTest, name: str, seen: Look | Sentence, alpha: float, prior: float) -> Audits:
    from mint.judging.photo import not_audited

    return test.judge(seen, alpha, prior) if isinstance(seen, Look) else not_audited(test.bundles, name, seen)


def show_answers(
    test: MembershipTest, session: PhotosSession, alpha: float, prior: float, say: Say = ENGLISH, to_come: int = 0
) -> str:
    """Render the table of all answers. Runs no network, and judges only if a slider was moved.

    Args:
        test: that is asked.
        session: the photos.
        alpha: promised false-positive rate.
        prior: belief before the test.
        say: the visitor's language.
        to_come: how many photos are still to be looked at.
    """
    if not session.seen:
        return empty(say)
    crops = {name: tuple(face.crop for face in seen.faces) for name, seen in session.seen if isinstance(seen, Look)}
    audits = session.judged(test, alpha, prior)
    told = answer_table(audits, crops, alpha, say, to_come, session.left_out)
    before = notices.started_over(say) if session.started_over else ""
    return f'<div class="result" data-visit="{session.number}">{before}{told}</div>'


def empty(say: Say = ENGLISH) -> str:
    """Render the page before a photo was added."""
    return notices.empty(
        say("One answer for each photo, as a table."),
        say("Add up to {n} photos at once. Each is judged for itself, as on the first tab.", n=AT_ONCE),
        say,
    )


def how(say: Say = ENGLISH) -> str:
    """Tell what is kept, and what takes more photos than a page."""
    kept = say(
        "Nothing of the photos is kept; the table is gone when you leave, unless you save it. {n} photos fit in one visit.",
        n=MOST,
    )
    shell = say(
        "For more, {command} takes whole folders on your own computer, and goes on where it was stopped.",
        command="<code>mint audit FOLDER --out answers.csv</code>",
    )
    return f'<p class="fine">{kept}</p><p class="fine">{shell}</p>'


def as_csv(test: MembershipTest, session: PhotosSession, alpha: float, prior: float) -> bytes:
    """Return the answers as the table that ``mint audit --out answers.csv`` writes."""
    from mint.report.answer_formats import CSV
    from mint.report.answer_rows import Settings, rows_of

    settings = Settings({name: bundle.sha256 for name, bundle in test.bundles.items()}, alpha, prior)
    answered = zip(session.judged(test, alpha, prior), session.hashes, strict=True)
    rows = [row for audits, sha256 in answered for row in rows_of(audits, sha256, settings)]
    return CSV.head + CSV.encode(rows)
