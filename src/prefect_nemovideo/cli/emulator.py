"""`emulator`: a local NemoVideo for other programs, until it is interrupted."""

from __future__ import annotations

import argparse
import sys

from prefect_nemovideo.api.errors import BadInput
from prefect_nemovideo.cli.local import LOCAL_CREDITS, LOCAL_TOKEN, data_folder
from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.serving import serve_forever


def run(chosen: argparse.Namespace) -> int:
    """Serves until interrupted; prints the address on stdout once it listens."""
    try:
        options = EmulatorOptions.parse([f"tokens={LOCAL_TOKEN}", f"token_credits={LOCAL_CREDITS}", *chosen.option])
    except ValueError as error:
        raise BadInput(f"An option of the emulator is wrong: {error}", next_step="See docs/emulator.md.") from error

    def ready(url: str) -> None:
        print(url, flush=True)
        print(
            f"In another terminal: export NEMO_API_URL={url} NEMO_TOKEN={options.tokens[0] if options.tokens else ''}",
            file=sys.stderr,
        )

    try:
        serve_forever(chosen.data or data_folder(), chosen.host, chosen.port, options, ready)
    except OSError as error:
        raise BadInput(
            f"The emulator can't listen at {chosen.host}:{chosen.port}: {error.strerror or error}.",
            next_step="Choose another --port; 0 takes a free one.",
        ) from error
    return 0
