"""What is done once in a new installation, and again after an update: it changes what is there to what is here.

    python deployments/set_up.py [--pool-type process|docker|kubernetes] [--results BUCKET] [--dead-after SECONDS]

Makes the work pool `nemovideo`, the automations, the result storage that all workers share, and the deployments of
prefect.yaml. `PREFECT_API_URL` names the server, boto3's own variables the S3.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path

from ending import ended
from mark_dead_runs import DEAD_AFTER_SECONDS, automations, mark_dead_runs, put, silence
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists

from prefect_nemovideo.blocks import S3Archive

HERE = Path(__file__).parent
POOL = "nemovideo"
#: The block of the bucket for results: PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK=nemovideo-s3-archive/steps.
RESULTS = "steps"


async def set_up(pool_type: str, results: str | None, dead_after_seconds: int) -> None:
    """All but the deployments.

    Args:
        pool_type: Where runs are carried out: `process`, `docker` or `kubernetes`.
        results: The bucket where finished steps are kept, for a run on another machine to go on; it must exist.
        dead_after_seconds: How long a run may be silent before it is called crashed.
    """
    async with get_client() as client:
        await _pool(client, pool_type)
    if results is not None:
        await S3Archive(bucket=results).asave(RESULTS, overwrite=True)
    await mark_dead_runs(dead_after_seconds)
    for automation in automations()[1:]:
        await put(automation)


async def _pool(client: PrefectClient, pool_type: str) -> None:
    template = json.loads((HERE / "work-pools" / f"{pool_type}.json").read_text())
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type=pool_type, base_job_template=template))
    except ObjectAlreadyExists:
        await client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool-type", choices=("process", "docker", "kubernetes"), default="process")
    parser.add_argument("--results", metavar="BUCKET")
    parser.add_argument("--dead-after", type=silence, default=DEAD_AFTER_SECONDS, metavar="SECONDS")
    chosen = parser.parse_args()

    def work() -> int:
        asyncio.run(set_up(chosen.pool_type, chosen.results, chosen.dead_after))
        deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file"]
        return subprocess.run([*deploy, str(HERE / "prefect.yaml")], check=False).returncode

    return ended(work)


if __name__ == "__main__":
    sys.exit(main())
