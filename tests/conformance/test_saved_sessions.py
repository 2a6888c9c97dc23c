"""A saved session is what the second skill promises: come back, go on, upload nothing again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from nemo_server import NemoServer, nemo_server

from prefect_nemovideo.api import OutputSpec
from prefect_nemovideo.api.errors import AccessRefused, BadInput, EditUnknown, NemoVideoError, SessionGone, TokenRefused
from prefect_nemovideo.blocks import NemoVideoSession
from prefect_nemovideo.flows import answer_request, edit_video, refine_session
from prefect_nemovideo.results import VideoResult

pytestmark = pytest.mark.usefixtures("prefect_api")

SECONDS_PER_DAY = 86_400
TITLE = 'add the title "Paradise Found"'


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Serves the emulator of one folder for as long as a `with` lasts: whatever it knew, the next one knows."""
    # The account stays the same at another port.
    monkeypatch.setenv("NEMO_REALM", "yesterday and today")

    class Served:
        def __init__(self, **options: Any) -> None:
            self._server = nemo_server(tmp_path / "nemo", instant_renders=True, **options)

        def __enter__(self) -> NemoServer:
            service = self._server.__enter__()
            for variable, value in service.environment().items():
                monkeypatch.setenv(variable, value)
            return service

        def __exit__(self, *error: Any) -> None:
            self._server.__exit__(*error)

    return Served


@pytest.fixture
def edit(small_clip: Path, tmp_path: Path, small: OutputSpec, name: str) -> Callable[..., Any]:
    """Edits the clip in the saved session."""

    async def run(words: str = "sharpen the details", **wishes: Any) -> VideoResult:
        wishes = {"session": name, **wishes}
        return await edit_video(str(small_clip), words, str(tmp_path / "out"), output=small, **wishes)

    return run


@pytest.fixture
def refine(tmp_path: Path, small: OutputSpec, name: str) -> Callable[..., Any]:
    """Goes on in the saved session."""

    async def run(words: str = TITLE, archive: str = str(tmp_path / "out"), **wishes: Any) -> VideoResult:
        return await refine_session(name, words, archive, output=small, **wishes)

    return run


def control(service: NemoServer, call: str, **body: Any) -> None:
    """Tells the emulator something that a service does not let anybody tell it."""
    answer = httpx.post(f"{service.url}/_emulator/{call}", json=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.conformance("no-second-upload", "session-keeps-state", "session-id-kept")
async def test_a_session_made_yesterday_is_refined_without_a_second_upload(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any]
) -> None:
    """The service was restarted in between: the request list has one message and one export, and no upload."""
    with served() as yesterday:
        first = await edit()
        control(yesterday, "clock", advance_seconds=SECONDS_PER_DAY)
    with served() as today:
        second = await refine()
        assert today.writes() == ["run_sse", "render_submit"]
    assert second.session_id == first.session_id
    assert second.uri != first.uri
    assert "Paradise Found" in second.timeline
    assert second.edits[0].changes


async def test_the_same_footage_again_in_its_session_is_not_uploaded_again(
    served: Callable[..., Any], edit: Callable[..., Any], name: str
) -> None:
    """`edit … --session NAME` goes on in the session; it knows its files by their content."""
    with served() as service:
        await edit()
        await edit("make it brighter")
        assert service.writes().count("upload") == 1
    block = await NemoVideoSession.aload(name)
    assert isinstance(block, NemoVideoSession)
    assert [done.instruction for done in block.edits] == ["sharpen the details", "make it brighter"]
    assert (block.deliveries, len(block.files)) == (2, 1)


async def test_the_same_command_again_in_a_session_is_done_already(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any], tmp_path: Path
) -> None:
    """Typed twice is paid once, as without a session; `force` says that it is meant once more."""
    with served() as service:
        first = await edit()
        assert await edit() == first.model_copy(update={"resumed": True})
        second = await refine()
        assert await refine() == second.model_copy(update={"resumed": True})
        elsewhere = await refine(archive=str(tmp_path / "elsewhere"))
        assert elsewhere.sha256 == second.sha256
        assert service.writes() == ["create_session", "upload", "run_sse", "render_submit", "run_sse", "render_submit"]
        assert (await refine(force=True)).uri != second.uri
        assert service.charged() == 150


async def test_the_same_words_after_others_are_another_job(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any]
) -> None:
    """They begin with another timeline."""
    with served() as service:
        await edit()
        first = await refine("make it brighter")
        await refine()
        assert (await refine("make it brighter")).uri != first.uri
        assert service.charged() == 200


async def test_a_job_in_a_session_that_broke_off_goes_on(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any]
) -> None:
    """One upload and one charge for each instruction, though both commands ran twice."""
    with served() as service:
        for run in (edit, refine):
            service.fault("render_submit", "status", status=403, code=4030, message="Not now.")
            with pytest.raises(NemoVideoError):
                await run()
            service.heal()
            assert (await run()).resumed
        assert service.charged() == 100
        assert service.writes().count("upload") == 1


