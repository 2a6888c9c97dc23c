"""A file is checked wherever its bytes are: on disk, in memory, or far away, where one asks for ranges of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from prefect_nemovideo.media import Corrupt, NotMedia, poster, probe, verify, walk_boxes

Film = Callable[..., Path]

H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]


class Ranges:
    """A file far away: knows what was read of it, and may fail."""

    def __init__(self, data: bytes, *, lost_from: int | None = None) -> None:
        self.name = "clip.mp4"
        self.bytes_read = 0
        self._file = io.BytesIO(data)
        self._lost_from = lost_from

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self.bytes_read += len(block)
        if self._lost_from is not None and self._file.tell() > self._lost_from:
            raise ConnectionResetError("the archive hung up")
        return block

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", [*H264, "-movflags", "+faststart"]),
        ("index-last.mp4", H264),
        ("fragmented.mp4", [*H264, "-movflags", "frag_keyframe+empty_moov"]),
        ("a.mkv", H264),
        ("a.mp3", ["-vn"]),
        ("a.png", ["-an", "-frames:v", "1"]),
    ],
)
def test_a_binary_file_is_verified_like_a_path(film: Film, name: str, options: list[str]) -> None:
    """What an open file holds is what the path holds: the same facts, the same counts."""
    path = film(name, *options)
    with path.open("rb") as file:
        assert verify(file) == verify(path)
        assert probe(file) == probe(path)


def test_a_far_file_is_read_once(hd_clip: Path) -> None:
    """Verification transfers a film with its index in front about once."""
    data = hd_clip.read_bytes()
    far = Ranges(data)
    assert verify(far).frames_decoded == 60
    assert far.bytes_read < 1.2 * len(data) + (1 << 20)


def test_damage_in_a_far_file_is_found(hd_clip: Path) -> None:
    """A far file that is cut off or overwritten is corrupt, under its own name."""
    data = hd_clip.read_bytes()
    with pytest.raises(Corrupt, match=r"^clip\.mp4 is cut off"):
        verify(Ranges(data[: len(data) // 2]))
    middle = len(data) // 2
    with pytest.raises(Corrupt, match=r"^clip\.mp4 is damaged"):
        verify(Ranges(data[:middle] + bytes(200_000) + data[middle + 200_000 :]))


def test_a_nameless_file_is_called_the_file() -> None:
    """Bytes in memory have no name to call them by."""
    with pytest.raises(NotMedia, match=r"^The file is empty"):
        verify(io.BytesIO())


def test_a_connection_that_breaks_is_no_damage(hd_clip: Path) -> None:
    """An error of whoever reads is passed on as it is: the film may well be whole."""
    data = hd_clip.read_bytes()
    with pytest.raises(ConnectionResetError, match="the archive hung up"):
        verify(Ranges(data, lost_from=len(data) * 2 // 3))
    with pytest.raises(ConnectionResetError, match="the archive hung up"):
        walk_boxes(Ranges(data, lost_from=0))


def test_a_poster_is_made_of_a_far_file(hd_clip: Path, tmp_path: Path) -> None:
    """One picture needs no file on disk."""
    assert poster(Ranges(hd_clip.read_bytes()), 1.0, tmp_path / "poster.jpg").read_bytes()[:2] == b"\xff\xd8"
