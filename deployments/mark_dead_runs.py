"""Has a self-hosted Prefect server call runs crashed whose machine has died; without this it waits for them for ever.

    python deployments/mark_dead_runs.py [--after SECONDS]

It makes the first automation of automations.yaml, or changes the one that is there. It is for all runs of the server
that say that they live, those of other flows among them: --after is to be three times what the slowest of them takes
between two signs of life. `PREFECT_API_URL` names the server.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import yaml
from ending import ended
from prefect.automations import Automation
from prefect.client.orchestration import get_client

AUTOMATIONS = Path(__file__).with_name("automations.yaml")
#: Runs say every 30 s that they live (see work-pools/): three of these may be missed, one has to be.
DEAD_AFTER_SECONDS = 90
LEAST_SECONDS = 60


def automations() -> list[dict[str, Any]]:
    """What stands in automations.yaml: dead runs first."""
    found: list[dict[str, Any]] = yaml.safe_load(AUTOMATIONS.read_text())["automations"]
    return found


async def mark_dead_runs(after_seconds: int = DEAD_AFTER_SECONDS) -> None:
    """Makes the automation.

    Args:
        after_seconds: How long a run may be silent.
    """
    wanted = automations()[0]
    wanted["trigger"]["within"] = after_seconds
    for texts, name in ((wanted, "description"), (wanted["actions"][0], "message")):
        texts[name] = texts[name].replace(f"{DEAD_AFTER_SECONDS} s", f"{after_seconds} s")
    await put(wanted)


async def put(wanted: dict[str, Any]) -> None:
    """Makes an automation, in place of one of its name."""
    automation = Automation.model_validate(wanted)
    async with get_client() as client:
        for there in await client.read_automations_by_name(automation.name):
            await client.delete_automation(there.id)
    await automation.acreate()
    print(f"The automation {automation.name} is there.")


def silence(text: str) -> int:
    """The seconds of `--after`; so few that a living run would be called crashed, and be done twice, are refused."""
    if not text.isdecimal() or int(text) < LEAST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r}: give {LEAST_SECONDS} seconds or more; runs tell every 30 s")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--after", type=silence, default=DEAD_AFTER_SECONDS, metavar="SECONDS", help="default: 90")
    chosen = parser.parse_args()

    def work() -> int:
        asyncio.run(mark_dead_runs(chosen.after))
        return 0

    return ended(work)


if __name__ == "__main__":
    sys.exit(main())
