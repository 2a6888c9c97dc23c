"""An instruction on a draft → a new draft and an answer in the person's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect_nemovideo.emulator.editor.apply import apply
from prefect_nemovideo.emulator.editor.draft import Draft, video_segments
from prefect_nemovideo.emulator.editor.files import UploadedFile
from prefect_nemovideo.emulator.editor.language import Understanding, understand
from prefect_nemovideo.emulator.editor.said import Said


@dataclass(frozen=True)
class Answer:
    """What came of an instruction.

    `draft` is the input's equal unless `changed`. `question` says that the reply asks for something only the person
    can know. `tool_calls` are the tools that were used, with their arguments, in order.
    """

    draft: Draft
    changed: bool
    reply: str
    question: bool
    tool_calls: list[tuple[str, dict[str, Any]]]


_CAN = Said(
    "I can upscale, sharpen, denoise, trim, change the shape or speed, rotate, adjust color, fade, merge clips, "
    "and add titles and music.",
    "我可以升级到4K、锐化、降噪、剪辑、改变比例或速度、旋转、调色、淡入淡出、合并片段，以及添加标题和音乐。",
)
_NOTHING_UPLOADED = Said(
    "Nothing has been uploaded yet, so there is nothing to edit. Upload a video or a picture first.",
    "还没有上传任何素材，无法编辑。请先上传视频或图片。",
)
_NO_EXPORT = Said(
    "Exporting is not an edit: the timeline stays as it is. Start an export to get the file.",
    "导出不是编辑：时间线没有变化。请直接开始导出以获得文件。",
)
_EXPORT_SCREEN = Said("Click the Export button in the top right to save your video.", "点击右上角的导出按钮保存视频。")
_TIMELINE_SCREEN = Said("Open the timeline panel to preview the result.", "打开时间线面板预览效果。")
_LEFT_ALONE = Said("All right: I left that as it is.", "好的，保持不变。")
_WHAT = Said("Tell me what to change.", "请告诉我要改什么。")


def respond(instruction: str, draft: Draft, files: Sequence[UploadedFile], *, gui: bool = False) -> Answer:
    """Carry out an instruction as far as it can be, and say what was and what wasn't done.

    `gui=True` adds the sentences about buttons and panels that the real service says to everyone.

    Example:
        >>> respond("upscale to 4K", draft, files).tool_calls
        [('upscale', {'width': 3840, 'height': 2160})]
    """
    asked = understand(instruction, [file.name for file in files if file.is_visual])
    if not video_segments(draft):
        return Answer(draft, False, _NOTHING_UPLOADED.in_(asked.language), False, [])
    edit = apply(draft, asked.operations, files)
    sentences = _sentences(asked, list(edit.changes), list(edit.already), list(edit.refusals))
    sentences += [question.in_(asked.language) for question in edit.questions]
    if not sentences:
        nothing = _LEFT_ALONE if asked.declined else _NO_EXPORT if asked.export else _WHAT
        sentences.append(nothing.in_(asked.language))
        if nothing is _WHAT:
            sentences.append(_CAN.in_(asked.language))
    asks = bool(edit.questions) or not (asked.operations or asked.unclear or asked.declined or asked.export)
    if gui and (edit.changes or asked.export):
        sentences.append((_EXPORT_SCREEN if asked.export else _TIMELINE_SCREEN).in_(asked.language))
    glue = "" if asked.language == "zh" else " "
    return Answer(edit.draft, bool(edit.changes), glue.join(sentences), asks, list(edit.tool_calls))


def _sentences(asked: Understanding, changes: list[Said], already: list[Said], refusals: list[Said]) -> list[str]:
    zh = asked.language == "zh"
    told = []
    if changes:
        told.append(_listed("完成：" if zh else "Done: ", changes, asked.language))
    if already:
        told.append(_listed("本来就是：" if zh else "Already so: ", already, asked.language))
    for refusal in refusals:
        text = refusal.in_(asked.language)
        told.append(f"{text}。" if zh else f"{text[0].upper()}{text[1:]}.")
    if asked.unclear:
        quoted = (
            "、".join(f"“{part}”" for part in asked.unclear) if zh else ", ".join(f"“{part}”" for part in asked.unclear)
        )
        told.append(f"这个我做不到：{quoted}。" if zh else f"I can't do this: {quoted}.")
        told.append(_CAN.in_(asked.language))
    return told


def _listed(head: str, said: list[Said], language: str) -> str:
    zh = language == "zh"
    return head + ("；" if zh else "; ").join(s.in_(language) for s in said) + ("。" if zh else ".")
