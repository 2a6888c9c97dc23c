"""What the pages show is what happens: their commands and programs are run, and what they print is compared."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import command
import pytest
from loopback import S3Server
from nemo_server import QUICK, NemoServer
from prefect_server import PrefectServer, prefect_server

from prefect_nemovideo.cli.local import LOCAL_TOKEN

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Ten commands one after another; only a hang takes so long.
PATIENCE_SECONDS = 400
#: `bash` is for `make`, which would run these tests again; `sh` for what takes a production (docs/deployments.md).
NOT_RUN = ("bash", "json", "sh", "text", "yaml")

#: Prefect's client says this at the end of any command on a machine that is very busy; no page shows it.
BUSY = "Still processing items:"

# The addresses that pages write, where tests have servers at ports of their own.
EMULATOR, S3 = "http://127.0.0.1:8484", "http://127.0.0.1:9000"
SERVING = "prefect-nemovideo emulator"
README_TOKEN = "nmv_usr_your_token"
#: The sections of the README that stand by themselves; the others follow from each other.
PROGRAMS = ("In your own flow", "As a deployment")

#: Machines without curl run the pages' lines by this, which knows the options that they use.
CURL = """\
#!{python}
import argparse, httpx
parser = argparse.ArgumentParser()
for option in "-X", "-d", "-H", "-w":
    parser.add_argument(option)
parser.add_argument("-s", action="store_true")
parser.add_argument("url")
chosen = parser.parse_args()
headers = dict([chosen.H.split(": ")]) if chosen.H else {{}}
print(httpx.request(chosen.X or "GET", chosen.url, content=chosen.d, headers=headers).text)
"""


@dataclass(frozen=True)
class Example:
    """A fenced block: the commands a reader types, and what the page says that they print (nothing: not told)."""

    where: str
    section: str
    script: str
    printed: str = ""


def examples(page: Path) -> list[Example]:
    """Every block of a page that a reader can run: `console` and `python`."""
    text = page.read_text()
    found = []
    for block in FENCE.finditer(text):
        before = text[: block.start()]
        where, section = f"{page.name}:{before.count(chr(10)) + 1}", re.findall(r"^#+ (.+)$", before, re.MULTILINE)[-1]
        if block[1] == "console":
            found.append(Example(where, section, *_typed(block[2])))
        elif block[1] == "python":
            found.append(Example(where, section, f"cat > example.py <<'END'\n{block[2]}END\npython example.py || exit"))
        else:
            assert block[1] in NOT_RUN, f"{where}: nobody runs `{block[1]}`; write `console`"
    return found


def _typed(block: str) -> tuple[str, str]:
    """The commands of a block and what they print. Each must succeed, unless the page goes on to show its exit code."""
    commands: list[str] = []
    printed = []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append(line[2:])
        elif line.startswith("> "):
            commands[-1] += "\n" + line[2:]
        else:
            printed.append(line)
    checked = [
        said if "echo $?" in following else f"{said}\n(( $? == 0 )) || exit 1"
        for said, following in zip(commands, [*commands[1:], ""], strict=True)
    ]
    return "\n".join(checked), "\n".join(printed)


def run(page: Path, folder: Path, replaced: dict[str, str], todo: list[Example]) -> None:
    """Runs a page's examples in one shell, as its reader would, and compares what each prints.

    In what a page shows, `…` stands for anything within a line, and a line of its own `…` for any lines.
    """
    assert todo, f"{page.name} has nothing to run."
    script = "\n".join(f"echo; echo '@@ {example.where}'\n{example.script}" for example in todo)
    for written, real in replaced.items():
        script = script.replace(written, real)
    path = f"{_programs(folder.with_name('bin'))}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    outputs = dict(part.split("\n", 1) for part in ("\n" + ended.stdout).split("\n@@ ")[1:])
    for example in todo:
        assert example.where in outputs, f"It ended with {ended.returncode} before {example.where}:\n{ended.stdout}"
        if example.printed:
            pattern, output = _pattern(example.printed, replaced), _trimmed(outputs[example.where])
            assert re.fullmatch(pattern, output), f"{example.where} shows\n{example.printed}\n— it printed\n{output}"
    assert ended.returncode == 0, ended.stdout


def _programs(folder: Path) -> Path:
    folder.mkdir()
    if shutil.which("curl") is None:
        (folder / "curl").write_text(CURL.format(python=sys.executable))
        (folder / "curl").chmod(0o755)
    return folder


def _pattern(shown: str, replaced: dict[str, str]) -> str:
    for written, real in replaced.items():
        shown = shown.replace(written, real)
    # A line of its own stands for any lines; elsewhere it stays within its line.
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + r"\n" for line in shown.split("\n")
    ]
    return "".join(lines)


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.strip().splitlines() if BUSY not in line)


@pytest.fixture
def desk(tmp_path: Path, small_clip: Path) -> Path:
    """A folder as a reader has it: with a clip in it."""
    folder = tmp_path / "desk"
    folder.mkdir()
    shutil.copy(small_clip, folder / "clip.mp4")
    return folder


@pytest.fixture
def fresh_prefect(tmp_path: Path) -> Iterator[PrefectServer]:
    """A server of its own: what a page lists is what its own examples have made."""
    folder = tmp_path / "prefect"
    folder.mkdir()
    with prefect_server(folder) as server:
        yield server


@pytest.mark.timeout(PATIENCE_SECONDS + 100)
@pytest.mark.parametrize("programs", [False, True], ids=["commands", "programs"])
def test_readme_runs(
    programs: bool,
    desk: Path,
    nemo: Callable[..., NemoServer],
    fresh_prefect: PrefectServer,
    swift_s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every command and program of the README works, one after another, and prints what the README shows."""
    service = nemo(tokens=(README_TOKEN,), token_credits=500)
    monkeypatch.setenv("NEMO_TOKEN", README_TOKEN)
    for name, value in {**swift_s3.environment(), "PREFECT_API_URL": fresh_prefect.api_url}.items():
        monkeypatch.setenv(name, value)
    if not programs:
        swift_s3.make_bucket("films")
    page = ROOT / "README.md"
    todo = [example for example in examples(page) if (example.section in PROGRAMS) is programs]
    run(page, desk, {EMULATOR: service.url, S3: swift_s3.endpoint_url}, todo)


