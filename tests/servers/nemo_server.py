"""An emulator on loopback, seen from outside: what it was asked, what it charged, what it is told to get wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from prefect_nemovideo.emulator import Emulator, EmulatorOptions

#: Long and unmistakable, so that one can search for it.
TOKEN = "nmv_usr_5e3c9d1f7a2b4860secret"
#: Requests after which the service's world is another one.
WRITES = ("create_session", "upload", "run_sse", "render_submit", "render_cancel")
#: Polling a backend next door needs no patience; everything else stays as users have it.
QUICK = {"NEMO_POLL_INTERVAL_SECONDS": "0.1", "NEMO_POLL_MAX_INTERVAL_SECONDS": "0.3"}


class NemoServer:
    """A running emulator and its control surface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url + "/_emulator/", timeout=60)

    def environment(self) -> dict[str, str]:
        """The variables that lead the client here."""
        return {"NEMO_API_URL": self.url, "NEMO_TOKEN": TOKEN, **QUICK}

    def requests(self, *endpoints: str) -> list[dict[str, Any]]:
        """What was asked, in order; only of these endpoints, if any are named."""
        asked: list[dict[str, Any]] = self._http.get("requests").json()
        return [request for request in asked if not endpoints or request["endpoint"] in endpoints]

    def writes(self) -> list[str]:
        """The endpoints of the requests that change something, in order."""
        return [request["endpoint"] for request in self.requests(*WRITES)]

    def is_asked(self, endpoint: str, times: int = 1) -> None:
        """Waits until somebody has asked for this, so many times in all, and the answers have begun.

        A request is listed from its arrival on: whoever is killed then may not have sent all of it.
        """
        while sum(request["status"] is not None for request in self.requests(endpoint)) < times:
            time.sleep(0.02)

    def charged(self) -> int:
        """Credits charged so far, all accounts together."""
        return sum(charge["credits"] for charge in self._http.get("charges").json())

    def has_charged(self) -> None:
        """Waits until something was charged."""
        while not self.charged():
            time.sleep(0.02)

    def renders(self) -> list[dict[str, Any]]:
        """Every render, with its status."""
        shown: list[dict[str, Any]] = self._http.get("renders").json()
        return shown

    def fault(self, endpoint: str, action: str, **rule: Any) -> None:
        """Has something go wrong from now on."""
        answer = self._http.post("faults", json=[{"endpoint": endpoint, "action": action, **rule}])
        assert answer.status_code == 200, answer.text

    def heal(self) -> None:
        """Has everything go right again."""
        self._http.delete("faults")

    async def cancel_next_render(self) -> None:
        """Cancels the next render that is at work, as the account itself can."""
        async with httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            while True:
                shown = (await http.get("/_emulator/renders")).json()
                for render in shown:
                    if render["status"] in ("pending", "processing"):
                        answer = await http.post(f"/api/render/proxy/lambda/{render['id']}/cancel")
                        assert answer.status_code == 200, answer.text
                        return
                await asyncio.sleep(0.02)

    def options(self, **changes: Any) -> None:
        """Changes how it behaves."""
        answer = self._http.patch("options", json=changes)
        assert answer.status_code == 200, answer.text

    def advance(self, seconds: float) -> None:
        """Has so much time pass at the service at once."""
        assert self._http.post("clock", json={"advance_seconds": seconds}).status_code == 200

    def reset(self, *, options: bool = False) -> None:
        """Forgets everything: requests, sessions, charges, renders, faults; and, if told so, how it was changed."""
        assert self._http.post("reset", json={"options": options}).status_code == 200
        self._http.delete("requests")
        self.heal()

    def account(self, token: str, **facts: Any) -> None:
        """Registers an account."""
        assert self._http.post("accounts", json={"token": token, **facts}).status_code == 200

    def close(self) -> None:
        self._http.close()


@contextmanager
def nemo_server(folder: Path, **options: Any) -> Iterator[NemoServer]:
    """Run an emulator with these options; what is not said is as quick and as plain as can be."""
    chosen = {"tokens": (TOKEN,), "silent_share": 0, "edit_seconds": 0, **options}
    with Emulator(folder, EmulatorOptions(**chosen)) as emulator:
        server = NemoServer(emulator.url)
        try:
            yield server
        finally:
            server.close()
