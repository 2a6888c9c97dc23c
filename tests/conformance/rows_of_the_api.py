"""What the documentation says of requests, renders, streams and errors."""

from __future__ import annotations

from row import BOTH_SIZES, Row, section

API: tuple[Row, ...] = (
    *section(
        "Requests of the API",
        ("api-base", "API base: `https://mega-api-prod.nemovideo.ai`"),
        (
            "every-call",
            "Every API call needs `Authorization: Bearer <NEMO_TOKEN>` plus the three attribution headers above.",
        ),
        ("header-missing", "If any header is missing, exports return 402."),
        ("skill-source", "`X-Skill-Source` is `video-4k`", "`X-Skill-Source` is `4k-with-session`"),
        ("skill-version", "`X-Skill-Version` comes from the `version` field"),
        (
            "skill-platform",
            "`X-Skill-Platform` is detected from the install path (`~/.clawhub/` = `clawhub`, `~/.cursor/skills/` = "
            "`cursor`, otherwise `unknown`)",
        ),
        (
            "create-session",
            'Create session: body `{"task_name":"project","language":"<lang>"}` — returns `task_id`, `session_id`',
            'Create session: body `{"task_name":"project","language":"<lang>"}` — returns `task_id`, `session_id`',
            "“4K With Session” shows the body without a language first; its profile sends none.",
        ),
        (
            "send-message",
            'Send message (SSE): POST `/run_sse` — body `{"app_name":"nemo_agent","user_id":"me","session_id":"<sid>",'
            '"new_message":{"parts":[{"text":"<msg>"}]}}` with `Accept: text/event-stream`',
        ),
        ("fifteen-minutes", "Max timeout: 15 minutes."),
        ("upload-file", 'Upload: POST `/api/upload-video/nemo_agent/me/<sid>` — file: multipart `-F "files=@/path"`'),
        ("upload-url", 'or URL: `{"urls":["<url>"],"source_type":"url"}`'),
        ("credits-call", "Credits: GET `/api/credits/balance/simple` — returns `available`, `frozen`, `total`"),
        (
            "state-call",
            "Session state: GET `/api/state/nemo_agent/me/<sid>/latest` — key fields: `data.state.draft`, "
            "`data.state.video_infos`, `data.state.generated_media`",
        ),
        ("supported-formats", "Supported formats: mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac."),
    ),
    *section(
        "Rendering",
        (
            "composited-h264",
            "Each export job … composites video layers, applies platform-spec compression (H.264",
        ),
        ("size-limit", "up to 1080x1920)", "up to 1080x1920)", BOTH_SIZES),
        ("render-time", "and returns a download URL within 30-90 seconds."),
        (
            "orphaned-job",
            "The session token carries render job IDs, so closing the tab before completion orphans the job.",
            "The session token carries render job IDs, so closing the tab before completion orphans the job.",
            "The render's id is kept before it is sent: an orphaned job is found again.",
        ),
        (
            "export-request",
            'Export: POST `/api/render/proxy/lambda` — body `{"id":"render_<ts>","sessionId":"<sid>","draft":<json>,'
            '"output":{"format":"mp4","quality":"high"}}`',
        ),
        ("export-free", "Export (free, no credits)"),
        (
            "poll-render",
            "Poll GET `/api/render/proxy/lambda/<id>` every 30s until `status` = `completed`.",
            "Poll GET `/api/render/proxy/lambda/<id>` every 30s until `status` = `completed`.",
            "Asked sooner than every 30 s by default, and later each time; NEMO_POLL_INTERVAL_SECONDS sets it.",
        ),
        ("download-url", "Download URL at `output.url`."),
    ),
    *section(
        "Reading the stream",
        (
            "text-events",
            "Text events go straight to the user (after GUI translation).",
            "Text response: Apply GUI translation, present to user",
        ),
        ("tool-events", "Tool calls stay internal.", "Tool call/result: Process internally, don't forward"),
        (
            "heartbeats",
            "Heartbeats and empty `data:` lines mean the backend is still working",
            "`heartbeat` / empty `data:`: Keep waiting.",
        ),
        ("still-working", "show “⏳ Still working...” every 2 minutes", "Every 2 min: “⏳ Still working...”"),
        ("stream-closes", "", "Stream closes: Process final response"),
        (
            "silent-edits",
            "About 30% of edit operations close the stream without any text. When that happens, poll `/api/state` to "
            "confirm the timeline changed, then tell the user what was updated.",
            "~30% of editing operations return no text in the SSE stream. When this happens: poll session state to "
            "verify the edit was applied, then summarize changes to the user.",
        ),
    ),
    *section(
        "Errors",
        ("code-0", "0 — Success: Continue", "0 — success, continue normally"),
        (
            "code-1001",
            "1001 — Bad/expired token: Re-auth via anonymous-token (tokens expire after 7 days)",
            "1001 — token expired or invalid; re-acquire via `/api/auth/anonymous-token`",
            "A token that somebody configured is theirs to renew: the run stops and says so.",
        ),
        (
            "code-1002",
            "1002 — Session not found: New session",
            "1002 — session not found; create a new one",
            "By itself only where nothing was edited in it yet; else the loss is told, and `--restart` makes it anew.",
        ),
        (
            "code-2001-anonymous",
            "2001 — No credits. Anonymous: show registration URL with `?bind=<id>`",
            "2001 — out of credits; anonymous users get a registration link with `?bind=<id>`",
        ),
        ("code-2001-registered", "Registered: “Top up credits in your account”", "registered users top up"),
        (
            "code-4001",
            "4001 — Unsupported file: Show supported formats",
            "4001 — unsupported file type; show accepted formats",
        ),
        (
            "code-4002",
            "4002 — File too large: Suggest compress/trim",
            "4002 — file too large; suggest compressing or trimming",
        ),
        (
            "code-400",
            "400 — Missing X-Client-Id: Generate Client-Id and retry",
            "400 — missing `X-Client-Id`; generate one and retry",
            "The id is made before the first request, so that this reply never comes.",
        ),
        (
            "code-402",
            "402 — Free plan export blocked: Subscription tier issue, NOT credits. “Register or upgrade your plan to "
            "unlock export.”",
            "402 — free plan export blocked; not a credit issue, subscription tier",
        ),
        (
            "code-429",
            "429 — Rate limit (1 token/client/7 days): Retry in 30s once",
            "429 — rate limited; wait 30s and retry once",
        ),
    ),
)
