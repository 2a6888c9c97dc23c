"""A saved session: what is needed to come back days later and go on editing without uploading again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Self

from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from pydantic import BaseModel, Field, model_validator

from prefect_nemovideo.api import Session
from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.credentials import DOCUMENTATION, LOGO, refuse_unknown


class SavedFile(BaseModel):
    """A file that was uploaded into the session."""

    name: str
    where: str
    identity: str


class SavedEdit(BaseModel):
    """An instruction that was carried out, and by which job; `salt` is what its key was made with."""

    instruction: str
    outcome: str
    changes: list[str] = Field(default_factory=list)
    job_key: str
    salt: str = ""
    number: int


class SavedRequest(BaseModel):
    """A sentence of a conversation that is being carried out, or whose outcome is not known."""

    text: str
    run: str


class SavedWork(BaseModel):
    """A job that has begun to send and is not delivered yet, or the one that was delivered last.

    Args:
        key: The job's key, and `salt` what it was made with.
        others: How many edits of others there were when it began, or when it was delivered.
        said: The sentence of a conversation that it carries out.
    """

    key: str
    salt: str
    others: int
    said: SavedRequest | None = None


class SavedRender(BaseModel):
    """The last video that was delivered of it."""

    render_id: str
    uri: str
    sha256: str


class NemoVideoSession(Block):
    """Stores a session to come back to: its ids, uploads, edits, and last render.

    Attributes:
        session_id: The backend's id.
        task_id: The backend's id of the project.
        user_id: The account it belongs to.
        account: The account's name.
        profile: The skill it was made by.
        salt: What the key was made with of the job that opened it.
        files: What was uploaded.
        edits: What was edited.
        last_render: What was delivered last.
        deliveries: How many videos were delivered of it.
        at_work: Jobs that have edited, or may have, and are not delivered yet.
        delivered: The job that was delivered last.
        unsettled: What was said last, while it is not known what became of it.
        used_at: When it was last used.

    Example:
        Load a stored session:
        ```python
        from prefect_nemovideo.blocks import NemoVideoSession

        session = NemoVideoSession.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "NemoVideo Session"
    _block_type_slug = "nemovideo-session"
    _documentation_url = DOCUMENTATION
    _logo_url = LOGO

    session_id: str = Field(default=..., description="Id of the session at the backend.")
    task_id: str | None = Field(default=None, description="Id of the project at the backend.")
    user_id: str | None = Field(default=None, description="Id of the account that it belongs to.")
    account: str = Field(default=..., description="Name of the account that it belongs to; not the token.")
    profile: str = Field(default="video-4k", description="The skill that it was made by.")
    salt: str = Field(default="", description="What the key was made with of the job that opened it.")
    files: list[SavedFile] = Field(default_factory=list, description="What was uploaded into it.")
    edits: list[SavedEdit] = Field(default_factory=list, description="What was edited so far.")
    last_render: SavedRender | None = Field(default=None, description="What was delivered last.")
    deliveries: int = Field(default=0, description="How many videos were delivered of it.")
    at_work: list[SavedWork] = Field(default_factory=list, description="Jobs that are not delivered yet.")
    delivered: SavedWork | None = Field(default=None, description="The job that was delivered last.")
    unsettled: SavedRequest | None = Field(
        default=None, description="What was said last, while it is not known what became of it."
    )
    used_at: str = Field(default="", description="When it was last used, as ISO 8601 in UTC.")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, values: Any) -> Any:
        return refuse_unknown(values, set(cls.model_fields), cls.__name__)

    def get_client(self) -> Session:
        """The session, as the client's calls take it."""
        return Session(session_id=self.session_id, task_id=self.task_id, user_id=self.user_id)

    def with_edit(self, edit: SavedEdit) -> Self:
        """The same session with one more edit; one that is known already is not counted twice, and keeps its place."""
        which = (edit.job_key, edit.number)
        if any((known.job_key, known.number) == which for known in self.edits):
            edits = [edit if (known.job_key, known.number) == which else known for known in self.edits]
        else:
            edits = [*self.edits, edit]
        return self.model_copy(update={"edits": edits})

    async def keep(self, name: str) -> Self:
        """Saves it under this name, over what was there."""
        current = self.model_copy(update={"used_at": datetime.now(UTC).isoformat(timespec="seconds")})
        await current.asave(name, overwrite=True)
        return current


def checked_name(name: str) -> str:
    """A session's name as it is saved.

    Raises:
        BadInput: The name has characters that no name may have.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise BadInput(
            f"“{name}” can't be the name of a session.",
            next_step="Use lower-case letters, digits and dashes, as in: holiday-2026.",
        )
    return name


async def find_session(name: str) -> NemoVideoSession | None:
    """The session saved under this name, or None."""
    try:
        loaded = await NemoVideoSession.aload(checked_name(name))
    except ValueError:
        return None
    assert isinstance(loaded, NemoVideoSession)
    return loaded


async def load_session(name: str) -> NemoVideoSession:
    """The session saved under this name.

    Raises:
        BadInput: There is none.
    """
    found = await find_session(name)
    if found is None:
        raise BadInput(
            f"There is no saved session “{name}”.",
            next_step="See them with: prefect-nemovideo sessions. Make one with: edit … --session NAME.",
        )
    return found


async def all_sessions() -> list[tuple[str, NemoVideoSession]]:
    """Every saved session with its name, the last used first."""
    async with get_client() as client:
        try:
            documents = await client.read_block_documents_by_type(NemoVideoSession.get_block_type_slug())
        except ObjectNotFound:
            # The type is registered with the first session that is saved.
            return []
    names = [document.name for document in documents if document.name]
    found = [(name, await load_session(name)) for name in names]
    return sorted(found, key=lambda pair: pair[1].used_at, reverse=True)


async def delete_session(name: str) -> None:
    """Forgets a saved session. The backend keeps what it has.

    Raises:
        BadInput: There is none of this name.
    """
    await load_session(name)
    await NemoVideoSession.adelete(name)
