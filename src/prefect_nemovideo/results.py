"""The result documents that users hold: what a flow returns, what `--json` prints, what lies beside each video."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from prefect_nemovideo.api.edits import EditResult, Outcome
from prefect_nemovideo.api.requests import Kind


class EditRecord(BaseModel):
    """What became of one instruction; see `api.edits.EditResult` for the outcomes."""

    instruction: str
    reply: str = ""
    silent: bool = False
    changes: list[str] = Field(default_factory=list)
    outcome: Outcome

    @classmethod
    def of(cls, edit: EditResult) -> EditRecord:
        return cls.model_validate(edit.model_dump(include=set(cls.model_fields)))


class Pictures(BaseModel):
    """Names of two JPEGs beside a video: a moment of it, and of the footage that it was made of."""

    after: str | None = None
    before: str | None = None


class VideoResult(BaseModel):
    """One delivered video: where it is, what it is, and how it was made.

    `completed` means: the bytes are at `uri`, whole, decodable, checked against `sha256`, and compared with what was
    asked for; where they differ, `as_requested` is false and `differences` says how.

    Lengths are in seconds, sizes in bytes and pixels.
    """

    model_config = ConfigDict(extra="forbid")

    status: Literal["completed"] = "completed"
    job_key: str
    uri: str
    sha256: str
    bytes: int
    width: int
    height: int
    fps: float
    duration_seconds: float
    video_codec: str | None
    has_audio: bool
    as_requested: bool
    differences: list[str] = Field(default_factory=list)
    session_id: str
    task_id: str | None = None
    render_id: str
    workspace_url: str | None = None
    edits: list[EditRecord] = Field(default_factory=list)
    timeline: str = ""
    credits_spent: float | None = None
    resumed: bool = False
    pictures: Pictures | None = None
    warnings: list[str] = Field(default_factory=list)


class Failure(BaseModel):
    """Why something failed: a stable word, what happened, and what to do next; the editor's question, if it asked."""

    code: str
    message: str
    next_step: str = ""
    question: str | None = None

    @model_serializer(mode="wrap")
    def _without_no_question(self, serialize: SerializerFunctionWrapHandler) -> dict[str, str]:
        document: dict[str, str | None] = serialize(self)
        return {name: value for name, value in document.items() if value is not None}


class FailedVideo(BaseModel):
    """A source that came to nothing, in a batch or under `--json`."""

    status: Literal["failed", "deferred"] = "failed"
    source: str
    error: Failure


#: What became of one video of a batch.
Item = VideoResult | FailedVideo


class Answer(BaseModel):
    """What a person's sentence came to: what was done, in words, and the facts behind it."""

    kind: Kind
    text: str
    edits: list[EditRecord] = Field(default_factory=list)
    video: VideoResult | None = None


class BatchResult(BaseModel):
    """What became of a batch: in numbers, and each video by itself, in the order of the manifest.

    `skipped` were delivered before; `deferred` were not started, for the budget.
    """

    status: Literal["completed", "partly", "failed"]
    total: int
    completed: int
    skipped: int
    failed: int
    deferred: int
    credits_spent: float | None
    items: list[Item]

    @classmethod
    def of(cls, items: list[Item], *, started: set[int], credits_spent: float | None) -> BatchResult:
        """The numbers of these items.

        Args:
            started: Positions of those that were worked on now; the other results were there already.
            credits_spent: On all of them, the failed ones too; None where that can't be told.
        """
        done = [number for number, item in enumerate(items) if isinstance(item, VideoResult)]
        deferred = sum(item.status == "deferred" for item in items)
        return cls(
            status="completed" if len(done) == len(items) else "partly" if done else "failed",
            total=len(items),
            completed=len(started.intersection(done)),
            skipped=len(done) - len(started.intersection(done)),
            failed=len(items) - len(done) - deferred,
            deferred=deferred,
            credits_spent=credits_spent,
            items=items,
        )


class ReportedRow(BaseModel):
    """Which row of its manifest an item of a report belongs to, and what was asked for there."""

    place: str
    digest: str
    source: str
    name: str | None = None
    instructions: list[str]


class BatchReport(BatchResult):
    """A batch's result as it lies in the archive, `<name>.batch.json`: `rows[n]` is what `items[n]` came of.

    While the batch runs, rows that have not ended are missing. Those that an earlier run did and this one left alone
    are as they were then.
    """

    name: str
    written_at: str
    rows: list[ReportedRow]

    def by_digest(self) -> dict[str, Item]:
        """What became of each row, by the row's digest."""
        return {row.digest: item for row, item in zip(self.rows, self.items, strict=False)}
