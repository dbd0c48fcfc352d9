"""Collect, judge and show one visitor's photos of one person. Values in, values out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mint.errors import BadPhoto, NoFace
from mint.evidence.score_table import PERSON, REAL
from mint.i18n.labels import DEFAULT_PAIR
from mint.i18n.sentences import Sentence
from mint.i18n.translate import ENGLISH, Say
from mint.report.optional.usage import counted
from mint.types import Rate
from mint.ui.sessions.photo import AnswerSettings, number
from mint.ui.views import notices
from mint.ui.views.details.promise import promises
from mint.ui.views.person_answer import person_answer, photos_panel

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.judging.person import PersonAudit, PersonLook
    from mint.membership import MembershipTest

NAME = "Photo {n}"
PERSON_NAME = "person"  # nobody is asked who it is
History = tuple[tuple["PersonAudit", ...], ...]  # of the first usable photo, of the first two, and so on


@dataclass(frozen=True, slots=True, eq=False)
class PersonSession:
    """The state of a person's photos while the answer is on the page, in memory only.

    Attributes:
        look: at the photos so far.
        added: how many were ever added; names the next.
        used_by: the networks of all pairs that were trained on this person; None for a visitor.
        number: tells one answer from the next.
        sha256: of each photo's bytes, by its name, for the report.
        asked: what the run that brought the answer on the page was asked with; None for words that are no answer.
        history: the photos as judged at the settings of ``asked``, so far as they were; the last entry is the answer.
        pair: that is asked, a key of ``PAIRS``; the look may know more.
        started_over: whether photos that were there before had been forgotten.
    """

    look: PersonLook
    added: int = 0
    used_by: Sequence[str] | None = None
    number: int = field(default_factory=number)
    sha256: Mapping[str, str] = field(default_factory=dict)
    asked: AnswerSettings | None = None
    history: History = ()
    pair: str = DEFAULT_PAIR
    started_over: bool = False

    def add(self, test: MembershipTest, photo: bytes, asked: AnswerSettings | None = None) -> PersonSession:
        """Return a copy with one more photo; runs every network on it, and judges it together with those before."""
        added = self.added + 1
        name = Sentence(NAME, n=added)
        look = test.look_person([photo], [name], self.look)
        hashes = {**self.sha256, name: hashlib.sha256(photo).hexdigest()}
        history: History = ()
        if asked is not None and look.looks:
            known = self.history if self._are(asked.alpha, asked.prior) else ()
            history = _judge(test, look, asked.alpha, asked.prior, known)
        return replace(self, look=look, added=added, number=number(), sha256=hashes, asked=asked, history=history)

    def again(self, before: MembershipTest, test: MembershipTest, pair: str, asked: AnswerSettings) -> PersonSession:
        """Return a copy that asks another pair. Arguments and errors are those of ``PhotoSession.again``."""
        look = test.look_person_again(self.look, before)
        history = _judge(test, look, asked.alpha, asked.prior) if look.looks else ()
        return replace(self, look=look, number=number(), asked=asked, history=history, pair=pair)

    def judged(self, test: MembershipTest, alpha: float, prior: float) -> History:
        """Return the audits at these settings: those that are kept, or new ones where something was moved.

        Where no photo is usable there is one entry all the same, which says so.
        """
        kept = self._are(alpha, prior) and len(self.history) == max(1, len(self.look.looks))
        return self.history if kept else _judge(test, self.look, alpha, prior)

    def _are(self, alpha: float, prior: float) -> bool:
        """Whether the history was judged at these settings."""
        return self.asked is not None and (alpha, prior) == (self.asked.alpha, self.asked.prior)

    @property
    def counting(self) -> Mapping[str, int]:
        """The usable photos: name to number. A photo keeps its number."""
        numbers: Mapping[str, int] = {Sentence(NAME, n=n): n for n in range(1, self.added + 1)}
        return {look.photo: numbers[look.photo] for look in self.look.looks}

    def remove(self, photo: int) -> PersonSession:
        """Return a copy without the photo of this number; an unknown number changes nothing."""
        if photo not in self.counting.values():
            return self
        return replace(self, look=self.look.without(Sentence(NAME, n=photo)), number=number(), history=())


def begin(used_by: Sequence[str] | None = None, pair: str = DEFAULT_PAIR) -> PersonSession:
    """Begin with no photos."""
    from mint.judging.person import PersonLook

    return PersonSession(PersonLook(), 0, used_by, pair=pair)


def show_photos(session: PersonSession | None, say: Say = ENGLISH, adding: bool = False) -> str:
    """Render the photos so far.

    While more are added none can be removed: the run that adds would bring it back.
    """
    return "" if session is None else photos_panel(session.look, session.counting, say, not adding)


def show_answer(
    test: MembershipTest, session: PersonSession, alpha: float, prior: float, say: Say = ENGLISH, adding: bool = False
) -> str:
    """Render the answer to all photos together, and how it grew. Runs no network, and judges only what is new.

    While more are added, see ``show_photos``, none can be left out.
    """
    if not session.look.looks:
        return _nothing(session, say)
    history = session.judged(test, alpha, prior)
    real = _real_people(test, history[-1]) if session.used_by is None else None
    usage = {audit.network: audit for audit in counted(test.judge_folder, session.look, PERSON_NAME)} or None
    claims = {name: lines[1:] for name, lines in promises(test.bundles, say).items()}  # the first is about one photo
    told = person_answer(history, session.used_by, say, real, usage, None if adding else session.counting, claims)
    before = notices.started_over(say) if session.started_over else ""
    return f'<div class="result" data-visit="{session.number}">{before}{told}</div>'


def _real_people(test: MembershipTest, audits: Sequence[PersonAudit]) -> dict[str, dict[str, Rate]]:
    """Return network to the measured false-positive rate of real people with so many photos, where there were any."""
    found = {}
    for audit in audits:
        people = test.bundles[audit.network].people
        told = audit.false_positive_rate
        if people and told is not None and told.n:
            rate = people.false_alarms(REAL, len(audit.judged), audit.alpha)
            if rate.n:
                found[audit.network] = {PERSON: rate}
    return found


def _judge(test: MembershipTest, look: PersonLook, alpha: float, prior: float, known: History = ()) -> History:
    """Judge the first photos, for each number of them, as far as that is not known; and all of them in any case.

    What is known of all may be of fewer copies and errors.
    """
    grown = list(known[: max(0, len(look.looks) - 1)])
    for n in range(len(grown) + 1, len(look.looks)):
        grown.append(test.judge_person(look.first(n), PERSON_NAME, alpha, prior))
    return (*grown, test.judge_person(look, PERSON_NAME, alpha, prior))


def empty(say: Say = ENGLISH) -> str:
    """Render the page before a photo was added."""
    return notices.empty(
        say("Was this person used, in whichever photo?"),
        say(
            "Add photos of one person, one by one or several at once. The answer grows with each. Or click a person below."
        ),
        say,
    )


def _nothing(session: PersonSession, say: Say) -> str:
    """Render that all photos were removed, or none could be used."""
    if not session.look.errors:
        return empty(say)
    from mint.vision.faces import NONE_FOUND

    why = session.look.errors[-1][1]
    return notices.problem(NoFace(why) if why == NONE_FOUND else BadPhoto(why), say)
