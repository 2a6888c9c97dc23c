"""A manifest is checked whole before anything is spent."""

from __future__ import annotations

from pathlib import Path

import pytest

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.manifests import Row, read_manifest, rows_given

CSV = "source,instructions,name,resolution\nclip.mp4,trim the first second|make it square,monday,720p\n"
JSON = '[{"source": "clip.mp4", "instructions": ["trim the first second", "make it square"], "name": "monday"}]'
JSONL = '{"source": "clip.mp4", "instructions": "trim the first second|make it square"}\n\n'


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.json", JSON), ("a.jsonl", JSONL)])
def test_each_format_gives_the_same_row(tmp_path: Path, name: str, text: str) -> None:
    """CSV, JSON and JSONL say the same; a relative source is found beside the manifest."""
    (tmp_path / name).write_text(text)
    manifest = read_manifest(str(tmp_path / name))
    (row,) = manifest.rows
    assert manifest.name == "a"
    assert row.source == str(tmp_path / "clip.mp4")
    assert row.instructions == ["trim the first second", "make it square"]


def test_empty_columns_say_nothing(tmp_path: Path) -> None:
    """An empty field of a CSV is one that was not given."""
    header = "source,instructions,name,profile,resolution,archive,language"
    (tmp_path / "a.csv").write_text(f"{header}\ns3://films/a.mp4,make it square,,,, ,\n")
    rows = read_manifest(str(tmp_path / "a.csv")).rows
    assert rows == [Row(source="s3://films/a.mp4", instructions=["make it square"])]


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Each faulty row is named by its line, and nothing is sent."""
    lines = ["source,instructions,resolution", "a.mp4,,", ",make it square,", "b.mp4,make it square,9k", "c.mp4,x,,y"]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(BadInput) as caught:
        read_manifest(str(tmp_path / "a.csv"))
    told = str(caught.value).splitlines()
    assert told[0].endswith("has 4 faults. Nothing was sent.")
    assert [line.split(":")[0].strip() for line in told[1:]] == ["line 2", "line 3", "line 4", "line 5"]
    assert told[1].endswith("`instructions` is missing")
    assert told[2].endswith("`source` is missing")
    assert "`resolution`" in told[3]
    assert told[4].endswith("there are 4 fields, and 3 in the header")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.txt", "x", "is no manifest"),
        ("a.csv", "source,instructions\n", "has no rows"),
        ("a.json", "{}", "is not a list of rows"),
        ("a.json", "[", "this is not JSON"),
        ("a.jsonl", '{"source": 1', "line 1: this is not JSON"),
        ("a.csv", "source,instructions,colour\na.mp4,x,red\n", "line 1: there is no column `colour`"),
        ("a.csv", "source,instuctions\na.mp4,x\n", "no column `instuctions`; did you mean `instructions`"),
        ("a.csv", "video,instructions\na.mp4,x\n", "line 1: the header has no column `source`"),
        ("a.csv", "source,source,instructions\na.mp4,b.mp4,x\n", "the column `source` is there twice"),
        ("a.csv", 'source,instructions\na.mp4,x\nb.mp4,"never\nclosed\n', "line 3: a quotation mark opens here"),
        ("a.csv", "source,instructions,language\na.mp4,x,German!\n", "“German!” is no language code"),
        ("a.json", '[\n{"source": "a.mp4", "instructions": "x"},\n7]', "line 3: this is not a row"),
        ("a.json", '[\n{"source": "a.mp4", "instructions": [1]}]', "line 2: `instructions"),
        ("a.csv", "source,instructions,profile\na.mp4,x,8k\n", "there is no profile “8k”"),
    ],
)
def test_a_faulty_manifest_is_told_in_a_sentence(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    """What is wrong with it, in words, and what to do."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=sentence) as caught:
        read_manifest(str(tmp_path / name))
    assert caught.value.next_step


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is a wrong input, not a crash."""
    with pytest.raises(BadInput, match="can't be read"):
        read_manifest(str(tmp_path / "none.csv"))


def test_rows_are_found_at_the_line_where_they_begin(tmp_path: Path) -> None:
    """Line breaks inside of quotes and empty lines count; so does the header."""
    text = 'source,instructions\n\na.mp4,"first\nsecond\nthird"\r\nb.mp4,\nc.mp4,"x\ny"\nd.mp4,\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    with pytest.raises(BadInput) as caught:
        read_manifest(str(tmp_path / "a.csv"))
    assert [line.strip() for line in str(caught.value).splitlines()[1:]] == [
        "line 6: `instructions` is missing",
        "line 9: `instructions` is missing",
    ]
    (tmp_path / "a.csv").write_bytes(text.replace("b.mp4,", "b.mp4,x").replace("d.mp4,", "d.mp4,x").encode())
    manifest = read_manifest(str(tmp_path / "a.csv"))
    assert manifest.places == ["line 3", "line 6", "line 7", "line 9"]
    assert manifest.rows[0].instructions == ["first\nsecond\nthird"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_table_is_read_as_programs_write_it(tmp_path: Path, encoding: str, delimiter: str, ends: str) -> None:
    """With a mark or without, semicolons or tabs for commas, line ends of any system, capitals in the header."""
    lines = [delimiter.join(("Source", " Instructions")), delimiter.join(("Été 雪.mp4", '"make it square, then trim"'))]
    (tmp_path / "a.csv").write_bytes(ends.join(lines).encode(encoding))
    (row,) = read_manifest(str(tmp_path / "a.csv")).rows
    assert (Path(row.source).name, row.instructions) == ("Été 雪.mp4", ["make it square, then trim"])


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """Guessing would put wrong letters on the screen."""
    (tmp_path / "a.csv").write_bytes("source,instructions\na.mp4,x\nb.mp4,été\n".encode("cp1252"))
    with pytest.raises(BadInput, match="line 3: this is not UTF-8"):
        read_manifest(str(tmp_path / "a.csv"))


def test_json_and_jsonl_tell_every_faulty_row_at_once(tmp_path: Path) -> None:
    """By the line where the row begins."""
    (tmp_path / "a.json").write_text('[\n  {"source": "a.mp4"},\n  {"instructions": "x",\n "colour": 1}\n]')
    (tmp_path / "a.jsonl").write_text('{"source": "a.mp4"}\n\nnonsense\n{"source": "a.mp4", "instructions": ""}\n')
    told = {}
    for name in ("a.json", "a.jsonl"):
        with pytest.raises(BadInput) as caught:
            read_manifest(str(tmp_path / name))
        told[name] = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert told == {"a.json": ["line 2", "line 3", "line 3"], "a.jsonl": ["line 1", "line 3", "line 4"]}


def test_rows_without_instructions_get_those_of_the_batch() -> None:
    """What `-i` says is for rows that say nothing."""
    given = [{"source": "/a.mp4"}, {"source": "/b.mp4", "instructions": "make it square"}]
    rows = rows_given(given, ["trim the first second"]).rows
    assert [row.instructions for row in rows] == [["trim the first second"], ["make it square"]]


def test_a_row_keeps_its_digest_and_the_batch_its_name() -> None:
    """The same rows are the same batch each time; another instruction is another row."""
    given = {"source": "/a.mp4", "instructions": "make it square"}
    assert rows_given([given]).name == rows_given([{**given, "name": ""}]).name
    assert Row(**given).digest != Row(**{**given, "instructions": "trim"}).digest  # type: ignore[arg-type]


def test_a_signed_link_is_shown_without_its_signature() -> None:
    """What opens the footage for anybody stays out of reports."""
    row = Row(source="https://me:secret@cdn.example/a.mp4?X-Signature=secret#x", instructions=["x"])
    assert row.shown_source == "https://cdn.example/a.mp4"
