"""Come back to a saved session and go on editing."""

from __future__ import annotations

from prefect import flow

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.blocks.session import load_session
from prefect_nemovideo.flows.cancelling import heeding_cancellation
from prefect_nemovideo.flows.delivery import deliver
from prefect_nemovideo.flows.making import already, check_archive, delivered_before, instructions_of, output_for
from prefect_nemovideo.flows.once_more import ended_once_more
from prefect_nemovideo.flows.saved import Saved, alone_in, check_owner, salt_in
from prefect_nemovideo.flows.stopping import OnFailure
from prefect_nemovideo.flows.wishes import Wishes
from prefect_nemovideo.progress import tell
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.tasks import Job
from prefect_nemovideo.tasks.archive import video_name
from prefect_nemovideo.tasks.jobs import holding_client, job_key


@flow(name="refine-session", flow_run_name="refine {session}", persist_result=True, result_serializer="json")
async def refine_session(
    session: str,
    instructions: str | list[str],
    archive: str | None = None,
    *,
    credentials: str = "default",
    output: OutputSpec = OutputSpec(),  # noqa: B008 - frozen
    max_credits: float | None = None,
    answers: list[str] | None = None,
    strict: bool = False,
    resend: bool = False,
    on_failure: OnFailure = "leave",
    force: bool = False,
) -> VideoResult:
    """Goes on editing in a saved session, without uploading anything, and archives the new video beside the old ones.

    The same call again goes on where the last one was, or returns what that one delivered, as long as nothing else was
    edited in the session since.

    Args:
        session: The saved session's name.
        instructions: What to do, one after another.
        archive: See `edit_video`.
        credentials: See `edit_video`; the session belongs to one account.
        output: See `edit_video`.
        max_credits: Nothing is started that would cost more.
        answers: What to say when the editor asks something.
        strict: A file that is not as requested is a failure.
        resend: Send an instruction again whose outcome an earlier run could not find out.
        on_failure: See `edit_video`.
        force: Make this refinement once more, on top of what it made before; what a run with it has begun and not ended
            is gone on with.

    Raises:
        SessionGone: The backend does not have it any more; says what is lost.
        AccessRefused: It belongs to another account.

    Example:
        ```python
        result = await refine_session("holiday", "add a title saying Paradise Found")
        ```
    """
    words = instructions_of(instructions)
    await check_archive(archive)
    async with heeding_cancellation(), alone_in(session):
        block = await load_session(session)
        wanted = output_for(output, words, block.profile)
        account = (await load_credentials(credentials)).account()
        check_owner(session, block, account)

        def key_with(salt: str) -> str:
            return job_key(
                sources=[f"session {block.session_id}"],
                instructions=words,
                profile=block.profile,
                output=wanted,
                account=account,
                salt=salt,
            )

        salt = await salt_in(session, block, key_with, anew=force)
        key = key_with(salt)
        name = video_name(block.files[0].name if block.files else session, key, wanted.format)
        once_more = key_with(f"session {session}")
        if (delivered := await delivered_before(archive, name, key)) is not None:
            if force:
                await ended_once_more(once_more, salt)
            return already(delivered, strict=strict)
        job = Job(credentials=credentials, profile=block.profile, key=key)
        tell(f"Going on in “{session}”: its edits so far are kept, nothing is uploaded again.")
        wishes = Wishes(
            sources=[],
            instructions=words,
            output=wanted,
            archive=archive,
            name=name,
            answers=answers or [],
            max_credits=max_credits,
            strict=strict,
            resend=resend,
            on_failure=on_failure,
        )
        async with holding_client(job) as nemo:
            result = await deliver(nemo, job, wishes, Saved(session, block, account, block.profile, salt=salt))
        if force:
            await ended_once_more(once_more, salt)
        return result
