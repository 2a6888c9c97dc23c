"""`credits`: what the account has."""

from __future__ import annotations

import argparse

from prefect_nemovideo.blocks.credentials import load_credentials
from prefect_nemovideo.cli.running import show


async def run(chosen: argparse.Namespace) -> int:
    """Reads the balance and shows it."""
    async with (await load_credentials(chosen.credentials)).get_client(chosen.profile) as nemo:
        balance = await nemo.credits.balance()
        kind = "anonymous account" if nemo.token.is_anonymous else "registered account"
    document = {"available": balance.available, "frozen": balance.frozen, "total": balance.owned}
    line = f"{balance} ({kind})"
    show(document, chosen, [line])
    return 0
