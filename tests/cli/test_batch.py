"""The command `batch`: a whole manifest on the embedded emulator and a real S3 server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from loopback import S3Server
from nemo_server import NemoServer

Nemo = Callable[..., NemoServer]
Cli = Callable[..., command.Ended]
WORDS = ("sharpen the details", "make it black and white", "make it brighter", "make it square", "flip it horizontally")


@pytest.fixture
def manifest(small_clip: Path, tmp_path: Path) -> Path:
    """Twelve rows; one names a file that isn't there, one a file that is no video."""
    shutil.copy(small_clip, tmp_path / "clip.mp4")
    (tmp_path / "text.mp4").write_text("no video")
    lines = [f"clip.mp4,{words},{name}" for name, words in zip("abcde", WORDS, strict=True)]
    lines += [f'clip.mp4,add a title saying "{name}",{name}' for name in "fghij"]
    lines[3:3] = ["missing.mp4,make it square,x"]
    lines[9:9] = ["text.mp4,make it square,y"]
    path = tmp_path / "tonight.csv"
    path.write_text("source,instructions,name,resolution\n" + "".join(f"{line},256x144\n" for line in lines))
    return path


def numbered(ended: command.Ended) -> list[int]:
    """How many rows were done as each was told."""
    return [int(number) for number in re.findall(r"(\d+)/12 line", ended.err)]


def test_a_batch_is_archived_and_what_is_done_is_skipped(
    cli: Cli, manifest: Path, swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten of twelve are archived and two fail with reasons; again, ten are skipped without a byte uploaded."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    bucket = swift_s3.make_bucket()
    words = ("batch", str(manifest), "--local", "--archive", f"s3://{bucket}/tonight", "--json")
    first = cli(*words)
    assert first.code == 3, first.err
    counts = [first.document[name] for name in ("completed", "skipped", "failed", "deferred", "credits_spent")]
    assert counts == [10, 0, 2, 0, 500]
    failed = {Path(item["source"]).name: item["error"] for item in first.document["items"] if "error" in item}
    assert failed["missing.mp4"]["message"].startswith("There is no file")
    assert "is not a video" in failed["text.mp4"]["message"]
    assert numbered(first) == list(range(1, 13))

    def held() -> dict[str, str]:
        return {item["Key"]: item["ETag"] for item in swift_s3.client().list_objects_v2(Bucket=bucket)["Contents"]}

    videos = {key: tag for key, tag in held().items() if key.endswith(".mp4")}
    assert len(videos) == 10
    again = cli(*words)
    assert again.code == 3, again.err
    counts = [again.document[name] for name in ("completed", "skipped", "failed", "credits_spent")]
    assert counts == [0, 10, 2, 0]
    assert "Uploading" not in again.err
    assert numbered(again) == list(range(1, 13))
    assert {key: tag for key, tag in held().items() if key.endswith(".mp4")} == videos
    report = json.loads(swift_s3.client().get_object(Bucket=bucket, Key="tonight/tonight.batch.json")["Body"].read())
    assert [item["status"] for item in report["items"]].count("completed") == 10


def test_rows_that_were_left_alone_are_no_want_of_credits(
    cli: Cli, nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """Of a batch that is tried again for what failed, what is not done yet is exit 3; for the budget it is exit 5."""
    nemo(instant_renders=True)
    rows = [f"{small_clip},{words},256x144\n" for words in WORDS[:3]]
    (tmp_path / "a.csv").write_text("source,instructions,resolution\n" + rows[0])
    words = ("batch", str(tmp_path / "a.csv"), "--archive", str(tmp_path / "out"))
    assert cli(*words).code == 0
    (tmp_path / "a.csv").write_text("source,instructions,resolution\n" + rows[0] + rows[1])
    alone = cli(*words, "--retry-failed")
    assert "Not among what failed the last time: This row is new since then." in alone.out
    assert alone.code == 3
    assert cli(*words, "--max-credits", "10").code == 5
    assert cli(*words, "--retry-failed").code == 5


def test_a_faulty_manifest_is_exit_2_with_all_of_its_lines(cli: Cli, nemo: Nemo, tmp_path: Path) -> None:
    """Nothing is sent for the rows that are right."""
    server = nemo()
    (tmp_path / "a.csv").write_text("source,instructions,resolution\na.mp4,x,9k\nb.mp4,make it square,\n,x,\n")
    ended = cli("batch", str(tmp_path / "a.csv"), "--archive", str(tmp_path / "out"))
    assert ended.code == 2
    assert [line.split(":")[0].strip() for line in ended.err.splitlines()[1:3]] == ["line 2", "line 4"]
    assert server.requests() == []


def test_a_dry_run_shows_what_there_is_to_do(cli: Cli, nemo: Nemo, manifest: Path, tmp_path: Path) -> None:
    """Sizes, prices and what will fail, for people and as one document; nothing is sent."""
    server = nemo()
    words = ("batch", str(manifest), "--archive", str(tmp_path / "out"), "--dry-run")
    shown = cli(*words)
    assert shown.code == 0, shown.err
    assert "12 videos: 10 to do" in shown.out
    assert "2 will fail; about 500 credits of 10,000 available" in shown.out
    assert "missing.mp4: will fail: There is no file" in shown.out
    document = cli(*words, "--json").document
    assert (document["to_do"], document["failed"], document["estimated_credits"]) == (10, 2, 500)
    assert server.writes() == []


def test_videos_of_a_folder_within_a_budget_are_exit_5_where_it_ends(
    cli: Cli, nemo: Nemo, small_clip: Path, tmp_path: Path
) -> None:
    """What to do is said for all of them; what was not paid for is deferred."""
    server = nemo(instant_renders=True)
    (tmp_path / "footage").mkdir()
    for name in ("a.mp4", "b.mp4"):
        # Another container tag makes it other footage.
        (tmp_path / "footage" / name).write_bytes(small_clip.read_bytes() + name.encode())
    words = ("batch", str(tmp_path / "footage"), "-i", "make it square", "--archive", str(tmp_path / "out"))
    ended = cli(*words, "--max-credits", "50", "--json")
    assert ended.code == 5, ended.err
    assert (ended.document["completed"], ended.document["deferred"]) == (1, 1)
    assert server.charged() == 50


def test_a_limit_of_the_account_is_set_and_shown(cli: Cli, nemo: Nemo) -> None:
    """One command makes it; it has the same name everywhere, and nothing of the token in it."""
    nemo()
    assert cli("limit").out.startswith("No limit is set")
    made = cli("limit", "3", "--json").document
    assert (made["limit"], made["active"]) == (3, 0)
    assert made["name"].startswith("nemovideo-")
    assert cli("limit").out.startswith("3 videos at a time")
