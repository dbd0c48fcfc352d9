"""Draw the game: twelve faces, and after the guess the truth and the networks' answers."""

from __future__ import annotations

from collections.abc import Sequence

from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import shape
from mint.types import Verdict
from mint.ui.examples import Example
from mint.ui.game import Round, Tally, called_by_network, tally
from mint.ui.html import badge, esc, inline, percent, title
from mint.ui.views.play.roc_curve import Curve, Point, drawing


def table(now: Round, examples: Sequence[Example], alpha: float, say: Say = ENGLISH) -> str:
    """Draw the twelve faces, marked with the truth once the visitor has answered."""
    name = inline(now.network, say)
    if now.guesses is None:
        told = say(
            "Mark every face that you think {network} was trained on. You are not told how many there are.",
            network=name,
        )
        items = "".join(_open(place, examples[i], say) for place, i in enumerate(now.dealt))
        button = (
            f'<p class="actions"><button type="button" class="primary" data-done>{say("Show the answers")}</button></p>'
        )
    else:
        told = say(
            "A tick or a cross says whether you were right about {network}. Below it stand the answers of the test, one for each "
            "twin: a picture that one of them used is unknown to the other.",
            network=name,
        )
        items = "".join(_told(place, examples[i], now, alpha, say) for place, i in enumerate(now.dealt))
        button = f'<p class="actions"><button type="button" class="primary" data-again>{say("Play another round")}</button></p>'
    return (
        f'<section class="game" aria-labelledby="game-title"><h2 id="game-title">'
        f'{say("Which faces was {network} trained on?", network=name)}</h2><p class="lead">{told}</p>'
        f'<ul class="table">{items}</ul>{button}</section>'
    )


def _open(place: int, example: Example, say: Say) -> str:
    label = say("Face {number}. I think: used", number=place + 1)
    return (
        f'<li><label class="guess"><input type="checkbox" data-place="{place}" aria-label="{label}">'
        f'<img src="{esc(example.thumbnail)}" alt="" width="120" height="120"><span class="sign" aria-hidden="true">'
        f"{say('I think: used')}</span></label></li>"
    )


def _told(place: int, example: Example, now: Round, alpha: float, say: Say) -> str:
    used = example.truth[now.network]
    guessed = now.guesses is not None and place in now.guesses
    right = "hit" if guessed == used else "miss"
    you = say("you: used") if guessed else say("you: not used")
    said = "".join(_said(network, example, alpha, say) for network in example.p_values)
    return (
        f'<li style="--turn:{place}"><figure class="told {"used" if used else "unused"}"><img src="{esc(example.thumbnail)}" alt="" width="120" '
        f'height="120"><figcaption><b>{say("used") if used else say("not used")}</b>'
        f'<span class="checked {right}">{you}</span>{said}</figcaption></figure></li>'
    )


def _said(network: str, example: Example, alpha: float, say: Say) -> str:
    """Tell what a network's test says of a picture at a limit."""
    verdict = example.verdicts.get(network, Verdict.INCONCLUSIVE)
    if example.p_values[network] <= alpha:
        verdict = Verdict.EVIDENCE
    elif verdict is Verdict.EVIDENCE:  # the limit was moved below its p-value
        verdict = Verdict.INCONCLUSIVE
    return (
        f'<span class="said">{badge(network)}{shape(verdict)}<span class="hidden">{title(network, say)}: </span>'
        f'<span class="verdict">{esc(say(verdict))}</span></span>'
    )


def result(
    now: Round,
    examples: Sequence[Example],
    curves: Sequence[Curve],
    alpha: float,
    say: Say = ENGLISH,
    against: str = "",
) -> str:
    """Draw who was right how often, and the ROC with everybody's place in it; ``against`` as for ``drawing``."""
    if now.guesses is None:
        return ""
    yours = tally(now.guesses, now.dealt, examples, now.network)
    its = tally(called_by_network(now.dealt, examples, now.network, alpha), now.dealt, examples, now.network)
    all_yours = yours + now.before
    points = [_point(say("you"), "you", all_yours), _point(say("the test, here"), "test", its)]
    rows = [(say("You"), yours), (title(now.network, say) + " · " + say("the test"), its)]
    if now.before.n:
        rows.insert(1, (say("You, all rounds"), all_yours))
    body = "".join(
        f'<tr><th scope="row">{who}</th><td><b>{t.right}</b> / {t.n}</td><td>{t.found} / {t.used}</td>'
        f"<td>{t.alarms} / {t.unused}</td></tr>"
        for who, t in rows
    )
    heads = "".join(
        f'<th scope="col">{text}</th>' for text in (say("right"), say("used ones found"), say("false alarms"))
    )
    return (
        f'<section class="score" data-stay data-visit="{len(now.guesses)}-{now.before.n}"><p class="headline" role="status">{_headline(yours, its, say)}</p>'
        f'<div class="side"><div><table class="figures"><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="fine">{_explained(yours, say)}</p></div>{drawing(curves, points, alpha, say, against)}</div></section>'
    )


def _headline(yours: Tally, its: Tally, say: Say) -> str:
    if yours.right > its.right:
        return say("You beat the test: {you} against {it} of {n}.", you=yours.right, it=its.right, n=yours.n)
    if yours.right == its.right:
        return say("A draw with the test: {you} of {n} right.", you=yours.right, n=yours.n)
    return say("You got {you} of {n} right, the test {it}.", you=yours.right, it=its.right, n=yours.n)


def _explained(yours: Tally, say: Say) -> str:
    if not yours.alarms:
        return say("You accused no innocent picture. Could you promise that for a hundred more?")
    share = percent(yours.alarms / yours.unused)
    return say(
        "You wrongly accused {share} of the pictures that were not used. The test aims at the limit that you set below; “How "
        "do you know?” shows how close it comes.",
        share=share,
    )


def _point(name: str, style: str, counted: Tally) -> Point:
    return Point(name, style, counted.alarms / max(1, counted.unused), counted.found / max(1, counted.used))
