"""A folder and two S3 servers keep the same promises."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prefect_nemovideo.storage import BadPlace, ChecksumMismatch, Conflict, NotThere, Place, StorageError

MakeFile = Callable[..., Path]
# The same on every run: some of it is in names of tests, which must not differ between processes.
FILM = random.Random(0).randbytes(300_000)
FILM_SHA256 = hashlib.sha256(FILM).hexdigest()


def test_a_file_comes_back_as_it_went_in(place: Place, make_file: MakeFile, tmp_path: Path) -> None:
    """What is stored has its address, length and SHA-256, and is fetched again byte by byte."""
    stored = place.put_file(make_file(FILM), "a/clip.mp4", content_type="video/mp4", metadata={"job": "雪 50%"})
    assert (stored.uri, stored.sha256, stored.bytes) == (f"{place.uri}/a/clip.mp4", FILM_SHA256, len(FILM))
    assert not stored.already_there
    held = place.head("a/clip.mp4")
    assert held is not None
    assert (held.uri, held.sha256, held.bytes) == (stored.uri, FILM_SHA256, len(FILM))
    fetched = place.download("a/clip.mp4", target := tmp_path / "deep" / "copy.mp4")
    assert target.read_bytes() == FILM
    assert (fetched.bytes, fetched.sha256) == (len(FILM), FILM_SHA256)
    assert list(target.parent.iterdir()) == [target]


def test_what_is_held_can_be_listed(place: Place, make_file: MakeFile) -> None:
    """By its keys, in whatever folders."""
    for key in ("b.mp4", "deep/er/a.mp4"):
        place.put_file(make_file(FILM), key)
    assert sorted(place.names()) == ["b.mp4", "deep/er/a.mp4"]


def test_an_empty_file_can_be_kept(place: Place, make_file: MakeFile, tmp_path: Path) -> None:
    """A file without content is stored and fetched like any other."""
    assert place.put_file(make_file(b""), "empty").bytes == 0
    place.download("empty", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b""


def test_names_in_all_languages_are_kept(place: Place, make_file: MakeFile) -> None:
    """A key with spaces, accents, Chinese and signs that mean something in addresses is found again."""
    key = "Été 2026/城市 夜景 #1 & 100%+?.mp4"
    place.put_file(make_file(FILM), key)
    held = place.head(key)
    assert held is not None
    assert held.bytes == len(FILM)


@pytest.mark.parametrize("known", [FILM_SHA256, None])
def test_the_same_content_is_already_there(place: Place, make_file: MakeFile, known: str | None) -> None:
    """Storing the same file again is success, says so, and sends nothing."""
    place.put_file(make_file(FILM), "clip.mp4")
    again = place.put_file(make_file(FILM, "other name"), "clip.mp4", sha256_hex=known)
    assert again.already_there
    assert (again.sha256, again.bytes) == (FILM_SHA256, len(FILM))


def test_other_content_is_a_conflict_and_is_not_overwritten(place: Place, make_file: MakeFile) -> None:
    """A key that holds something else stays as it is, and the error says what to do."""
    place.put_file(make_file(FILM), "clip.mp4")
    with pytest.raises(Conflict, match="Nothing was overwritten") as refused:
        place.put_file(make_file(b"other"), "clip.mp4")
    assert refused.value.uri == f"{place.uri}/clip.mp4"
    held = place.head("clip.mp4")
    assert held is not None
    assert held.sha256 == FILM_SHA256


def test_overwriting_happens_when_asked_for(place: Place, make_file: MakeFile) -> None:
    """With `overwrite`, other content takes the key, and the same content is still not sent again."""
    place.put_file(make_file(FILM), "clip.mp4")
    replaced = place.put_file(make_file(b"other"), "clip.mp4", overwrite=True)
    assert (replaced.bytes, replaced.already_there) == (5, False)
    known = hashlib.sha256(b"other").hexdigest()
    assert place.put_file(make_file(b"other"), "clip.mp4", sha256_hex=known, overwrite=True).already_there


def test_a_wrong_checksum_is_refused_and_leaves_nothing(place: Place, make_file: MakeFile) -> None:
    """A file that is not what its checksum announces is not stored."""
    with pytest.raises(ChecksumMismatch):
        place.put_file(make_file(FILM), "clip.mp4", sha256_hex="00" * 32)
    assert place.head("clip.mp4") is None


def test_progress_grows_to_the_whole(place: Place, make_file: MakeFile, tmp_path: Path) -> None:
    """Progress never goes back, and ends with all bytes of all bytes, both ways."""
    sent: list[tuple[int, int]] = []
    received: list[tuple[int, int]] = []
    place.put_file(make_file(FILM), "clip.mp4", progress=lambda *step: sent.append(step))
    place.download("clip.mp4", tmp_path / "copy", progress=lambda *step: received.append(step))
    for steps in (sent, received):
        assert steps == sorted(steps)
        assert steps[-1] == (len(FILM), len(FILM))


def test_raising_in_progress_stops_without_a_trace(place: Place, make_file: MakeFile, tmp_path: Path) -> None:
    """A transfer that its caller stops leaves neither an object nor a part of a file."""

    def stop(done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        place.put_file(make_file(FILM), "clip.mp4", progress=stop)
    assert place.head("clip.mp4") is None
    place.put_file(make_file(FILM), "clip.mp4")
    with pytest.raises(RuntimeError, match="enough"):
        place.download("clip.mp4", tmp_path / "target" / "copy", progress=stop)
    assert list((tmp_path / "target").iterdir()) == []


def test_documents_are_kept_by_the_same_rules(place: Place) -> None:
    """A JSON document is stored once, found equal whatever the order of its keys, and never silently replaced."""
    first = place.put_json("job.json", {"a": 1, "b": ["é", None]})
    assert not first.already_there
    assert place.put_json("job.json", {"b": ["é", None], "a": 1}).already_there
    with pytest.raises(Conflict):
        place.put_json("job.json", {"a": 2})
    assert place.read_json("job.json") == {"a": 1, "b": ["é", None]}
    place.put_json("job.json", {"a": 2}, overwrite=True)
    assert place.read_json("job.json") == {"a": 2}


def test_small_objects_are_kept_whole_and_replaced(place: Place) -> None:
    """What has no form of its own is kept as it is; the newest counts."""
    assert place.read_bytes("steps/one") is None
    place.put_bytes("steps/one", b"first")
    place.put_bytes("steps/one", b"second")
    assert place.read_bytes("steps/one") == b"second"


def test_what_is_not_there_is_said(place: Place, make_file: MakeFile, tmp_path: Path) -> None:
    """Looking for nothing finds None; fetching nothing, or storing nothing, is an error that says so."""
    place.put_json("other.json", 1)
    assert place.head("nothing") is None
    assert place.read_json("nothing") is None
    with pytest.raises(NotThere, match=r"Check the (bucket|path)"):
        place.download("nothing", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    with pytest.raises(NotThere, match=r"missing\.mp4"):
        place.put_file(tmp_path / "missing.mp4", "clip.mp4")


def test_a_document_that_is_none_is_said(place: Place, make_file: MakeFile) -> None:
    """Reading a film as a document is an error with its address."""
    place.put_file(make_file(b"\x00not json"), "clip.mp4")
    with pytest.raises(StorageError, match=r"clip\.mp4 is not a JSON document"):
        place.read_json("clip.mp4")


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../../up", "a//b", "a/", "./a", "a\\b", "a\nb", "é" * 600]
)
def test_a_key_that_leaves_its_place_is_refused(place: Place, make_file: MakeFile, key: str) -> None:
    """A key can't climb out of its place, nor mean one thing in a folder and another in a bucket."""
    with pytest.raises(BadPlace):
        place.put_file(make_file(FILM), key)
    with pytest.raises(BadPlace):
        place.uri_of(key)


def test_one_of_many_writers_wins(place: Place, make_file: MakeFile) -> None:
    """Eight writers of different files under one key: what stays is whole and a winner's, the others know."""
    start = threading.Barrier(8)

    def write(number: int) -> bool:
        path = make_file(bytes([number]) * 100_000, f"writer-{number}")
        start.wait()
        try:
            return not place.put_file(path, "clip.mp4").already_there
        except (Conflict, ChecksumMismatch):
            return False

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number, won in enumerate(pool.map(write, range(8))) if won]
    held = place.head("clip.mp4")
    assert held is not None
    assert held.sha256 in {hashlib.sha256(bytes([number]) * 100_000).hexdigest() for number in winners}


def test_a_check_leaves_nothing_behind(place: Place, tmp_path: Path) -> None:
    """Checking a place proves that it can be written to, without making so much as its folder."""
    place.check()
    assert [path for path in tmp_path.iterdir() if path.name != "archive"] == []
    assert not (tmp_path / "archive").exists()
