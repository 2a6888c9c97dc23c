"""Operations on a draft: what can be done is done, what can't is said.

Every operation works on a copy of its own, so that one that is refused half-way leaves nothing behind. The
tables at the end of the file say which function does which operation.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from prefect_nemovideo.emulator.editor import clips, effects, layers, timeline
from prefect_nemovideo.emulator.editor.draft import Draft
from prefect_nemovideo.emulator.editor.effects import Done
from prefect_nemovideo.emulator.editor.files import UploadedFile
from prefect_nemovideo.emulator.editor.operations import (
    AddMusic,
    AddTitle,
    Ask,
    Canvas,
    Cut,
    EditTitle,
    Fade,
    Flip,
    FrameRate,
    Keep,
    Look,
    Loudness,
    Merge,
    Only,
    Operation,
    Reframe,
    RemoveMusic,
    RemoveTitles,
    Reset,
    Resize,
    Rotate,
    Scale,
    Shorten,
    Speed,
    Volume,
)
from prefect_nemovideo.emulator.editor.said import Refused, Said, Unclear, clock


@dataclass(frozen=True)
class Edit:
    """What came of the operations: a new draft, and sentences about each of them."""

    draft: Draft
    changes: tuple[Said, ...] = ()
    already: tuple[Said, ...] = ()
    refusals: tuple[Said, ...] = ()
    questions: tuple[Said, ...] = ()
    tool_calls: tuple[tuple[str, dict[str, Any]], ...] = ()


@dataclass
class _Results:
    changes: list[Said] = field(default_factory=list)
    already: list[Said] = field(default_factory=list)
    refusals: list[Said] = field(default_factory=list)
    questions: list[Said] = field(default_factory=list)
    tool_calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def apply(draft: Draft, operations: Sequence[Operation], files: Sequence[UploadedFile]) -> Edit:
    """Do operations in the order that `in_order` gives them; the input draft is never touched."""
    current, results = copy.deepcopy(draft), _Results()
    for operation in in_order(operations):
        trial = copy.deepcopy(current)
        try:
            done = _do(trial, operation, files)
        except Unclear as unclear:
            results.questions.append(unclear.said)
            continue
        except Refused as refused:
            results.refusals.append(refused.said)
            if isinstance(operation, Only):
                break  # the other wishes are for that upload, not for what is on the timeline now
            continue
        timeline.settle(trial)
        if trial == current:
            results.already.append(done.said)
            continue
        current = trial
        results.changes.append(done.said)
        results.tool_calls.append((done.tool, done.args))
    return Edit(
        current,
        tuple(results.changes),
        tuple(results.already),
        tuple(results.refusals),
        tuple(results.questions),
        tuple(results.tool_calls),
    )


# Clips are chosen and joined before anything is done to them, and the frame gets its shape before its size, so that
# "upscale to 4K and make it vertical" means the same in both orders.
_FIRST: tuple[type[Operation], ...] = (Reset, Only, Merge, Rotate, Reframe, Canvas, Scale, Resize)


def in_order(operations: Sequence[Operation]) -> list[Operation]:
    """The order of doing: the frame first, then everything as it was said."""
    rank = {kind: index for index, kind in enumerate(_FIRST)}
    return sorted(operations, key=lambda operation: rank.get(type(operation), len(_FIRST)))


def _do(draft: Draft, operation: Operation, files: Sequence[UploadedFile]) -> Done:
    if isinstance(operation, Ask):
        raise Unclear(*_QUESTIONS[operation.about])
    stills = {file.id for file in files if file.file_type == "image"}
    for kind, done_by in _HANDLERS.items():
        if isinstance(operation, kind):
            return done_by(draft, operation, files, stills)
    raise AssertionError(f"no handler for {operation}")  # the tables below are complete; a test holds that


def _cut(draft: Draft, operation: Cut, stills: Collection[str]) -> Done:
    start, end = timeline.stretch(draft, operation.start, operation.end)
    timeline.cut(draft, start, end, stills)
    return _trimmed(draft, {"remove_from_ms": start, "remove_to_ms": end}, start, end, "took out", "剪掉")


def _keep(draft: Draft, operation: Keep, stills: Collection[str]) -> Done:
    start, end = timeline.stretch(draft, operation.start, operation.end)
    if end < draft["d"]:
        timeline.cut(draft, end, draft["d"], stills)
    if start:
        timeline.cut(draft, 0, start, stills)
    return _trimmed(draft, {"keep_from_ms": start, "keep_to_ms": end}, start, end, "kept", "保留")


def _shorten(draft: Draft, operation: Shorten, stills: Collection[str]) -> Done:
    # Longer than the video is no mistake: the video then already is no longer than that.
    length = min(operation.length, int(draft["d"]))
    return _keep(draft, Keep(0, length), stills)


def _trimmed(draft: Draft, args: dict[str, Any], start: int, end: int, en: str, zh: str) -> Done:
    now = clock(draft["d"])
    return Done(
        "trim",
        args | {"duration_ms": draft["d"]},
        Said(f"{en} {clock(start)}–{clock(end)} (now {now} long)", f"{zh} {clock(start)}–{clock(end)}（现长 {now}）"),
    )


def _speed(draft: Draft, operation: Speed, stills: Collection[str]) -> Done:
    if operation.factor <= 0:
        raise Refused("a video can't be played at no speed at all", "播放速度不能为零")
    changing = timeline.inside(draft, operation.span, stills)
    for segment in changing:
        now = segment["m"].get("speed", 1.0)
        timeline.set_speed(draft, [segment], operation.factor / now if operation.absolute else operation.factor, stills)
    speed = changing[0]["m"].get("speed", 1.0) if changing[0]["src"] not in stills else operation.factor
    now = clock(draft["d"])
    said = Said(f"speed {speed:.3g}x (now {now} long)", f"{speed:.3g} 倍速（现长 {now}）")
    return Done("set_speed", {"factor": speed, "duration_ms": draft["d"]}, said)


# Each takes the draft, the operation, the uploads, and which of them are pictures.
_Handler = Callable[[Draft, Any, Sequence[UploadedFile], Collection[str]], Done]
_HANDLERS: dict[type[Operation], _Handler] = {
    Reset: lambda draft, op, files, stills: clips.reset(draft, files),
    Only: lambda draft, op, files, stills: clips.only(draft, op, files),
    Merge: lambda draft, op, files, stills: clips.merge(draft, files),
    Cut: lambda draft, op, files, stills: _cut(draft, op, stills),
    Keep: lambda draft, op, files, stills: _keep(draft, op, stills),
    Shorten: lambda draft, op, files, stills: _shorten(draft, op, stills),
    Speed: lambda draft, op, files, stills: _speed(draft, op, stills),
    Rotate: lambda draft, op, files, stills: effects.rotate(draft, op),
    Reframe: lambda draft, op, files, stills: effects.reframe(draft, op),
    Canvas: lambda draft, op, files, stills: effects.canvas(draft, op),
    Scale: lambda draft, op, files, stills: effects.scale(draft, op),
    Resize: lambda draft, op, files, stills: effects.resize(draft, op),
    FrameRate: lambda draft, op, files, stills: effects.frame_rate(draft, op),
    Flip: lambda draft, op, files, stills: effects.flip(draft, op),
    Look: lambda draft, op, files, stills: effects.look(draft, op, stills),
    Fade: lambda draft, op, files, stills: effects.fade(draft, op),
    Loudness: lambda draft, op, files, stills: layers.loudness(draft, op),
    Volume: lambda draft, op, files, stills: layers.volume(draft, op, stills),
    AddTitle: lambda draft, op, files, stills: layers.add_title(draft, op),
    EditTitle: lambda draft, op, files, stills: layers.edit_titles(draft, op),
    RemoveTitles: lambda draft, op, files, stills: layers.remove_titles(draft),
    AddMusic: lambda draft, op, files, stills: layers.add_music(draft, op, files),
    RemoveMusic: lambda draft, op, files, stills: layers.remove_music(draft),
}

_QUESTIONS = {
    "title": (
        'What should the title say? For example: add a title "Paradise Found" for 3 seconds.',
        "标题要写什么？例如：加标题“天堂”，显示3秒。",
    ),
    "captions": (
        'I can\'t write down what is said in a video. What should the text say? For example: add a caption "Hello".',
        "我无法识别视频里的语音。字幕要写什么？例如：加字幕“你好”。",
    ),
    "cut": (
        "Which part should I cut? For example: trim the first 3 seconds, or keep 0:02 to 0:05.",
        "要剪哪一段？例如：剪掉前3秒，或保留0:02到0:05。",
    ),
    "shape": (
        "Which shape should I crop it to? For example: 9:16, 1:1 or 16:9.",
        "要裁剪成什么比例？例如：9:16、1:1 或 16:9。",
    ),
    "undo": (
        "I keep no history of single steps. What should I take back? For example: remove the title, normal speed, "
        "or start over.",
        "没有单步历史记录。要撤回什么？例如：删除标题、正常速度，或重新开始。",
    ),
    "edit": (
        "What should I change? For example: upscale this video to 4K and sharpen the details.",
        "要改什么？例如：升级到4K并锐化。",
    ),
}
