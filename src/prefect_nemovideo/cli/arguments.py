"""What can be typed. Imports nothing heavy: `--help` and `--version` answer at once."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from typing import NoReturn

from prefect_nemovideo import __version__

PROFILES = ("video-4k", "4k-with-session")
RESOLUTIONS = "4k, 1440p, 1080p, 720p or WIDTHxHEIGHT"
DEFAULT_PORT = 8484
ARCHIVE = "s3://bucket/prefix, a directory, or a saved block (default: ./nemovideo-archive)"

EPILOG = """\
environment:
  NEMO_TOKEN        your token; without one, an anonymous account (100 credits, 7 days)
  NEMO_API_URL      another API than the cloud's
  AWS_…             S3 as boto3 has it (AWS_ENDPOINT_URL_S3 for other servers than Amazon's)
  PREFECT_API_URL   a Prefect server; without one, a temporary one is started

exit codes:
  0 done   1 a job failed   2 wrong usage or bad input   3 a batch finished with failures
  4 token or plan refused   5 credits or budget
  6 deadline passed, the same command goes on   7 outcome of an edit unknown, nothing sent again   130 interrupted
"""


class WrongUsage(Exception):
    """What was typed is no command; `usage` shows how it is typed, `next_step` where to read more."""

    def __init__(self, message: str, usage: str, next_step: str) -> None:
        super().__init__(message)
        self.usage = usage
        self.next_step = next_step


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUsage(f"{message[:1].upper()}{message[1:]}.", self.format_usage(), f"See: {self.prog} --help")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command and its options.

    Raises:
        WrongUsage: They are wrong.
    """
    parser = _parser()
    for word in sys.argv[1:] if arguments is None else arguments:
        if not _is_text(word):
            shown = word.encode(errors="surrogateescape").decode(errors="replace")
            parser.error(f"“{shown}” is not UTF-8; give the file another name")
    return parser.parse_args(arguments)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _amount(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"invalid number: {word!r}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="prefect-nemovideo",
        description="Edit videos with plain-language instructions, as a Prefect pipeline.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"prefect-nemovideo {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="the whole job on an embedded backend and archive")
    demo.add_argument("--archive", metavar="A", help="where to put the result (default: ./demo-output)")
    _output(demo)

    edit = commands.add_parser("edit", help="edit a video and archive the result")
    edit.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a path, http(s)://… or s3://bucket/key; further ones are clips or music that instructions may name",
    )
    edit.add_argument("--session", metavar="NAME", help="save the session under this name, or go on in it")
    edit.add_argument("--restart", action="store_true", help="start anew, in place of the saved session")
    _wishes(edit)
    _account(edit)
    _output(edit)

    batch = commands.add_parser("batch", help="edit many videos by a manifest")
    batch.add_argument(
        "manifest",
        metavar="MANIFEST",
        help="a .csv, .json or .jsonl file (source, instructions, …), a folder, a quoted pattern, s3://bucket/prefix/",
    )
    batch.add_argument(
        "-i",
        "--instruction",
        dest="instructions",
        metavar="TEXT",
        action="append",
        default=[],
        help="what to do where no row says it: with the videos of a folder, a pattern or a prefix",
    )
    batch.add_argument("--archive", metavar="A", help=ARCHIVE)
    batch.add_argument(
        "--mode",
        choices=("fan-out", "session"),
        default="fan-out",
        help="each in a session of its own, side by side, or all in one session, one after another",
    )
    batch.add_argument("--concurrency", metavar="N", type=int, default=8, help="how many side by side (default: 8)")
    batch.add_argument("--max-credits", metavar="N", type=_amount, help="start no video that would cross this line")
    batch.add_argument("--max-credits-per-video", metavar="N", type=_amount, help="start no video that would cost more")
    batch.add_argument("--retry-failed", action="store_true", help="only what failed the last time")
    batch.add_argument("--dry-run", action="store_true", help="show what is to do and what it costs; send nothing")
    batch.add_argument("--deployment", metavar="F/D", help="spread it over workers: a deployment of edit-batch")
    batch.add_argument(
        "--chunk", metavar="N", type=int, default=10, help="videos of one run of the deployment (default: 10)"
    )
    _policies(batch)
    batch.add_argument("--restart", action="store_true", help="start a video anew whose session is gone")
    batch.add_argument("--force", action="store_true", help="make all of them anew; goes on until all are made")
    _account(batch)
    _output(batch)

    refine = commands.add_parser("refine", help="go on editing in a saved session, without uploading again")
    refine.add_argument("session", metavar="SESSION", help="a saved session's name")
    _wishes(refine)
    _account(refine)
    _output(refine)

    chat = commands.add_parser("chat", help="a conversation about one video, typed or piped")
    chat.add_argument("session", nargs="?", metavar="SESSION", help="a saved session to go on in (default: a new one)")
    chat.add_argument("--archive", metavar="A", help=ARCHIVE)
    _resend(chat)
    _account(chat)
    chat.add_argument("--verbose", action="store_true", help="Prefect's own log lines too")

    sessions = commands.add_parser("sessions", help="the saved sessions")
    sessions.add_argument("--delete", metavar="NAME", help="forget one; what was delivered stays")
    _output(sessions)

    credits = commands.add_parser("credits", help="the account's credits")
    _account(credits)
    _output(credits)

    doctor = commands.add_parser("doctor", help="looks whether all is there that a job needs; charges nothing")
    doctor.add_argument("--archive", metavar="A", help=ARCHIVE)
    _account(doctor)
    _output(doctor)

    limit = commands.add_parser("limit", help="how many videos of the account are made at a time, over all workers")
    limit.add_argument("slots", nargs="?", metavar="N", type=int, help="so many from now on (default: show it)")
    _account(limit, local=False)
    _output(limit)

    status = commands.add_parser("status", help="a session's timeline, credits and links")
    status.add_argument("session", metavar="SESSION", help="a saved session's name, or an id as in the result document")
    _account(status)
    _output(status)

    emulator = commands.add_parser("emulator", help="serve a local NemoVideo that really edits and renders")
    emulator.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: loopback only)")
    emulator.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"0 takes a free one (default: {DEFAULT_PORT})"
    )
    emulator.add_argument("--data", metavar="DIR", help="where everything is kept (default: the folder of --local)")
    emulator.add_argument(
        "--option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="as in sse_dialect=adk; see docs/emulator.md",
    )
    return parser


