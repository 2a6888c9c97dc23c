"""A verified file is complete and decodes to its last frame; each kind of damage is found."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prefect_nemovideo.media import Corrupt, NotMedia, verify, walk_boxes

Film = Callable[..., Path]

H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]


def test_a_whole_film_is_verified(sample_clip: Path) -> None:
    """Each of the 75 frames of a sound film is decoded, and its sound too."""
    verified = verify(sample_clip)
    assert verified.frames_decoded == verified.info.frames == 75
    assert verified.audio_frames_decoded > 100


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("b-frames.mp4", ["-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p", "-c:a", "aac"]),
        ("hevc.mp4", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"]),
        ("a.mov", H264),
        ("a.mkv", H264),
        ("a.avi", ["-c:v", "mpeg4", "-c:a", "mp3"]),
        ("a.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]),
        ("fragmented.mp4", [*H264, "-movflags", "frag_keyframe+empty_moov"]),
        ("variable.mp4", ["-vf", "select='not(mod(n,3))+lt(n,10)'", "-fps_mode", "vfr", *H264]),
        ("ten-bit.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"]),
    ],
)
def test_whole_films_of_all_kinds_are_verified(film: Film, name: str, options: list[str]) -> None:
    """No whole film of any supported kind is taken for a damaged one."""
    assert verify(film(name, *options)).frames_decoded > 20


def test_a_film_cut_without_encoding_is_whole(film: Film) -> None:
    """Frames before the cut, which the file carries but says not to show, are not missed."""
    whole = film("whole.mp4", "-c:v", "libx264", "-g", "50", "-pix_fmt", "yuv420p")
    cut = film("cut.mp4", "-c", "copy", inputs=["-ss", "0.7", "-i", str(whole)])
    verified = verify(cut)
    assert verified.frames_decoded < (verified.info.frames or 0)


def test_a_file_cut_off_in_the_middle_is_found(hd_clip: Path, tmp_path: Path) -> None:
    """A film that starts to play, but whose second half never arrived, is corrupt."""
    with pytest.raises(Corrupt, match=r"is cut off: [0-9]+ bytes"):
        verify(_damaged(hd_clip, tmp_path, cut_to=0.5))


def test_a_hole_filled_with_zeros_is_found(hd_clip: Path, tmp_path: Path) -> None:
    """A film of the right length, with a stretch of zeros inside, is corrupt."""
    with pytest.raises(Corrupt, match="is damaged"):
        verify(_damaged(hd_clip, tmp_path, zeroed=200_000))


def test_flipped_bits_are_found_each_time(hd_clip: Path, tmp_path: Path) -> None:
    """A film with 200 wrong bytes is corrupt, whichever decoding thread meets them first."""
    path = _damaged(hd_clip, tmp_path, flips=200)
    for _ in range(5):
        with pytest.raises(Corrupt, match="is damaged"):
            verify(path)


def test_an_unfinished_film_is_found(film: Film, tmp_path: Path) -> None:
    """A film whose writer was stopped before it wrote the index is corrupt."""
    whole = film("whole.mp4", *H264)
    data = whole.read_bytes()
    path = tmp_path / "clip.mp4"
    path.write_bytes(data[: data.rindex(b"moov") - 4])
    with pytest.raises(Corrupt, match="no index"):
        verify(path)


def test_sound_may_outlast_the_pictures(film: Film) -> None:
    """Music that goes on for a second after the last picture is no damage."""
    inputs = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"]
    inputs += ["-f", "lavfi", "-i", "sine=duration=2"]
    assert verify(film("long-tone.mp4", *H264, inputs=inputs)).frames_decoded == 25


def test_a_film_without_an_index_that_ends_too_early_is_found(film: Film) -> None:
    """A WebM or MKV counts no frames, but one that was cut at two thirds ends before its promised length."""
    path = film("a.mkv", *H264)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(Corrupt, match="is damaged"):
        verify(path)


def test_text_is_not_media(tmp_path: Path) -> None:
    """An error page saved as a film is no media, rather than a damaged film."""
    path = tmp_path / "clip.mp4"
    path.write_text("<html>Gateway Timeout</html>")
    with pytest.raises(NotMedia):
        verify(path)


def test_progress_runs_from_start_to_end_and_can_stop(sample_clip: Path) -> None:
    """Progress counts seconds up to the whole length, and raising in it ends the verification."""
    seen: list[tuple[float, float]] = []
    verify(sample_clip, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0.0
    assert seen == sorted(seen)
    assert seen[-1][0] == pytest.approx(seen[-1][1], abs=0.1)

    def stop(done: float, total: float) -> None:
        raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        verify(sample_clip, progress=stop)


VERIFY_AND_WEIGH = r"""
import re, sys
from pathlib import Path
from prefect_nemovideo.media import verify
print(verify(Path(sys.argv[1])).frames_decoded)
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
# 300 pictures of 1920×1080 would take 900 MB if they were kept.
MOST_MEGABYTES = 300


def test_memory_does_not_grow_with_the_film(hd_clip: Path, film: Film) -> None:
    """A film of 300 pictures is verified in the memory of a few of them."""
    long = film("long.mp4", "-c", "copy", inputs=["-stream_loop", "4", "-i", str(hd_clip)])
    command = [sys.executable, "-c", VERIFY_AND_WEIGH, str(long)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    frames, megabytes = map(int, run.stdout.split())
    assert frames == 300
    assert megabytes < MOST_MEGABYTES


async def test_two_verifications_run_side_by_side_in_threads(sample_clip: Path, hd_clip: Path) -> None:
    """From asyncio, files are verified in worker threads while the loop goes on."""
    first, second = await asyncio.gather(asyncio.to_thread(verify, sample_clip), asyncio.to_thread(verify, hd_clip))
    assert (first.frames_decoded, second.frames_decoded) == (75, 60)


def test_the_boxes_of_a_film_are_walked(sample_clip: Path, film: Film) -> None:
    """A complete film is told from an incomplete one, and one that starts at once from one that can't."""
    boxes = walk_boxes(sample_clip)
    assert (boxes.complete, boxes.faststart) == (True, True)
    assert {"ftyp", "moov", "mdat"} <= set(boxes.kinds)
    slow = walk_boxes(film("slow.mp4", *H264))
    assert (slow.complete, slow.faststart) == (True, False)


def test_every_cut_of_a_film_is_seen_by_its_boxes(film: Film, tmp_path: Path) -> None:
    """Wherever a film with its index in front is cut, its boxes say that it is not complete."""
    data = film("whole.mp4", *H264, "-movflags", "+faststart").read_bytes()
    path = tmp_path / "cut.mp4"
    for length in range(1, len(data), 997):
        path.write_bytes(data[:length])
        assert not walk_boxes(path).complete, length


def _damaged(source: Path, folder: Path, *, cut_to: float = 1.0, zeroed: int = 0, flips: int = 0) -> Path:
    """A copy of a film with its index in front, damaged inside its pictures."""
    data = bytearray(source.read_bytes())
    start = data.index(b"mdat") + 4
    middle = start + (len(data) - start) // 3
    data[middle : middle + zeroed] = bytes(zeroed)
    dice = random.Random(1)
    for _ in range(flips):
        data[dice.randrange(start, len(data))] ^= 0x55
    path = folder / "clip.mp4"
    path.write_bytes(data[: int(len(data) * cut_to)])
    return path
