"""The fault matrix: what goes wrong where, and what must come of it by the promises.

`outcome_of` is the contract, written down before anything is run. Its words are those of the README: exit codes and
error codes. What holds for every case, whatever its outcome, is in `faults`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TOKEN_REFUSED = 1001
UNEXPLAINED = 5000
#: Long enough for every try to meet it.
LASTING_SECONDS = 600.0
SHORT_SECONDS = 1.0


@dataclass(frozen=True)
class Outcome:
    """How a command ends: its exit code, and the error's code or, of a job that is done, its edit's outcome."""

    code: int
    word: str

    def __str__(self) -> str:
        return "done" if self == DONE else f"done, {self.word}" if self.code == 0 else f"{self.code} `{self.word}`"


DONE, UNCHANGED = Outcome(0, "applied"), Outcome(0, "unchanged")
UNKNOWN = Outcome(7, "edit_unknown")
LATE = Outcome(6, "deadline_passed")
NO_TOKEN = Outcome(4, "token_refused")
UNREACHABLE, TROUBLE = Outcome(1, "unreachable"), Outcome(1, "service_trouble")
BUSY, NONSENSE = Outcome(1, "rate_limited"), Outcome(1, "unexpected_reply")
NO_PLAN, NO_CREDITS = Outcome(4, "plan_refused"), Outcome(5, "out_of_credits")
BAD_FILE, GONE = Outcome(2, "file_refused"), Outcome(1, "session_gone")
NOT_RENDERED = Outcome(1, "render_failed")
REFUSED, NOT_FETCHED = Outcome(1, "request_refused"), Outcome(1, "download_failed")
NOT_APPLIED = Outcome(1, "edit_not_applied")
INTERRUPTED = Outcome(130, "interrupted")


@dataclass(frozen=True)
class Step:
    """A request of the job.

    Args:
        endpoint: As the emulator names it.
        title: As the table shows it.
        field: The field that its reply can't do without.
        turn: Which of the requests to this endpoint: `first`, `after the edit`, `before the render`.
        anonymous: The account is an anonymous one.
    """

    endpoint: str
    title: str
    field: str = ""
    turn: str = "first"
    anonymous: bool = False


STEPS = {
    "token": Step("token", "anonymous token", "data.token", anonymous=True),
    "create_session": Step("create_session", "create a session", "data.session_id"),
    "credits": Step("credits", "credits", "data.available"),
    "upload": Step("upload", "upload", "data.files"),
    "state": Step("state", "state, before the edit", "data.state"),
    "run_sse": Step("run_sse", "the message"),
    "state_after": Step("state", "state, after the edit", "data.state", turn="after the edit"),
    "state_render": Step("state", "state, before the render", "data.state", turn="before the render"),
    "render_submit": Step("render_submit", "start the render", "status"),
    "render_status": Step("render_status", "look at the render", "status"),
    "cdn": Step("cdn", "download by the link"),
    "download": Step("download", "download by the API"),
    "claim_token": Step("claim_token", "link for people", "data.claim_token"),
}

#: What happens to a request, by the name that the table shows.
FAULTS: dict[str, dict[str, Any]] = {
    "connection refused": {},
    "reset before the request": {"action": "reset_before"},
    "reset after the request": {"action": "reset_after"},
    "reply lost": {"action": "lose_reply"},
    "500": {"action": "status", "status": 500},
    "502, an HTML page": {"action": "status", "status": 502, "html": True, "message": "Bad Gateway"},
    "503 with Retry-After": {"action": "status", "status": 503, "headers": {"Retry-After": "1"}},
    "504 after the request": {"action": "reply_status", "status": 504},
    "429": {"action": "retry_after", "seconds": 1},
    "401": {"action": "status", "status": 401, "code": TOKEN_REFUSED, "message": "Token expired."},
    "an envelope with code 5000": {"action": "envelope_error", "code": UNEXPLAINED},
    "slow first byte": {"action": "slow_first_byte", "seconds": 1.5},
    "stall": {"action": "stall"},
    "truncated body": {"action": "truncate"},
    "damaged file": {"action": "damage"},
    "malformed JSON": {"action": "malformed_json"},
    "missing field": {"action": "drop_field"},
    "unknown status": {"action": "set_field", "field": "status", "value": "thinking"},
}
#: A gateway's 504 says of what was carried out no more than silence does.
LOST_AFTER = ("reset after the request", "reply lost", "504 after the request")
IN_TROUBLE = ("500", "502, an HTML page", "503 with Retry-After", "504 after the request")
SENSELESS = ("malformed JSON", "missing field")
#: Carried out, and what it gave is lost.
UNREAD = (*LOST_AFTER, "stall", "truncated body", *SENSELESS)
#: Replies that are no JSON document of the API's, or have no such field.
NOT_FOR = {
    "truncated body": ("run_sse",),
    "504 after the request": ("cdn", "download"),
    "malformed JSON": ("cdn", "download"),
    "missing field": ("cdn", "download", "run_sse"),
}
#: Only what is no document can be damaged and still look whole.
FILES = ("cdn", "download")
BEFORE_THE_EDIT = ("token", "create_session", "credits", "upload", "state")
#: A file that did not come whole is resumed, or fetched by the other route.
ONLY_ONCE = ("stall",)


@dataclass(frozen=True)
class Case:
    """One row: a step, a fault, once or for as long as the command runs, and what must come of it."""

    step: Step
    fault: str
    lasting: bool
    must: Outcome
    rules: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    cancels: bool = False

    @property
    def name(self) -> str:
        return f"{self.step.title} × {self.fault}{' (lasting)' if self.lasting else ''}"

    @property
    def refuses(self) -> bool:
        return self.fault == "connection refused"

    @property
    def locks_out(self) -> bool:
        """Whether a client's one token in seven days was given out and never arrived."""
        return self.step.endpoint == "token" and self.fault in UNREAD


