"""`python -m prefect_nemovideo.emulator`: the emulator as a program."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from prefect_nemovideo.emulator.options import EmulatorOptions
from prefect_nemovideo.emulator.serving import serve_forever

DEFAULT_PORT = 8484


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m prefect_nemovideo.emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--data", metavar="DIR", help="where everything is kept; without it, nothing is")
    parser.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], help="see EmulatorOptions")
    chosen = parser.parse_args(arguments)
    try:
        options = EmulatorOptions.parse(chosen.option)
    except ValueError as error:
        parser.error(str(error))
    try:
        serve_forever(chosen.data, chosen.host, chosen.port, options, lambda url: print(url, flush=True))
    except OSError as error:
        parser.exit(1, f"The emulator can't start: {error}\n")


if __name__ == "__main__":
    main()
