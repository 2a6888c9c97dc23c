"""Which uploads are on the timeline: all of them, the first again, or one alone.

Each function changes the draft it is given and says what then is so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from prefect_nemovideo.emulator.editor import timeline
from prefect_nemovideo.emulator.editor.draft import VIDEO, Draft, add_upload, new_draft, new_id, tracks, video_segments
from prefect_nemovideo.emulator.editor.effects import Done
from prefect_nemovideo.emulator.editor.files import UploadedFile
from prefect_nemovideo.emulator.editor.operations import Only
from prefect_nemovideo.emulator.editor.said import Refused, Said, clock

# So many names of uploads fit in a sentence.
MOST_NAMES = 12


def merge(draft: Draft, files: Sequence[UploadedFile]) -> Done:
    visual = [file for file in files if file.is_visual]
    shown = {segment["src"] for segment in video_segments(draft)}
    waiting = [file for file in visual if file.id not in shown]
    if len(visual) < 2:
        raise Refused(
            "there is only one clip, so there is nothing to merge; upload another one first",
            "只有一个片段，没有可以合并的；请先再上传一个",
        )
    if waiting:
        timeline.append(draft, waiting)
    count, length = len(video_segments(draft)), clock(draft["d"])
    return Done(
        "merge_clips",
        {"clips": [file.id for file in waiting]},
        Said(f"{count} clips one after another ({length})", f"{count} 个片段依次连接（{length}）"),
    )


def reset(draft: Draft, files: Sequence[UploadedFile]) -> Done:
    _begin_with(draft, next(file for file in files if file.is_visual))
    return Done("reset", {}, Said("all edits undone, back to the first upload", "已撤销所有编辑，恢复到最初的素材"))


def only(draft: Draft, operation: Only, files: Sequence[UploadedFile]) -> Done:
    """Of uploads with the same name, the newest."""
    visual = [file for file in reversed(files) if file.is_visual]
    wanted = _folded(operation.name)
    named = [file for file in visual if _folded(file.name) == wanted]
    named += [file for file in visual if _folded(file.title) == wanted]
    if not named:
        names = list(dict.fromkeys(file.name for file in reversed(visual)))
        more = len(names) - MOST_NAMES
        shown = [f"“{name}”" for name in names[:MOST_NAMES]]
        raise Refused(
            f"no video or picture called “{operation.name}” was uploaded; choose one of these: {', '.join(shown)}"
            + (f" and {more} more" if more > 0 else ""),
            f"没有上传过名为“{operation.name}”的视频或图片；可选：{'、'.join(shown)}"
            + (f"，等{len(names)}个" if more > 0 else ""),
        )
    file = named[0]
    _begin_with(draft, file)
    length = clock(draft["d"])
    said = Said(f"only “{file.name}” on the timeline ({length})", f"时间线上只有“{file.name}”（{length}）")
    return Done("use_only", {"clip": file.id, "duration_ms": draft["d"]}, said)


def _begin_with(draft: Draft, file: UploadedFile) -> None:
    """Nothing but one upload. What is on the timeline already keeps its id, and nothing else takes that over."""
    kept = next((segment["id"] for segment in video_segments(draft) if segment["src"] == file.id), None)
    fresh = add_upload(new_draft(draft["m"]["title"]), file)
    fresh["t"][0]["id"] = tracks(draft, VIDEO)[0]["id"]
    fresh["t"][0]["sg"][0]["id"] = kept or new_id(draft, "seg")
    draft.clear()
    draft.update(fresh)


def _folded(name: str) -> str:
    """Names are the same however their letters are composed, large or small."""
    return unicodedata.normalize("NFC", name).casefold()
