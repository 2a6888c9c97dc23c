"""The frame of every page: head, looks, and the headers that keep a page from loading or telling anything."""

from __future__ import annotations

from aiohttp import web

from prefect_nemovideo.emulator.pages.markup import Html, tag

HEADERS = {
    # Nothing from elsewhere, no script at all, and nobody may put the page in a frame.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    # The address of a workspace opens it, so it is neither kept nor told to the next site.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #16191d; --soft: #5c6570; --line: #e2e6ea;
  --lane: #eef1f4; --video: #2f6fde; --audio: #16805a; --text-track: #a75b06; --other: #66707c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #111418; --card: #1a1e24; --text: #e8ebef; --soft: #9aa4b0;
  --line: #2b313a; --lane: #232931; --video: #3672dc; --audio: #1b7f5a; --text-track: #a9620c; --other: #6b7683;
  --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { margin: .5rem 0 1.25rem; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1rem; display: flex; justify-content: space-between; gap: 0 1rem;
  flex-wrap: wrap; }
h2 span, .track > span, .soft { color: var(--soft); font-weight: 400; }
.soft { margin: .25rem 0 0; font-size: .9rem; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem;
  margin-bottom: 1rem; }
video, img { display: block; width: 100%; max-height: 70vh; border-radius: 8px; background: #000; }
img { margin-top: .75rem; object-fit: contain; }
section > :first-child { margin-top: 0; } section > :last-child { margin-bottom: 0; }
a { color: inherit; overflow-wrap: anywhere; }
.track { margin-top: .75rem; font-size: .85rem; }
.lane { position: relative; height: 2.5rem; margin-top: .25rem; border-radius: 8px; background: var(--lane);
  overflow: hidden; }
.block { position: absolute; top: 0; bottom: 0; padding: 0 .6rem; line-height: 2.5rem; border-radius: 8px;
  color: #fff; background: var(--other); border-right: 2px solid var(--card); min-width: 3px; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; }
.video { background: var(--video); } .audio { background: var(--audio); } .text { background: var(--text-track); }
.ruler { position: relative; height: 1.2rem; margin-top: .35rem; color: var(--soft); font-size: .75rem; }
.ruler span { position: absolute; padding-left: .3rem; border-left: 1px solid var(--line); }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .6rem 0;
  border-top: 1px solid var(--line); }
li:first-child { border-top: 0; padding-top: 0; } li:last-child { padding-bottom: 0; }
li span { color: var(--soft); font-size: .9rem; }
.failed { color: var(--bad); }
footer { color: var(--soft); font-size: .85rem; }
"""


def page(title: str, *inside: Html, status: int = 200) -> web.Response:
    """A whole page as a reply."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} – NemoVideo emulator"),
        tag("style", Html(STYLE)),
    )
    note = tag("footer", "Served by the NemoVideo emulator on this machine. Nothing here is in the cloud.")
    body = tag("body", tag("main", *inside, note))
    text = "<!doctype html>" + tag("html", head, body, lang="en")
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
