"""Records that decide whether something is paid for: read strictly, written whole, taken by one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prefect_nemovideo.storage.errors import StorageError
from prefect_nemovideo.tasks import kept
from prefect_nemovideo.tasks.intents import Intent
from prefect_nemovideo.tasks.jobs import Job

pytestmark = pytest.mark.usefixtures("prefect_api")
JOB = Job(key="0123abcd")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Where Prefect keeps results of this test."""
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def marked(**facts: Any) -> dict[str, Any]:
    return {"mark": uuid4().hex, **facts}


async def test_a_record_is_read_as_it_was_written(results: Path) -> None:
    """Whole, and nothing else is left in the folder."""
    await kept.write("a", {"n": 1})
    await kept.write("a", {"n": 2})
    assert await kept.read("a") == {"n": 2}
    assert [path.name for path in results.iterdir()] == ["a"]


async def test_only_what_is_not_found_is_not_there(results: Path) -> None:
    """A record that can't be read, or is cut off, may be one of a paid edit."""
    assert await kept.read("a") is None
    (results / "folder").mkdir()
    (results / "cut").write_text('{"open": tr')
    for name in ("folder", "cut"):
        with pytest.raises(kept.KeptUnreadable, match="Nothing was sent"):
            await kept.read(name)


async def test_of_many_that_claim_a_name_one_gets_it(results: Path) -> None:
    """At the same time, and later as well."""
    assert sum(await asyncio.gather(*(kept.claim("a", marked(), over=None) for _ in range(20)))) == 1
    assert not await kept.claim("a", marked(), over=None)
    assert [path.name for path in results.iterdir()] == ["a"]


async def test_what_was_given_up_is_taken_over_by_one(results: Path) -> None:
    """Of several that found the same record, and only if it is still the one they found."""
    given_up = marked(open=False)
    await kept.write("a", given_up)
    took = await asyncio.gather(*(kept.claim("a", marked(), over=given_up, settled=True) for _ in range(5)))
    assert sum(took) == 1
    assert not await kept.claim("a", marked(), over=given_up)


async def test_an_intent_is_declared_once(results: Path) -> None:
    """The second finds the first one's facts; withdrawn, it may be declared anew."""
    first, second = Intent(JOB, "apply_edit", 0, "s"), Intent(JOB, "apply_edit", 0, "s")
    assert await first.declare({"n": 1}) is None
    found = await second.declare({"n": 2})
    assert found is not None
    assert found.facts == {"n": 1}
    await first.withdraw()
    assert await second.declare({"n": 2}) is None
    assert await Intent(JOB, "apply_edit", 0, "another session").declare({}) is None


async def test_nothing_is_declared_over_a_record_that_can_not_be_read(results: Path) -> None:
    intent = Intent(JOB, "apply_edit", 0, "s")
    await intent.declare({})
    (record,) = results.iterdir()
    record.write_text("")
    with pytest.raises(StorageError, match="damaged"):
        await intent.declare({})
