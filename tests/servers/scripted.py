"""Servers on loopback that say what a test writes down, byte by byte, or a state for each look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any


class Request:
    """What arrived: names of headers in small letters, and which connection it came by."""

    def __init__(self, line: str, headers: dict[str, str], body: bytes, connection: int) -> None:
        self.method, self.target, _ = line.split(" ", 2)
        self.headers, self.body, self.connection = headers, body, connection


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Scripted:
    """A server on loopback that answers each request as a function says, byte by byte, and keeps what arrived."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._connections += 1
        number = self._connections
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                request = Request(head[0], headers, body, number)
                self.requests.append(request)
                await answer(request, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        writer.close()


class Service:
    """A state that a function makes of the number of the look (from 1) and of whether a message came before it; a
    balance of 1,000 credits, as many of them held and spent as functions make of the number of the question."""

    def __init__(
        self,
        state: Callable[[int, bool], dict[str, Any]],
        held: Callable[[int], float],
        spent: Callable[[int], float],
    ) -> None:
        self._state, self._held, self._spent = state, held, spent
        self.looks = self.asked = self.messages = 0

    def answer_get(self, target: str) -> dict[str, Any]:
        if "/credits/" in target:
            self.asked += 1
            held = self._held(self.asked)
            return {"available": 1000 - held - self._spent(self.asked), "frozen": held}
        self.looks += 1
        return {"state": self._state(self.looks, self.messages > 0)}


def from_look(first: int) -> Callable[[int, bool], dict[str, Any]]:
    """A state that shows the edit from its so-manieth read on; two come before the message."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        volume = 0 if look >= first else 100
        return {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": "clip", "volume": volume}}]}]}}

    return state


def after(message: float) -> Callable[[int], float]:
    """A figure of the balance: from its second read on, which comes after the message."""
    return lambda asked: 0 if asked == 1 else message