def _wishes(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-i",
        "--instruction",
        dest="instructions",
        metavar="TEXT",
        action="append",
        default=[],
        help="what to do; several are done one after another",
    )
    command.add_argument("--archive", metavar="A", help=ARCHIVE)
    command.add_argument(
        "--resolution", metavar="R", help=f"{RESOLUTIONS} (default: what the instructions say, else 4k)"
    )
    command.add_argument("--format", choices=("mp4", "mov", "webm"), default="mp4", help="the container (default: mp4)")
    command.add_argument("--preview", action="store_true", help="a small fast render to look at")
    command.add_argument("--max-credits", metavar="N", type=_amount, help="start nothing that would cost more")
    _policies(command)
    command.add_argument("--force", action="store_true", help="start anew, even if the same job was done before")


def _policies(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--answer",
        dest="answers",
        metavar="TEXT",
        action="append",
        default=[],
        help="what to say when the editor asks something; several are used one after another",
    )
    command.add_argument("--strict", action="store_true", help="a video that is not as requested is a failure")
    _resend(command)
    command.add_argument(
        "--on-failure",
        choices=("leave", "cancel"),
        default="leave",
        help="what becomes of a render at work when the job fails (default: leave it for the next run)",
    )


def _resend(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--resend", action="store_true", help="send an instruction again whose outcome is unknown; may cost twice"
    )


def _account(command: argparse.ArgumentParser, *, local: bool = True) -> None:
    command.add_argument("--profile", choices=PROFILES, default="video-4k", help="whom calls are attributed to")
    command.add_argument(
        "--credentials",
        metavar="BLOCK",
        default="default",
        help="a saved NemoVideoCredentials block (default: default)",
    )
    if local:
        command.add_argument("--local", action="store_true", help="the embedded emulator instead of the cloud")


def _output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print exactly one JSON document")
    command.add_argument("--verbose", action="store_true", help="Prefect's own log lines too")
