"""Answers in files: cut at any byte and gone on with, they are what an undisturbed run writes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.errors import CannotWrite
from mint.i18n.sentences import Sentence
from mint.report.answer_files import FORMATS, UNFINISHED, check_answers, writing_answers
from mint.report.answer_parquet import join
from mint.report.answer_rows import COLUMNS, Settings, photo_name, rows_of
from mint.types import NOT_MEASURED, Answer, FaceAudit, PhotoAudit, Rate, Verdict

NETWORKS = {"twin-a": "a" * 64, "twin-b": "b" * 64}
SETTINGS = Settings(NETWORKS, 0.01, 0.5)
NAMES = [
    "plain.jpg",
    'a,"b"\r\n= c.jpg',
    "niño 漢.png",
    "bytes \udcff.jpg",
    "line\nbreak.webp",
    "=1+1.jpg",
    "'=.jpg",
    "-.jpg",
]


def answer(seed: int, measured: bool = True) -> Answer:
    rate = Rate(seed / 7, seed / 9, seed / 5, 1000 + seed) if measured else NOT_MEASURED
    score = seed * 1.1 if measured else float("nan")
    reason = Sentence("at most {share} of {what}", share=f"{seed} %", what='"known", others')
    right = 1 / (seed + 3) if measured else None
    return Answer(score, 1 / (seed + 1), seed / 11, list(Verdict)[seed % 4], reason, rate, rate, right)


def face(seed: int) -> FaceAudit:
    box = (seed + 0.1, 2.0, 30.5, 40.0)
    return FaceAudit(box, seed * 3.3, (), answer(seed), answer(seed + 1, seed % 3 > 0), 0.01, 0.5)


def audits(name: str, faces: int, seed: int = 0) -> tuple[PhotoAudit, ...]:
    error = None if faces else Sentence("No face was found in {name}.", name=name[:3])
    return tuple(
        PhotoAudit(name, n, f"bundle of {n}", sha, tuple(face(seed + 10 * k + j) for j in range(faces)), error, seed)
        for k, (n, sha) in enumerate(NETWORKS.items())
    )


ASKED = [audits(name, number % 3, number) for number, name in enumerate(NAMES, 1)]  # 1, 2 and no face, twice


def sha256_of(name: str) -> str | None:
    """Made up, of a file of this name; None for one that cannot be read."""
    return None if name == NAMES[2] else hashlib.sha256(ascii(name).encode()).hexdigest()


def write(path: Path, asked: Sequence[tuple[PhotoAudit, ...]] = ASKED, settings: Settings = SETTINGS) -> list[str]:
    """Write what is not there yet; the names of what was."""
    with writing_answers(path, settings) as file:
        there = [found[0].photo for found in asked if file.knows(found[0].photo)]
        for found in asked:
            file.add(found, sha256_of(found[0].photo))
    return there


def stopped(path: Path, after: int) -> None:
    """Write the first photos, and be stopped at the next."""
    with suppress(KeyboardInterrupt), writing_answers(path, SETTINGS) as file:
        for found in ASKED[:after]:
            file.add(found, sha256_of(found[0].photo))
        raise KeyboardInterrupt


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    text = path.read_bytes().decode()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [{name: parsed(COLUMNS[name], value) if value else None for name, value in row.items()} for row in rows]


def parsed(kind: type, text: str) -> Any:
    """A value of a CSV, by hand; no text in it begins like a formula."""
    if kind is not str:
        return kind(text)
    assert text[0] not in "=+-@\t\r\n"
    return text[1:] if text[0] == "'" else text


def flat(prefix: str, value: Any) -> dict[str, Any]:
    """The levels of the JSON answer joined by ``_``."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {
        key: v
        for name, inner in value.items()
        for key, v in flat(f"{prefix}_{name}" if prefix else name, inner).items()
    }


