"""The command line: `prefect-nemovideo`. Data on stdout, progress and logs on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from prefect_nemovideo.cli.arguments import WrongUsage, parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done · 1 a job failed · 2 wrong usage or bad input ·
    4 token or plan refused · 5 credits or budget · 6 deadline passed · 7 outcome of an edit unknown · 130 interrupted.
    """
    try:
        chosen = parse(arguments)
    except WrongUsage as wrong:
        return _refuse(wrong, as_json="--json" in (sys.argv[1:] if arguments is None else arguments))
    # Imported only now: help and usage errors come without waiting for Prefect.
    from prefect_nemovideo.cli.running import is_disk_full, run

    try:
        code = run(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough of it.
        _drop_output()
        return 0
    except OSError as error:
        if not is_disk_full(error):
            raise
        _drop_output()
        print("Error: The output could not be written: the disk is full.", file=sys.stderr)
        print("Next: Make room, and run the same command again: what was done is found.", file=sys.stderr)
        return 1
    return code


def _drop_output() -> None:
    """The interpreter flushes what is left at its end, and must not complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(wrong: WrongUsage, *, as_json: bool) -> int:
    if as_json:
        error = {"code": "wrong_usage", "message": str(wrong), "next_step": wrong.next_step}
        print(json.dumps({"status": "failed", "source": "", "error": error}, ensure_ascii=False, indent=2))
    print(f"{wrong.usage}Error: {wrong}\nNext: {wrong.next_step}", file=sys.stderr)
    return 2
