"""`limit`: how many videos of an account are made at a time, over all workers of a Prefect server."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.cli.running import show
from prefect_nemovideo.problems import DONE
from prefect_nemovideo.tasks.limits import limit_name, read_limit, set_limit


async def run(chosen: argparse.Namespace) -> int:
    """Sets the limit, if a number was typed, and shows it."""
    account = (await load_credentials(chosen.credentials)).account()
    if chosen.slots is not None:
        if chosen.slots < 1:
            raise BadInput(f"A limit of {chosen.slots} would stop everything.", next_step="Use 1 or more.")
        await set_limit(account, chosen.slots)
    found = await read_limit(account)
    limit, active = found or (None, 0)
    document = {"name": limit_name(account), "limit": limit, "active": active}
    show(document, chosen, _lines(document))
    return DONE


def _lines(document: dict[str, Any]) -> Iterator[str]:
    if document["limit"] is None:
        yield "No limit is set. Set one with: prefect-nemovideo limit N"
    else:
        yield f"{document['limit']} videos at a time over all workers, {document['active']} now ({document['name']})"
