"""One source → one verified, archived video."""

from __future__ import annotations

from prefect import flow
from prefect.runtime import flow_run

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.blocks.session import checked_name, find_session
from prefect_nemovideo.flows.announcing import announcing
from prefect_nemovideo.flows.cancelling import heeding_cancellation
from prefect_nemovideo.flows.making import Order, check_archive, check_at_once, instructions_of, look_at, make_of
from prefect_nemovideo.flows.once_more import ended_once_more, salt_once_more
from prefect_nemovideo.flows.saved import Saved, alone_in, check_owner, salt_in
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import VideoResult


def _name_of_run() -> str:
    """As people look for it in the UI: by the footage."""
    source = flow_run.parameters["source"]
    return f"edit {Order(source, []).source_name}"


@flow(name="edit-video", flow_run_name=_name_of_run, persist_result=True, result_serializer="json")
async def edit_video(
    source: str | list[str],
    instructions: str | list[str],
    archive: str | None = None,
    *,
    credentials: str = "default",
    profile: str = "video-4k",
    session: str | None = None,
    output: OutputSpec = OutputSpec(),  # noqa: B008 - frozen
    max_credits: float | None = None,
    answers: list[str] | None = None,
    strict: bool = False,
    resend: bool = False,
    on_failure: OnFailure = "leave",
    force: bool = False,
    restart: bool = False,
) -> VideoResult:
    """Edits a video by plain-language instructions and archives the result, checked.

    Args:
        source: A path, `http(s)://…` or `s3://bucket/key`; several are uploaded into one project: the first is what is
            edited, the others are there for instructions to name (clips to join, music).
        instructions: What to do, one after another.
        archive: `s3://bucket/prefix`, a directory, or a saved S3Archive block's name; `./nemovideo-archive` by default.
        credentials: A saved NemoVideoCredentials block's name; `default` is that block if it is saved, else
            `NEMO_TOKEN`, else an anonymous account; `environment` looks for no block.
        profile: `video-4k` or `4k-with-session`.
        session: Saves the session under this name, or goes on in the one that was saved under it: footage that is in
            it already is not uploaded again.
        output: Container, quality, size and frame rate.
        max_credits: Nothing is started that would cost more.
        answers: What to say when the editor asks something; without one left, its question is an error.
        strict: A file that is not as requested is a failure, and is not archived.
        resend: Send an instruction again whose outcome an earlier run could not find out.
        on_failure: What becomes of a render at work when the job fails for good, as when its deadline passes: `leave`
            it for the next run, or `cancel` it.
        force: Start anew, even if the same job was done before; what a run with it has begun and not ended is gone on
            with.
        restart: The same, and in place of the saved session.

    Returns:
        What was delivered, and how it was made.

    Raises:
        NemoVideoError: See `prefect_nemovideo.api.errors`; the message says what happened and what to do.
        StorageError: The archive can't be used.

    Example:
        ```python
        result = await edit_video("clip.mp4", "upscale this video to 4K and sharpen the details")
        print(result.uri, result.as_requested)
        ```
    """
    name = checked_name(session) if session else None
    order = Order(
        source=source,
        instructions=instructions_of(instructions),
        archive=archive,
        credentials=credentials,
        profile=profile,
        output=output,
        answers=answers or [],
        max_credits=max_credits,
        strict=strict,
        resend=resend,
        on_failure=on_failure,
        restart=restart,
    )
    # Whatever can be wrong is found out before anything is sent.
    check_at_once(order)
    await check_archive(archive)
    account = (await load_credentials(credentials)).account()
    async with heeding_cancellation(), alone_in(name):
        known = await find_session(name) if name and not restart else None
        if name and known:
            check_owner(name, known, account)
        with announcing(order.sources[0]) as announce:
            prospect = await look_at(order)
            wishes, anew = prospect.key_with(f"session {name}" if name else ""), force or restart
            if name:
                prospect = prospect.salted(await salt_in(name, known, prospect.key_with, anew=anew))
            elif anew:
                prospect = prospect.salted(await salt_once_more(wishes))
            saved = Saved(name, known, account, profile, salt=prospect.order.salt)
            result = await make_of(prospect, announce, saved=saved)
            if anew:
                await ended_once_more(wishes, prospect.order.salt)
    if name and saved.block is None:
        tell(f"No session is saved as “{name}” any more; --force makes it anew, and is charged again.")
    return result
