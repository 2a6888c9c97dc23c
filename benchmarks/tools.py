"""The opponents that are programs: found, or installed, or named as missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


class Missing(Exception):
    """An opponent that is not here and can't be installed; the row says so."""


def tool(name: str) -> str:
    """Where a program is. Debian's package of the same name is installed where root may do so.

    Raises:
        Missing: It is not to be had.
    """
    if name == "ffmpeg":
        # The same build that the emulator drives.
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    if (found := shutil.which(name)) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {name}…", file=sys.stderr)
        for command in (["update"], ["install", "--yes", "--no-install-recommends", name]):
            subprocess.run(["apt-get", "--quiet=2", *command], stdout=subprocess.DEVNULL, check=False)
        found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is missing: install it to compare with it (Debian: apt-get install {name})")
    return found
