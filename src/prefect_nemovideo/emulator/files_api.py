"""Files on their way out: the CDN, which asks for no token, and the download route, which does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import hdrs, web

from prefect_nemovideo.emulator.faults import hang_up, stall
from prefect_nemovideo.emulator.refusals import RENDER_NOT_READY, Refusal
from prefect_nemovideo.emulator.renderer import STILLS, still_of
from prefect_nemovideo.emulator.wire import backend_of, fault_of, json_reply, record_of, signed_in

CHUNK_BYTES = 1024 * 1024
"""Large enough that a hop to a thread costs nothing beside reading it."""

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
}


def cdn_path(cdn_key: str, name: str) -> str:
    return f"/cdn/{cdn_key}/{quote(name, safe='')}"


async def cdn(request: web.Request) -> web.StreamResponse:
    """GET or HEAD /cdn/{key}/{name}: whoever knows the address may have the file, and a render's stills."""
    backend = backend_of(request)
    key, name = request.match_info["key"], request.match_info["name"]
    if file := backend.sessions.file_by_key(key):
        return await _send(request, file.path, file.sha256)
    render = backend.renders.by_key(key)
    if render is not None and render.sha256 is not None:
        if name not in STILLS:
            return await _send(request, render.path, render.sha256)
        if (still := still_of(render.path, name)).exists():
            return await _send(request, still, f"{render.sha256}-{name}")
    return json_reply({"error": "There is no such file."}, status=404)


async def download(request: web.Request) -> web.StreamResponse:
    """GET /api/render/proxy/{render_id}/download: the finished file, for its owner."""
    account = signed_in(request)
    render = backend_of(request).renders.get(request.match_info["render_id"], account.user_id)
    if render.sha256 is None:
        raise Refusal(RENDER_NOT_READY, f"The render is {render.status}; only a completed one has a file.")
    return await _send(request, render.path, render.sha256, attachment=render.name)


async def _send(request: web.Request, path: Path, sha256: str, attachment: str | None = None) -> web.StreamResponse:
    """A file or one range of it, as RFC 9110 has it. Several ranges at once are answered with the whole."""
    size = (await asyncio.to_thread(path.stat)).st_size
    etag = f'"{sha256}"'
    response = web.StreamResponse()
    response.headers.update({hdrs.ACCEPT_RANGES: "bytes", hdrs.ETAG: etag})
    response.content_type = CONTENT_TYPES.get(path.suffix, "application/octet-stream")
    if attachment is not None:
        response.headers[hdrs.CONTENT_DISPOSITION] = f"attachment; filename*=UTF-8''{quote(attachment, safe='')}"
    if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
        response.set_status(304)
        return response
    first, last = 0, size - 1
    if request.headers.get(hdrs.IF_RANGE, etag) == etag:
        asked = _range(request.headers.get(hdrs.RANGE, ""), size)
        if asked is not None and asked[0] >= size:
            return web.Response(status=416, headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})
        if asked is not None:
            first, last = asked
            response.set_status(206)
            response.headers[hdrs.CONTENT_RANGE] = f"bytes {first}-{last}/{size}"
    response.content_length = last - first + 1
    fault, record = fault_of(request), record_of(request)
    if fault is not None and fault.replaces_the_reply:
        return response
    record.status = response.status
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return response
    stop = damaged_from = None
    if fault is not None and fault.action in ("truncate", "stall", "damage"):
        middle = response.content_length // 2 if fault.at_bytes is None else fault.at_bytes
        stop, damaged_from = (None, middle) if fault.action == "damage" else (middle, None)
    async for chunk in _chunks(path, first, response.content_length, stop):
        if chunk:
            if damaged_from is not None:
                sound = max(0, damaged_from - record.bytes_out)
                chunk = chunk[:sound].ljust(len(chunk), b"\0")
            await response.write(chunk)
            record.bytes_out += len(chunk)
        elif fault is not None and fault.action == "truncate":
            await hang_up(request, reset=fault.mode == "rst" and "mode" in fault.model_fields_set)
        else:
            await stall(request)
    return response


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None for no range, or one that can't be read."""
    unit, _, spec = header.partition("=")
    first, dash, last = spec.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or not (first + last).isascii() or not (first + last).isdigit():
        return None
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1) if length else (size, size)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < int(first):
        return None
    return int(first), end


async def _chunks(path: Path, first: int, length: int, stop: int | None) -> AsyncIterator[bytes]:
    """The bytes of a stretch of a file; one empty chunk after `stop` bytes, if that is asked for."""
    sent = 0
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(first)
        while sent < length:
            if stop is not None and sent >= stop:
                yield b""
                stop = None
            until = length if stop is None else min(length, stop)
            chunk = await asyncio.to_thread(_read, file, min(CHUNK_BYTES, until - sent))
            if not chunk:
                return
            sent += len(chunk)
            yield chunk


def _read(file: BinaryIO, size: int) -> bytes:
    return file.read(size)
