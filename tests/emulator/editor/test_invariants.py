"""What holds after any edits in any order."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from prefect_nemovideo.emulator.editor.apply import _HANDLERS, apply
from prefect_nemovideo.emulator.editor.language import understand
from prefect_nemovideo.emulator.editor.operations import Ask, Operation
from prefect_nemovideo.emulator.renderer import check_draft

SENTENCES = (
    "trim the first {n} seconds",
    "remove the last {n}.3 seconds",
    "cut from 0:0{n} to 0:0{m}",
    "keep 0:01 to 0:0{m}",
    "trim to {m} seconds",
    "{n}.5x speed",
    "half speed from {n}s to {m}s",
    "slow motion",
    "normal speed",
    "merge all clips",
    "start over",
    'add a title "Title {n}" from {n}s to {m}s at the top',
    'add text "End" at the end',
    'add text "Always" throughout the video',
    "make the title bigger and move it to the bottom",
    "remove the title",
    "add lofi music at {n}0%",
    'use "drums" as music',
    "music louder",
    "fade out the music over {n} seconds",
    "remove the music",
    "fade in for {n} seconds and fade out for {m} seconds",
    "mute from {n}s to {m}s",
    "make it louder",
    "normalize",
    "rotate 90 left",
    "flip vertically",
    "make it vertical with blurred background",
    "make it 4:5",
    "make it 21:9",
    "upscale to 4K",
    "360p",
    "upscale 1.{n}x",
    "24 fps",
    "sharpen a lot and denoise",
    "black and white from {n}s to {m}s",
    "a bit brighter, warmer and less saturated",
)


@pytest.mark.parametrize("seed", range(12))
def test_a_draft_stays_whole_and_renderable_through_any_edits(rich: Any, seed: int) -> None:
    chance = random.Random(seed)
    files = {file.id for file in rich.files}
    lengths = {file.id: file.duration_ms for file in rich.files if file.file_type == "video"}
    for _ in range(40):
        n, m = sorted(chance.sample(range(1, 10), 2))
        sentence = chance.choice(SENTENCES).format(n=n, m=m)
        before = copy.deepcopy(rich.draft)
        answer = rich.say(sentence)
        assert answer.reply, sentence
        if not answer.changed:
            assert rich.draft == before, sentence
        draft = rich.draft
        end = 0
        for segment in rich.segments(0):
            assert segment["s"] == end, f"clips follow each other without gap or overlap after {sentence!r}"
            end += segment["d"]
            used = segment["m"]["in"] + segment["d"] * segment["m"]["speed"]
            assert used <= lengths.get(segment["src"], used) + 1, f"{sentence!r} uses more than the source has"
        assert draft["d"] == end
        for segment in [*rich.segments(1), *rich.segments(7)]:
            assert 0 <= segment["s"] < segment["s"] + segment["d"] <= end, sentence
        ids = [part["id"] for track in draft["t"] for part in [track, *track["sg"]]]
        assert len(ids) == len(set(ids))
        assert all(type(s[key]) is int for track in draft["t"] for s in track["sg"] for key in ("s", "d"))
        assert all(edge % 2 == 0 and edge <= 4096 for edge in rich.canvas)
        check_draft(draft, files)


def test_every_operation_can_be_carried_out() -> None:
    """Each kind of operation has a handler, but for the questions, which have none to have."""
    assert set(_HANDLERS) | {Ask} == set(Operation.__args__)


def test_every_question_has_words(session: Any) -> None:
    for sentence in ("add a title", "add captions", "trim", "crop", "undo", "edit"):
        operations = understand(sentence).operations
        assert apply(session.draft, operations, session.files).questions