async def test_what_is_not_known_to_be_done_is_not_sent_again_after_others_either(
    served: Callable[..., Any],
    edit: Callable[..., Any],
    refine: Callable[..., Any],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The timeline does not tell then whose edit it shows: a person looks."""
    monkeypatch.setenv("NEMO_RECOVERY_DELAYS_SECONDS", "0,0")
    with served() as service:
        await edit()
        service.fault("run_sse", "cut_stream", applied=False)
        with pytest.raises(EditUnknown):
            await refine("make it brighter")
        service.heal()
        await refine()
        sent = service.writes().count("run_sse")
        with pytest.raises(EditUnknown, match="was edited since") as unknown:
            await refine("make it brighter")
        assert unknown.value.next_step.startswith(f"Look at it with: prefect-nemovideo status {name}. ")
        assert service.writes().count("run_sse") == sent
        assert (await refine("make it brighter", resend=True)).edits[0].outcome == "applied"
        assert service.charged() == 150


async def test_of_two_runs_that_refine_one_session_one_goes_and_one_is_told(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any], name: str
) -> None:
    """The second is refused before it sends anything, with the way on; the first is not disturbed."""
    with served() as service:
        await edit()
        service.options(edit_seconds=2)
        sent = len(service.writes())
        ended = await asyncio.gather(refine(), refine("make it brighter"), return_exceptions=True)
        (refused,) = [end for end in ended if isinstance(end, BadInput)]
        (delivered,) = [end for end in ended if isinstance(end, VideoResult)]
        assert refused.message.startswith(f"Another run works on this session now: refine {name} (process ")
        assert refused.message.endswith("). Nothing was sent.")
        assert "Wait until it has ended" in refused.next_step
        assert delivered.edits[0].outcome == "applied"
        assert service.writes()[sent:] == ["run_sse", "render_submit"]


@pytest.mark.conformance("code-1002")
async def test_a_session_that_is_gone_says_what_is_lost_and_restart_makes_it_anew(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any], name: str
) -> None:
    """Nothing is uploaded or edited again unless somebody says so: it would be charged again."""
    with served() as service:
        first = await edit()
        control(service, "reset")
        with pytest.raises(SessionGone) as gone:
            await refine()
        assert gone.value.message == (
            "The session does not exist any more. Lost with it: the upload of small.mp4 and 1 edit. What was delivered "
            "before is still in the archive. Nothing was charged."
        )
        assert "--restart" in gone.value.next_step
        assert service.writes() == []
        with pytest.raises(SessionGone, match="Lost with it"):
            await edit("make it brighter")
        anew = await edit(restart=True)
        assert anew.session_id != first.session_id
        assert service.writes() == ["create_session", "upload", "run_sse", "render_submit"]
    block = await NemoVideoSession.aload(name)
    assert isinstance(block, NemoVideoSession)
    assert block.session_id == anew.session_id


@pytest.mark.conformance("code-1002")
async def test_a_session_that_is_gone_before_anything_was_edited_is_opened_anew(
    served: Callable[..., Any], edit: Callable[..., Any]
) -> None:
    """Nothing of worth is lost with it: the same job goes on by itself, and says so."""
    with served() as service:
        service.fault("upload", "status", status=403, code=4030, message="Not now.")
        with pytest.raises(NemoVideoError):
            await edit(session=None)
        control(service, "reset")
        result = await edit(session=None)
        assert result.edits[0].outcome == "applied"
        assert service.writes() == ["create_session", "upload", "run_sse", "render_submit"]


@pytest.mark.conformance("code-1001")
async def test_an_expired_token_is_not_a_lost_session(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configured token that is refused stops the run, and says that it is the token; the session is still there."""
    with served() as service:
        await edit()
        service.fault("state", "status", status=401, code=1001, message="Token expired.")
        with pytest.raises(TokenRefused) as refused:
            await refine()
        assert "NEMO_TOKEN" in refused.value.next_step
        service.heal()
        assert (await refine()).edits[0].outcome == "applied"


@pytest.mark.conformance("code-1001", "free-credits")
async def test_an_anonymous_account_whose_week_is_over_goes_on_in_its_session(
    served: Callable[..., Any], edit: Callable[..., Any], refine: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is renewed with the same client id, which is the same account: nothing is lost but the old token."""
    with served() as service:
        monkeypatch.delenv("NEMO_TOKEN")
        first = await edit()
        control(service, "clock", advance_seconds=8 * SECONDS_PER_DAY)
        second = await refine()
        assert second.session_id == first.session_id
        asked = service.requests("token")
        assert len(asked) == 2
        assert asked[0]["headers"]["x-client-id"] == asked[1]["headers"]["x-client-id"]
        assert service.writes().count("upload") == 1


async def test_a_session_of_another_account_is_not_touched(
    served: Callable[..., Any],
    edit: Callable[..., Any],
    refine: Callable[..., Any],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another token is another account: the run is refused before it sends anything."""
    with served() as service:
        await edit()
        sent = len(service.requests())
        monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_of_somebody_else")
        for run in (refine(), edit("make it brighter"), answer_request(name, "credits")):
            with pytest.raises(AccessRefused, match="made by another account"):
                await run
        assert len(service.requests()) == sent


async def test_a_name_that_nothing_is_saved_under_is_told(refine: Callable[..., Any], name: str) -> None:
    with pytest.raises(BadInput, match=f"There is no saved session “{name}”"):
        await refine()
