"""What became of a job, counted where it can't be talked away: at the emulator, and in the archive."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from nemo_server import TOKEN

#: What an edit costs at the emulator, and what an account starts with.
EDIT_CREDITS, STARTING_CREDITS = 50, 10_000
#: Of a draft: which file a segment shows. There is only one.
MADE_ANEW = ("src",)


@dataclass(frozen=True)
class Service:
    """What the emulator knows.

    Args:
        applied: How often each instruction was applied and charged.
        sent: How many messages it was sent and did not refuse.
        sessions: Sessions that were opened, and how many of them hold anything.
        files: Files in all sessions.
        renders: The status of each render.
        charged: Credits, as the account's balance or the list of charges tells it: the larger.
        timeline: The draft of the session with the edits, without ids that differ from run to run.
    """

    applied: Counter[str]
    sent: int
    sessions: int
    used_sessions: int
    files: int
    renders: tuple[str, ...]
    charged: float
    held: float
    timeline: Any


def at_the_service(url: str) -> Service:
    """Asks the emulator."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as http:
        requests = http.get("/_emulator/requests").json()
        charges = http.get("/_emulator/charges").json()
        renders = http.get("/_emulator/renders").json()
        balance = http.get("/api/credits/balance/simple").json()["data"]
        opened = sum(request["endpoint"] == "create_session" and _was_done(request) for request in requests)
        named = {request["path"].split("/")[-2] for request in requests if request["endpoint"] == "state"}
        named |= {request["path"].split("/")[-1] for request in requests if request["endpoint"] == "upload"}
        states = [http.get(f"/api/state/nemo_agent/me/{session}/latest").json() for session in sorted(named)]
    held = [state["data"]["state"] for state in states if state.get("data")]
    used = [state for state in held if state["video_infos"]]
    return Service(
        applied=Counter(charge["instruction"] for charge in charges),
        sent=sum(request["endpoint"] == "run_sse" and _was_taken(request) for request in requests),
        sessions=opened,
        used_sessions=len(used),
        files=sum(len(state["video_infos"]) for state in used),
        renders=tuple(sorted(render["status"] for render in renders)),
        # An anonymous account can't be asked from here.
        charged=max(STARTING_CREDITS - balance["total"], sum(charge["credits"] for charge in charges)),
        held=balance["frozen"],
        timeline=[_shape(state["draft"]) for state in used],
    )


def _was_taken(request: dict[str, Any]) -> bool:
    """A message that was not refused, whatever became of it."""
    if request["fault"] == "reply_status":
        return True
    return (request["status"] or 200) < 400 and request["fault"] not in ("envelope_error", "reset_before")


def _was_done(request: dict[str, Any]) -> bool:
    """A request that was carried out; one whose reply nobody received was, too."""
    return request["status"] == 200 or request["fault"] in ("reset_after", "lose_reply", "reply_status")


def _shape(draft: Any) -> Any:
    """A draft without what is made anew in each run: ids and addresses."""
    if isinstance(draft, dict):
        return {name: _shape(value) for name, value in draft.items() if name not in MADE_ANEW}
    return [_shape(item) for item in draft] if isinstance(draft, list) else draft


@dataclass(frozen=True)
class Archive:
    """What lies in an archive: the digest of each video, how many records, whatever else, uploads left open."""

    videos: tuple[str, ...]
    records: int
    others: tuple[str, ...] = ()
    open_uploads: int = 0


def in_the_folder(folder: Path) -> Archive:
    """Looks into a folder."""
    files = [file for file in folder.rglob("*") if file.is_file()] if folder.exists() else []
    return _sorted({str(file.relative_to(folder)): file.read_bytes() for file in files})


def in_the_bucket(client: Any, bucket: str, prefix: str) -> Archive:
    """Looks into a bucket, below a prefix; also for parts of uploads that nobody ended."""
    listed = client.list_objects_v2(Bucket=bucket, Prefix=prefix + "/").get("Contents", [])
    contents = {item["Key"]: client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed}
    begun = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    open_uploads = sum(upload["Key"].startswith(prefix + "/") for upload in begun)
    return _sorted(contents, open_uploads)


def _sorted(contents: dict[str, bytes], open_uploads: int = 0) -> Archive:
    videos = tuple(hashlib.sha256(data).hexdigest() for name, data in contents.items() if name.endswith(".mp4"))
    records = sum(name.endswith(".manifest.json") for name in contents)
    others = tuple(name for name in contents if not name.endswith((".mp4", ".manifest.json")))
    return Archive(videos, records, others, open_uploads)
