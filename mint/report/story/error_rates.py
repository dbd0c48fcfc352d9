"""Tell how sure an accusation is, who is accused wrongly, and which ε was claimed and measured."""

from __future__ import annotations

from collections.abc import Sequence

from mint.evidence.privacy_bound import PrivacyBudget
from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.figures import at_least, interval, percent
from mint.i18n.labels import kind_name, title
from mint.i18n.translate import Say
from mint.report.precision import at_most
from mint.report.render.blocks import Cell, Table
from mint.report.story.phrases import NONE, Found, limit, whole

ASKED = {PHOTO: "this photo", PERSON: "this person"}
PRIVACY = "Differential privacy: ε claimed and measured"
PERSON_PHOTOS = 10  # of one person in a training set, for whom a claim about one photo is told
TOLD_PRIOR, TOLD_ALPHA = 0.1, 0.01  # at which it is told what a claim allows
SHORT_NAME = 60  # of a network, where a summary must stay short


def short(name: str) -> str:
    """Shorten a name that would fill a page."""
    return name if len(name) <= SHORT_NAME else f"{name[:SHORT_NAME]} …"


def precision_table(rows: Sequence[Found], say: Say) -> Table:
    """Tabulate the chance that "evidence of use" is right, at each prior.

    Args:
        rows: of a document's ``precision``; at least one.
        say: the language.
    """
    priors = [sure["prior"] for sure in rows[0]["priors"]]
    head = (
        say("“Evidence of use” is right, if use seemed so likely before"),
        *(whole(prior) for prior in priors),
        say("False alarms at most"),
    )
    told = tuple(
        (_asked(row, say), *(_right(sure["right"], row, say) for sure in row["priors"]), _most(row)) for row in rows
    )
    return Table(say("How sure an accusation is"), head, told, (40, *[15] * len(priors), 20))


def _asked(row: Found, say: Say) -> Cell:
    return Cell(f"{short(title(row['network'], say))}, {say(ASKED[row['question']])}")


def _right(right: float | None, row: Found, say: Say) -> Cell:
    if right is not None:
        return Cell(percent(right), strong=True)
    hits = row["true_positive_rate"]
    return Cell(NONE if hits is not None and hits["value"] == 0 else say("not measured"))


def _most(row: Found) -> Cell:
    alarms = row["false_positive_rate"]
    return Cell(NONE if alarms is None else percent(at_most(alarms)))


def alarms_table(networks: Sequence[Found], say: Say) -> Table | None:
    """Tabulate how often each kind of people is accused wrongly; None where that is not known.

    The kind where it happens most often is bold: it is the one that stands beside the answers.
    """
    asked = [(n, question, kinds) for n in networks for question, kinds in (n["false_alarms"] or {}).items() if kinds]
    shown = dict.fromkeys(kind_name(row["kind"], n.get("pool")) for n, _, kinds in asked for row in kinds)
    if not asked:
        return None
    rows = []
    for network, question, kinds in asked:
        by_kind = {kind_name(row["kind"], network.get("pool")): row for row in kinds}
        worst = max(kinds, key=lambda row: (row["value"], row["high"]))
        cells = [
            Cell(percent(row["value"]), interval(row), strong=row is worst) if row else Cell(NONE)
            for row in map(by_kind.get, shown)
        ]
        rows.append((Cell(f"{short(title(network['name'], say))}, {say(ASKED[question])}"), *cells))
    head = (say("Wrongly called used"), *(say(kind) for kind in shown))
    return Table(say("False alarms by kind of people"), head, tuple(rows), (24, *[76 / len(shown)] * len(shown)))


def privacy_sentence(network: Found, alpha: float, say: Say) -> str:
    """Tell in a sentence which ε of differential privacy is claimed for a network, and which was measured at ``alpha``."""
    name, privacy = short(title(network["name"], say)), network["privacy"]
    if privacy is None:
        return say(
            "{network}: this report is of an earlier version, which did not look at differential privacy.", network=name
        )
    claimed, measured = privacy["claimed"], privacy["measured"]
    least = None if measured is None else at_least(measured["epsilon"])
    if claimed is None:
        if least is None:
            return say(
                "{network}: no ε is claimed, and none could be measured without known used and unused photos of the same people.",
                network=name,
            )
        return say(
            "{network}: no ε is claimed; measured for one photo at α = {alpha}, it is at least {least} (95 % confidence).",
            network=name,
            least=least,
            alpha=limit(alpha),
        )
    promise = {"network": name, "epsilon": f"{claimed['epsilon']:g}", "delta": f"{claimed['delta']:g}"}
    if least is None:
        return say(
            "{network}: ε = {epsilon} (δ = {delta}) is claimed for each photo; none could be measured without known used and unused photos of the same people.",
            **promise,
        )
    if privacy["contradiction"]:
        return say(
            "{network}: ε = {epsilon} (δ = {delta}) is claimed for each photo, but at least {least} was measured at α = {alpha} (95 % confidence): this is a contradiction, and the claim cannot be right.",
            least=least,
            alpha=limit(alpha),
            **promise,
        )
    return say(
        "{network}: ε = {epsilon} (δ = {delta}) is claimed for each photo, and at least {least} was measured at α = {alpha} (95 % confidence): no contradiction, which proves nothing.",
        least=least,
        alpha=limit(alpha),
        **promise,
    )


def privacy_lines(network: Found, alpha: float, say: Say) -> tuple[str, ...]:
    """Tell which ε is claimed and measured, and of a claim what it leaves to a test of one photo, and of a person's photos.

    Args:
        network: of a document's ``networks``, or its ``name`` and ``privacy``.
        alpha: at which ε was measured.
        say: the language.
    """
    told = privacy_sentence(network, alpha, say)
    claimed = None if network["privacy"] is None else network["privacy"]["claimed"]
    if claimed is None:
        return (told,)
    budget = PrivacyBudget(claimed["epsilon"], claimed["delta"])
    found, group = budget.tpr(TOLD_ALPHA), budget.of_group(PERSON_PHOTOS)
    allowed = say(
        "With ε = {epsilon} nobody can be more than {right} sure that a photo was used, where {prior} of the photos were, and no test finds more than {found} of the used ones at {alpha} false alarms.",
        epsilon=f"{budget.epsilon:g}",
        right=percent(budget.precision(TOLD_PRIOR, found)),
        prior=whole(TOLD_PRIOR),
        found=percent(found),
        alpha=whole(TOLD_ALPHA),
    )
    person = say(
        "The claim is about one photo. For a person with {photos} photos in the training set it is ε = {epsilon}, under which a test may find {found} of such people at {alpha} false alarms.",
        photos=PERSON_PHOTOS,
        epsilon=f"{group.epsilon:g}",
        found=percent(group.tpr(TOLD_ALPHA)),
        alpha=whole(TOLD_ALPHA),
    )
    return (told, allowed, person)