def wanted() -> list[dict[str, Any]]:
    """The rows, from the JSON answers instead of from the values."""
    rows = []
    for found in ASKED:
        said = [json.loads(json.dumps(audit.to_dict())) for audit in found]
        count = len(said[0]["faces"])
        for number in range(max(count, 1)):
            for one in said:
                row = {name: one[name] for name in ("network", "bundle", "bundle_sha256", "skipped", "error")}
                row |= {"photo": photo_name(one["photo"]), "photo_sha256": sha256_of(one["photo"])}
                row |= {"faces": count, "alpha": 0.01, "prior": 0.5}
                if count:
                    seen = one["faces"][number]
                    row |= flat("", {k: v for k, v in seen.items() if k not in ("layers", "box", "combined")})
                    row |= seen["combined"] | {"face": number + 1}
                    row |= dict(zip(("x", "y", "width", "height"), seen["box"], strict=True))
                rows.append({name: row.get(name) for name in COLUMNS})
    return rows


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_rows_are_the_json_answers(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    assert write(path) == []
    assert read(path) == wanted()
    assert list(tmp_path.iterdir()) == [path]
    before = path.read_bytes()
    assert write(path) == NAMES
    assert path.read_bytes() == before


def test_a_photo_that_could_not_be_audited_has_its_error_and_no_verdict():
    rows = rows_of(ASKED[2], None, SETTINGS)
    assert [row["network"] for row in rows] == list(NETWORKS)
    for row in rows:
        assert list(row) == list(COLUMNS)
        assert row["error"]
        assert (row["faces"], row["face"], row["verdict"], row["score"], row["alpha"]) == (0, None, None, None, 0.01)


@pytest.mark.parametrize("suffix", [".csv", pytest.param(".jsonl", marks=pytest.mark.full)])
def test_cut_at_any_byte_it_goes_on_to_the_same_file(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    write(path)
    whole = path.read_bytes()
    ends = {place for place, byte in enumerate(whole) if byte == 10}
    near = {place + step for place in ends for step in (-1, 0, 1, 2)}
    quotes = (
        {place + step for place, byte in enumerate(whole) if byte == 34 for step in (0, 1)}
        if suffix == ".csv"
        else set()
    )
    cuts = {cut for cut in near | quotes | set(range(0, len(whole), 97)) | set(range(30)) if 0 <= cut <= len(whole)}
    for cut in sorted(cuts):
        path.write_bytes(whole[:cut])
        kept = write(path)
        assert path.read_bytes() == whole, cut
        assert kept == NAMES[: len(kept)]


def test_parquet_is_the_same_wherever_a_run_was_killed(tmp_path):
    path, lines = tmp_path / "answers.parquet", tmp_path / f"answers.parquet{UNFINISHED}"
    stopped(path, 4)
    assert not path.exists()
    left = lines.read_bytes()
    lines.write_bytes(left[:-5])  # a torn line
    assert write(path) == NAMES[:3]
    assert read(path) == wanted()
    assert not lines.exists()
    lines.write_bytes(left)  # killed between the two: the lines are in the table already
    assert write(path) == NAMES
    assert read(path) == wanted()
    assert not lines.exists()
    more = audits("more.jpg", 1)  # and a later run with more photos
    assert write(path, [*ASKED, more]) == NAMES
    assert read(path) == [*wanted(), *rows_of(more, sha256_of("more.jpg"), SETTINGS)]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        (replace(SETTINGS, alpha=0.05), "alpha 0.01 instead of 0.05"),
        (replace(SETTINGS, prior=0.1), "prior 0.5 instead of 0.1"),
        (replace(SETTINGS, bundles={"twin-a": "a" * 64, "twin-b": "c" * 64}), "bundle of twin-b bbbbbbbbbbbb instead"),
        (replace(SETTINGS, bundles={"twin-a": "a" * 64}), "network twin-b instead of twin-a"),
    ],
)
@pytest.mark.parametrize("killed", [False, True])
def test_answers_of_another_audit_are_refused(tmp_path, suffix, other, words, killed):
    path = tmp_path / f"answers{suffix}"
    if killed:
        stopped(path, 1)
    else:
        write(path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(CannotWrite) as refused:
        write(path, settings=other)
    assert words in str(refused.value)
    assert "another --out" in str(refused.value)
    assert "--force" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    with writing_answers(path, other, anew=True) as file:
        assert not file.answered
    assert not path.exists() or read(path) == []


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_photos_that_have_changed_are_refused(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    write(path)
    before = path.read_bytes()
    now = {name: sha256_of(name) for name in NAMES}
    with writing_answers(path, SETTINGS) as file:
        file.check(now.items())
        for changed, words in (
            ({NAMES[0]: "0" * 64}, "plain.jpg before: the content has changed. Name another --out"),
            ({NAMES[2]: "0" * 64}, "漢.png before: it could not be read then, and can be now. Leave it out and"),
            (
                {NAMES[2]: None, NAMES[0]: None, NAMES[3]: None},
                "plain.jpg and 1 more before: it cannot be read now. Make it readable again, which keeps all answers; or name",
            ),
        ):
            with pytest.raises(CannotWrite, match=words) as refused:
                file.check((now | changed).items())
            assert "another --out" in str(refused.value)
            assert "--force" in str(refused.value)
    assert path.read_bytes() == before


def test_a_spreadsheet_computes_nothing(tmp_path):
    path = tmp_path / "answers.csv"
    odd = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "'x", "''", "plain"]
    settings = Settings(dict.fromkeys(odd, "a" * 64), 0.01, 0.5)
    with writing_answers(path, settings) as file:
        file.add(tuple(replace(audits("x.jpg", 1)[0], network=name, bundle=name) for name in odd), None)
    cells = [cell for row in csv.reader(io.StringIO(path.read_bytes().decode(), newline="")) for cell in row]
    assert not [
        cell
        for cell in cells
        if cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and cell != str(float(cell)))
    ]
    assert [(row["network"], row["bundle"]) for row in read(path)] == [(name, name) for name in odd]
    with writing_answers(path, settings) as file:
        assert file.knows("x.jpg")  # its own reader takes the marks away as well


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_more_networks_than_before_are_refused(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    one = Settings({"twin-a": "a" * 64}, 0.01, 0.5)
    write(path, [found[:1] for found in ASKED], one)
    before = path.read_bytes()
    with pytest.raises(CannotWrite, match="twin-a instead of twin-a and twin-b"):
        write(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.jsonl", "my notes"),
        ("notes.jsonl", '{"photo": "a.jpg"}\n'),
        ("notes.jsonl", "[1, 2]\nmore\n"),
        ("people.csv", "name,age\nann,30\n"),
        ("people.csv", "name"),
        ("photos.parquet", "no table"),
    ],
)
def test_other_files_are_left_alone(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(CannotWrite, match="no file of answers"):
        write(path)
    assert path.read_text() == text


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_table_of_an_earlier_version_is_told_as_such_and_left_alone(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    rows = [
        {k: v for k, v in row.items() if k != "skipped"} for row in rows_of(audits("plain.jpg", 1), "0" * 64, SETTINGS)
    ]
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    before = path.read_bytes()
    with pytest.raises(CannotWrite, match=r"an earlier version wrote it, without skipped \(--force begins it anew\)"):
        write(path)
    assert path.read_bytes() == before


def test_rows_that_are_missing_in_the_middle_are_noticed(tmp_path):
    path = tmp_path / "answers.jsonl"
    write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + lines[4:]))
    with pytest.raises(CannotWrite, match="are missing"):
        write(path)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("photo", range(len(NAMES)))
