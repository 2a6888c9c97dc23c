"""The fault matrix, continued: each code of the contract, streams that end wrong, other accounts, a cancelled job."""

from __future__ import annotations

from typing import Any

from fault_cases import (
    BAD_FILE,
    BUSY,
    DONE,
    FAULTS,
    GONE,
    INTERRUPTED,
    NO_CREDITS,
    NO_PLAN,
    NO_TOKEN,
    NOT_APPLIED,
    NOT_FETCHED,
    REFUSED,
    STEPS,
    UNCHANGED,
    UNKNOWN,
    Case,
    Outcome,
    Step,
)

#: Each code of the contract's table, in a reply with HTTP 200, and what it means wherever it comes.
CODES = {
    1001: NO_TOKEN,
    1010: NO_TOKEN,
    1011: NO_TOKEN,
    1002: GONE,
    2001: NO_CREDITS,
    4001: BAD_FILE,
    4002: BAD_FILE,
    400: REFUSED,
    402: NO_PLAN,
    429: BUSY,
}
#: Where each of them is tried: at what writes, and at what is read in between.
REFUSABLE = ("create_session", "upload", "state", "run_sse", "render_submit", "download")
ENDS = {"rst": "reset", "clean": "closed in order", "mid_event": "cut within an event"}
GENERATIONS = ("2.13", "1.28", "0.5", "event")
#: Seconds that an edit takes: so that its end can be waited for, and so that nobody does.
SHORTLY, NOT_SOON = 0.6, 60.0
MESSAGE = STEPS["run_sse"]
CANCEL = Step("render_cancel", "cancel the render")
ANONYMOUS = ("create_session", "upload", "run_sse", "render_submit")


def stream_cases() -> list[Case]:
    """What a table of endpoints and faults has no room for."""
    return [*_codes(), *_cuts(), *_runs_that_go_on(), *_errors(), *_other_streams(), *_renewals(), *_cancellations()]


def _codes() -> list[Case]:
    """A refusal is final at once and says which one it is; a rate limit after one more try."""
    cases = []
    for name in REFUSABLE:
        for code, means in CODES.items():
            rule = {"endpoint": name, "action": "envelope_error", "code": code}
            by_the_api = {"endpoint": "cdn", "action": "status", "status": 404}
            # Of a file only where one was sent.
            must = REFUSED if means == BAD_FILE and name != "upload" else means
            refused = NOT_FETCHED if name == "download" and must not in (NO_TOKEN, NO_PLAN) else must
            rules = (by_the_api, rule) if name == "download" else (rule,)
            cases.append(Case(STEPS[name], f"an envelope with code {code}", True, refused, rules))
    return cases


def _stream(title: str, must: Outcome, rule: dict[str, Any], **options: Any) -> Case:
    rules = ({"endpoint": "run_sse", "times": 1, **rule},) if rule else ()
    return Case(MESSAGE, title, False, must, rules, options)


def _cuts() -> list[Case]:
    """The edit is saved before the stream breaks: it is found. It is not: then nobody knows, unless the stream came
    to an end in order with nothing begun, as it does when the agent has nothing to do; then it changed nothing.
    """
    cases = []
    for dialect in ("simple", "adk"):
        for mode, title in ENDS.items():
            for events in (0, 1, 2):
                for applied in (True, False):
                    rule = {"action": "cut_stream", "mode": mode, "after_events": events, "applied": applied}
                    # A call that has only begun to be told (ADK's partial events) says nothing yet.
                    is_mute = events <= (dialect == "adk")
                    must = DONE if applied else UNCHANGED if mode == "clean" and is_mute else UNKNOWN
                    what = "edit made" if applied else "edit dropped"
                    cases.append(
                        _stream(
                            f"stream {title} after {events} events, {what} ({dialect})", must, rule, sse_dialect=dialect
                        )
                    )
    return cases


def _runs_that_go_on() -> list[Case]:
    """A server that ends a run with its connection, and one that does not."""
    cases = []
    for survives, must in ((True, DONE), (False, UNKNOWN)):
        for mode in ("rst", "mid_event"):
            title = f"stream {ENDS[mode]} while the editor works, which {'goes on' if survives else 'is aborted'}"
            rule = {"action": "cut_stream", "mode": mode, "after_events": 1}
            pace = SHORTLY if survives else NOT_SOON
            cases.append(_stream(title, must, rule, edit_seconds=pace, run_survives_disconnect=survives))
        title = f"a stall while the editor works, {'and finishes' if survives else 'for longer than is waited'}"
        rule = {"action": "stall", "after_events": 1}
        # Read before the connection is closed: what was made by then is known, and the rest dies with it.
        cases.append(_stream(title, must, rule, edit_seconds=SHORTLY if survives else NOT_SOON))
    return cases


def _errors() -> list[Case]:
    """An error within the stream ends the run: what is on the timeline counts."""
    return [
        _stream(
            f"an error in the stream after {events} events, edit {'made' if applied else 'dropped'} ({generation})",
            DONE if applied else NOT_APPLIED,
            {"action": "stream_error", "generation": generation, "after_events": events, "applied": applied},
            sse_dialect="adk",
        )
        for generation in GENERATIONS
        for applied in (True, False)
        for events in (0, 1)
    ]


def _other_streams() -> list[Case]:
    cases = [
        _stream(f"every event twice ({dialect})", DONE, {"action": "duplicate_events"}, sse_dialect=dialect)
        for dialect in ("simple", "adk")
    ]
    cases += [
        _stream(f"heartbeats: {kind}", DONE, {}, heartbeat=kind, heartbeat_seconds=0.1, edit_seconds=SHORTLY)
        for kind in ("json", "empty", "comment", "none")
    ]
    return [*cases, _stream("an edit without a word", DONE, {}, silent_share=1)]


def _renewals() -> list[Case]:
    """An anonymous account gets another token, once, and the refused call is repeated: it was not started."""
    return [
        Case(
            Step(endpoint, f"{STEPS[endpoint].title}, anonymous", anonymous=True),
            "401",
            False,
            DONE,
            ({"endpoint": endpoint, "times": 1, **FAULTS["401"]},),
        )
        for endpoint in ANONYMOUS
    ]


def _cancellations() -> list[Case]:
    """A person cancels the job while it renders: it ends at once, whatever the service makes of that."""
    of_replies = ("connection refused", "damaged file", "missing field", "unknown status")
    faults = [None, *(name for name in FAULTS if name not in of_replies)]
    return [
        Case(
            CANCEL,
            name or "no fault",
            name is not None,
            INTERRUPTED,
            ({"endpoint": "render_cancel", **FAULTS[name]},) if name else (),
            # Where the service may not hear of it: shorter than what the job that is asked for again waits.
            {"render_seconds": 5.0 if name else 10 * NOT_SOON},
            cancels=True,
        )
        for name in faults
    ]
