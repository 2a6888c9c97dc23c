"""A manifest is checked whole before anything is spent."""

from __future__ import annotations

from pathlib import Path

import pytest

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.manifests import Row, read_manifest

CSV = "source,instructions,name,resolution\nclip.mp4,trim the first second|make it square,monday,720p\n"
JSON = '[{"source": "clip.mp4", "instructions": ["trim the first second", "make it square"], "name": "monday"}]'
JSONL = '{"source": "clip.mp4", "instructions": "trim the first second|make it square"}\n\n'


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.json", JSON), ("a.jsonl", JSONL)])
def test_each_format_gives_the_same_row(tmp_path: Path, name: str, text: str) -> None:
    """CSV, JSON and JSONL say the same; a relative source is found beside the manifest."""
    (tmp_path / name).write_text(text)
    (row,) = read_manifest(tmp_path / name)
    assert row.source == str(tmp_path / "clip.mp4")
    assert row.instructions == ["trim the first second", "make it square"]


def test_empty_columns_say_nothing(tmp_path: Path) -> None:
    """An empty field of a CSV is one that was not given."""
    (tmp_path / "a.csv").write_text("source,instructions,name,profile,resolution\ns3://films/a.mp4,make it square,,,\n")
    assert read_manifest(tmp_path / "a.csv") == [Row(source="s3://films/a.mp4", instructions=["make it square"])]


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Each faulty row is named by its line, and nothing is sent."""
    lines = ["source,instructions,resolution", "a.mp4,,", ",make it square,", "b.mp4,make it square,9k", "c.mp4,x,,y"]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(BadInput) as caught:
        read_manifest(tmp_path / "a.csv")
    told = str(caught.value).splitlines()
    assert told[0].endswith("has 4 faults. Nothing was sent.")
    assert [line.split(":")[0].strip() for line in told[1:]] == ["line 2", "line 3", "line 4", "line 5"]
    assert told[1].endswith("`instructions` is missing")
    assert told[2].endswith("`source` is missing")
    assert "`resolution`" in told[3]
    assert "more fields than the header has" in told[4]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.txt", "x", "is no manifest"),
        ("a.csv", "source,instructions\n", "has no rows"),
        ("a.json", "{}", "is not a list of rows"),
        ("a.json", "[", "this is not JSON"),
        ("a.jsonl", '{"source": 1', "line 1: this is not JSON"),
        ("a.csv", "source,instructions,colour\na.mp4,x,red\n", "there is no column `colour`"),
        ("a.csv", "source,instructions,profile\na.mp4,x,8k\n", "there is no profile “8k”"),
    ],
)
def test_a_faulty_manifest_is_told_in_a_sentence(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    """What is wrong with it, in words, and what to do."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=sentence) as caught:
        read_manifest(tmp_path / name)
    assert caught.value.next_step


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is a wrong input, not a crash."""
    with pytest.raises(BadInput, match="can't be read"):
        read_manifest(tmp_path / "none.csv")
