"""What lies over and under the picture: titles, music, volume, loudness."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prefect_nemovideo.emulator.editor.draft import AUDIO, TEXT, Draft, new_id, new_track, segments, tracks
from prefect_nemovideo.emulator.editor.effects import Done
from prefect_nemovideo.emulator.editor.files import UploadedFile
from prefect_nemovideo.emulator.editor.operations import AddMusic, AddTitle, EditTitle, Loudness, Volume
from prefect_nemovideo.emulator.editor.said import Refused, Said, Unclear, clock
from prefect_nemovideo.emulator.editor.timeline import fades, inside, stretch
from prefect_nemovideo.emulator.editor.titles import TITLE_MS

# The beds that the renderer can play, with the names people read.
BEDS = {"lofi": "Lo-fi", "upbeat": "Upbeat", "calm": "Calm", "cinematic": "Cinematic"}
DEFAULT_BED = "lofi"
MAX_VOLUME = 400  # per cent; louder than this is noise
LOUDEST_LUFS, QUIETEST_LUFS = -5.0, -70.0  # what EBU R 128 normalization can reach
_PLACES_ZH = {
    "top": "顶部",
    "center": "居中",
    "bottom": "底部",
    "top-left": "左上角",
    "top-right": "右上角",
    "bottom-left": "左下角",
    "bottom-right": "右下角",
}
MAX_TITLE = 500  # characters; more can't be read from a picture


def add_title(draft: Draft, operation: AddTitle) -> Done:
    text = operation.text
    if len(text) > MAX_TITLE:
        raise Refused(
            f"a title of {len(text)} characters can't be read from a picture; {MAX_TITLE} is the most",
            f"标题有 {len(text)} 个字，太长了；最多 {MAX_TITLE} 个字",
        )
    start, end = _place(draft, operation.start, operation.end, operation.length, operation.to_end)
    details = {"text": text, "position": operation.position, "size": operation.size}
    segment = {"id": new_id(draft, "seg"), "s": start, "d": end - start, "m": details}
    draft["t"].append(new_track(draft, TEXT, {"title": text}, [segment]))
    when = f"{clock(start)}–{clock(end)}"
    args = {"text": text, "start_ms": start, "end_ms": end, "position": operation.position}
    return Done("add_title", args, _titled(text, when, operation.position))


def edit_titles(draft: Draft, operation: EditTitle) -> Done:
    titles = list(segments(draft, TEXT))
    if not titles:
        raise Refused("there is no title to change; add one first", "没有可以修改的标题；请先加一个")
    if operation.last:
        titles = titles[-1:]
    if operation.text and len(titles) > 1:
        raise Unclear(
            f"There are {len(titles)} titles. Remove them and say the new ones, please.",
            f"有 {len(titles)} 个标题。请先删除它们，再说明新的标题。",
        )
    for segment in titles:
        m = segment["m"]
        m.update({k: v for k in ("text", "position", "size") if (v := getattr(operation, k)) is not None})
        timed = (operation.start, operation.end, operation.length) != (None, None, None) or operation.to_end
        if timed:
            start = segment["s"] if operation.start is None else operation.start
            length = segment["d"] if operation.length is None else operation.length
            start, end = _place(draft, start, operation.end, length, operation.to_end)
            segment["s"], segment["d"] = start, end - start
    for track in tracks(draft, TEXT):
        track["m"]["title"] = track["sg"][0]["m"]["text"]
    first = titles[0]
    text, when = first["m"]["text"], f"{clock(first['s'])}–{clock(first['s'] + first['d'])}"
    place = first["m"]["position"]
    said = _titled(text, when, place)
    return Done("edit_title", {"text": text, "position": place}, said)


def _titled(text: str, when: str, place: str) -> Said:
    return Said(f'title "{text}" at {when}, {place}', f"标题“{text}”，{when}，{_PLACES_ZH[place]}")


def remove_titles(draft: Draft) -> Done:
    if not tracks(draft, TEXT):
        raise Refused("there is no title to remove", "没有可以删除的标题")
    draft["t"] = [track for track in draft["t"] if track["tt"] != TEXT]
    return Done("remove_titles", {}, Said("titles removed", "已删除标题"))


def _place(draft: Draft, start: int, end: int | None, length: int | None, to_end: bool) -> tuple[int, int]:
    """Start and end of a title; one that would run over the end of the video stops there."""
    total = int(draft["d"])
    if start < 0:
        start = max(0, total + start)
    if to_end:
        return stretch(draft, start, None)
    if end is None:
        end = start + (TITLE_MS if length is None else length)
    return stretch(draft, start, min(end, total) if start < total else end)


def add_music(draft: Draft, operation: AddMusic, files: Sequence[UploadedFile]) -> Done:
    source, title = _music(operation, files)
    start, end = stretch(draft, operation.start, None)
    percent = min(operation.volume, MAX_VOLUME)
    # One piece of music at a time: a second one would sound at the same time as the first.
    draft["t"] = [track for track in draft["t"] if track["tt"] != AUDIO]
    details = {"title": title, "volume": percent, "in": 0, "loop": True}
    # Music ends and begins with the picture: where that fades, it fades.
    details |= {key: ms for key, ms in zip(("fade_in", "fade_out"), fades(draft), strict=True) if ms}
    segment = {"id": new_id(draft, "seg"), "src": source, "s": start, "d": end - start, "m": details}
    draft["t"].append(new_track(draft, AUDIO, {"title": title, "volume": percent}, [segment]))
    args = {"source": source, "title": title, "volume": percent}
    return Done("add_music", args, Said(f'music "{title}" at {percent}%', f"背景音乐“{title}”，音量 {percent}%"))


def _music(operation: AddMusic, files: Sequence[UploadedFile]) -> tuple[str, str]:
    """What to play, and what to call it."""
    songs = [file for file in files if file.file_type == "audio"]
    names = ", ".join(song.name for song in songs)
    if operation.name:
        wanted = operation.name.casefold()
        exact = [song for song in songs if wanted in (song.name.casefold(), song.title.casefold())]
        found = exact or [song for song in songs if wanted in song.name.casefold()]
        if len(found) > 1:
            raise _which(names)
        if found:
            return found[0].id, found[0].title
        plain = wanted.replace("-", "").replace(" ", "")
        if plain in BEDS:
            return f"bed:{plain}", BEDS[plain]
        have, have_zh = (f"uploaded so far: {names}", f"已上传：{names}") if songs else ("upload it first", "请先上传")
        raise Refused(
            f'no song "{operation.name}" was uploaded; {have}', f"没有上传名为“{operation.name}”的歌曲；{have_zh}"
        )
    if operation.bed and not operation.uploaded:
        return f"bed:{operation.bed}", BEDS[operation.bed]
    if len(songs) > 1:
        raise _which(names)
    if songs:
        return songs[0].id, songs[0].title
    if operation.uploaded:
        raise Refused(
            "no song was uploaded; upload one, or ask for lofi, upbeat, calm or cinematic music",
            "没有上传歌曲；请先上传，或选择 lofi、欢快、舒缓、史诗风格的音乐",
        )
    return f"bed:{DEFAULT_BED}", BEDS[DEFAULT_BED]


def _which(names: str) -> Unclear:
    return Unclear(f"Which song should I use: {names}?", f"要用哪一首歌：{names}？")


def remove_music(draft: Draft) -> Done:
    if not tracks(draft, AUDIO):
        raise Refused(
            "no music was added, and what was recorded with the clip can't be taken apart; say mute to silence it all",
            "没有添加过音乐，而且无法从原声中分离音乐；如需全部静音请说“静音”",
        )
    draft["t"] = [track for track in draft["t"] if track["tt"] != AUDIO]
    return Done("remove_music", {}, Said("music removed", "已删除背景音乐"))


def volume(draft: Draft, operation: Volume, stills: Collection[str]) -> Done:
    if operation.music:
        if not tracks(draft, AUDIO):
            raise Refused("no music was added whose volume could be set; add some first", "还没有背景音乐；请先添加")
        parts = list(segments(draft, AUDIO))
    else:
        parts = inside(draft, operation.span, stills)
    percent = 0
    for segment in parts:
        base = segment["m"].get("volume", 100) / 100 if operation.relative else 1.0
        percent = round(min(MAX_VOLUME, max(0, base * operation.percent)))
        segment["m"]["volume"] = percent
    if operation.music:
        for track in tracks(draft, AUDIO):
            track["m"]["volume"] = percent
        said = Said(f"music at {percent}%", f"背景音乐音量 {percent}%")
    else:
        said = Said(f"volume {percent}%", f"音量 {percent}%") if percent else Said("muted", "静音")
    tool = "set_music_volume" if operation.music else "set_volume" if percent else "mute"
    return Done(tool, {"volume": percent}, said)


def loudness(draft: Draft, operation: Loudness) -> Done:
    if not QUIETEST_LUFS <= operation.lufs <= LOUDEST_LUFS:
        raise Refused(
            f"{operation.lufs:g} LUFS is outside {QUIETEST_LUFS:g} to {LOUDEST_LUFS:g}",
            f"{operation.lufs:g} LUFS 超出了 {QUIETEST_LUFS:g} 到 {LOUDEST_LUFS:g} 的范围",
        )
    draft["m"]["loudness"] = operation.lufs
    said = Said(f"loudness {operation.lufs:g} LUFS", f"响度 {operation.lufs:g} LUFS")
    return Done("normalize_loudness", {"lufs": operation.lufs}, said)
