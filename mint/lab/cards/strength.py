"""Render what was tried to make the consistency auditor stronger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
COMMAND = "python -m tests.benchmarks.strength --pool POOL --twins TWINS --out weights/cards/strength.json"
SPLITS = ("validation", "calibration")


def strength_section(rows: Sequence[Row]) -> list[str]:
    """Render every attempt, in the order tried.

    Args:
        rows: each with ``what``, ``views`` and ``features`` (how many), ``twin``, ``epoch``,
            ``auc_validation``, ``tpr_validation``, ``auc_calibration``, ``tpr_calibration`` (sample
            level, TPR at 1 % FPR, None where not measured), ``n_validation`` and ``n_calibration``
            (members, siblings), ``kept`` and ``note``.

    Returns:
        Markdown lines; none without rows.
    """
    if not rows:
        return []
    lines = [
        "## What was tried for the consistency auditor",
        "",
        "Sample level, no head and no label, one photo. Fitted on training people, chosen on validation people, "
        "confirmed on calibration people; no line was chosen by a test person. Members are told from other pictures of "
        "the same people; every line is fitted on the same pictures unless it says otherwise. Every pair is AUC / TPR at "
        "1 % FPR. **Bold**: what ships. With fewer than 1000 siblings such a TPR hangs on fewer than ten pictures: it "
        "helped to choose, and is no result. The results are above. "
        f"Again: `{COMMAND}`.",
        "",
        "| what | network, epoch | views | features | validation | calibration | members + siblings | note |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        what = f"**{row['what']}**" if row["kept"] else row["what"]
        cells = [what, f"{row['twin']}, {row['epoch']}", f"{row['views']}", f"{row['features']}"]
        cells += [_pair(row, split) for split in SPLITS]
        cells.append(", ".join(" + ".join(map(str, row[f"n_{split}"])) for split in SPLITS))
        lines.append(f"| {' | '.join(_cell(c) for c in (*cells, row['note']))} |")
    return [*lines, ""]


def _pair(row: Row, split: str) -> str:
    auc, tpr = row[f"auc_{split}"], row[f"tpr_{split}"]
    return "–" if auc is None else f"{auc:.3f} / {tpr:.3f}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
