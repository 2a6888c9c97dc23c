"""Rules for things that go wrong, and the deterministic decision whether one strikes. Pure: no I/O."""

from __future__ import annotations

import random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Endpoint = Literal[
    "token",
    "create_session",
    "upload",
    "run_sse",
    "state",
    "credits",
    "render_submit",
    "render_status",
    "render_cancel",
    "download",
    "cdn",
    "claim_token",
    "*",
]

Action = Literal[
    "reset_before",
    "reset_after",
    "lose_reply",
    "status",
    "reply_status",
    "envelope_error",
    "retry_after",
    "slow_first_byte",
    "stall",
    "truncate",
    "damage",
    "malformed_json",
    "drop_field",
    "set_field",
    "duplicate_events",
    "cut_stream",
    "stream_error",
    "refuse",
]


class FaultRule(BaseModel):
    """What goes wrong, where, and how often.

    | action | what the client meets |
    |---|---|
    | `reset_before` | the connection is reset; nothing was done |
    | `reset_after` | the request is carried out, then the connection is reset without a reply |
    | `lose_reply` | the request is carried out, then the connection is closed in order without a reply |
    | `status` | `status` with `headers` and `body` (`html`: an error page), nothing was done |
    | `reply_status` | the request is carried out, and answered with `status` all the same |
    | `envelope_error` | `{"code": code, "message": message}` with HTTP `status` or 200; nothing was done |
    | `retry_after` | 429 with `Retry-After: seconds`; nothing was done |
    | `slow_first_byte` | the reply comes `seconds` late |
    | `stall` | a part of the reply, then nothing until the faults are cleared or the client goes |
    | `truncate` | all headers, then the bytes stop at `at_bytes` (or half) and the connection closes |
    | `damage` | a file of the right length with zeros from `at_bytes` (or half) on |
    | `malformed_json` | a reply, or one event of a stream, that isn't JSON |
    | `drop_field`, `set_field` | a JSON reply without `field`, or with it as `value`; dotted: `data.token` |
    | `duplicate_events` | every event of a stream twice |
    | `cut_stream` | a stream that ends after `after_events`: `rst`, `clean`, or in the `mid_event` |
    | `stream_error` | an agent server's error after `after_events`, in the shape of its `generation` |
    | `refuse` | the connection is reset, and for `seconds` nobody listens any more |

    Attributes:
        after: How many matching requests pass unharmed first.
        times: How many requests it strikes; None for all.
        share: The share of them that it strikes, decided by `seed`.
        applied: For `cut_stream` and `stream_error`: the run is finished first (true), or ends before it saves
            anything (false); without it the option `run_survives_disconnect` decides about a cut, and an error
            is one that kept the run from saving.

    Example:
        `{"endpoint": "run_sse", "action": "cut_stream", "after_events": 1, "times": 1}`
    """

    model_config = ConfigDict(extra="forbid")

    endpoint: Endpoint
    action: Action
    times: int | None = Field(default=None, ge=1)
    after: int = Field(default=0, ge=0)
    share: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0

    status: int = Field(default=500, ge=200, le=599)
    headers: dict[str, str] = {}
    body: Any = None
    html: bool = False
    code: int = 5000
    message: str = "The service has a problem."
    seconds: float = Field(default=1.0, ge=0)
    at_bytes: int | None = Field(default=None, ge=0)
    field: str = ""
    value: Any = None
    after_events: int = Field(default=1, ge=0)
    mode: Literal["rst", "clean", "mid_event"] = "rst"
    generation: Literal["2.13", "1.28", "0.5", "event"] = "2.13"
    applied: bool | None = None

    @property
    def replaces_the_reply(self) -> bool:
        """Whether the request is carried out and its own reply is not sent."""
        return self.action in ("reset_after", "lose_reply", "reply_status")

    @property
    def dooms_the_run(self) -> bool:
        """Whether the run that it strikes must not save anything."""
        return (self.action == "cut_stream" and self.applied is False) or (
            self.action == "stream_error" and not self.applied
        )


class Fault:
    """A rule with its counters."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self.matched = 0
        self.struck = 0
        self._random = random.Random(rule.seed)

    def strikes(self, endpoint: str) -> bool:
        """Count a request, and say whether it is struck."""
        rule = self.rule
        if rule.endpoint not in ("*", endpoint):
            return False
        self.matched += 1
        if self.matched <= rule.after or (rule.times is not None and self.struck >= rule.times):
            return False
        # Drawn for every request that could be struck, so that a seed always gives the same ones.
        if rule.share < 1 and self._random.random() >= rule.share:
            return False
        self.struck += 1
        return True

    def report(self) -> dict[str, Any]:
        return {**self.rule.model_dump(exclude_defaults=True), "matched": self.matched, "struck": self.struck}


class Faults:
    """The rules in force. The first that strikes a request is the only one that does."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, rules: list[FaultRule]) -> None:
        self._faults += [Fault(rule) for rule in rules]

    def clear(self) -> None:
        self._faults.clear()

    def next_for(self, endpoint: str) -> FaultRule | None:
        for fault in self._faults:
            if fault.strikes(endpoint):
                return fault.rule
        return None

    def report(self) -> list[dict[str, Any]]:
        return [fault.report() for fault in self._faults]
