"""Of an upload that is over nothing is remembered, least of all its name."""

from __future__ import annotations

import asyncio

import pytest
from gradio.route_utils import FileUploadProgressNotQueuedError, FileUploadProgressNotTrackedError

from mint.ui.server.gradio_patches import UNDERWAY, EmptySet, PassingProgress

NAME = "me-at-the-beach.jpg"


def everything(progress: PassingProgress) -> str:
    return f"{vars(progress)}"


def test_a_list_of_files_stays_empty() -> None:
    files = EmptySet()
    files.add(NAME)
    files.update([NAME], {NAME})
    assert not files


def test_progress_is_told_while_an_upload_lasts_and_its_name_is_gone_with_its_end() -> None:
    progress = PassingProgress()
    progress.append("1", NAME, b"12345")
    progress.append("1", NAME, b"678")
    assert asyncio.run(progress.is_tracked("1"))
    assert not progress.is_done("1")
    unit = progress.pop("1")
    assert (unit.filename, unit.chunk_size) == (NAME, 8)
    progress.append("1", NAME, b"9")
    assert NAME in everything(progress)
    progress.set_done("1")
    assert NAME not in everything(progress)
    assert progress.is_done("1")
    with pytest.raises(FileUploadProgressNotQueuedError):
        progress.pop("1")
    progress.stop_tracking("1")
    with pytest.raises(FileUploadProgressNotTrackedError):
        progress.is_done("1")
    assert not progress._statuses
    assert not progress._signals


def test_uploads_that_nobody_watches_make_room() -> None:
    progress = PassingProgress()
    for number in range(3 * UNDERWAY):
        progress.append(str(number), NAME, b"1")
    assert len(progress._statuses) == len(progress._signals) == UNDERWAY
    assert not progress.is_done(str(3 * UNDERWAY - 1)), "the latest"


def test_asking_for_uploads_that_never_come_fills_nothing() -> None:
    progress = PassingProgress()

    async def ask() -> None:
        waiting = [asyncio.create_task(progress.is_tracked(f"never {number}")) for number in range(3 * UNDERWAY)]
        coming = asyncio.create_task(progress.is_tracked("coming"))
        await asyncio.sleep(0)
        assert not any(task.done() for task in (*waiting, coming))
        progress.track("coming")
        assert await asyncio.wait_for(coming, 5)
        for task in waiting:
            task.cancel()

    asyncio.run(ask())
    assert len(progress._signals) <= UNDERWAY
