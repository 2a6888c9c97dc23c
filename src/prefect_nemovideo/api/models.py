"""What crosses the border of the API: requests and replies, typed once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)


def _text(value: object) -> object:
    """Ids are sometimes numbers, sometimes long numbers in a string."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _told(default: object) -> WrapValidator:
    """For what is only told, never needed: a value of an unexpected kind is as good as none, and fails no job."""

    def read_or_default(value: object, read: ValidatorFunctionWrapHandler) -> Any:
        try:
            return read(value)
        except ValidationError:
            return default

    return WrapValidator(read_or_default)


Id = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
ToldId = Annotated[Id | None, _told(None)]
ToldText = Annotated[str | None, BeforeValidator(_text), _told(None)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
ToldNumber = Annotated[Finite | None, _told(None)]
ToldWhole = Annotated[int | None, _told(None)]


class Model(BaseModel):
    # A reply may hold a token: an error about one of its fields must not show it.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)


class AnonymousAccount(Model):
    """Reply of `POST /api/auth/anonymous-token`."""

    token: str = Field(repr=False, pattern=r"^[\x21-\x7e]+$")
    user_id: ToldId = None
    credits: ToldNumber = None
    expires_at: ToldText = None


class Session(Model):
    """Reply of `POST /api/tasks/me/with-session/nemo_agent`."""

    session_id: Id
    task_id: ToldId = None
    user_id: ToldId = None


class UploadedFile(Model):
    """One of `data.files` of an upload. Lengths in seconds and pixels; what the service doesn't say is None."""

    filename: Annotated[str, _told("")] = Field("", validation_alias=AliasChoices("filename", "name", "file_name"))
    file_type: ToldText = None
    cdn_url: ToldText = Field(None, repr=False)
    duration: ToldNumber = None
    width: ToldWhole = None
    height: ToldWhole = None
    fps: ToldNumber = None
    hash: ToldText = None
    size: ToldWhole = None


class Balance(Model):
    """Reply of `GET /api/credits/balance/simple`: credits free to use, held for work in progress, and both."""

    available: Finite
    frozen: Annotated[Finite, _told(0.0)] = 0.0
    total: ToldNumber = None

    def __str__(self) -> str:
        return f"{self.available:,.0f} credits available, {self.frozen:,.0f} held, {self.owned:,.0f} in all"

    @property
    def owned(self) -> float:
        """Everything the account has, whether held or free."""
        return self.total if self.total is not None else self.available + self.frozen


class SessionState(Model):
    """Reply of `GET /api/state/nemo_agent/me/{session_id}/latest`; `draft` is the timeline, as the service keeps it."""

    # Kept and read again, a NaN of a draft is to be the same.
    model_config = ConfigDict(ser_json_inf_nan="constants")

    session_id: ToldId = None
    task_id: ToldId = None
    task_name: ToldText = None
    user_id: ToldId = None
    #: A session with nothing in it may have none.
    state: Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]

    @property
    def draft(self) -> Any:
        return self.state.get("draft")

    @property
    def files(self) -> list[UploadedFile]:
        """What was uploaded, as far as the state tells."""
        infos = self.state.get("video_infos")
        entries = list(infos.values()) if isinstance(infos, dict) else infos if isinstance(infos, list) else []
        return [UploadedFile.model_validate(entry) for entry in entries if isinstance(entry, dict)]


class Before(SessionState):
    """The state before an instruction, and what is needed to see what came of it.

    Args:
        restless: What changes by itself from read to read, as `restless.restless` names it: no edit.
        frozen: Credits that were held then; None where that could not be read.
        owned: Credits that the account had then, held ones among them; None where that could not be read.
        alone: Nobody else spends from the account: credits that are held later are held for this instruction.
    """

    restless: tuple[str, ...] = ()
    frozen: float | None = None
    owned: float | None = None
    alone: bool = True


class ClaimToken(Model):
    """Reply of `POST /api/auth/claim-token`: opens a project in a browser, and can't call the API."""

    claim_token: str = Field(repr=False)
    expires_in: ToldWhole = None


Resolution = Literal["4k", "1440p", "1080p", "720p"]


class OutputSpec(BaseModel):
    """What the delivered file is to be.

    Args:
        format: The container: `mp4`, `mov` or `webm`.
        quality: `high`, or `preview` for a small fast look.
        resolution: `4k`, `1440p`, `1080p`, `720p` or `WIDTHxHEIGHT` in pixels. Without one: what the instructions
            ask for, and 4K where they name no size.
        fps: Frames a second; the timeline's own without one.

    Example:
        ```python
        OutputSpec(resolution="1080p")
        ```
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mp4", "mov", "webm"] = "mp4"
    quality: Literal["high", "preview"] = "high"
    resolution: str | None = Field(None, pattern=r"^(4k|1440p|1080p|720p|[1-9]\d{1,4}x[1-9]\d{1,4})$")
    fps: float | None = Field(None, gt=0, le=240)

    def as_request(self) -> dict[str, Any]:
        """The `output` of a render request, with nothing in it that wasn't asked for."""
        return self.model_dump(exclude_none=True)


class RenderState(Model):
    """Where a render stands. `progress` runs from 0 to 100; sizes in bytes, lengths in seconds.

    A status that this client doesn't know is not terminal: it keeps waiting, and says so.
    """

    render_id: str
    status: str
    progress: float | None = None
    url: str | None = Field(None, repr=False)
    duration: float | None = None
    size: int | None = None
    error: str | None = None

    @property
    def is_completed(self) -> bool:
        return self.status in {"completed", "succeeded", "success", "done"}

    @property
    def is_cancelled(self) -> bool:
        return self.status in {"cancelled", "canceled"}

    @property
    def is_failed(self) -> bool:
        return self.is_cancelled or self.status in {"failed", "error"}

    @property
    def is_terminal(self) -> bool:
        return self.is_completed or self.is_failed

    @property
    def is_known(self) -> bool:
        return self.is_terminal or self.status in {"pending", "queued", "processing", "running", "rendering"}
