"""What the documentation says of what people say, see and do."""

from __future__ import annotations

from row import BOTH_SIZES, Row, section

PEOPLE: tuple[Row, ...] = (
    *section(
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
    *section(
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
    *section(
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
        ("4k-by-default", "The whole thing runs at 4K by default.", "runs 4K AI video editing", BOTH_SIZES),
        (
            "no-second-upload",
            "",
            "saving your session lets you return and re-edit without re-uploading the original footage",
        ),
    ),
    *section(
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
    *section(
        "Translating the backend's words",
        ("gui-assumed", "The backend assumes a GUI exists. Translate these into API actions"),
        ("gui-click", "“click [button]” / “点击”: Execute via API"),
        ("gui-open", "“open [panel]” / “打开”: Query session state"),
        ("gui-drag", "“drag/drop” / “拖拽”: Send edit via SSE"),
        ("gui-preview", "“preview in timeline”: Show track summary"),
        ("gui-export", "“Export button” / “导出”: Execute export workflow"),
    ),
    *section(
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
    *section(
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
    *section(
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
