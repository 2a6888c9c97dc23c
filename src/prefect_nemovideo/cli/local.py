"""`--local`: the embedded emulator for as long as a command runs; what it holds stays for the next one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from prefect_nemovideo.cli.arguments import DEFAULT_PORT

#: The account of the embedded emulator. No secret: it opens nothing but this machine's own emulator.
LOCAL_TOKEN = "nmv_usr_local"
#: Enough that nobody who edits at home runs out.
LOCAL_CREDITS = 1_000_000_000


def data_folder() -> Path:
    """Where the embedded emulator keeps sessions, files and renders."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "prefect-nemovideo" / "emulator"


@contextlib.contextmanager
def local_backend(folder: Path | None = None) -> Iterator[str]:
    """Serves the emulator and points the client to it; its value is the credentials to use.

    The realm makes the account the same in each run, whatever port it is served at.
    """
    from prefect_nemovideo.emulator import Emulator, EmulatorOptions

    options = EmulatorOptions(tokens=(LOCAL_TOKEN,), token_credits=LOCAL_CREDITS)
    with Emulator(folder or data_folder(), options) as emulator:
        os.environ |= {
            "NEMO_API_URL": emulator.url,
            "NEMO_TOKEN": LOCAL_TOKEN,
            "NEMO_REALM": "local",
            # Links are for later: `prefect-nemovideo emulator` serves the same folder there.
            "NEMO_WEB_URL": f"http://127.0.0.1:{DEFAULT_PORT}",
        }
        yield "environment"
