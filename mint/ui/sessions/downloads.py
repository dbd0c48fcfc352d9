"""Offer the report as links that carry it, so that the server keeps no file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from mint.i18n.translate import ENGLISH, Say
from mint.report.case import NOT_STATED, Case
from mint.ui.html import esc

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest
    from mint.report.document import Document
    from mint.ui.sessions.person import PersonSession
    from mint.ui.sessions.photo import PhotoSession

DOWNLOADS = {"pdf": ("PDF", "application/pdf"), "html": ("HTML", "text/html"), "json": ("JSON", "application/json")}


def of_photo(
    test: MembershipTest,
    session: PhotoSession,
    alpha: float,
    prior: float,
    thumbnail: bool,
    case: Case = NOT_STATED,
    over_time: Document | None = None,
) -> Document:
    """Make the report on a photo; its faces go in only if that was ticked, ``over_time`` only where versions were asked."""
    from mint.report.document import ReportPhoto, photo_report

    look = session.look
    crops = tuple(face.crop for face in look.faces) if thumbnail else ()
    exhibit = ReportPhoto(session.judged(test, alpha, prior), session.sha256, crops, look.skipped, session.known)
    return photo_report(test.bundles, [exhibit], alpha, prior, case=case, over_time=over_time)


def of_person(
    test: MembershipTest, session: PersonSession, alpha: float, prior: float, thumbnail: bool, case: Case = NOT_STATED
) -> Document:
    """Make the report on several photos of one person, likewise."""
    from mint.report.document import person_report
    from mint.report.optional.usage import counted, usage
    from mint.ui.sessions.person import PERSON_NAME

    audits = session.judged(test, alpha, prior)[-1]
    crops = {seen.photo: seen.faces[0].crop for seen in session.look.looks} if thumbnail else None
    found = counted(test.judge_folder, session.look, PERSON_NAME)
    told = usage(found, person=True) if found else None
    return person_report(test.bundles, audits, sha256=session.sha256, crops=crops, case=case, usage=told)


def shown(document: Document, say: Say = ENGLISH) -> str:
    """Return the report to be read and printed where it stands, for a screen that is not the visitor's: no file is left."""
    from mint.report.files import render

    told = say("The report is on this screen only, and gone when the page starts over.")
    html = render(document, "html", say.language).decode()
    return (
        f'<div class="downloads"><iframe class="report-shown" sandbox="allow-same-origin allow-modals" title="{say("The report")}" '
        f'srcdoc="{esc(html)}"></iframe><p class="actions"><button type="button" class="primary" data-print-report>'
        f'{say("Print")}</button></p><p class="fine" role="status">{told}</p></div>'
    )


def links(document: Document, say: Say = ENGLISH) -> str:
    """Return one link a kind of file; the link itself holds the file."""
    from mint.report.files import render

    items = "".join(
        f'<li><a class="download" download="mint-report.{kind}" '
        f'href="data:{media};base64,{base64.b64encode(render(document, kind, say.language)).decode()}">{name}</a></li>'
        for kind, (name, media) in DOWNLOADS.items()
    )
    told = say("The report is in this page only. Save it before you leave.")
    return f'<div class="downloads" role="status"><ul>{items}</ul><p class="fine">{told}</p></div>'


def table(csv: bytes, name: str, say: Say = ENGLISH) -> str:
    """Return a link that holds a table."""
    href = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(csv).decode()}"
    told = say("The table is in this page only. Save it before you leave.")
    link = f'<a class="download" download="{esc(name)}" href="{href}">CSV</a>'
    return f'<div class="downloads" role="status"><ul><li>{link}</li></ul><p class="fine">{told}</p></div>'
