"""Each bad or odd file is verified, edited or refused as docs/media.md says; nothing hangs and nothing swells."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bad_films import CASES

from prefect_nemovideo.emulator.renderer import (
    BadDraft,
    Limits,
    NotMedia,
    Output,
    ProbedFile,
    RenderError,
    probe_upload,
    render,
)
from prefect_nemovideo.media import MediaError, verify

PAGE = Path(__file__).parents[2] / "docs/media.md"
# Far more than any of these files needs; one that ran away would end as an error, not as a test that hangs.
LIMITS = Limits(seconds=120, stall_seconds=60)
PEAK_MEGABYTES = 200


def rows() -> dict[str, list[str]]:
    """The table of the page: a file's name, then what the client, the upload and the render say."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines if len(cells) == 4 and cells[0] != "file"}


def client_says(path: Path) -> str:
    try:
        verified = verify(path)
    except MediaError as error:
        return error.reason
    return f"whole: {verified.info.width}×{verified.info.height}, pictures: {verified.frames_decoded}"


async def upload_says(path: Path) -> tuple[ProbedFile | None, str]:
    try:
        probed = await probe_upload(path)
    except NotMedia as refused:
        return None, str(refused)
    hdr = f", HDR ({probed.transfer})" if probed.transfer else ""
    return probed, f"{probed.file_type}: {probed.width}×{probed.height}{hdr}"


async def render_says(path: Path, probed: ProbedFile) -> str:
    length = round(probed.duration * 1000) or 1000
    segment = {"id": "seg_1", "src": "file_1", "s": 0, "d": length, "m": {}}
    track = {"id": "track_1", "tt": 0, "m": {"title": "film"}, "sg": [segment]}
    draft = {"d": length, "m": {"width": 320, "height": 180, "fps": 25.0}, "t": [track]}
    target = path.with_name("result.mp4")
    try:
        await render(draft, {"file_1": (path, probed)}, Output(), target, on_progress=lambda _: None, limits=LIMITS)
    except (BadDraft, RenderError) as error:
        return str(error)
    return client_says(target)


def test_the_page_has_a_row_for_each_file() -> None:
    assert list(rows()) == list(CASES)


@pytest.mark.parametrize("name", CASES)
async def test_a_file_is_treated_as_the_page_says(name: str, tmp_path: Path) -> None:
    """By the client that verifies it, and by the emulator that takes and renders it."""
    path = tmp_path / "film.mp4"
    CASES[name](path)
    probed, uploaded = await upload_says(path)
    rendered = await render_says(path, probed) if probed else "–"
    for said, cell in zip((client_says(path), uploaded, rendered), rows()[name], strict=True):
        # … stands for what varies.
        assert re.fullmatch(re.escape(cell).replace("…", ".*"), said), f"{said!r} is not {cell!r}"


def test_a_picture_of_67_million_pixels_does_not_fill_the_client_s_memory(tmp_path: Path) -> None:
    """It is refused before a picture of it is allocated."""
    CASES["67 million pixels"](tmp_path / "film.mp4")
    script = (
        "import pathlib, sys\n"
        "from prefect_nemovideo.media import NotMedia, verify\n"
        "try: verify(pathlib.Path(sys.argv[1]))\n"
        "except NotMedia: print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    # Not ru_maxrss: that begins with what this process had when the other was split off it.
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "film.mp4")], check=True, capture_output=True, text=True
    )
    assert int(told.stdout) / 1000 < PEAK_MEGABYTES, told.stdout
