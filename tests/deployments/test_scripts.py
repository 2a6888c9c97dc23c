"""The scripts of deployments/ on a real server, and what they say where something is not there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import LOOPBACK
from prefect.client.orchestration import get_client
from prefect_server import PrefectServer

DEPLOYMENTS = Path(__file__).parents[2] / "deployments"
SCRIPTS = {
    "mark_dead_runs.py": [],
    "set_up.py": [],
    "arrivals.py": ["s3://films/raw/", "--parameters", "{}", "--once"],
}


def run(script: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script, to its end."""
    command = [sys.executable, str(DEPLOYMENTS / script), *words]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


def check_refusal(ended: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """It ended with this code and these words, and without a traceback."""
    assert "Traceback" not in ended.stderr
    assert ended.returncode == code, ended.stderr
    assert [words for words in said if words not in ended.stderr] == [], ended.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_a_server(script: str) -> None:
    """Prefect would start one that ends with the script: what is made there is made for nobody."""
    check_refusal(run(script, *SCRIPTS[script]), 2, "PREFECT_API_URL names no Prefect server", "Next: Set it")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_server_that_does_not_answer(script: str) -> None:
    nowhere = {"PREFECT_API_URL": f"http://{LOOPBACK}:1/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    ended = run(script, *SCRIPTS[script], **nowhere)
    check_refusal(ended, 1, "The Prefect server does not answer", "Next: Check PREFECT_API_URL")


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_needs_no_server(script: str) -> None:
    ended = run(script, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert script in ended.stdout


@pytest.mark.parametrize(("script", "option"), [("mark_dead_runs.py", "--after"), ("set_up.py", "--dead-after")])
@pytest.mark.parametrize("seconds", ["45", "-1", "soon"])
def test_living_runs_are_not_called_dead(script: str, option: str, seconds: str) -> None:
    """Between two signs of life of a run there are 30 s."""
    check_refusal(run(script, option, seconds), 2, "60 seconds or more")


async def test_dead_runs_are_marked_by_one_automation(prefect_api: PrefectServer) -> None:
    """Said again with other seconds, it is the same automation, and each of its texts tells these."""
    for seconds in ("90", "120"):
        ended = await asyncio.to_thread(
            run, "mark_dead_runs.py", "--after", seconds, PREFECT_API_URL=prefect_api.api_url
        )
        assert ended.returncode == 0, ended.stderr
    async with get_client() as client:
        (found,) = await client.read_automations_by_name("nemovideo-dead-runs")
        await client.delete_automation(found.id)
    kept = found.model_dump(mode="json")
    assert kept["trigger"]["within"] == 120
    assert "for 120 s" in kept["description"]
    assert kept["actions"][0]["state"] == "CRASHED"
    assert "for 120 s" in kept["actions"][0]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["footage/", "--parameters", "{}"], "give s3://bucket/prefix/"),
        (["ftp://films/raw", "--parameters", "{}"], "Use s3://bucket/prefix"),
        (["s3://films/raw/", "--parameters", "instructions=cut"], "give a JSON object"),
        (["s3://films/raw/", "--parameters", '{"source": "s3://films/raw/a.mp4"}'], 'without "source"'),
        (["s3://films/raw/", "--parameters", "{}", "--list-every", "0"], "1 at least"),
    ],
)
def test_arguments_that_can_t_be_used(words: list[str], said: str) -> None:
    check_refusal(run("arrivals.py", *words), 2, said)
