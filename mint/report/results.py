"""All results of a report as one flat list, for programs: a line a figure, whatever the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mint.bundles.bundle import BLIND
from mint.bundles.evaluation import NEW_PEOPLE, SAMPLE
from mint.evidence.score_table import PERSON, PHOTO
from mint.types import FULL, REFERENCE, Verdict

Found = Mapping[str, Any]
Result = dict[str, Any]

MEMBERSHIP = {PHOTO: "membership of a photo", PERSON: "membership of a person"}
PRIVACY = "differential privacy"
USAGE = "usage of several photos"
OVER_TIME = "membership over successive versions"
# What the auditors know: all of the network, and of its training set some members, or none in the reference tier.
THREAT_MODELS = {
    FULL: "white box; some known members to calibrate on, no reference networks",
    REFERENCE: "white box; no known members, no reference networks",
}
EVERY_VERSION = "white box of every version; some known members to calibrate on, no reference networks"
RATES = {
    "false_positive_rate": "false-positive rate at alpha, of the kind of non-members where it is highest",
    "true_positive_rate": "true-positive rate at alpha",
}
COMBINED = {PHOTO: (SAMPLE, "combined"), PERSON: (NEW_PEOPLE, PERSON)}  # level and auditor of a question
BEATS, BEATEN, NOT_RUN = "beats its controls", "does not beat its controls", "controls not run"
CONTRADICTION, NO_CONTRADICTION, NO_CLAIM = "contradiction", "no contradiction", "no claim"
TAKEN_OUT, NOT_TAKEN_OUT = "looks taken out", "no evidence that it was taken out"
UNTESTED, CANNOT_SAY = "not tested", str(Verdict.CANNOT_SAY)


def results(document: Found) -> list[Result]:
    """Return every figure that a report's answers rest on.

    Args:
        document: of this version, but for its results.

    Returns:
        Entries with ``test``, ``network``, ``subject`` (which photo and face, or None for a figure of the test itself),
        ``threat_model``, ``metric``, ``value``, ``interval`` (95 %, an end that was not looked for is None), ``n``,
        ``control`` and ``verdict``. What was not tested has an entry without a figure.
    """
    controls = {
        (network["name"], question): _control(network, question)
        for network in document["networks"]
        for question in MEMBERSHIP
    }
    tiers = {network["name"]: network["tier"] for network in document["networks"]}
    found = [
        {**one, "control": controls.get((one["network"], question))}
        for question, one in (*_answers(document), *_rates(document), *_usage(document))
    ]
    for network in document["networks"]:
        found += [*_accuracy(network, controls), *_privacy(network)]
    found = [{**one, "threat_model": THREAT_MODELS[tiers[one["network"]]]} for one in found]
    found += [{**one, "threat_model": EVERY_VERSION} for one in _over_time(document)]
    return [*found, *(_entry(one["test"], None, None, None, verdict=UNTESTED) for one in document["not_tested"])]


def _entry(
    test: str,
    network: str | None,
    metric: str | None,
    value: float | None,
    *,
    subject: Result | None = None,
    interval: tuple[float | None, float | None] | None = None,
    n: int | None = None,
    control: Result | None = None,
    verdict: str | None = None,
) -> Result:
    return {
        "test": test,
        "network": network,
        "subject": subject,
        "threat_model": None,
        "metric": metric,
        "value": value,
        "interval": None if interval is None else dict(zip(("low", "high"), interval, strict=True)),
        "n": n,
        "control": control,
        "verdict": verdict,
    }


def _answers(document: Found) -> Iterator[tuple[str, Result]]:
    """Yield the p-value and verdict of every answer, with its question."""
    compared = {network["name"]: network["compared_with"] or {} for network in document["networks"]}

    def p_value(question: str, network: str, said: Found, subject: Result) -> tuple[str, Result]:
        n = compared.get(network, {}).get(question)
        return question, _entry(
            MEMBERSHIP[question], network, "p-value", said["p_value"], subject=subject, n=n, verdict=said["verdict"]
        )

    for photo in document["photos"]:
        for number, face in enumerate(photo["faces"], 1):
            for said in face["answers"]:
                for question in MEMBERSHIP:
                    subject = {"photo": photo["name"], "face": number}
                    yield p_value(question, said["network"], said[question], subject)
    if document["person"] is not None:
        for said in document["person"]["answers"]:
            yield p_value("person", said["network"], said, {"person": document["person"]["name"]})


def _rates(document: Found) -> Iterator[tuple[str, Result]]:
    """Yield how often each answer errs, and how sure it is."""
    for row in document["precision"]:
        test, network = MEMBERSHIP[row["question"]], row["network"]
        for key, metric in RATES.items():
            rate = row[key]
            if rate is not None:
                interval = (rate["low"], rate["high"])
                yield (
                    row["question"],
                    _entry(test, network, metric, rate["value"], interval=interval, n=rate["n"]),
                )
        for sure in row["priors"]:
            if sure["right"] is not None:
                metric = f"precision at a prior of {sure['prior']:g}, at the highest upper end of any kind's false-positive rate"
                yield row["question"], _entry(test, network, metric, sure["right"], n=row["false_positive_rate"]["n"])


def _usage(document: Found) -> Iterator[tuple[str, Result]]:
    """Yield which share of the photos was used, and how many can be named."""
    for said in document.get("usage", {"answers": ()})["answers"]:
        share, network = said["share"], said["network"]
        if share is None:
            yield PHOTO, _entry(USAGE, network, "share used", None, n=len(said["judged"]), verdict=CANNOT_SAY)
            continue
        metric = f"photos named at a false-discovery rate of {said['discovery_rate']:g}"
        interval = (share["low"], share["high"])
        yield PHOTO, _entry(USAGE, network, "share used", share["value"], interval=interval, n=share["n"])
        yield PHOTO, _entry(USAGE, network, metric, len(said["named"]), n=share["n"])


def _over_time(document: Found) -> Iterator[Result]:
    """Yield the answer on every face over a series of versions, and how often such answers err."""
    asked = document.get("over_time")
    if asked is None:
        return
    for photo in asked["photos"]:
        for number, said in enumerate(photo["faces"], 1):
            subject, verdict = {"photo": photo["name"], "face": number}, said["verdict"]
            yield _entry(
                OVER_TIME, None, "p-value", said["p_value"], subject=subject, n=asked["compared_with"], verdict=verdict
            )
            if said["first"] is not None:
                place = 1 + [version["name"] for version in asked["versions"]].index(said["first"])
                yield _entry(
                    OVER_TIME, None, "version of the first use, counted from 1", place, subject=subject, verdict=verdict
                )
            if said["removal"] is not None:
                p, taken_out = said["removal"]["p_value"], said["removal"]["version"] is not None
                word = TAKEN_OUT if taken_out else NOT_TAKEN_OUT
                yield _entry(OVER_TIME, None, "p-value of a removal", p, subject=subject, verdict=word)
    first: Found = next((face for photo in asked["photos"] for face in photo["faces"]), {})
    rates = {metric: first.get(key) for key, metric in RATES.items()}
    rates |= {"version of the first use named right": asked["measured"]["right"]}
    rates |= {"set of versions that holds the true one": asked["measured"]["covered"]}
    for metric, rate in rates.items():
        if rate is not None:
            yield _entry(OVER_TIME, None, metric, rate["value"], interval=(rate["low"], rate["high"]), n=rate["n"])
    area = asked["auc"]
    yield _entry(OVER_TIME, None, "AUC", area["value"], interval=(area["low"], area["high"]))


def _accuracy(network: Found, controls: Mapping[tuple[str, str], Result | None]) -> Iterator[Result]:
    for question, (level, auditor) in COMBINED.items():
        row = next((r for r in _level(network, level).get("auditors", ()) if r["auditor"] == auditor), None)
        if row is not None and row["auc"] is not None:
            against = controls[network["name"], question]
            beaten = NOT_RUN if against is None else BEATEN
            n = None if None in (row["members"], row["non_members"]) else row["members"] + row["non_members"]
            yield _entry(
                MEMBERSHIP[question],
                network["name"],
                "AUC",
                row["auc"],
                interval=(row["auc_low"], row["auc_high"]),
                n=n,
                control=against,
                verdict=BEATS if network["may_speak"][question] else beaten,
            )


def _control(network: Found, question: str) -> Result | None:
    """Return the blind control that comes closest to an auditor: the figure to be beaten."""
    rows = [r for r in _level(network, COMBINED[question][0]).get("controls", ()) if r["control"] in BLIND]
    rows = [row for row in rows if row["auc"] is not None]
    if not rows:
        return None
    best = max(rows, key=lambda row: float(row["auc"]))
    interval = {"low": best["auc_low"], "high": best["auc_high"]}
    return {"name": best["control"], "metric": "AUC", "value": best["auc"], "interval": interval}


def _privacy(network: Found) -> Iterator[Result]:
    privacy = network["privacy"]
    if privacy is None or privacy["measured"] is None:
        return
    measured, claimed = privacy["measured"], privacy["claimed"]
    verdict = CONTRADICTION if privacy["contradiction"] else NO_CONTRADICTION
    yield _entry(
        PRIVACY,
        network["name"],
        f"epsilon for one photo, lower bound at alpha, delta {privacy['delta']:g}",
        measured["epsilon"],
        interval=(measured["epsilon"], None),
        n=measured["found"]["n"] + measured["alarms"]["n"],
        control=claimed and {"name": "claimed", "metric": "epsilon", "value": claimed["epsilon"], "interval": None},
        verdict=NO_CLAIM if claimed is None else verdict,
    )


def _level(network: Found, level: str) -> Found:
    levels = (network["evaluation"] or {"levels": ()})["levels"]
    return next((one for one in levels if one["level"] == level), {})
