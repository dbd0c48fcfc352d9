"""What may go wrong with a run of the shell: killed at a step, out of room, without rights, with a mad clock.

Faults are set up in the process that runs, and in no other.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.steps import count_steps

NOBODY = 65534
YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a run; nothing by default.

    Attributes:
        kill_at: the step at which it kills itself; steps are opened, renamed, removed and made files under ``within``,
            locks, and connections.
        within: the folder whose files count as steps.
        most_bytes: that a file may have; a longer one is a full disk.
        read_only: folders that are mounted read-only for it alone. Only root may do so.
        small: a folder that is a disk of its own, of ``most_small`` bytes, for it alone. Only root may do so.
        nobody: whether it runs as a user who owns nothing. Only root may do so.
        no_temp: whether there is no folder for temporary files.
        clock: whether the time jumps a year to and fro at every look.
        hurry: whether nobody waits long before asking the Hub again.
        silence: seconds after which a Hub that says nothing is given up; 0 for those of the product.
    """

    kill_at: int = 0
    within: str = ""
    most_bytes: int = 0
    read_only: tuple[str, ...] = ()
    small: str = ""
    most_small: int = 0
    nobody: bool = False
    no_temp: bool = False
    clock: bool = False
    hurry: bool = False
    silence: float = 0.0


def arm(fault: Fault) -> list[int]:
    """Set up what is to go wrong; how many steps were taken, as the run goes on."""
    import tempfile

    if fault.read_only:
        mount_read_only(fault.read_only)
    if fault.small:
        mount_small({fault.small: fault.most_small})
    if fault.most_bytes:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.most_bytes, fault.most_bytes))
    if fault.nobody:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if fault.no_temp:
        tempfile.tempdir = None
        tempfile._candidate_tempdir_list = lambda: [os.environ.get("TMPDIR", "/nowhere")]  # type: ignore[attr-defined]
        os.environ["TMPDIR"] = "/nowhere"
    if fault.clock:
        _mad_clock()
    if fault.hurry:
        real = time.sleep
        time.sleep = lambda seconds: real(min(seconds, 0.01))  # type: ignore[assignment]
    if fault.silence:
        _give_up_after(fault.silence)
    return count_steps(fault.within, fault.kill_at) if fault.within else [0]


def _mad_clock() -> None:
    """The wall clock jumps a year to and fro; the one that only runs forwards does."""
    real, real_ns, looks = time.time, time.time_ns, [0]

    def jump() -> int:
        looks[0] += 1
        return YEAR if looks[0] % 2 else -YEAR

    time.time = lambda: real() + jump()  # type: ignore[assignment]
    time.time_ns = lambda: real_ns() + jump() * 10**9  # type: ignore[assignment]


def _give_up_after(seconds: float) -> None:
    import mint.storage.hub

    mint.storage.hub.SILENCE = seconds
    mint.storage.hub.constants.HF_HUB_ETAG_TIMEOUT = mint.storage.hub.constants.HF_HUB_DOWNLOAD_TIMEOUT = seconds  # type: ignore[assignment]


def mount_read_only(folders: Sequence[str]) -> None:
    """Mounts of this process's own: a folder on itself, then once more as read-only."""
    mount = _mounts_of_its_own()
    read_only, remount, bind = 1, 32, 4096
    for folder in folders:
        mount(folder, folder, None, bind, None)
        mount(folder, folder, None, bind | remount | read_only, None)


def mount_small(folders: Mapping[str, int]) -> None:
    """Mounts of this process's own: empty disks of so many bytes."""
    mount = _mounts_of_its_own()
    for folder, most in folders.items():
        mount("none", folder, "tmpfs", 0, f"size={most}")


def _mounts_of_its_own() -> Callable[..., None]:
    """From now on nobody else sees what this process mounts; the system's ``mount``."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def check(done: int) -> None:
        if done:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
        encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
        check(libc.mount(*encoded[:3], flags, encoded[3]))

    new_namespace, everything, private = 0x20000, 16384, 1 << 18
    check(libc.unshare(new_namespace))
    mount("none", "/", None, everything | private, None)
    return mount