def outcome_of(step: str, fault: str, lasting: bool) -> Outcome:  # the contract, one rule a paragraph
    """What must come of a fault at a step of the job."""
    # Nothing is too slow as long as it comes; a look at a render takes no longer than its deadline.
    if fault == "slow first byte":
        return DONE
    if fault == "stall" and step != "token":
        return LATE if step == "render_status" else DONE
    # The link for people is nice to have.
    if step == "claim_token":
        return DONE
    # What the link does not give is fetched by the API; only a network that is gone takes both.
    if step == "cdn":
        return NOT_FETCHED if (fault, lasting) == ("connection refused", True) else DONE
    # Fetched anew, and rendered anew; that is given up.
    if fault == "damaged file":
        return NOT_RENDERED if lasting else DONE
    # The balance is worth a warning, unless it says that the token is none, or nobody answers at all.
    if step == "credits" and fault != "401" and not (lasting and fault == "connection refused"):
        return DONE
    if step == "run_sse":
        return _of_the_message(fault, lasting)
    # Looks for an edit that was sent: one that fails counts for nothing, and when all fail nothing is known.
    if step == "state_after":
        return UNKNOWN if lasting else DONE
    # While it is waited for a render, trouble counts against the deadline.
    if step == "render_status" and fault != "401" and not (lasting and fault == "missing field"):
        return LATE if lasting else DONE
    if fault == "401":
        return NO_TOKEN
    if fault == "malformed JSON" and step == "token":
        # Asked for again, where one was given.
        return BUSY
    if fault in SENSELESS:
        # What was sent all the same is found; a render's first status is a formality. A slip is asked for again.
        found = step in ("upload", "render_submit") or (fault == "malformed JSON" and not lasting)
        return DONE if found else NONSENSE
    if fault == "an envelope with code 5000":
        return NOT_FETCHED if step == "download" else REFUSED
    # There is one token a client in seven days: asked for again after its reply was lost, it is refused.
    if step == "token" and fault in UNREAD and not lasting:
        return BUSY
    if fault == "unknown status" or not lasting:
        return DONE
    # From here on it lasts. What was carried out, though nobody said so, is found.
    if step in ("upload", "render_submit") and fault in (*LOST_AFTER, "truncated body"):
        return DONE
    if step == "download":
        return NOT_FETCHED
    return BUSY if fault == "429" else TROUBLE if fault in IN_TROUBLE else UNREACHABLE


def _of_the_message(fault: str, lasting: bool) -> Outcome:
    """A message is sent again only where it certainly did not begin."""
    if fault == "connection refused":
        return UNREACHABLE if lasting else DONE
    if fault == "429":
        return BUSY if lasting else DONE
    if fault == "401":
        return NO_TOKEN
    # Carried out, and found on the timeline.
    if fault in (*LOST_AFTER, "malformed JSON"):
        return DONE
    # Whatever else is no stream leaves open whether it began.
    return UNKNOWN


def _rules(step: Step, fault: str, lasting: bool) -> tuple[dict[str, Any], ...]:
    rule = {"endpoint": step.endpoint, **FAULTS[fault], **({} if lasting else {"times": 1})}
    if fault == "missing field":
        rule["field"] = step.field
    if step.endpoint == "token" and fault in UNREAD and not lasting:
        # The second ask is too many, as always; only that the wait is shorter.
        return (rule, {"endpoint": "token", **FAULTS["429"]})
    by_the_api = {"endpoint": "cdn", "action": "status", "status": 404}
    return (by_the_api, rule) if step.endpoint == "download" else (rule,)


def _table() -> list[Case]:
    cases = []
    for name, step in STEPS.items():
        for fault in FAULTS:
            if step.endpoint in NOT_FOR.get(fault, ()) or (fault == "damaged file" and step.endpoint not in FILES):
                continue
            if fault == "unknown status" and step.endpoint not in ("render_submit", "render_status"):
                continue
            for lasting in (False,) if fault in ONLY_ONCE else (False, True):
                rules = () if fault == "connection refused" else _rules(step, fault, lasting)
                if fault == "connection refused" and name == "download":
                    rules = ({"endpoint": "cdn", "action": "status", "status": 404},)
                cases.append(Case(step, fault, lasting, outcome_of(name, fault, lasting), rules))
    return cases


def all_cases() -> list[Case]:
    """Every case."""
    from fault_streams import stream_cases

    return [*_table(), *stream_cases()]