def test_emulator_page_runs(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator starts as its page says, and its control surface answers as the page shows."""
    page = ROOT / "docs" / "emulator.md"
    start = next(example for example in examples(page) if example.script.startswith(SERVING))
    served = command.begin("emulator", "--port", "0", **QUICK)
    try:
        assert served.stdout is not None
        url = served.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        run(page, desk, {EMULATOR: url}, [example for example in examples(page) if example != start])
    finally:
        served.send_signal(signal.SIGINT)
        ended = command.end(served)
    assert ended.code == 0
    assert f"{url}\n{ended.err}" == start.printed.replace(EMULATOR, url) + "\n"
    assert LOCAL_TOKEN in start.printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_knows_what_pages_make(page: Path) -> None:
    """Blocks of `bash` only make what the Makefile has."""
    targets = re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for language, block in FENCE.findall(page.read_text()):
        if language == "bash":
            made = [line.split("#")[0].split() for line in block.splitlines() if line]
            assert [words for words in made if words[0] != "make" or words[1] not in targets] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link of a page to a file or heading of this repository leads there."""
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", page.read_text()):
        link = "".join(target)
        if link.startswith(("http://", "https://")):
            continue
        path, _, heading = link.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), f"{page.name} links to {link}, which is not there."
        if heading:
            assert heading in _anchors(linked), f"{page.name} links to {link}, which has no such heading."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    """Every path of this repository that a page names in code exists."""
    named = re.findall(r"`((?:src|flows|tasks|blocks|tests|docs|benchmarks|deployments)/[\w./-]*)`", page.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
