"""Fetching what an upload by URL names, without becoming a way into the private network."""

from __future__ import annotations

import ipaddress
import mimetypes
import socket
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import aiohttp
from aiohttp import abc, hdrs
from yarl import URL

from prefect_nemovideo.emulator.files_api import CONTENT_TYPES
from prefect_nemovideo.emulator.incoming import PIECE_BYTES, IncomingFile, plain_name, too_large
from prefect_nemovideo.emulator.refusals import UNREADABLE_URL, Refusal

MAX_REDIRECTS = 5
CONNECT_SECONDS = 10
SILENCE_SECONDS = 60
"""A source that sends nothing for so long is given up."""


class PublicResolver(abc.AbstractResolver):
    """Resolves names, and refuses those that lead to addresses which aren't public.

    The check is where the connection is made, so a name can't point elsewhere between a check and its use.
    """

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[abc.ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            _check_public(result["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _check_public(address: str) -> None:
    parsed = ipaddress.ip_address(address.split("%")[0])
    if not parsed.is_global or parsed.is_multicast:
        raise Refusal(UNREADABLE_URL, "The URL leads to a private address. Give one on the public internet.")


async def fetch(address: str, folder: Path, *, limit: int, allow_private: bool) -> IncomingFile:
    """Receive the file behind an http(s) URL. The caller finishes or discards it.

    Raises:
        Refusal: 4001, 4002, or 4003 when the URL is no such URL, private, or doesn't answer with a file.
    """
    resolver: abc.AbstractResolver = aiohttp.ThreadedResolver() if allow_private else PublicResolver()
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS)
    connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
    # The session would follow redirects by itself, and not check where they lead.
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:
        url = _checked(address, allow_private)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                headers = {hdrs.ACCEPT_ENCODING: "identity"}
                async with session.get(url, allow_redirects=False, headers=headers) as response:
                    if response.status in (301, 302, 303, 307, 308) and hdrs.LOCATION in response.headers:
                        url = _checked(str(url.join(URL(response.headers[hdrs.LOCATION]))), allow_private)
                        continue
                    if response.status != 200:
                        raise _unreadable(f"it answered HTTP {response.status}")
                    return await _receive(response, url, folder, limit)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _unreadable(f"{type(error).__name__}: {error}") from error
        finally:
            await resolver.close()
    raise _unreadable(f"it redirected more than {MAX_REDIRECTS} times")


def _checked(address: str, allow_private: bool) -> URL:
    """A URL that may be asked; an address instead of a name never meets the resolver, so it is checked here."""
    try:
        url = URL(address)
        host = url.host
    except ValueError as error:
        raise _unreadable("it is not a URL") from error
    if url.scheme not in ("http", "https") or not host:
        raise _unreadable("only http and https URLs can be read")
    if not allow_private and (":" in host or host.replace(".", "").isdigit()):
        try:
            _check_public(host)
        except ValueError as error:
            raise _unreadable("its host is not an address") from error
    return url


async def _receive(response: aiohttp.ClientResponse, url: URL, folder: Path, limit: int) -> IncomingFile:
    incoming = IncomingFile(folder, _name(url, response.content_type), limit)
    try:
        if response.content_length is not None and response.content_length > limit:
            raise too_large(incoming.name, limit)
        async for chunk in response.content.iter_chunked(PIECE_BYTES):
            await incoming.write(chunk)
    except BaseException:
        incoming.discard()
        raise
    return incoming


def _name(url: URL, content_type: str) -> str:
    """The file's name: from the URL's path, with an ending by its content type if it has none of ours."""
    name = plain_name(unquote(url.path))
    if PurePosixPath(name).suffix.lower() in CONTENT_TYPES:
        return name
    known = {kind: ending for ending, kind in reversed(CONTENT_TYPES.items())}
    return name + known.get(content_type, mimetypes.guess_extension(content_type) or "")


def _unreadable(reason: str) -> Refusal:
    return Refusal(UNREADABLE_URL, f"The URL can't be read: {reason}. Check it, or upload the file itself.")
