"""Keep uploads in a private folder and wipe it.

Gradio writes every upload to a file before anybody can read it. This module gives it a folder of its
own, in memory where the system has a place for that, readable by this user only. What lies in it
longer than a minute is removed; all of it is removed at exit, on a signal to stop, and, after a
crash, by the next start. A crash leaves no copy of the memory either.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mint.errors import CannotWrite, brief
from mint.storage.files import lock

KEPT_SECONDS = 60.0
_MEMORY = Path("/dev/shm")
ROOM = 512 * 1024 * 1024  # that all uploads may take: sixteen photos in the queue, and some to spare
_LOCK = "in-use"


def silence() -> None:
    """Switch off telemetry of gradio and its libraries. Call before gradio is imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["GRADIO_SHARE"] = "False"


class PrivateFolder:
    """A folder for uploads that empties itself.

    Args:
        parent: where it is made; in memory, else where temporary files lie, unless told otherwise.

    Raises:
        CannotWrite: neither takes it.
    """

    def __init__(self, parent: Path | None = None) -> None:
        try:
            base = _base(parent or _parent())
            _remove_abandoned(base)
            self.path = Path(tempfile.mkdtemp(prefix="run-", dir=base))
            self._release = lock(self.path / _LOCK, wait=False)
        except OSError as error:
            raise CannotWrite(
                f"There is no place for uploads: {_MEMORY} is not there or has less than {ROOM >> 20} MB, and no "
                f"folder for temporary files can be used ({brief(error)}). Make room, or set TMPDIR to a folder that "
                "you may write to."
            ) from error
        self._stopped = threading.Event()
        self._leaving = False
        self._seen: dict[tuple[Path, int], float] = {}

    def use(self) -> None:
        """Make gradio and tempfile use the folder, and wipe it however the process ends."""
        os.environ["GRADIO_TEMP_DIR"] = os.environ["TMPDIR"] = tempfile.tempdir = str(self.path)
        _dump_no_core()
        atexit.register(self.wipe)
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
                    signal.signal(number, self._leave)
        threading.Thread(target=self._sweep, name="sweeper", daemon=True).start()

    def forget_old(self, seconds: float = KEPT_SECONDS) -> None:
        """Remove what has stayed unchanged for longer than ``seconds`` since an earlier call.

        By a clock that only runs forwards: setting the machine's clock neither keeps a photo nor takes a fresh one.
        """
        now, seen = time.monotonic(), {}
        for path in sorted(self.path.rglob("*"), reverse=True):
            try:
                status = path.lstat()
                mark = (path, status.st_ctime_ns)
                seen[mark] = self._seen.get(mark, now)
                if now - seen[mark] <= seconds:
                    continue
                if stat.S_ISDIR(status.st_mode):
                    path.rmdir()  # fails while something is in it
                elif path.name != _LOCK:
                    path.unlink()
            except OSError:
                continue
        self._seen = seen

    def wipe(self) -> None:
        """Remove the folder and all that is in it."""
        self._stopped.set()
        shutil.rmtree(self.path, ignore_errors=True)
        if self._release is not None:
            self._release()
            self._release = None

    def _sweep(self) -> None:
        while not self._stopped.wait(KEPT_SECONDS / 12):
            self.forget_old()

    def _leave(self, number: int, frame: FrameType | None) -> None:
        """End the main thread, which drains and wipes; on a second signal wipe at once."""
        if self._leaving:
            end(128 + number)
        self._leaving = True
        sys.exit(128 + number)


def end(status: int) -> NoReturn:
    """Run the exit handlers and end without waiting for threads."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def _dump_no_core() -> None:
    """Forbid core dumps, which would hold photos."""
    if find_spec("resource") is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parent() -> Path:
    try:
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= ROOM:
            return _MEMORY
    except OSError:
        pass
    return Path(tempfile.gettempdir())


def _base(parent: Path) -> Path:
    """Return this user's folder for all runs, or a new one if somebody else has its name."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    base = parent / f"mint-{user}"
    try:
        base.mkdir(mode=0o700, exist_ok=True)
        status = base.lstat()
        if not base.is_symlink() and base.is_dir() and status.st_uid == user:
            base.chmod(0o700)
            return base
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="mint-", dir=parent))


def _remove_abandoned(base: Path) -> None:
    """Remove folders of runs that ended without wiping; their locks died with them."""
    for folder in base.glob("run-*"):
        if folder.is_symlink():
            continue
        if not (folder / _LOCK).is_file():  # just begun, or wiped while an upload was still coming in
            if _age(folder) > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
            continue
        release = lock(folder / _LOCK, wait=False)
        if release is not None:
            shutil.rmtree(folder, ignore_errors=True)
            release()


def _age(path: Path) -> float:
    """Return the seconds since a folder last changed; 0 for what is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
