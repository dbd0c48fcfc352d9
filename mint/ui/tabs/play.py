"""4. Play auditor: guess who was used, then see the test's answers, the ROC and what false alarms mean."""

from __future__ import annotations

import random
from typing import Any

import gradio as gr

from mint.i18n.translate import ENGLISH, Say
from mint.report.story.checks import LEVEL_SENTENCES
from mint.ui import context, game
from mint.ui.components import on_move, panel, sliders
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, PageContext
from mint.ui.game import Round
from mint.ui.html import title
from mint.ui.labels import Labels
from mint.ui.server.gradio_patches import event_data
from mint.ui.server.memory.gone import Gone
from mint.ui.views.play import game_board
from mint.ui.views.play.false_alarm_dots import Measured, false_alarm_dots
from mint.ui.views.play.roc_curve import Curve

NETWORK = "twin-a"
PUBLISHED = "vanilla/all"  # of the published auditors, the one over all layers


class Play:
    """The tab.

    Args:
        shared: what all tabs share.
        language: field with the visitor's language.
        label: translates labels.
    """

    def __init__(self, shared: PageContext, language: gr.Textbox, label: Labels) -> None:
        self.shared, self.language = shared, language
        self.state = gr.State(None, time_to_live=FORGET_SECONDS)
        self.table = panel("", "game", context.text("game.js"))
        self.score = panel("", "score", context.text("scroll.js"))
        self.meaning = panel(_meaning(ENGLISH), "meaning")
        self.crowd = panel("", "crowd")  # drawn once it is known how many used photos are found
        self.sliders = sliders("play-", label, open_=True)

        alpha, prior = self.sliders
        common = [self.state, alpha, prior, language]
        self._common = common
        self.table.click(self._answered, common, [self.state, self.table, self.score, self.crowd], **JUDGE)
        on_move(self.sliders, self._moved, common, [self.table, self.score, self.crowd], JUDGE)

    def opened(self, tab: gr.Tab) -> None:
        """Set what happens when the tab is opened: a first round is dealt, and the dots come with the networks."""
        dealt = tab.select(self._deal, [self.state, self.language], [self.state, self.table], **JUDGE)
        dealt.then(self._counted, self._common[1:], self.crowd, **AFTER)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here at the beginning, in a language."""
        return {self.meaning: _meaning(say)}

    def _deal(self, now: Round | Gone | None, language: str) -> tuple[Any, Any]:
        """Deal a first round to whoever has none."""
        if now:
            return gr.skip(), gr.skip()
        now = game.deal(self.shared.game_examples, NETWORK, random.Random())
        return now, "" if now is None else game_board.table(now, self.shared.game_examples, 0.01, Say(language))

    def _counted(self, alpha: float, prior: float, language: str) -> Any:
        """Draw the crowd once the networks are there."""
        try:
            self.shared.loading.get()
        except Exception:  # the page says why there are none
            return gr.skip()
        return self.drawn(alpha, prior, Say(language))

    def _answered(
        self, now: Round | Gone | None, alpha: float, prior: float, language: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Show the result of the guesses, or deal another round."""
        if now is None:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        if not now:  # forgotten: nobody knows any more what was on the table
            return *self._deal(now, language), "", gr.skip()
        # Stored answers may be of another bundle.
        if any(NETWORK not in self.shared.game_examples[i].p_values for i in now.dealt):
            now = game.deal(self.shared.game_examples, NETWORK, random.Random(), now.before)
            if now is None:
                return None, "", "", gr.skip()
        elif event_data(event).get("again") is True:
            done = game.tally(now.guesses or (), now.dealt, self.shared.game_examples, now.network) + now.before
            now = game.deal(self.shared.game_examples, NETWORK, random.Random(), done) or now
        else:
            now = now.guess(_places(event_data(event).get("places")))
        return now, *self._moved(now, alpha, prior, language)

    def _moved(self, now: Round | Gone | None, alpha: float, prior: float, language: str) -> tuple[Any, ...]:
        say = Say(language)
        drawn = self.drawn(alpha, prior, say)
        if not now:
            return gr.skip(), gr.skip(), drawn
        curves, against = self._curves(say) if now.guesses is not None else ((), "")
        return (
            game_board.table(now, self.shared.game_examples, alpha, say)
            if now.guesses is not None or now.before.n
            else gr.skip(),
            game_board.result(now, self.shared.game_examples, curves, alpha, say, against),
            drawn,
        )

    def drawn(self, alpha: float, prior: float, say: Say) -> str:
        """Draw the crowd at the sliders as they stand; nothing while nobody knows how many are found."""
        known = self._measured(alpha)
        return "" if known is None else false_alarm_dots(alpha, prior, known.found.value, say, known)

    def _measured(self, alpha: float) -> Measured | None:
        """Return what was measured of the network at this limit; None while the networks load, or lack it."""
        if self.shared.loading.waiting:
            return None
        from mint.evidence.score_table import PHOTO
        from mint.judging.photo import measured_rates

        bundle = self.shared.loading.get().bundles.get(NETWORK)
        return None if bundle is None else Measured(NETWORK, *measured_rates(bundle, PHOTO, alpha))

    def _curves(self, say: Say) -> tuple[tuple[Curve, ...], str]:
        """Return the test's ROC and a published auditor's, and in words against which photos they were measured.

        They are those whose AUC the other tabs tell: of the first question that the network was evaluated on.
        """
        from mint.bundles.evaluation import NON_MEMBERS, levels
        from mint.evidence.metrics import roc
        from mint.evidence.score_table import PHOTO, TEST, sides

        bundle = self.shared.loading.get().bundles.get(NETWORK)
        level = None if bundle is None else next(iter(levels(bundle.scores, (TEST,))), None)
        if bundle is None or level is None:
            return (), ""
        members, others = sides(bundle.test, NON_MEMBERS[level])
        found = []
        for column, style, name in (
            (PHOTO, "together", say("{network}, the whole test", network=title(NETWORK, say))),
            (PUBLISHED, "published", say("a published auditor, all layers")),
        ):
            if column in members and column in others:
                fpr, tpr, _ = roc(members[column], others[column])
                found.append(Curve(name, style, fpr, tpr))
        return tuple(found), say(LEVEL_SENTENCES[level])


def _places(sent: Any) -> list[int]:
    """Parse the marked places, whatever a browser sent."""
    if not isinstance(sent, list):
        return []
    return [p for p in sent[: game.DEALT] if isinstance(p, int) and not isinstance(p, bool)]


def _meaning(say: Say) -> str:
    told = say(
        "A limit of 1 % sounds strict. But it is a promise about photos that were not used: of a thousand such photos, ten "
        "are accused. Whether an accusation is to be believed depends on how many of the tested photos were used at all. "
        "Move the sliders."
    )
    return (
        f'<section class="meaning" aria-labelledby="meaning-title"><h2 id="meaning-title">'
        f'{say("What 1 % false alarms means")}</h2><p class="lead">{told}</p></section>'
    )
