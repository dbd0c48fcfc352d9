"""A process that counts the steps it takes with files and connections, and kills itself at one of them.

The same run takes the same steps, so that a kill at a step comes at the same place each time, however fast the machine.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

OF_FILES = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link")
STEPS = (*OF_FILES, "socket.connect", "fcntl.flock")


def count_steps(within: str, kill_at: int = 0) -> list[int]:
    """From now on, for as long as this process lives.

    Args:
        within: what the path of a file has in it that counts; connections and locks always do.
        kill_at: the step, from 1, before which the process kills itself; 0 for none.

    Returns:
        A list of one: how many steps were taken so far.
    """
    seen = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in STEPS or (event in OF_FILES and within not in str(arguments[0])):
            return
        seen[0] += 1
        if seen[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen
