"""`make demo`: the command `demo` with an S3 server of its own on loopback, and the result where it can be looked at.

The server is OpenStack Swift with its S3 API: it checks signatures and enforces checksums. It lives only as long as
the demo; what was archived in it is then fetched from it, checked, and left in `demo-output/`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from loopback import LOOPBACK, listening_addresses
from swift_server import swift_server

from prefect_nemovideo.storage.s3 import S3Place

BUCKET, PREFIX = "nemovideo-demo", "videos"
OUTPUT = Path("demo-output")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="nemovideo-demo-s3-") as folder, swift_server(Path(folder)) as server:
        server.make_bucket(BUCKET)
        addresses = set().union(*map(listening_addresses, server.pids))
        if addresses != {LOOPBACK}:
            print(f"The S3 server listens at {addresses}, not on loopback only: stopping.", file=sys.stderr)
            return 1
        print(f"An S3 server listens at {server.endpoint_url}; checked: on loopback only.", file=sys.stderr)
        command = [sys.executable, "-m", "prefect_nemovideo.cli", "demo", "--archive", f"s3://{BUCKET}/{PREFIX}"]
        done = subprocess.run([*command, *sys.argv[1:]], env={**os.environ, **server.environment()}, check=False)
        if done.returncode:
            return done.returncode
        place = S3Place(BUCKET, PREFIX, server.client())
        names = [item["Key"] for item in server.client().list_objects_v2(Bucket=BUCKET)["Contents"]]
        OUTPUT.mkdir(exist_ok=True)
        for name in names:
            key = name.removeprefix(f"{PREFIX}/")
            held = place.download(key, OUTPUT / key)
            facts = f"{held.bytes} bytes, SHA-256 {held.sha256}"
            print(f"  Fetched from the archive: {OUTPUT / key} ({facts})", file=sys.stderr)
    video = next(OUTPUT / Path(name).name for name in names if name.endswith(".mp4"))
    record = json.loads((OUTPUT / f"{video.stem}.manifest.json").read_text())
    print(f"\nLook at it: {video} ({record['width']}×{record['height']}, {record['duration_seconds']:g} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
