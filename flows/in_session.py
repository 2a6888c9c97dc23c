"""A batch in one session: one video after another, each with its own instructions and its own render."""

from __future__ import annotations

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import EditUnknown, JobFailed
from prefect_nemovideo.api.languages import detect
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.flows.batch_work import Work
from prefect_nemovideo.flows.books import price_of
from prefect_nemovideo.flows.delivery import open_job_session
from prefect_nemovideo.flows.making import Order, make_video
from prefect_nemovideo.flows.saved import Saved
from prefect_nemovideo.progress import speaking_of
from prefect_nemovideo.results import VideoResult
from prefect_nemovideo.tasks import Job, apply_edit
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import holding_client, job_key


async def in_session(work: Work, numbers: list[int], credentials: str, profile: str) -> None:
    """Makes the videos of these rows; each but the first begins by having the timeline to itself.

    After an edit of unknown outcome nothing more is edited: the timeline alone tells what became of it, as long as
    nobody changes it.
    """
    account = (await load_credentials(credentials)).account()
    key = job_key(
        sources=[row.source for row in work.manifest.rows],
        instructions=[text for row in work.manifest.rows for text in row.instructions],
        profile=profile,
        output=OutputSpec(),
        account=account,
        salt=f"session {work.orders[0].salt}",
    )
    job = Job(credentials=credentials, profile=profile, key=key)
    async with holding_client(job) as nemo:
        saved = Saved(None, None, account, profile)
        unknown: str | None = None
        for number in numbers:
            order = work.orders[number]

            async def make(number: int = number, order: Order = order) -> VideoResult:
                if saved.block is None:
                    session = await open_job_session(
                        nemo, job, order.instructions, language=order.language, restart=order.restart
                    )
                    await saved.opened(session)
                alone = order if number == 0 else order.made_alone(_have_it_alone(order))

                async def start() -> None:
                    if unknown is not None:
                        raise JobFailed(
                            f"Not started: it is not known what became of the edit of {unknown}, and this video would "
                            "change the same timeline.",
                            next_step="Run the same command again to look once more; --resend sends that edit again, "
                            "which may cost twice.",
                            deferred=True,
                        )
                    await work.books.start(number, price_of(order.instructions))
                    if saved.block is not None:
                        # The edits are kept under each row's own key: this tells the batch that there are some.
                        await Intent(job, apply_edit.name, 0, saved.block.session_id).declare({})

                try:
                    return await make_video(alone, before_start=start, saved=saved)
                except EditUnknown:
                    nonlocal unknown
                    unknown = order.source_name
                    raise

            with speaking_of(order.source_name):
                await work.carry_out(number, make)


def _have_it_alone(order: Order) -> str:
    name = order.source_name
    return f"只用{name}。" if detect(order.instructions[0]) == "zh" else f"Use only {name}. "
