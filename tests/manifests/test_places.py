"""All the videos of a folder, of a pattern, or below a prefix of a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback import S3Server

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.manifests import read_manifest

WORDS = ["make it square"]
FILES = ("b.mp4", "a.MOV", "notes.txt", ".hidden.mp4", "cover.png", "deep/c.webm", "out/a-1.mp4")


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """A folder with videos, other files, and what an earlier batch delivered."""
    for name in FILES:
        (tmp_path / "footage" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "footage" / name).write_bytes(b"x")
    return tmp_path / "footage"


def found(where: str, archive: str | None = None) -> list[str]:
    manifest = read_manifest(where, WORDS, archive)
    assert all(row.instructions == WORDS for row in manifest.rows)
    return [row.source for row in manifest.rows]


def test_a_folder_gives_the_videos_that_lie_in_it(footage: Path) -> None:
    """By name, without hidden files, and named after the folder."""
    assert found(str(footage)) == [str(footage / "a.MOV"), str(footage / "b.mp4")]
    assert read_manifest(f"{footage}/", WORDS).name == "footage"


def test_a_pattern_gives_what_it_names_but_not_what_the_archive_holds(footage: Path) -> None:
    """Else each night would edit the results of the last one."""
    pattern = str(footage / "**" / "*")
    inside = [str(footage / name) for name in ("a.MOV", "b.mp4", "deep/c.webm")]
    assert found(pattern, str(footage / "out")) == inside
    assert found(str(footage / "*.mp4")) == [str(footage / "b.mp4")]
    assert read_manifest(pattern, WORDS).name == "footage"


def test_a_prefix_gives_the_videos_below_it(swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """In all of its folders, but not what the archive holds; a pattern of keys narrows it."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    bucket = swift_s3.make_bucket()
    for name in FILES:
        swift_s3.client().put_object(Bucket=bucket, Key=f"raw/{name}", Body=b"x")
    base = f"s3://{bucket}/raw"
    videos = [f"{base}/{name}" for name in ("a.MOV", "b.mp4", "deep/c.webm")]
    assert found(f"{base}/", f"{base}/out") == videos
    assert found(f"{base}/*") == videos[:2]
    assert found(f"{base}/**/*.webm") == videos[2:]
    assert read_manifest(f"{base}/", WORDS).name == "raw"


def test_a_manifest_may_lie_in_a_bucket(swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then its sources have addresses: there is no folder beside it."""
    for name, value in swift_s3.environment().items():
        monkeypatch.setenv(name, value)
    bucket = swift_s3.make_bucket()
    text = "source,instructions\ns3://films/a.mp4,make it square\n"
    swift_s3.client().put_object(Bucket=bucket, Key="tonight.csv", Body=text.encode())
    manifest = read_manifest(f"s3://{bucket}/tonight.csv")
    assert (manifest.name, [row.source for row in manifest.rows]) == ("tonight", ["s3://films/a.mp4"])
    swift_s3.client().put_object(Bucket=bucket, Key="tonight.csv", Body=text.replace("s3://films/", "").encode())
    with pytest.raises(BadInput, match="line 2: `source`: a manifest in a bucket"):
        read_manifest(f"s3://{bucket}/tonight.csv")


def test_videos_without_instructions_are_told(footage: Path) -> None:
    """A folder says which videos, and not what to do."""
    with pytest.raises(BadInput, match="not what to do"):
        read_manifest(str(footage))


def test_a_place_without_videos_is_told(tmp_path: Path) -> None:
    """Nothing to do is more likely a wrong path than a wish."""
    with pytest.raises(BadInput, match="There are no videos"):
        read_manifest(str(tmp_path), WORDS)
