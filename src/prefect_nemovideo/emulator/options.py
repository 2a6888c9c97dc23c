"""What the emulator imitates, and how: one immutable set of options, changed as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

UPLOAD_LIMIT_BYTES = 500 * 1024 * 1024
"""NemoVideo says "500 MB a file" and not which; the emulator takes the larger reading, 500 MiB = 524,288,000."""


class EmulatorOptions(BaseModel):
    """Every way in which the emulator's behaviour can be chosen.

    Times are seconds, sizes are bytes. All of it can be changed while the emulator runs, by
    `PATCH /_emulator/options` with a JSON object of the fields to change.

    Example:
        >>> EmulatorOptions(sse_dialect="adk", silent_share=0).credits_per_edit
        50
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sse_dialect: Literal["simple", "adk"] = "simple"
    """The events of /run_sse: NemoVideo's plain ones, or those of Google's Agent Development Kit."""
    render_dialect: Literal["seed", "envelope"] = "seed"
    """The replies of the render endpoints: bare with `taskId` and `output.url`, or `{"success", "data"}`."""
    error_style: Literal["http", "envelope"] = "http"
    """Service errors (codes from 1000 up): with a fitting HTTP status, or with HTTP 200 and only the code."""
    session_id_top_level: bool = False
    """A new session's id beside `data` instead of inside it."""

    edit_seconds: float = Field(default=0.2, ge=0)
    """How long an edit takes between its tool call and its tool result."""
    silent_share: float = Field(default=0.3, ge=0, le=1)
    """The share of applied edits whose stream closes without any text."""
    seed: int = 0
    """Decides which edits are silent; the same seed gives the same ones."""
    gui_phrases: bool = False
    """Replies speak of buttons and panels, as if somebody sat at a screen."""
    trailing_noise: bool = False
    """After a normal answer comes "I encountered a temporary issue", which means nothing."""
    heartbeat: Literal["none", "json", "empty", "comment"] = "json"
    heartbeat_seconds: float = Field(default=10.0, gt=0)
    run_survives_disconnect: bool = False
    """False, as a stock ADK server: a run whose connection drops is aborted. True: it goes on and is charged."""

    state_lag_seconds: float = Field(default=0.0, ge=0)
    """How long a session's state goes on showing what was before an upload or an edit."""
    state_lag_share: float = Field(default=1.0, ge=0, le=1)
    """The share of reads that lag so, decided by `seed`: others are answered by what is there."""
    balance_lag_seconds: float = Field(default=0.0, ge=0)
    """How long the balance goes on showing what was before a charge; held credits are not shown at all then."""

    plan: Literal["pro", "free"] = "pro"
    """The plan of accounts without one of their own. On `free`, an export answers 402."""
    credits_per_edit: int = Field(default=50, ge=0)
    anonymous_credits: int = Field(default=100, ge=0)
    token_days: float = Field(default=7, gt=0)
    tokens_per_address: int = Field(default=10, ge=1)
    """Anonymous tokens given to one IP address within `token_days`."""
    tokens: tuple[str, ...] = ()
    """Tokens of registered accounts. Any other token that wasn't issued here is unknown: 1001."""
    token_credits: int = Field(default=10_000, ge=0)
    """What each account of `tokens` starts with."""

    max_upload_bytes: int = Field(default=UPLOAD_LIMIT_BYTES, gt=0)
    allow_private_urls: bool = False
    """Whether an upload by URL may read from loopback and private addresses."""
    instant_renders: bool = False
    """Deliver a plain picture of the right shape and length instead of rendering: to test orchestration."""
    render_seconds: float = Field(default=0.0, ge=0)
    """How long an instant render takes."""
    public_url: str | None = None
    """The address written into file URLs; by default the one that the client used."""

    @field_validator("tokens", mode="before")
    @classmethod
    def _split_tokens(cls, value: object) -> object:
        """`--option tokens=a,b` arrives as one string."""
        return tuple(filter(None, value.split(","))) if isinstance(value, str) else value

    @classmethod
    def parse(cls, assignments: Iterable[str]) -> EmulatorOptions:
        """Read `name=value` words, as given on a command line.

        Raises:
            ValueError: A word has no `=`, or names no option, or its value doesn't fit.
        """
        fields: dict[str, str] = {}
        for word in assignments:
            name, equals, value = word.partition("=")
            if not equals:
                raise ValueError(f"The option {word!r} has no value. Write it as name=value.")
            fields[name.strip().replace("-", "_")] = value.strip()
        return cls.model_validate(fields)

    def changed(self, changes: Mapping[str, Any]) -> EmulatorOptions:
        """These options with some fields replaced, checked like new ones."""
        return type(self).model_validate({**self.model_dump(), **changes})
