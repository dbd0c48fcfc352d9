"""Tell since which version of a network a photo was used, and whether it was taken out."""

from __future__ import annotations

from collections.abc import Iterator

from mint.i18n.figures import interval, percent
from mint.i18n.labels import inline
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Cell, Fact, Facts, Heading, Items, Table, Text
from mint.report.story.phrases import NONE, Found, limit, listed, sentence, word
from mint.types import Verdict

TITLE = "Since which version"
LEGEND = (
    "One network in its versions, the oldest first. A score is larger the more the face looks like one that was used. Above the "
    "threshold, that version alone would say “evidence of use”. The answer weighs all versions together."
)


def over_time_lines(said: Found, say: Say) -> Iterator[str]:
    """Yield the answer on a face: verdict and reason, then since when, then whether it was taken out, then error rates.

    Args:
        said: an ``OverTime`` as JSON values, with its sentences.
        say: the language.
    """
    yield sentence(f"{word(said['verdict'], say)}: {say(said['reason'])}")
    if said["verdict"] == Verdict.EVIDENCE:
        yield say("Most likely first used by {version}.", version=said["first"])
        yield _left(said, say)
        if said["removal"] is not None:
            yield _removal(said["removal"], say)
    elif said["verdict"] != Verdict.CANNOT_SAY:
        yield say("Whether a photo was taken out can only be asked of one with evidence of use.")
    rates = (
        (say("False alarms, measured"), "false_positive_rate"),
        (say("Used ones found, measured"), "true_positive_rate"),
    )
    for name, key in rates:
        if said[key] is not None:
            yield f"{name}: {percent(said[key]['value'])} ({interval(said[key])})"


def _left(said: Found, say: Say) -> str:
    """Tell which versions cannot be excluded; where that is the likeliest alone, that all others can."""
    if [*said["versions"]] == [said["first"]]:
        return say(
            "Every other version can be excluded: of known photos, nine in ten have the true version among those that are left."
        )
    return say(
        "Cannot be excluded: {versions}. Of known photos, nine in ten have the true version in such a set.",
        versions=listed(said["versions"], say),
    )


def measured_line(measured: Found, say: Say) -> str:
    """Tell how often the version named is right, and how often the set of versions holds the true one.

    Args:
        measured: rates ``right`` and ``covered`` as JSON values.
        say: the language.
    """
    right, covered = measured["right"], measured["covered"]
    return say(
        "Of used photos of people whom the test knows nothing of, the version named is right for {right} ({right_interval}), and "
        "the set holds the true one for {covered} ({covered_interval}).",
        right=percent(right["value"]),
        right_interval=interval(right),
        covered=percent(covered["value"]),
        covered_interval=interval(covered),
    )


def place_of(version: str, said: Found, say: Say) -> str:
    """Return what the answer on a face says of one version, in a few words; nothing of most."""
    removal = said["removal"]
    if version == said["first"]:
        return say("most likely used first here")
    if removal is not None and version == removal["version"]:
        return say("looks taken out here")
    return say("cannot be excluded") if version in said["versions"] else ""


def figure(value: float | None) -> str:
    """Write a score, or a dash where there is none."""
    return NONE if value is None else f"{value:.2f}".replace("-", "−")


def ratio_heading(say: Say) -> str:
    """Name the column of ``ratio``."""
    return say("log ratio, first used here")


def ratio(said: Found, place: int) -> str:
    """Write a version's log-likelihood ratio with its sign, or a dash where there is none."""
    return f"{said['ratios'][place]:+.1f}".replace("-", "−") if said["ratios"] else NONE


def over_time_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell of every face since which version it was used; nothing where the report was made without a series."""
    asked = document.get("over_time")
    if asked is None:
        return
    names = [version["name"] for version in asked["versions"]]
    faces = [
        (photo["name"], number, face) for photo in asked["photos"] for number, face in enumerate(photo["faces"], 1)
    ]
    yield Heading(say(TITLE), 3)
    yield Text(say(LEGEND))
    for photo, number, said in faces:
        if len(faces) > 1:
            yield Heading(f"{photo}, {say('face {n}', n=number)}", 4)
        yield Items(tuple(over_time_lines(said, say)))
        yield _versions(names, said, say)
    yield Text(measured_line(asked["measured"], say), "fine")


def series_files(document: Found, say: Say) -> Iterator[Block]:
    """Tell which files the versions are; nothing where the report was made without a series."""
    asked = document.get("over_time")
    if asked is None:
        return
    yield Heading(say("Series of versions {name}", name=asked["series"]), 3)
    versions = (
        Fact(
            say("Network of {version}, SHA-256", version=inline(version["name"], say)),
            version["fingerprint"],
            say("bundle.json: {sha256}", sha256=version["bundle_sha256"]),
        )
        for version in asked["versions"]
    )
    yield Facts((Fact(say("versions.json, SHA-256"), asked["series_sha256"]), *versions))


def _versions(names: list[str], said: Found, say: Say) -> Table:
    head = (
        say("version"),
        say("score"),
        say("threshold at α = {alpha}", alpha=limit(said["alpha"])),
        ratio_heading(say),
        say("answer"),
    )
    rows = tuple(
        (
            Cell(inline(name, say), strong=name == said["first"]),
            Cell(figure(said["scores"][place])),
            Cell(figure(said["thresholds"][place])),
            Cell(ratio(said, place)),
            Cell(place_of(name, said, say), strong=name == said["first"]),
        )
        for place, name in enumerate(names)
    )
    return Table(say(TITLE), head, rows, (24, 14, 18, 18, 26), (0, 4))


def _removal(removal: Found, say: Say) -> str:
    p = f"{removal['p_value']:.2g}"
    told = (
        say("No evidence that it was taken out again (p = {p}).", p=p)
        if removal["version"] is None
        else say(
            "It looks taken out again by {version} (p = {p} among photos that stayed).", version=removal["version"], p=p
        )
    )
    wrong, found = removal["false_positive_rate"], removal["true_positive_rate"]
    if wrong is not None:
        told += " " + say(
            "Of photos that stayed, {share} are said to be taken out ({interval}).",
            share=percent(wrong["value"]),
            interval=interval(wrong),
        )
    if found is not None:
        told += " " + say("Of photos known to be taken out, {share} are found.", share=percent(found["value"]))
    return told
