"""What each `quality` of the emulator keeps of a picture, and what it costs: a table on stdout.

    python -m benchmarks.programs.quality

A film of 3 s in 1080p, stored without loss, is rendered at its own size (`preview` at 640 pixels) and compared with
itself, frame by frame; then the same film with noise, as a camera in the dark adds it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.tools import tool
from prefect_nemovideo.emulator.renderer import Output, Rendered, probe_upload, render

SECONDS: Final = 3
PICTURE: Final = f"testsrc2=size=1920x1080:rate=30:duration={SECONDS}"
#: What is random can't be kept at any quality: beside it the qualities hardly differ, and the files grow.
NOISE: Final = "noise=alls=12:allf=t:all_seed=4"
SHOWN: Final = ("high", "medium", "low", "preview")
TAGS: Final = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def without_loss(path: Path, *filters: str) -> Path:
    """The film; its codec is none that is handed on as it is."""
    picture = ",".join([PICTURE, *filters, "format=yuv420p", TAGS])
    command = [tool("ffmpeg"), "-nostdin", "-v", "error", "-f", "lavfi", "-i", picture, "-c:v", "ffv1", str(path)]
    subprocess.run(command, check=True)
    return path


def psnr(made: Rendered, film: Path) -> float:
    """How near it is to the film, in dB of luma; the film is shrunk to its size."""
    # By number: two containers round times in different ways, and neighbours would be compared.
    numbered = "settb=1/30,setpts=N"
    graph = f"[1:v]scale={made.width}:{made.height}:flags=area,{numbered}[film];[0:v]{numbered}[made];[made][film]psnr"
    inputs = ["-i", str(made.path), "-i", str(film)]
    command = [tool("ffmpeg"), "-nostdin", *inputs, "-lavfi", graph, "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"PSNR y:([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


async def at(quality: str, film: Path) -> tuple[Rendered, str]:
    """The film in this quality, and what it keeps: PSNR and MB a second, as cells of the table."""
    probed = await probe_upload(film)
    segment = {"id": "seg_1", "src": "file_1", "s": 0, "d": SECONDS * 1000, "m": {}}
    track = {"id": "track_1", "tt": 0, "m": {"title": "film"}, "sg": [segment]}
    draft = {"d": SECONDS * 1000, "m": {"width": 1920, "height": 1080, "fps": 30.0}, "t": [track]}
    target = film.with_name(f"{film.stem}-{quality}.mp4")
    made = await render(
        draft, {"file_1": (film, probed)}, Output(quality=quality), target, on_progress=lambda percent: None
    )
    return made, f"{psnr(made, film):.1f} dB | {made.bytes / 1e6 / made.duration_seconds:.2f}"


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        plain = without_loss(Path(name, "plain.mkv"))
        noisy = without_loss(Path(name, "noisy.mkv"), NOISE)
        print("| `quality` | picture | PSNR | MB a second | PSNR with noise | MB a second |\n|---|---|---|---|---|---|")
        for quality in SHOWN:
            made, kept = await at(quality, plain)
            _, kept_of_noisy = await at(quality, noisy)
            print(f"| `{quality}` | {made.width}×{made.height} | {kept} | {kept_of_noisy} |", flush=True)


asyncio.run(main())
