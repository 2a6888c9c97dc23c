"""A project as its page shows it: result, timeline, renders, files, credits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect_nemovideo.emulator.accounts import Balance
from prefect_nemovideo.emulator.editor.said import clock
from prefect_nemovideo.emulator.files_api import cdn_path
from prefect_nemovideo.emulator.pages.lanes import timeline
from prefect_nemovideo.emulator.pages.markup import Html, tag
from prefect_nemovideo.emulator.renderer import POSTER_NAME, SHEET_NAME, still_of
from prefect_nemovideo.emulator.renders import Render
from prefect_nemovideo.emulator.sessions import Session, StoredFile

BYTES_PER_MB = 1_000_000


def workspace(
    session: Session, files: Sequence[StoredFile], renders: Sequence[Render], balance: Balance, expires_at: float
) -> list[Html]:
    """The parts of the page, in order. `renders` are the oldest first; `expires_at` is in seconds since 1970."""
    finished = [render for render in renders if render.status == "completed"]
    until = datetime.fromtimestamp(expires_at, UTC)
    head = tag(
        "header",
        tag("h1", session.task_name),
        tag("p", f"Session {session.id}. This link works until {until:%d %B %Y, %H:%M} UTC.", class_="soft"),
    )
    return [
        head,
        *([_result(finished[-1])] if finished else []),
        timeline(session.draft),
        _listed("Renders", [_render(render) for render in reversed(renders)], "Nothing has been exported yet."),
        _listed("Files", [_file(file) for file in files], "Nothing has been uploaded yet."),
        tag("section", tag("h2", "Credits"), _credits(balance)),
    ]


def _result(render: Render) -> Html:
    address = cdn_path(render.cdn_key, render.name)
    poster, sheet = (_still(render, name) for name in (POSTER_NAME, SHEET_NAME))
    # With a poster, nothing of a large film is loaded until somebody plays it.
    preload = "none" if poster else "metadata"
    video = tag("video", controls=True, playsinline=True, preload=preload, poster=poster, src=address)
    parts = [video, *([tag("img", src=sheet, alt="Twelve moments of the film")] if sheet else [])]
    return tag("section", tag("h2", "Latest result", tag("span", _facts(render))), *parts)


def _still(render: Render, name: str) -> str | None:
    """The address of a still; an instant render has none."""
    return cdn_path(render.cdn_key, name) if still_of(render.path, name).exists() else None


def _listed(heading: str, rows: list[Html], nothing: str) -> Html:
    return tag("section", tag("h2", heading), tag("ul", *rows) if rows else tag("p", nothing, class_="soft"))


def _render(render: Render) -> Html:
    if render.status == "completed":
        return tag("li", tag("a", render.name, href=cdn_path(render.cdn_key, render.name)), tag("span", _facts(render)))
    if render.status == "failed":
        return tag("li", render.id, tag("span", f"failed: {render.error}", class_="failed"))
    done = f", {render.progress:g} %" if render.status == "processing" else ""
    return tag("li", render.id, tag("span", render.status + done))


def _facts(render: Render) -> str:
    return f"{_length(render.duration_seconds or 0)}, {_size(render.bytes or 0)}"


def _file(file: StoredFile) -> Html:
    probe = file.probe
    facts: list[str] = [probe.file_type]
    if probe.width:
        facts.append(f"{probe.width}×{probe.height}")
    if probe.duration:
        facts.append(_length(probe.duration))
    facts.append(_size(file.bytes))
    return tag("li", tag("a", file.name, href=cdn_path(file.cdn_key, file.name)), tag("span", ", ".join(facts)))


def _credits(balance: Balance) -> Html:
    held = f", {balance.frozen:,} more are held for an edit that is under way" if balance.frozen else ""
    return tag("p", f"{balance.available:,} available{held}.", class_="soft")


def _length(seconds: float) -> str:
    """To a tenth of a second."""
    return clock(100 * round(seconds * 10))


def _size(count: int) -> str:
    return f"{count / BYTES_PER_MB:,.1f} MB"
