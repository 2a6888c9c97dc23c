"""The program that every child begins as: it ties itself to its parent and then becomes the command.

A parent that is killed can't stop anything any more, and FFmpeg doesn't notice that nobody reads its reports: it
would go on encoding for an hour. So the kernel is asked to kill the child as its parent dies. Only the child
itself can ask for that, and code between fork and exec isn't safe in a process with threads; hence a program
(about 20 ms), run by its file name, that imports nothing of this package. Arguments: the parent's process id,
then the command.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>. It outlasts exec."""


def main() -> None:
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that died before this call left it to another one.
    if os.getppid() == int(parent):
        os.execv(command[0], command)


if __name__ == "__main__":
    main()
