"""An answer that has ended, and a timeline that is as it was: shown late, still to come, or nothing at all?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted import after, from_look

from prefect_nemovideo.api.edits import EditResult

RECOVERY = [30, 60, 60, 60, 60]
TOOLS = [{"type": "tool_call", "name": "set_volume"}, {"type": "tool_result", "name": "set_volume"}]
WORDS = {"type": "text", "content": "I looked at that."}
ANNOUNCED = {"type": "text", "content": "Let me mute the clip."}
DONE = {"type": "text", "content": "Done, the clip is muted."}
MUTED = ["Volume of clip: 100 % → 0 %"]


NEVER = from_look(1000)


async def test_an_edit_that_shows_seconds_after_its_answer_is_applied(serving: Callable[..., Any], waits: Any) -> None:
    nemo, service = await serving(from_look(6), DONE)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", MUTED)
    assert waits.seconds == [0, 2, 4, 8, 2]
    assert service.messages == 1


@pytest.mark.parametrize("said", [[*TOOLS, DONE], [ANNOUNCED]])
async def test_what_was_begun_or_announced_is_waited_for_longer(
    serving: Callable[..., Any], waits: Any, said: list[Any]
) -> None:
    nemo, _ = await serving(from_look(7), *said)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", MUTED)
    assert waits.seconds == [0, 2, 4, 8, 16, 2]


async def test_an_edit_that_was_charged_and_shows_a_minute_late_is_applied(
    serving: Callable[..., Any], waits: Any
) -> None:
    nemo, _ = await serving(from_look(8), DONE, spent=after(50))
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", MUTED)
    assert waits.seconds == [0, 2, 4, 8, 30, 60, 2]


async def test_an_edit_that_was_charged_and_never_shows_is_unknown(serving: Callable[..., Any], waits: Any) -> None:
    """Not unchanged: what would be delivered for it is not what was paid for."""
    nemo, service = await serving(NEVER, DONE, spent=after(50))
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("unknown", [])
    assert result.warnings == ["The edit was charged, and the timeline does not show it."]
    assert waits.seconds == [0, 2, 4, 8, *RECOVERY]
    assert service.messages == 1


async def test_a_timeline_that_can_not_be_read_is_not_said_to_show_nothing(
    editing: Callable[..., Any], waits: Any
) -> None:
    backend, nemo, session_id = await editing()
    before = await nemo.edits.before(session_id)
    backend.fault("state", "envelope_error", code=1002)
    result = await nemo.edits.apply(session_id, "trim the first 1 second", before=before)

    (told,) = result.warnings
    assert result.outcome == "unknown"
    assert told.startswith("The timeline could not be read: The session does not exist any more")
    assert backend.charges() == 1


async def test_words_that_were_not_charged_and_changed_nothing_end_soon(
    serving: Callable[..., Any], waits: Any
) -> None:
    nemo, _ = await serving(NEVER, WORDS)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "unchanged"
    assert waits.seconds == [0, 2, 4, 8]


async def test_an_answer_to_a_question_is_not_waited_for(serving: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await serving(NEVER, {"type": "text", "content": "I trim, cut and colour videos."})

    assert (await nemo.edits.apply("1", "What are you able to do?")).outcome == "unchanged"
    assert waits.seconds == [0, 2]


@pytest.mark.parametrize("instruction", ["Could you mute it?", "please mute it, will you?", "可以静音吗？"])
async def test_an_instruction_put_as_a_question_is_an_instruction(
    serving: Callable[..., Any], instruction: str
) -> None:
    nemo, _ = await serving(from_look(5), DONE)

    assert (await nemo.edits.apply("1", instruction)).outcome == "applied"


async def test_a_balance_that_is_not_told_costs_one_more_look(serving: Callable[..., Any], waits: Any) -> None:
    """Others spend from the account: nothing says whether this edit was charged."""
    nemo, _ = await serving(NEVER, DONE, spent=lambda asked: 10.0 * asked)
    before = await nemo.edits.before("1", alone=False)

    assert (await nemo.edits.apply("1", "mute it", before=before)).outcome == "unchanged"
    assert waits.seconds == [0, 2, 4, 8, 30, 2]


async def test_silence_while_credits_are_held_is_no_end(serving: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await serving(NEVER, {"type": "heartbeat"}, held=after(50))
    result = await nemo.edits.apply("1", "mute it")

    assert result.outcome == "unknown"
    assert result.warnings == ["The editor's answer ended, and credits are still held for it."]
    assert waits.seconds == [0, 2, *RECOVERY]


async def test_a_run_that_outlives_a_clean_end_is_waited_for_while_credits_are_held(
    serving: Callable[..., Any], waits: Any
) -> None:
    """First words, a clean end, no change: only the credits tell that the agent is still at work."""
    nemo, service = await serving(from_look(8), WORDS, held=lambda asked: 60 if 1 < asked < 5 else 10)
    result = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", MUTED)
    assert waits.seconds == [0, 2, 4, 8, 30, 60, 2]
    assert service.messages == 1


async def test_credits_that_are_let_go_without_a_change_end_the_wait(serving: Callable[..., Any], waits: Any) -> None:
    nemo, _ = await serving(NEVER, WORDS, held=lambda asked: 50 if asked in (2, 3) else 0)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "unchanged"
    assert waits.seconds == [0, 2, 4, 8, 30, 2]


async def test_credits_that_stay_held_leave_the_outcome_unknown(serving: Callable[..., Any], waits: Any) -> None:
    nemo, service = await serving(NEVER, WORDS, held=after(50))

    assert (await nemo.edits.apply("1", "mute it")).outcome == "unknown"
    assert waits.seconds == [0, 2, 4, 8, *RECOVERY]
    assert service.messages == 1


EXPLAINED = pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"type": "text", "content": "The clip is already muted."}, "unchanged"),
        ({"type": "text", "content": "Which clip should I mute?"}, "question"),
        ({"type": "text", "content": "Sorry, I can't mute clips."}, "refused"),
        ({"type": "error", "message": "The model is overloaded."}, "failed"),
    ],
)


@EXPLAINED
@pytest.mark.parametrize("alone", [True, False])
async def test_a_reply_that_explains_itself_is_not_waited_for(
    serving: Callable[..., Any], waits: Any, said: Any, outcome: str, alone: bool
) -> None:
    """Whatever others hold and spend, where there are others. Only an agent that broke down may be at work still."""
    nemo, _ = await serving(NEVER, said, held=lambda asked: 0 if alone else 50.0 * asked)
    before = await nemo.edits.before("1", alone=alone)

    assert (await nemo.edits.apply("1", "mute it", before=before)).outcome == outcome
    assert waits.seconds == ([0, 2, 4, 8, 16] if outcome == "failed" else [0, 2])


@pytest.mark.parametrize(
    "said",
    [
        [{"type": "error", "message": "The model is overloaded."}],
        [*TOOLS, {"type": "text", "content": "Sorry, I can't mute clips."}],
    ],
)
async def test_an_agent_that_goes_on_after_it_has_failed_is_waited_for(
    serving: Callable[..., Any], waits: Any, said: list[Any]
) -> None:
    """The next run would send it again, and pay it twice."""
    nemo, _ = await serving(from_look(7), *said)

    assert (await nemo.edits.apply("1", "mute it")).outcome == "applied"


async def test_a_timeline_is_not_at_rest_while_credits_are_held(serving: Callable[..., Any], waits: Any) -> None:
    """Its parts come one by one, with pauses between them."""

    def state(look: int, sent: bool) -> dict[str, Any]:
        volume = {True: 100, look >= 5: 50, look >= 9: 0}[True]
        return {"draft": {"t": [{"tt": 0, "sg": [{"d": 3000, "m": {"title": "clip", "volume": volume}}]}]}}

    nemo, _ = await serving(state, DONE, held=lambda asked: 50 if 1 < asked < 7 else 0)

    assert (await nemo.edits.apply("1", "mute it")).changes == MUTED


@EXPLAINED
async def test_a_charge_beside_such_a_reply_is_looked_into(
    serving: Callable[..., Any], waits: Any, said: Any, outcome: str
) -> None:
    """An agent that broke down says nothing of what it was paid for."""
    nemo, _ = await serving(NEVER, said, spent=after(50))
    broke = outcome == "failed"

    assert (await nemo.edits.apply("1", "mute it")).outcome == ("unknown" if broke else outcome)
    assert waits.seconds == ([0, 2, 4, 8, 16, *RECOVERY] if broke else [0, 2, 4, 8, 30, 2])


@EXPLAINED
async def test_an_edit_that_such_a_reply_hides_is_found(serving: Callable[..., Any], said: Any, outcome: str) -> None:
    """Charged, and shown late: were it taken for nothing, the next run would send and pay it again."""
    nemo, _ = await serving(from_look(7), said, spent=after(50))
    result: EditResult = await nemo.edits.apply("1", "mute it")

    assert (result.outcome, result.changes) == ("applied", MUTED)
