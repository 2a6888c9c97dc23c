"""The footage that is edited: 1080p with as much detail and noise as a telephone's, made on the spot."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.tools import tool
from prefect_nemovideo.emulator.renderer import Output, ProbedFile, probe_upload
from prefect_nemovideo.emulator.renderer.plan import plan_render

PICTURE = "testsrc2=size={size}:rate=30:duration={seconds},noise=alls=6:allf=t"
SOUND = "sine=frequency=440:sample_rate=48000:duration={seconds}"
ENCODING = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "22", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac"]
#: What the emulator's editor makes of this.
UPSCALE = "upscale this video to 4K and sharpen the details"


def film(folder: Path, seconds: int, size: str = "1920x1080") -> Path:
    """A film with sound, 30 frames a second."""
    path = folder / f"film-{seconds}s-{size}.mp4"
    inputs = (PICTURE.format(size=size, seconds=seconds), SOUND.format(seconds=seconds))
    made = [word for source in inputs for word in ("-f", "lavfi", "-i", source)]
    subprocess.run([tool("ffmpeg"), "-nostdin", "-v", "error", "-y", *made, *ENCODING, str(path)], check=True)
    return path


def draft_4k(probed: ProbedFile) -> dict[str, Any]:
    """`UPSCALE` as a draft of the whole film."""
    length = round(probed.duration * 1000)
    segment = {"id": "seg_1", "src": "file_1", "s": 0, "d": length, "m": {"sharpen": 0.8}}
    track = {"id": "track_1", "tt": 0, "m": {"title": "film"}, "sg": [segment]}
    return {"d": length, "m": {"width": 3840, "height": 2160, "fps": 30.0, "fit": "pad"}, "t": [track]}


def same_command(folder: Path, clip: Path) -> list[str]:
    """The command line that the emulator runs for `UPSCALE`, typed by hand in a folder of its own."""
    probed = asyncio.run(probe_upload(clip))
    plan = plan_render(draft_4k(probed), {"file_1": (clip, probed)}, Output())
    desk = folder / "by-hand"
    desk.mkdir()
    for name, path in plan.links.items():
        (desk / name).symlink_to(path)
    return ["env", "-C", str(desk), tool("ffmpeg"), "-nostdin", "-v", "error", "-y", *plan.arguments]
