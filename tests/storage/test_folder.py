"""A folder as a place: what only a disk can do wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prefect_nemovideo.storage import Conflict, StorageError, open_place
from prefect_nemovideo.storage.folder import FolderPlace

# The kernel's limit on the size of a file fails a write just like a full disk, and needs no full disk.
STORE_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from prefect_nemovideo.storage import DiskFull
from prefect_nemovideo.storage.folder import FolderPlace
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for attempt in (
    lambda: FolderPlace(Path(sys.argv[1])).put_file(Path(sys.argv[2]), "deep/clip.mp4"),
    lambda: FolderPlace(Path(sys.argv[2]).parent).download("clip.mp4", Path(sys.argv[1]) / "copy"),
):
    try:
        attempt()
    except DiskFull as exc:
        print(exc)
"""


def test_a_full_disk_is_said_and_keeps_nothing(tmp_path: Path) -> None:
    """Without room, storing and fetching end in a sentence that says so, and no part of a file stays."""
    source = tmp_path / "source" / "clip.mp4"
    source.parent.mkdir()
    source.write_bytes(bytes(200_000))
    command = [sys.executable, "-c", STORE_WITHOUT_ROOM, str(tmp_path / "archive"), str(source)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = run.stdout.splitlines()
    for line in (first, second):
        assert "no room left on the disk. Free some space; nothing was kept." in line
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []


DIE_WHILE_STORING = """
import os, signal, sys
from pathlib import Path
from prefect_nemovideo.storage.folder import FolderPlace

def die_halfway(done: int, size: int) -> None:
    if done * 2 >= size:
        os.kill(os.getpid(), signal.SIGKILL)

FolderPlace(Path(sys.argv[1])).put_file(Path(sys.argv[2]), "clip.mp4", progress=die_halfway)
"""


def test_a_process_that_dies_while_it_stores_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(bytes(5_000_000))
    run = subprocess.run([sys.executable, "-c", DIE_WHILE_STORING, str(tmp_path / "archive"), str(source)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert list((tmp_path / "archive").iterdir()) == []


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    """A folder that is a file can't be a place, and the error names what is in the way."""
    (tmp_path / "archive").write_text("I am a file")
    place = open_place(str(tmp_path / "archive"))
    for attempt in (place.check, lambda: place.put_json("a.json", 1)):
        with pytest.raises(StorageError, match="is in the way"):
            attempt()


def test_a_folder_shares_its_plain_address(tmp_path: Path) -> None:
    """The link to a file in a folder is its file:// address."""
    place = FolderPlace(tmp_path)
    place.put_json("a b.json", 1)
    assert place.presign_get("a b.json", 60) == (tmp_path / "a b.json").as_uri()


def test_a_kept_file_is_readable_like_any_other(tmp_path: Path) -> None:
    """A kept file has the permissions of a file that its owner made, not those of a temporary one."""
    (tmp_path / "plain").write_text("x")
    FolderPlace(tmp_path).put_json("kept.json", 1)
    assert (tmp_path / "kept.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_needs_no_boto3(tmp_path: Path) -> None:
    """Opening, writing and failing in a folder never loads boto3, so that the command line starts fast."""
    code = (
        "import sys\n"
        "from prefect_nemovideo.storage import NotThere, open_place\n"
        "place = open_place(sys.argv[1]); place.put_json('a.json', 1); place.head('none')\n"
        "print([name for name in sys.modules if name.startswith(('boto', 'prefect.', 'av'))])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_exactly_one_of_many_writers_wins(tmp_path: Path) -> None:
    """Eight writers of different documents under one name: one is told that it is stored, seven that it is not."""
    place = FolderPlace(tmp_path)
    start = threading.Barrier(8)

    def write(number: int) -> bool:
        start.wait()
        try:
            return not place.put_json("job.json", {"writer": number}).already_there
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))
    assert won.count(True) == 1
    assert place.read_json("job.json") == {"writer": won.index(True)}
    assert [path.name for path in tmp_path.iterdir()] == ["job.json"]
