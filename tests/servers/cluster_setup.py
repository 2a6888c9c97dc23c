"""What an operator does once in a new installation: work pool, result storage, automations, deployments.

All of it comes from deployments/. The address of the server is in the environment.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate

from prefect_nemovideo.blocks import S3Archive

DEPLOYMENTS = Path(__file__).parents[2] / "deployments"
#: The name of the bucket for results, and of its block.
RESULTS = "steps"


async def main(dead_after_seconds: int | None) -> None:
    """Sets up all but the deployments.

    Args:
        dead_after_seconds: How long a run may be silent; as the automations have it by default.
    """
    template = json.loads((DEPLOYMENTS / "work-pools" / "process.json").read_text())
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="nemovideo", type="process", base_job_template=template))
    await S3Archive(bucket=RESULTS).asave(RESULTS)
    for automation in yaml.safe_load((DEPLOYMENTS / "automations.yaml").read_text())["automations"]:
        await Automation.model_validate(_told(automation, dead_after_seconds)).acreate()


def _told(automation: dict[str, Any], dead_after_seconds: int | None) -> dict[str, Any]:
    trigger = automation["trigger"]
    if trigger["posture"] == "Proactive" and dead_after_seconds is not None:
        trigger["within"] = dead_after_seconds
    return automation


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
    deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file"]
    subprocess.run([*deploy, str(DEPLOYMENTS / "prefect.yaml")], check=True)
