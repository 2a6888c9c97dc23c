"""The README names every setting, option, command, error and field there is, and nothing that is not."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import httpx
import pytest

from prefect_nemovideo import flows, problems, storage
from prefect_nemovideo.api import Settings, errors
from prefect_nemovideo.api.edits import Outcome
from prefect_nemovideo.api.models import OutputSpec
from prefect_nemovideo.api.profiles import EXTENSIONS, PROFILES
from prefect_nemovideo.cli import main
from prefect_nemovideo.cli.arguments import parse
from prefect_nemovideo.manifests import KINDS, Row
from prefect_nemovideo.media import errors as media_errors
from prefect_nemovideo.results import BatchResult, FailedVideo, VideoResult

README = (Path(__file__).parent.parent / "README.md").read_text()


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first cell of the head is this."""
    lines = README[README.index(f"\n| {head} |") + 1 :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line[1:].removesuffix("|").split(" | ")] for line in lines]


def codes(cell: str) -> list[str]:
    """What a cell has in code."""
    return re.findall(r"`([^`]+)`", cell)


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `--help` prints."""
    with pytest.raises(SystemExit):
        parse([*words, "--help"])
    return capsys.readouterr().out


def commands(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Every command there is."""
    return re.findall(r"^    (\w+) ", help_of(capsys).split("options:")[0], re.MULTILINE)


def test_every_command_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of commands has every command, each with the arguments that it needs."""
    rows = [codes(row[0])[0].split() for row in table("command")]
    assert sorted(row[0] for row in rows) == sorted(commands(capsys))
    for name, *arguments in rows:
        usage = help_of(capsys, name).split("\n\n")[0]
        assert [word for word in arguments if word.strip("[]…").split("…")[0] not in usage] == []


def test_every_option_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of options has every option, with the commands that take it."""
    told = {(option, command) for row in table("option") for option in codes(row[0]) for command in row[1].split(", ")}
    real = {
        (option, command)
        for command in commands(capsys)
        for line in re.findall(r"^  (-.+?)(?:  |$)", help_of(capsys, command), re.MULTILINE)
        for option in re.findall(r"(?<!\S)--?[\w-]+", line)
        if option not in ("-h", "--help")
    }
    assert told == real


def test_every_setting_is_there_with_its_default() -> None:
    """The table of settings has every setting, and the default that it has."""
    told = {codes(row[0])[0]: row[1].strip("`") for row in table("setting")}
    assert told == {name.upper(): _shown(field.default) for name, field in Settings.model_fields.items()}
    assert "`NEMOVIDEO_API_KEY`" in README


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(f"{value:g}" for value in default)
    return "–" if default is None else f"{default:g}" if isinstance(default, float) else str(default)


def _kinds(module: ModuleType, base: type[Exception]) -> list[type[Exception]]:
    members = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    return [kind for kind in members if issubclass(kind, base)]


def test_every_error_is_there_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of exit codes has every code, and every error's word beside the code that it stands for."""
    kinds = [
        *_kinds(errors, errors.NemoVideoError),
        *_kinds(storage, storage.StorageError),
        *_kinds(media_errors, media_errors.MediaError),
    ]
    raised: list[BaseException] = [kind("It went wrong.") for kind in kinds]
    raised += [KeyboardInterrupt(), RuntimeError("A defect."), httpx.ConnectError("Prefect's server is away.")]
    real = {(problems.describe(error).code, problems.exit_code(error)) for error in raised}
    mistyped = main(["edit", "--json"])
    real.add((json.loads(capsys.readouterr().out)["error"]["code"], mistyped))
    told = {(code, int(row[0])) for row in table("exit code") for code in codes(row[2])}
    assert told == real
    every_code = {value for name, value in vars(problems).items() if name.isupper() and isinstance(value, int)}
    assert {int(row[0]) for row in table("exit code")} == every_code


def test_the_result_has_every_field() -> None:
    """The result document of the README has the fields of a result, in order, and is one."""
    document = json.loads(re.findall(r"^```json\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[0])
    assert list(document) == list(VideoResult.model_fields)
    assert VideoResult.model_validate(document).model_dump(mode="json") == document
    assert [outcome for outcome in get_args(Outcome) if f"`{outcome}`" not in README] == []


def test_a_failure_has_every_field() -> None:
    """The failure document of the README is one."""
    shown = re.search(r'`(\{"status": "failed".*?\}\})`', README, re.DOTALL)
    assert shown is not None
    assert FailedVideo.model_validate_json(shown[1].replace("\n", " ")).status == "failed"


def test_a_batch_has_every_field() -> None:
    """The batch document of the README has the fields of one, and a row of a manifest those that are named."""
    shown = re.search(r'`(\{"status": "…", "total".*?\})`', README, re.DOTALL)
    assert shown is not None
    assert list(json.loads(shown[1].replace("[…]", "[]"))) == list(BatchResult.model_fields)
    section = README[README.index("## Many videos") : README.index("## In your own flow")]
    assert [name for name in Row.model_fields if f"`{name}`" not in section] == []
    assert [kind for kind in KINDS if f"`.{kind}`" not in section] == []


def test_every_choice_is_told() -> None:
    """Formats of input and output, sizes and profiles are those there are."""
    assert ", ".join(EXTENSIONS) in README
    options = {codes(row[0])[-1]: codes(row[2]) for row in table("option")}
    assert options["--format"] == list(get_args(OutputSpec.model_fields["format"].annotation))
    assert options["--profile"] == list(PROFILES)
    for size in options["--resolution"][:-1]:
        assert OutputSpec(resolution=size).resolution == size


def test_every_flow_is_named() -> None:
    """Whoever reads the README finds each flow."""
    assert [name for name in flows.__all__ if name not in README] == []
