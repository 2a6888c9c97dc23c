"""The requests of a job by the names that the tables show."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

#: What the emulator's list of requests calls them, by method and path.
NEMO = (
    ("POST", r"/api/auth/anonymous-token", "token"),
    ("POST", r"/api/auth/claim-token", "claim_token"),
    ("GET", r"/api/credits/balance/simple", "credits"),
    ("POST", r"/api/tasks/me/with-session/nemo_agent", "create_session"),
    ("GET", r"/api/state/nemo_agent/me/[^/]+/latest", "state"),
    ("POST", r"/api/upload-video/nemo_agent/me/[^/]+", "upload"),
    ("POST", r"/run_sse", "run_sse"),
    ("POST", r"/api/render/proxy/lambda", "render_submit"),
    ("GET", r"/api/render/proxy/lambda/[^/]+", "render_status"),
    ("POST", r"/api/render/proxy/lambda/[^/]+/cancel", "render_cancel"),
    ("GET", r"/api/render/proxy/[^/]+/download", "download"),
    ("GET", r"/cdn/.+", "cdn"),
)
#: What lies in the bucket, by the last part of its key.
OBJECTS = (
    (r"\.nemovideo-check.*", "a trial"),
    (r".*\.manifest\.json", "the record"),
    (r".*\.mp4", "the video"),
    (r"nemovideo-[0-9a-f]{32}-(\w+)-(\d+)(?:-[0-9a-f]{8})?(-intent)?", r"\1 \2\3"),
    (r"nemovideo-[0-9a-f]{32}-(.+)", r"\1"),
    (r"[0-9a-f-]{32,}", "the flow's result"),
)


def of_nemo(method: str, target: str) -> str:
    """A request of the API."""
    path = urlsplit(target).path
    for verb, pattern, name in NEMO:
        if verb == method and re.fullmatch(pattern, path):
            return name
    return f"{method} {path}"


def of_s3(method: str, target: str) -> str:
    """A request to the bucket: the verb, the object, and what is done where the verb does not tell."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    key = parts.path.rpartition("/")[2]
    what = next(
        (found.expand(shown) for pattern, shown in OBJECTS if (found := re.fullmatch(pattern, key))), key or "a listing"
    )
    how = " (begin parts)" if "uploads" in query else " (parts)" if "uploadId" in query else ""
    return f"S3 {method} {what}{how}"
