"""What figures were measured on: enough to judge them by, and nothing that names the machine."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

import imageio_ffmpeg

DISTRIBUTIONS = ("httpx", "boto3", "av", "prefect")


def machine() -> dict[str, str]:
    """Processor, memory, system and versions, in words."""
    model = _found("/proc/cpuinfo", r"model name\s*:\s*(.+)")
    kilobytes = int(_found("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0)
    return {
        "processor": f"{len(os.sched_getaffinity(0))} × {model}",
        "memory": f"{kilobytes * 1024 / 1e9:.0f} GB",
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in DISTRIBUTIONS},
        "curl": _first_number(["curl", "--version"]),
        "ffmpeg": _first_number([imageio_ffmpeg.get_ffmpeg_exe(), "-version"]),
    }


def load() -> float:
    """Processes that want to run, on the average of the last minute: above the number of processors is noise."""
    return round(os.getloadavg()[0], 1)


def _found(file: str, pattern: str) -> str:
    try:
        match = re.search(pattern, Path(file).read_text())
    except OSError:
        return ""
    return match[1].strip() if match else ""


def _first_number(command: list[str]) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "missing"
    match = re.search(r"\d+(\.\d+)+", said)
    return match[0] if match else "missing"
