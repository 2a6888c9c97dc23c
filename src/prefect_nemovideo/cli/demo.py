"""`demo`: the whole job, for real, on this machine alone."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import imageio_ffmpeg

from prefect_nemovideo.api.models import OutputSpec
from prefect_nemovideo.cli.edit import summary
from prefect_nemovideo.cli.local import local_backend
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.cli.server import server_at_hand
from prefect_nemovideo.flows import edit_video
from prefect_nemovideo.progress import tell
from prefect_nemovideo.tasks.archive import manifest_name

INSTRUCTION = "upscale this video to 4K and sharpen the details"
DEFAULT_ARCHIVE = "demo-output"
CLIP_SECONDS = 6


async def run(chosen: argparse.Namespace) -> int:
    """Makes a clip, edits it with the embedded emulator, archives it, and shows what came of it."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nemovideo-demo-") as folder:
        clip = make_clip(Path(folder) / "travel.mp4")
        made = time.monotonic()
        await server_at_hand()
        tell(f"Made a clip: {CLIP_SECONDS} s of 1920×1080 with sound.")
        with local_backend(Path(folder) / "emulator") as credentials:
            result = await edit_video(
                str(clip),
                INSTRUCTION,
                chosen.archive or DEFAULT_ARCHIVE,
                credentials=credentials,
                output=OutputSpec(),
                force=True,
            )
    done = time.monotonic()
    lines = [
        # The project went with the demo's own emulator: a link to it would lead nowhere.
        *summary(result.model_copy(update={"workspace_url": None})),
        f"  Record: {manifest_name(result.uri)}",
        "  Checked: whole, decoded from beginning to end, SHA-256 compared at the destination, "
        + ("as requested" if result.as_requested else "NOT as requested"),
        f"  Took: clip {made - started:.1f} s, job {done - made:.1f} s, {done - started:.1f} s in all",
    ]
    show(result.model_dump(mode="json"), chosen, lines)
    return 0


def make_clip(target: Path) -> Path:
    """A moving test picture, 1920×1080, 30 frames a second, with a tone."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=30:duration={CLIP_SECONDS}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={CLIP_SECONDS}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(target)], check=True)
    return target
