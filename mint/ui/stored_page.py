"""Write the first screen as one file that any host can show: the wall of faces with its stored answers, and no server.

Nothing in it is computed when it is read. It holds its styles, scripts and pictures itself, and its policy lets it load
nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint import __version__
from mint.errors import BundleMismatch, CannotWrite, WeightsMissing
from mint.i18n.figures import interval
from mint.i18n.translate import LANGUAGES, Say
from mint.report.story.phrases import capital
from mint.storage import addresses
from mint.storage.bundle_index import INDEX
from mint.storage.files import read_json, sha256_of, write_bytes
from mint.storage.paths import EXAMPLES, WEIGHTS
from mint.types import Verdict
from mint.ui.context import text, told
from mint.ui.examples import Example, load_examples
from mint.ui.html import badge, count, esc, percent, title
from mint.ui.portraits import Portrait, portraits
from mint.ui.views import frame
from mint.ui.views.play.flip_wall import NETWORKS, answered, flip_wall
from mint.ui.views.proof.measured import figures_table

NAME = "index.html"
GENERATOR = '<meta name="generator" content="MINT, page of stored answers">'
FACES = 8  # two rows of four: there is no place for a visitor's own
NESTED_STYLES = ("style.css", "answer.css", "flip.css", "figures.css")
SCRIPTS = ("flip.js", "stored.js")
STORED = "examples/faces/verdicts.json"
COMMANDS = "pip install -r requirements.txt\npython app.py"


@dataclass(frozen=True, slots=True)
class Stored:
    """The answers that ship with the examples.

    Attributes:
        examples: with truth and answers.
        bundles: network to the sha256 of the bundle that gave them.
        rates: network to the false-alarm rate that was measured with that bundle, with its interval.
        alpha: that they were judged at.
    """

    examples: Sequence[Example]
    bundles: Mapping[str, str]
    rates: Mapping[str, Mapping[str, Any]]
    alpha: float


def write_stored_page(out: Path, examples: Path = EXAMPLES, weights: Path = WEIGHTS) -> Path:
    """Write the page.

    Args:
        out: a folder, made if there is none; the file in it is ``index.html``.
        examples: as for ``serve``.
        weights: whose bundles the answers must be of, as far as they are there.

    Returns:
        The file.

    Raises:
        WeightsMissing: there are no examples with answers of both twins.
        BundleMismatch: the answers are of other bundles.
        CannotWrite: there is another file of that name, or the system refuses.
    """
    found = stored(examples / "faces", weights)
    path = out / NAME
    if path.exists() and (not path.is_file() or GENERATOR not in path.read_text("utf-8", "replace")[:2000]):
        raise CannotWrite(f"{path} is there and is something else. Name another folder.")
    html = page(found).encode()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{out} cannot be made: {error.strerror}. Name another folder.") from error
    write_bytes(path, html)
    return path


def stored(folder: Path, weights: Path = WEIGHTS) -> Stored:
    """Read the answers that ship with the examples. Raises as ``write_stored_page``."""
    examples = tuple(example for example in load_examples(folder) if example.truth and answered(example))
    if not examples:
        raise WeightsMissing(f"There are no pictures with stored answers in {folder}. Restore that folder.")
    bundles = {network: examples[0].bundles[network] for network in NETWORKS}
    for network, sha256 in bundles.items():
        index = weights / network / INDEX
        other = index.is_file() and sha256_of(index) != sha256
        if other or any(example.bundles[network] != sha256 for example in examples):
            raise BundleMismatch(
                f"{folder / 'verdicts.json'} holds answers of another bundle of {network} than the one in {weights}. Make "
                "them again: mint lab examples."
            )
    faces = [audit["faces"][0] | {"network": audit["network"]} for audit in _audits(folder)[examples[0].path.name]]
    rates = {face["network"]: face["false_positive_rate"] for face in faces}
    return Stored(examples, bundles, rates, float(faces[0]["alpha"]))


def page(found: Stored) -> str:
    """Return the page: every language in one file, of which the script shows one."""
    faces = [face for face in portraits(found.examples, NETWORKS, FACES) if answered(face.example)]
    parts = [_part(found, faces, Say(language), number == 0) for number, language in enumerate(LANGUAGES)]
    style = (
        _dark(text("tokens.css"))
        + f".gradio-container {{\n{''.join(map(text, NESTED_STYLES))}}}\n"
        + text("stored.css")
    )
    script = "".join(map(text, SCRIPTS))
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    none = "".join(f'<p lang="{language}">{Say(language)(NO_SCRIPT)}</p>' for language in LANGUAGES)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">{GENERATOR}'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="referrer" content="no-referrer">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{TITLE}</title>'
        f'<style>{style}</style></head><body class="gradio-container"><main class="html-container">'
        f"<noscript>{none}</noscript>{''.join(parts)}</main><script>{script}</script></body></html>\n"
    )


TITLE = "MINT"
NO_SCRIPT = "Another face can be chosen only where scripts are allowed."


def _part(found: Stored, faces: Sequence[Portrait], say: Say, first: bool) -> str:
    """Return all of it in one language; the pictures are in the first one only."""
    wall = flip_wall(faces, say, asking=False)
    if not first:
        places = {esc(face.picture): place for place, face in enumerate(faces)}
        wall = re.sub(r'src="([^"]*)"', lambda image: f'data-face="{places[image[1]]}"', wall)
    wall = wall.replace("flip-title", f"flip-title-{say.language}")
    head = told("intro", say).replace("<!--languages-->", frame.languages("#", say))
    return (
        f'<section lang="{say.language}" class="stored" data-title="{esc(TITLE)}: {say("stored answers")}"{"" if first else " hidden"}>'
        f"{head}{wall}{_counts(found, say)}{_origin(found, say)}{frame.colophon(say)}</section>"
    )


def _counts(found: Stored, say: Say) -> str:
    """Count the stored answers against the truth, all of them and not only those on the wall."""
    rows = ""
    for network in NETWORKS:
        used, unused = ([e for e in found.examples if e.truth[network] is member] for member in (True, False))
        cells = "".join(
            f"<td><b>{count(sum(e.verdicts[network] is Verdict.EVIDENCE for e in side))}</b> / {count(len(side))}</td>"
            for side in (used, unused)
        )
        rate = found.rates[network]
        rows += (
            f'<tr><th scope="row">{badge(network)} {title(network, say)}</th>{cells}'
            f"<td><b>{percent(rate['value'])}</b> <small>{interval(rate)}</small></td></tr>"
        )
    name = say("All {n} pictures with a known truth", n=count(len(found.examples)))
    heads = "".join(
        f'<th scope="col">{capital(words)}</th>'
        for words in (
            say("used ones: evidence of use"),
            say("unused ones: evidence of use"),
            say("false alarms, measured on others"),
        )
    )
    small = say(
        "These few pictures are examples and no measurement; the last column is one, at α = {alpha}.",
        alpha=f"{found.alpha:g}",
    )
    table = figures_table((name, say("counts")), ("<td></td>", heads), rows)
    return f'<section class="counted"><h2>{name}</h2>{table}<p class="fine">{small}</p></section>'


def _origin(found: Stored, say: Say) -> str:
    """Tell that nothing is computed here, whose answers these are, and how to ask about another photo."""
    whose = ", ".join(f"{title(n, say)} <code>{esc(sha256[:12])}</code>" for n, sha256 in found.bundles.items())
    still = say(
        "This page is one file without a server. It asks no network and sends nothing: what it says was answered when the "
        "examples were made, and stored in {file}. The answers are those of the bundles {whose}; MINT {version}.",
        file=f"<code>{STORED}</code>",
        whose=whose,
        version=esc(__version__),
    )
    code = addresses.code()
    where = "" if code is None else f" {frame.link(say('Here is the code.'), code)}"
    ask = say("To ask both twins about a photo of your own, run MINT on your own computer. The photo stays there.")
    return (
        f"<section><h2>{say('These answers are stored')}</h2><p>{still}</p></section>"
        f'<section><h2>{say("Ask about your own photo")}</h2><p>{ask}{where}</p><pre tabindex="0">{esc(COMMANDS)}</pre></section>'
    )


def _audits(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_json(folder / "verdicts.json")
    return found


def _dark(tokens: str) -> str:
    """Let the system choose between light and dark: on the page with a server a class does."""
    rule = re.search(r"^\.dark (\{.*?^\})", tokens, re.M | re.S)
    assert rule is not None, "tokens.css has a rule for the dark theme"
    return tokens.replace(rule[0], f"@media (prefers-color-scheme: dark) {{ :root {rule[1]} }}")


def _hash(source: str) -> str:
    """Name an inline style or script for a policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
