"""`edit` in a process of its own, until it asks NemoVideo for the first time: `CLIP ARCHIVE`.

Prints the time from the start of that process to its first request, which is refused, so that it ends there. The
processor time is that of the whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from secrets import token_hex

from benchmarks.servers.serving import Connection, serving

REFUSAL = json.dumps({"code": 1001, "message": "no such token"}).encode()


def main(clip: str, archive: str) -> None:
    asked: list[float] = []

    def refuse(connection: Connection) -> None:
        while (head := connection.head()) is not None:
            asked.append(time.monotonic())
            connection.forget(int(head[2].get("content-length", "0")))
            connection.answer("401 Unauthorized", {"Content-Type": "application/json"}, REFUSAL)

    with serving(refuse) as url:
        environment = {**os.environ, "NEMO_API_URL": url, "NEMO_TOKEN": "nmv_usr_benchmark"}
        words = ["edit", clip, "-i", f"make it square ({token_hex(4)})", "--archive", archive]
        started = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-m", "prefect_nemovideo.cli", *words], env=environment, capture_output=True, text=True
        )
    if not asked:
        sys.exit(f"It asked for nothing and ended with {ended.returncode}: {ended.stderr}")
    print(json.dumps({"wall": asked[0] - started}))


main(*sys.argv[1:])
