"""The page of the emulator names everything there is, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest

from prefect_nemovideo.emulator import EmulatorOptions, app, control
from prefect_nemovideo.emulator.editor import Answer, UploadedFile, add_upload, new_draft, respond
from prefect_nemovideo.emulator.fault_rules import Action, Endpoint, FaultRule

PAGE = (Path(__file__).parent.parent / "docs" / "emulator.md").read_text()


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first cell of the head is this."""
    lines = PAGE[PAGE.index(f"\n| {head} |") + 1 :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def code(cell: str) -> str:
    """What a cell has in code."""
    return cell.strip("`")


def shown(value: Any) -> str:
    """A default as the page writes it."""
    if value is None or value == []:
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_option_is_there_with_its_default() -> None:
    """The table of options has every option, and the default that it has."""
    options = EmulatorOptions().model_dump(mode="json")
    assert [(code(row[0]), row[1]) for row in table("option")] == [(n, shown(v)) for n, v in options.items()]


def test_every_value_of_an_option_is_told() -> None:
    """Where an option is a choice, its row tells every choice."""
    told = {code(row[0]): f"{row[1]} {row[2]}" for row in table("option")}
    for name, field in EmulatorOptions.model_fields.items():
        for choice in get_args(field.annotation):
            if isinstance(choice, str):
                assert f"`{choice}`" in told[name], f"{name}: {choice}"


def test_every_control_call_is_there() -> None:
    """The table of the control surface has every call of it."""
    assert {code(row[0]) for row in table("call")} == {f"{route.method} {route.path}" for route in control.ROUTES}


def test_every_fault_is_there() -> None:
    """The tables have every action and every endpoint, and the page every field of a fault."""
    assert [code(row[0]) for row in table("action")] == list(get_args(Action))
    assert {code(row[0]) for row in table("endpoint")} == set(get_args(Endpoint))
    section = PAGE[PAGE.index("## Faults") : PAGE.index("## What it understands")]
    assert [name for name in FaultRule.model_fields if f"`{name}`" not in section] == []


def test_every_endpoint_is_there() -> None:
    """The table of endpoints has every call that the emulator knows."""
    routes = {route.kwargs["name"]: f"{route.method} {route.path}" for route in app.ROUTES if route.kwargs.get("name")}
    assert {code(row[0]): code(row[1]) for row in table("endpoint") if row[0] != "`*`"} == routes


def say(text: str) -> Answer:
    """What the editor does with a sentence, on a clip with a second one and a song beside it."""
    clip = UploadedFile("file_1", "clip.mp4", "video", 10_000, 1280, 720, 30.0)
    second = UploadedFile("file_2", "second.mp4", "video", 4_000, 1280, 720, 30.0)
    song = UploadedFile("file_3", "song.mp3", "audio", 8_000, 0, 0, 0.0)
    return respond(text, add_upload(new_draft("project"), clip), [clip, second, song])


@pytest.mark.parametrize("row", table("English"), ids=lambda row: row[0])
def test_a_sentence_does_what_the_page_says(row: Sequence[str]) -> None:
    """The English and the Chinese sentence lead to the same timeline, and the reply is the one shown."""
    english, chinese, reply = row
    assert say(english).reply == reply
    assert say(english).changed
    assert say(chinese).draft == say(english).draft


@pytest.mark.parametrize("row", table("said"), ids=lambda row: row[0])
def test_what_it_cannot_do_it_says(row: Sequence[str]) -> None:
    """A sentence that lacks a detail, or asks for too much, is answered as shown and changes nothing."""
    said, reply = row
    answer = say(said)
    assert not answer.changed
    assert re.fullmatch(re.escape(reply).replace("…", ".*"), answer.reply)
