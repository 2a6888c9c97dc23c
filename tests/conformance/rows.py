"""Every sentence of the two skills' documentation that states behaviour, as rows that tests prove by their marks.

`@pytest.mark.conformance("silent-edits")` on a test says: this test proves that row. `report.py` writes the table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One statement, as each of the two skills words it.

    Args:
        id: What marks call it.
        section: The heading that it stands under in the table.
        video_4k: The words of "Video 4K"; "" where it does not say it.
        with_session: The words of "4K With Session"; "" where it does not say it.
        note: How it is kept where the words leave that open, or contradict others.
    """

    id: str
    section: str
    video_4k: str
    with_session: str
    note: str = ""


def _section(name: str, *rows: tuple[str, ...]) -> tuple[Row, ...]:
    """Rows of one section; a row of one wording is worded alike in both skills."""
    made = []
    for identity, video_4k, *rest in rows:
        with_session, note = (*rest, "", "")[:2] if rest else (video_4k, "")
        made.append(Row(identity, name, video_4k, with_session, note))
    return tuple(made)


_BOTH_SIZES = "The two promises contradict each other: the file is measured, and told from what was asked for."

ROWS: tuple[Row, ...] = (
    *_section(
        "What people say",
        (
            "footage-formats",
            "Upload your raw video footage (MP4, MOV, AVI, MKV, up to 500MB)",
            "Upload your raw video footage (MP4, MOV, AVI, WebM, up to 500MB)",
        ),
        (
            "say-and-download",
            "say something like “upscale this video to 4K and sharpen the details”, and download 4K MP4",
            "say something like “edit this 4K footage and save the session so I can come back and make changes later”, "
            "and download 4K MP4",
        ),
        ("just-talk", "Or just tell me what you're thinking."),
        ("try-footage", "“convert my raw video footage”", "“edit my raw video footage”"),
        ("try-export", "“export 4K MP4”"),
        ("try-short", "“upscale this video to 4K and”", "“edit this 4K footage and save”"),
    ),
    *_section(
        "First connection",
        (
            "connect-first",
            "When a user first opens this skill, connect to the processing backend automatically.",
            "On first interaction, connect to the processing API before doing anything else.",
        ),
        (
            "setting-up",
            "Briefly let them know (e.g. “Setting up...”).",
            "Show a brief status like “Setting things up...”.",
        ),
        (
            "token-of-environment",
            "Check if `NEMO_TOKEN` is set in the environment. If it is, skip to step 2.",
            "If `NEMO_TOKEN` environment variable is already set, use it and skip to Session below.",
        ),
        (
            "free-token",
            "Generate a random UUID as client identifier. POST to …/api/auth/anonymous-token with header `X-Client-Id` "
            "set to that UUID. The response `data.token` is your NEMO_TOKEN",
            "Generate a UUID as client identifier, then POST to …/api/auth/anonymous-token with header "
            "`X-Client-Id: <uuid>`. The response field `data.token` becomes your NEMO_TOKEN",
        ),
        ("free-credits", "100 free credits, valid 7 days", "100 credits, 7-day expiry"),
        (
            "session-request",
            "POST to …/api/tasks/me/with-session/nemo_agent with `Authorization: Bearer <token>`, `Content-Type: "
            'application/json`, and body `{"task_name":"project","language":"<detected>"}`',
            'POST to …/api/tasks/me/with-session/nemo_agent with Bearer auth and body `{"task_name":"project"}`',
        ),
        (
            "session-id-kept",
            "Store the returned `session_id` for all subsequent requests.",
            "Save `session_id` from the response.",
        ),
        ("brief-setup", "Keep setup communication brief.", "Confirm to the user you're connected and ready."),
        (
            "no-tokens-no-json",
            "Don't display raw API responses or token values to the user.",
            "Don't print tokens or raw JSON.",
        ),
    ),
    *_section(
        "What it does",
        (
            "upload-say-download",
            "Drop your raw video footage in the chat and tell me what you need. I'll handle the 4K upscaling and "
            "rendering",
            "You upload, describe what you want, and download the result.",
        ),
        (
            "typical-use",
            "you send a 2-minute 1080p travel recording, ask for upscale this video to 4K and sharpen the details, and "
            "… you've got a MP4 file ready to download",
            "you have a 2-minute 4K drone recording and want to edit this 4K footage and save the session … and hands "
            "you a 4K MP4",
        ),
        ("4k-by-default", "The whole thing runs at 4K by default.", "runs 4K AI video editing", _BOTH_SIZES),
        (
            "no-second-upload",
            "",
            "saving your session lets you return and re-edit without re-uploading the original footage",
        ),
    ),
    *_section(
        "Matching input to actions",
        (
            "routed-by-intent",
            "User prompts referencing video 4k, aspect ratio, text overlays, or audio tracks get routed to the "
            "corresponding action via keyword and intent classification.",
            "User prompts referencing 4k with session, aspect ratio, text overlays, or audio tracks get routed to the "
            "corresponding action via keyword and intent classification.",
        ),
        ("route-export", "“export” / “导出” / “download” / “send me the video” → Export, skip SSE"),
        ("route-credits", "“credits” / “积分” / “balance” / “余额” → Credits, skip SSE"),
        ("route-state", "“status” / “状态” / “show tracks” → State, skip SSE"),
        ("route-upload", "“upload” / “上传” / user sends file → Upload, skip SSE"),
        ("route-edit", "Everything else (generate, edit, add BGM…) → SSE"),
    ),
    *_section(
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
    *_section(
        "Rendering",
        (
            "composited-h264",
            "Each export job … composites video layers, applies platform-spec compression (H.264",
        ),
        ("size-limit", "up to 1080x1920)", "up to 1080x1920)", _BOTH_SIZES),
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
    *_section(
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
    *_section(
        "Translating the backend's words",
        ("gui-assumed", "The backend assumes a GUI exists. Translate these into API actions"),
        ("gui-click", "“click [button]” / “点击”: Execute via API"),
        ("gui-open", "“open [panel]” / “打开”: Query session state"),
        ("gui-drag", "“drag/drop” / “拖拽”: Send edit via SSE"),
        ("gui-preview", "“preview in timeline”: Show track summary"),
        ("gui-export", "“Export button” / “导出”: Execute export workflow"),
    ),
    *_section(
        "The timeline",
        (
            "draft-keys",
            "Draft JSON uses short keys: `t` for tracks, `tt` for track type (0=video, 1=audio, 7=text), `sg` for "
            "segments, `d` for duration in ms, `m` for metadata.",
            "Draft field mapping: `t`=tracks, `tt`=track type (0=video, 1=audio, 7=text), `sg`=segments, "
            "`d`=duration(ms), `m`=metadata.",
        ),
        (
            "timeline-summary",
            "Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: “Urban Dreams” "
            "(0-3s)",
        ),
    ),
    *_section(
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
    *_section(
        "Common workflows",
        (
            "quick-edit",
            "Quick edit: Upload → “upscale this video to 4K and sharpen the details” → Download MP4.",
            "Quick edit: Upload → “edit this 4K footage and save the session so I can come back and make changes "
            "later” → Download MP4.",
        ),
        (
            "batch-style",
            "Batch style: Upload multiple files in one session. Process them one by one with different instructions. "
            "Each gets its own render.",
        ),
        ("iterative", "Iterative: Start with a rough cut, preview the result, then refine."),
        ("session-keeps-state", "The session keeps your timeline state so you can keep tweaking."),
    ),
    *_section(
        "Tips",
        (
            "specific-words",
            "Instead of “make it look better”, try “upscale this video to 4K and sharpen the details” — concrete "
            "instructions get better results.",
            "Instead of “make it look better”, try “edit this 4K footage and save the session …” — concrete "
            "instructions get better results.",
            "What is too vague to be carried out comes back as a question, with what can be asked for.",
        ),
        ("max-500mb", "Max file size is 500MB."),
        (
            "smoothest-formats",
            "Stick to MP4, MOV, AVI, MKV for the smoothest experience.",
            "Stick to MP4, MOV, AVI, WebM for the smoothest experience.",
        ),
        (
            "mp4-h264",
            "Export as MP4 with H.264 codec for the best balance of 4K quality and file size.",
            "Export as MP4 with H.264 codec to keep 4K quality at a manageable file size.",
        ),
    ),
)

#: What is said of the service's own machines: nothing that this project does could make it true or false.
ABOUT_THE_SERVICE = (
    "“shorter clips under 60 seconds process significantly faster” (Video 4K)",
    "“about 1-3 minutes later”, “Takes 1-3 minutes for a 30-second clip” (Video 4K)",
    "“in about 1-2 minutes”, “Takes 1-2 minutes for a 30-second clip” (4K With Session)",
    "“queues on a cloud GPU node”, “on cloud GPUs”, “without expensive hardware”",
    "“The backend processes faster when you're specific”",
)
