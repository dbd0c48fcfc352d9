"""Draw the wall of examples: who was trained on what, and what the audit said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mint.i18n.labels import DEFAULT_PAIR, PAIRS, letter, pair_of, same_half
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import shape
from mint.report.story.phrases import capital, listed
from mint.types import Verdict
from mint.ui.examples import Example, Person
from mint.ui.html import badge, esc, inline, title
from mint.ui.views.answer import agreement


def wall(examples: Sequence[Example], say: Say = ENGLISH, pairs: Sequence[str] = (DEFAULT_PAIR,)) -> str:
    """Draw all examples, grouped by the truth.

    Args:
        examples: the pictures.
        say: the visitor's language.
        pairs: keys of ``PAIRS`` that can be asked; networks of a half used the same pictures.
    """
    if not examples:
        return ""
    networks = list(dict.fromkeys(n for e in examples for n in e.truth))
    groups = [(_used_by(n, pairs, say), [(i, e) for i, e in enumerate(examples) if e.used_by == [n]]) for n in networks]
    groups += [
        (say("Used by both"), [(i, e) for i, e in enumerate(examples) if len(e.used_by) > 1]),
        (say("Used by neither"), [(i, e) for i, e in enumerate(examples) if not e.used_by]),
    ]
    told = say(
        "All of these are fictional people. Click one: it is audited now, and the truth stands beside the answer. "
        "The marks under each picture are the answers from when this wall was made."
    )
    if len(pairs) > 1:
        first, second = PAIRS[DEFAULT_PAIR].networks
        told += " " + say("They are those of {one} and {other}.", one=inline(first, say), other=inline(second, say))
    return (
        f'<section class="wall" aria-labelledby="wall-title"><h2 id="wall-title">{say("Try a picture whose truth is known")}'
        f'</h2><p class="lead">{told}</p>'
        f"{legend(say)}{''.join(_group(name, tiles, say) for name, tiles in groups if tiles)}</section>"
    )


def legend(say: Say = ENGLISH) -> str:
    """Explain which mark means which verdict."""
    items = "".join(f"<li>{shape(v)}{esc(say(v))}</li>" for v in Verdict)
    return f'<ul class="legend" aria-label="{say("What the marks mean")}">{items}</ul>'


def _group(name: str, tiles: Iterable[tuple[int, Example]], say: Say) -> str:
    items = "".join(f"<li>{_tile(i, example, say)}</li>" for i, example in tiles)
    return f'<h3>{name}</h3><ul class="tiles">{items}</ul>'


def _tile(index: int, example: Example, say: Say) -> str:
    marks = " ".join(_mark(example, network, member, say) for network, member in example.truth.items())
    return (
        f'<button type="button" class="tile" data-pick="{index}" aria-label="{_name(example, say)}">'
        f'<img src="{esc(example.thumbnail)}" alt="" loading="lazy" width="88" height="88">'
        f'<span class="marks" aria-hidden="true">{marks}</span></button>'
    )


def _name(example: Example, say: Say) -> str:
    """Name a tile: first what can be seen on it, so that who speaks to a computer can say it (WCAG 2.5.3), then the rest."""
    seen = ", ".join(f"{esc(letter(n))} {say(_membership(member))}" for n, member in example.truth.items())
    answers = "; ".join(
        f"{inline(n, say)}, {say('answer: {verdict}', verdict=esc(say(example.verdicts[n])))}"
        for n in example.truth
        if n in example.verdicts
    )
    return " ".join(filter(None, (f"{seen}.", say("Audit this example."), capital(answers))))


def people_wall(people: Sequence[Person], say: Say = ENGLISH, pairs: Sequence[str] = (DEFAULT_PAIR,)) -> str:
    """Draw the example people, a button each. Arguments as for ``wall``."""
    if not people:
        return ""
    told = say(
        "Six fictional people, chosen by chance, with six pictures each. Click one: the pictures are added one by one. "
        "Of a person whom a network was trained on, only some of these pictures were used."
    )
    items = "".join(f"<li>{_person(i, person, pairs, say)}</li>" for i, person in enumerate(people))
    return (
        f'<section class="wall" aria-labelledby="people-title"><h2 id="people-title">{say("Try a person whose truth is known")}'
        f'</h2><p class="lead">{told}</p><ul class="people">{items}</ul></section>'
    )


def _person(index: int, person: Person, pairs: Sequence[str], say: Say) -> str:
    told = _used_by(person.used_by[0], pairs, say) if person.used_by else say("Used by neither")
    pictures = "".join(
        f'<img src="{esc(e.thumbnail)}" alt="" loading="lazy" width="64" height="64">' for e in person.pictures
    )
    name = say("Person {number}", number=index + 1)
    return (
        f'<button type="button" class="tile person" data-pick="{index}" aria-label="{name}. {told}. {say("Audit this person.")}">'
        f'<span class="strip">{pictures}</span><span class="told"><b>{name}</b> <span>{told}</span></span></button>'
    )


def _used_by(network: str, pairs: Sequence[str], say: Say) -> str:
    """Tell who used a picture: that network, and those of the other pairs that were trained on the same half."""
    offered = [other for other in same_half(network) if other == network or pair_of(other) in [PAIRS[p] for p in pairs]]
    return say("Used by {network}", network=esc(listed(offered, say)))


def _membership(member: bool) -> str:
    return "used" if member else "unused"


def _mark(example: Example, network: str, member: bool, say: Say) -> str:
    verdict = example.verdicts.get(network)
    drawn = '<span class="shape"></span>'
    used = _membership(member)
    hint = f"{title(network, say)}: {say(used)}"
    if verdict:
        drawn = shape(verdict)
        hint += f", {say('answer: {verdict}', verdict=esc(say(verdict)))} ({say(agreement(verdict, member)[1])})"
    return f'<span class="mark {used}" title="{hint}">{badge(network)} <span>{say(used)}</span>{drawn}</span>'