def test_a_row_that_is_missing_or_there_twice_is_told_as_what_it_is(tmp_path, suffix, photo):
    path = tmp_path / f"answers{suffix}"
    write(path)
    rows = [row for asked in ASKED for row in rows_of(asked, sha256_of(asked[0].photo), SETTINGS)]
    named = photo_name(NAMES[photo])
    mine = [number for number, row in enumerate(rows) if row["photo"] == named]
    last = photo == len(NAMES) - 1
    for gone in mine:
        if last and suffix != ".parquet":
            continue  # cut off there, which is what a killed run leaves
        stored(path, rows[:gone] + rows[gone + 1 :])
        with pytest.raises(CannotWrite, match="are missing") as refused:
            write(path)
        assert f"rows on {named}" in str(refused.value)
    twice = [rows[: mine[0] + 1] + rows[mine[0] :], rows + [rows[number] for number in mine]]
    for found in twice:
        stored(path, found)
        with pytest.raises(CannotWrite, match="there twice") as refused:
            write(path)
        assert f"rows on {named}" in str(refused.value)


def stored(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as somebody's own program would."""
    if path.suffix == ".parquet":
        path.unlink()  # else these are added
        join(path, rows)
    else:
        kind = FORMATS[path.suffix]
        path.write_bytes(kind.head + kind.encode(rows))


def test_names_and_places_are_checked_beforehand(tmp_path):
    with pytest.raises(CannotWrite, match=r"\.jsonl, \.csv, \.parquet"):
        check_answers(tmp_path / "answers.xlsx")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CannotWrite, match="is a folder"):
        check_answers(tmp_path / "folder.csv")
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="is not a folder"):
        check_answers(tmp_path / "file" / "answers.csv")
    check_answers(tmp_path / "new" / "answers.csv")
    shutil.rmtree(tmp_path)
