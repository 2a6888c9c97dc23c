"""What a file is, comes from its content: never from its name, never from another file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prefect_nemovideo.media import MediaInfo, NotMedia, probe

Film = Callable[..., Path]

H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
SILENT_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"]
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"]


def test_an_mp4_is_described_in_full(sample_clip: Path) -> None:
    """Container, size, rate, length, codecs and the promised number of frames are read from an MP4."""
    info = probe(sample_clip)
    assert info.duration_seconds == pytest.approx(3.0, abs=0.05)
    assert info == MediaInfo(
        container="mp4",
        duration_seconds=info.duration_seconds,
        width=640,
        height=360,
        fps=25.0,
        video_codec="h264",
        audio_codec="aac",
        frames=75,
        bytes=sample_clip.stat().st_size,
        pixel_format="yuv420p",
    )


@pytest.mark.parametrize(
    ("name", "options", "video", "audio"),
    [
        ("a.mov", [*H264, "-c:a", "aac"], "h264", "aac"),
        ("a.mkv", [*H264, "-c:a", "aac"], "h264", "aac"),
        ("a.avi", ["-c:v", "mpeg4", "-c:a", "mp3"], "mpeg4", "mp3"),
        ("a.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"], "vp8", "opus"),
        ("a.gif", ["-an"], "gif", None),
    ],
)
def test_each_kind_of_film_is_recognized(film: Film, name: str, options: list[str], video: str, audio: str) -> None:
    """mov, mkv, avi, webm and gif are told apart, with their size, rate and length."""
    info = probe(film(name, *options))
    assert (info.container, info.video_codec, info.audio_codec) == (name[2:], video, audio)
    assert (info.width, info.height, info.fps) == (320, 180, 25.0)
    assert info.duration_seconds == pytest.approx(2.0, abs=0.1)
    assert info.has_audio is (audio is not None)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_still_picture_has_a_size_and_no_length(film: Film, name: str) -> None:
    """A still picture has a size, and neither a length nor a rate."""
    info = probe(film(name, "-frames:v", "1", inputs=SILENT_PICTURE))
    assert (info.container, info.width, info.height) == (name[2:], 320, 180)
    assert (info.duration_seconds, info.fps, info.has_audio) == (0.0, 0.0, False)


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.m4a", "a.aac"])
def test_a_sound_file_has_a_length_and_no_picture(film: Film, name: str) -> None:
    """A sound file has a length and a codec, and no picture."""
    info = probe(film(name, inputs=TONE))
    assert (info.container, info.has_video, info.width, info.has_audio) == (name[2:], False, 0, True)
    assert info.duration_seconds == pytest.approx(2.0, abs=0.1)


def test_the_cover_of_a_song_is_not_a_film(film: Film) -> None:
    """An MP3 with a cover picture is sound without a picture."""
    cover = film("cover.png", "-frames:v", "1", inputs=SILENT_PICTURE)
    song = film("song.mp3", "-map", "0", "-map", "1", "-c:v", "copy", inputs=["-i", str(cover), *TONE])
    info = probe(song)
    assert (info.container, info.has_video, info.audio_codec) == ("mp3", False, "mp3")


@pytest.mark.parametrize("degrees", ["90", "-90"])
def test_rotation_is_applied_to_the_size(film: Film, sample_clip: Path, degrees: str) -> None:
    """A film that was taken upright on a telephone is as high as it is shown."""
    upright = film("up.mp4", "-c", "copy", inputs=["-display_rotation", degrees, "-i", str(sample_clip)])
    info = probe(upright)
    assert (info.width, info.height) == (360, 640)


def test_a_fragmented_film_keeps_its_rate(film: Film) -> None:
    """The rate of a fragmented MP4, which has no index to average over, is still exact."""
    info = probe(film("f.mp4", *H264, "-movflags", "frag_keyframe+empty_moov"))
    assert (info.fps, info.frames) == (25.0, None)


def test_a_wrong_name_does_not_matter(film: Film) -> None:
    """A WebM called .mp4 is a WebM."""
    film("a.webm", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8").rename(
        lying := Path(film("b.gif", "-an").parent, "x.mp4")
    )
    assert probe(lying).container == "webm"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!doctype html><html><body>Access denied</body></html>", "is text, not a film"),
        ('{"error": "文件已过期 '.encode() + b'"}', "is text, not a film"),
        (b"\x00\x01\x02\x03" * 40, "of no kind that is supported"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "has no index"),
        (b"\x00\x00\x00\x18ftyp", "is cut off"),
        (b"\x1a\x45\xdf\xa3" + b"\x00" * 50, "header can't be read"),
    ],
)
def test_what_is_not_media_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """Text, nothing, noise and bare headers called .mp4 are refused in a sentence that names the file."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(NotMedia, match=reason) as refused:
        probe(path)
    assert refused.value.reason.startswith("clip.mp4 ")


def test_a_truncated_index_is_refused(sample_clip: Path, tmp_path: Path) -> None:
    """A film that breaks off inside its index can't be opened."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(sample_clip.read_bytes()[:600])
    with pytest.raises(NotMedia, match=r"cut off|header can't be read"):
        probe(path)


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile 'victim.mp4'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nvictim.mp4\n#EXT-X-ENDLIST\n",
    ],
)
def test_a_playlist_never_opens_the_file_it_names(sample_clip: Path, tmp_path: Path, playlist: str) -> None:
    """A playlist called .mp4 does not lead to the file of somebody else beside it."""
    (tmp_path / "victim.mp4").write_bytes(sample_clip.read_bytes())
    path = tmp_path / "clip.mp4"
    path.write_text(playlist)
    with pytest.raises(NotMedia, match="is text"):
        probe(path)


def test_a_picture_of_absurd_size_is_refused(film: Film) -> None:
    """A small file whose picture would fill the memory (9000×9000) is refused before it is decoded."""
    inputs = ["-f", "lavfi", "-i", "color=size=9000x9000:rate=1:duration=1"]
    bomb = film("bomb.png", "-pix_fmt", "gray", inputs=inputs)
    with pytest.raises(NotMedia, match="too large"):
        probe(bomb)


def test_names_that_mean_something_to_ffmpeg_are_only_names(sample_clip: Path, tmp_path: Path) -> None:
    """A file called like a pattern, an option or a protocol is opened as itself."""
    for name in ("%03d.mp4", "-i.mp4", "concat:a|b.mp4", "http:.mp4"):
        (tmp_path / name).write_bytes(sample_clip.read_bytes())
        assert probe(tmp_path / name).width == 640
