"""POST /api/upload-video/nemo_agent/me/{session_id}: files in a form, or by URL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import BodyPartReader, web

from prefect_nemovideo.emulator.incoming import PIECE_BYTES, IncomingFile
from prefect_nemovideo.emulator.refusals import BAD_REQUEST, UNSUPPORTED_FILE, Refusal
from prefect_nemovideo.emulator.remote import fetch
from prefect_nemovideo.emulator.renderer import NotMedia, ProbedFile, probe_upload
from prefect_nemovideo.emulator.sessions_api import file_facts
from prefect_nemovideo.emulator.wire import backend_of, json_object, record_of, signed_in, success

FORM_FIELD = "files"


async def upload(request: web.Request) -> web.Response:
    """Take all files of a request into the session, or, if one of them is refused, none."""
    account = signed_in(request)
    backend = backend_of(request)
    session = backend.sessions.get(request.match_info["session_id"], account.user_id)
    async with _received(request) as received:
        stored = [
            backend.sessions.add_file(session, file.name, file.bytes, file.sha256, probe, file.path)
            for file, probe in [(file, await _probed(file)) for file in received]
        ]
    files = [{"filename": file.name, **file_facts(request, file)} for file in stored]
    return success({"files": files, "session_state_applied": True})


@asynccontextmanager
async def _received(request: web.Request) -> AsyncIterator[list[IncomingFile]]:
    """The request's files, on disk; what nobody has taken from there by the end is removed."""
    files: list[IncomingFile] = []
    try:
        if request.content_type == "application/json":
            await _fetch_all(request, files)
        elif request.content_type == "multipart/form-data":
            await _read_form(request, files)
        else:
            raise Refusal(BAD_REQUEST, "Send the files as multipart/form-data, or their URLs as JSON.")
        if not files:
            raise Refusal(BAD_REQUEST, f"The form has no part named {FORM_FIELD!r}. Send each file as one.")
        for file in files:
            await file.finish()
        listed = [{"name": file.name, "size": file.bytes, "sha256": file.sha256} for file in files]
        if request.content_type != "application/json":
            record_of(request).body = {"files": listed}
        yield files
    finally:
        for file in files:
            file.discard()


async def _read_form(request: web.Request, files: list[IncomingFile]) -> None:
    backend = backend_of(request)
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name != FORM_FIELD or part.filename is None:
                continue
            file = IncomingFile(backend.instance.workspace, part.filename, backend.options.max_upload_bytes)
            files.append(file)
            while chunk := await part.read_chunk(PIECE_BYTES):
                await file.write(chunk)
    except ValueError as error:
        raise Refusal(BAD_REQUEST, f"The form can't be read: {error}. Send multipart/form-data.") from error


async def _fetch_all(request: web.Request, files: list[IncomingFile]) -> None:
    backend = backend_of(request)
    body = await json_object(request)
    urls = body.get("urls")
    if body.get("source_type") != "url" or not isinstance(urls, list) or not urls:
        raise Refusal(BAD_REQUEST, 'Send {"urls": ["https://…"], "source_type": "url"}.')
    for url in urls:
        options = backend.options
        limit, allow_private = options.max_upload_bytes, options.allow_private_urls
        files.append(await fetch(str(url), backend.instance.workspace, limit=limit, allow_private=allow_private))


async def _probed(file: IncomingFile) -> ProbedFile:
    try:
        return await probe_upload(file.path)
    except NotMedia as error:
        raise Refusal(UNSUPPORTED_FILE, f"{file.name!r} can't be used. {error}") from error
