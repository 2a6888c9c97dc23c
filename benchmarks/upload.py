"""Upload of a large file beside `curl -F`: paired medians of wall time and processor time.

    make bench

Both send the same sparse file to the same server on loopback, in turn; the server reads and forgets. The first round
warms up and does not count. Of the client only the call is measured, of curl the process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPLY = json.dumps({"code": 0, "data": {"files": [{"filename": "large.mp4"}]}}).encode()
MEGABYTE = 1_000_000

CLIENT = """
import asyncio, json, resource, sys, time
from pathlib import Path
from prefect_nemovideo.api import NemoVideo, Settings
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss
async def main():
    async with NemoVideo("benchmark", settings=Settings(nemo_api_url=sys.argv[1])) as nemo:
        before = used()
        await nemo.uploads.send("1", Path(sys.argv[2]))
        print(json.dumps([now - was for now, was in zip(used(), before)]))
asyncio.run(main())
"""


class Sink:
    """Reads requests on loopback and answers each with the reply of an upload."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        buffer = bytearray(1 << 20)
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            headers, _, body = head.partition(b"\r\n\r\n")
            if b"100-continue" in headers.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in headers.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            left = length - len(body)
            while left > 0:
                left -= connection.recv_into(buffer)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(REPLY)}\r\n"
            connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + REPLY)


def curl(url: str, file: Path) -> list[float]:
    """Wall seconds and processor seconds of one upload by curl, its start included (some 10 ms)."""
    command = ["curl", "--silent", "--fail", "--form", f"files=@{file}", url]
    started = time.monotonic()
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[silent])
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"curl failed with {os.waitstatus_to_exitcode(status)}.")
    return [time.monotonic() - started, usage.ru_utime + usage.ru_stime]


def ours(base: str, file: Path) -> list[float]:
    """Wall seconds, processor seconds and kilobytes of memory of one upload by the client, without its start."""
    done = subprocess.run([sys.executable, "-c", CLIENT, base, str(file)], capture_output=True, text=True, check=True)
    return [float(figure) for figure in json.loads(done.stdout)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if shutil.which("curl") is None:
        raise SystemExit("curl is missing: install it to compare with it (Debian: apt-get install curl).")
    sink = Sink()
    with tempfile.TemporaryDirectory(prefix="nemovideo-bench-") as folder:
        file = Path(folder) / "large.mp4"
        with file.open("wb") as handle:
            handle.truncate(chosen.megabytes * MEGABYTE)
        pairs = [
            (ours(sink.url, file), curl(f"{sink.url}/api/upload-video/nemo_agent/me/1", file))
            for _ in range(chosen.rounds + 1)
        ]
    report(chosen.megabytes, pairs[1:])


def report(megabytes: int, pairs: list[tuple[list[float], list[float]]]) -> None:
    """Medians of each, and of the ratio pair by pair."""
    print(f"Upload of {megabytes} MB over loopback, {len(pairs)} rounds, medians")
    print(f"{'':6}{'wall s':>8}{'CPU s':>8}")
    for name, figures in (("ours", [pair[0] for pair in pairs]), ("curl", [pair[1] for pair in pairs])):
        wall, processor = (statistics.median(run[number] for run in figures) for number in (0, 1))
        print(f"{name:6}{wall:8.2f}{processor:8.2f}")
    ratio = statistics.median(mine[0] / theirs[0] for mine, theirs in pairs)
    above = statistics.median(mine[2] for mine, _ in pairs) / 1024
    print(f"ours / curl: {ratio:.2f} x wall; memory that the upload adds: {above:.0f} MiB")


if __name__ == "__main__":
    main()
