"""What a file is, and what isn't a file that can be edited."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prefect_nemovideo.emulator.renderer import NotMedia, probe_upload

SMALL = "testsrc2=s=160x90:r=25:d=1"


@pytest.mark.conformance("supported-formats")
@pytest.mark.parametrize(
    ("name", "kind", "codec", "has_audio"),
    [
        ("a.mp4", "video", "h264", True),
        ("a.mov", "video", "h264", True),
        ("a.mkv", "video", "h264", True),
        ("a.webm", "video", "vp8", True),
        ("a.avi", "video", "mpeg4", True),
        ("a.gif", "video", "gif", False),
        ("a.mp3", "audio", "", True),
        ("a.wav", "audio", "", True),
        ("a.m4a", "audio", "", True),
        ("a.aac", "audio", "", True),
    ],
)
async def test_every_accepted_format_is_recognized(
    studio: Any, name: str, kind: str, codec: str, has_audio: bool
) -> None:
    tune = {"webm": ("-deadline", "realtime", "-c:v", "libvpx"), "m4a": ("-vn",)}.get(name[2:], ())
    inputs = ("-f", "lavfi", "-i", SMALL, "-f", "lavfi", "-i", "sine=d=1")
    probed = await probe_upload(studio.make(name, *inputs, *tune))
    assert (probed.file_type, probed.video_codec, probed.has_audio) == (kind, codec, has_audio)
    assert probed.duration == pytest.approx(1.0, abs=0.06)
    if kind == "video":
        assert (probed.width, probed.height, probed.fps) == (160, 90, 25.0)


@pytest.mark.parametrize("name", ["s.png", "s.jpg", "s.webp"])
async def test_stills_are_images(studio: Any, name: str) -> None:
    probed = await probe_upload(studio.scene(name, SMALL, "-frames:v", "1"))
    assert (probed.file_type, probed.width, probed.height, probed.duration) == ("image", 160, 90, 0.0)


async def test_a_photo_s_orientation_counts(studio: Any, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (160, 90), "red").save(tmp_path / "phone.jpg", exif=exif)
    probed = await probe_upload(tmp_path / "phone.jpg")
    assert (probed.width, probed.height) == (90, 160)


async def test_a_song_with_a_cover_is_audio(studio: Any) -> None:
    cover = studio.scene("cover.png", SMALL, "-frames:v", "1")
    song = studio.make("cover.mp3", "-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1",
                       "-disposition:v", "attached_pic")  # fmt: skip
    assert (await probe_upload(song)).file_type == "audio"


async def test_the_file_s_name_doesn_t_matter(studio: Any, tmp_path: Path) -> None:
    for name in ("%03d.jpg", "concat:x.mp4", "-i.txt", "noextension"):
        (tmp_path / name).write_bytes(studio.clock(seconds=1).read_bytes())
        assert (await probe_upload(tmp_path / name)).video_codec == "h264"


@pytest.mark.parametrize(
    "content",
    [
        b"hello, this is a text\n" * 50,
        b"ffconcat version 1.0\nfile {clip}\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{clip}\n#EXT-X-ENDLIST\n",
        b"<html><body>404</body></html>",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        bytes(range(256)) * 400,
        b"\0" * 5000,
    ],
)
async def test_what_is_no_media_is_refused_whatever_it_is_called(studio: Any, tmp_path: Path, content: bytes) -> None:
    """Lists that name other files are refused too: they would hand out a neighbor's upload."""
    upload = tmp_path / "clip.mp4"
    upload.write_bytes(content.replace(b"{clip}", bytes(studio.clock(seconds=1))))
    with pytest.raises(NotMedia, match="is not a video, image or sound that can be read"):
        await probe_upload(upload)


async def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(NotMedia, match="The file is empty"):
        await probe_upload(tmp_path / "a.mp4")


async def test_a_file_that_was_cut_off_is_refused(studio: Any, tmp_path: Path) -> None:
    """With the index in front FFmpeg would play the stump without a word; at the end it is lost."""
    clip = studio.clock(seconds=2)
    front = studio.make("front.mp4", "-i", clip, "-c", "copy", "-movflags", "+faststart")
    matroska = studio.make("front.mkv", "-i", clip, "-c", "copy")
    for whole in (clip, front, matroska):
        stump = tmp_path / f"stump{whole.suffix}"
        stump.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 5])
        with pytest.raises(NotMedia, match="cut off"):
            await probe_upload(stump)


async def test_half_a_photo_is_refused(studio: Any, tmp_path: Path) -> None:
    photo = studio.scene("s.jpg", SMALL, "-frames:v", "1")
    (tmp_path / "half.jpg").write_bytes(photo.read_bytes()[: photo.stat().st_size // 2])
    with pytest.raises(NotMedia, match="damaged"):
        await probe_upload(tmp_path / "half.jpg")


def png_bomb(side: int) -> bytes:
    """A black PNG of a bit per pixel: some kB that unpack to `side` x `side` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((side + 7) // 8 + 1) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["bomb.mp4", "bomb.png"])
def test_a_picture_that_would_fill_the_memory_is_refused(studio: Any, tmp_path: Path, name: str) -> None:
    """Few bytes, more than 40 million pixels: the probing process stays below 200 MB."""
    bomb = tmp_path / name
    if name == "bomb.png":
        bomb.write_bytes(png_bomb(20000))
    else:
        studio.scene(str(bomb), "color=black:s=8192x8192:r=1", "-frames:v", "1", "-preset", "ultrafast")
    script = (
        "import asyncio, resource, sys, pathlib\n"
        "from prefect_nemovideo.emulator.renderer.probe import probe_upload, NotMedia\n"
        "try:\n    asyncio.run(probe_upload(pathlib.Path(sys.argv[1])))\n"
        "except NotMedia as refused:\n"
        "    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, refused)\n"
    )
    said = subprocess.run([sys.executable, "-c", script, bomb], capture_output=True, text=True, check=True).stdout
    peak_kilobytes, _, reason = said.partition(" ")
    assert "40 million" in reason
    assert int(peak_kilobytes) < 200_000
