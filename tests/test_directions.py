"""Imports point one way: deployments → flows → tasks → blocks → api; nothing reaches back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "prefect_nemovideo"

#: Room → where it is, and the rooms it may import. `shared` are the modules beside the rooms: what a result is, how
#: progress is told, what an error means to a person.
ROOMS: dict[str, tuple[str, set[str]]] = {
    "api": ("src/prefect_nemovideo/api", set()),
    "media": ("src/prefect_nemovideo/media", set()),
    "storage": ("src/prefect_nemovideo/storage", set()),
    "reports": ("src/prefect_nemovideo/reports", {"shared"}),
    "emulator": ("src/prefect_nemovideo/emulator", {"media"}),
    "blocks": ("blocks", {"api", "storage", "shared"}),
    "tasks": ("tasks", {"api", "media", "storage", "blocks", "shared"}),
    "manifests": ("src/prefect_nemovideo/manifests", {"api", "storage", "shared"}),
    "flows": ("flows", {"api", "media", "storage", "reports", "manifests", "blocks", "tasks", "shared"}),
    "cli": (
        "src/prefect_nemovideo/cli",
        {"api", "media", "storage", "reports", "manifests", "emulator", "blocks", "tasks", "flows", "shared"},
    ),
    "deployments": ("deployments", {"api", "storage", "blocks", "tasks", "flows", "shared"}),
}
SHARED_MAY_IMPORT = {"api", "media", "storage"}

#: What a room must be able to do without, whoever else in the house needs it.
DOES_WITHOUT: dict[str, set[str]] = {
    "api": {"prefect", "boto3", "botocore", "aiohttp", "av", "PIL", "imageio_ffmpeg", "rich"},
    "media": {"prefect", "boto3", "botocore", "aiohttp", "httpx"},
    "storage": {"prefect", "aiohttp", "av"},
    "reports": {"prefect", "boto3", "botocore", "aiohttp", "httpx", "av", "PIL"},
    "manifests": {"prefect", "boto3", "botocore", "aiohttp", "av", "httpx"},
    "emulator": {"prefect", "boto3", "botocore", "httpx"},
}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The full names of all that a file imports, wherever in it: in functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of(path: Path) -> set[str]:
    """The rooms that a file reaches into."""
    found = set()
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package == PACKAGE and rest:
            room = rest.partition(".")[0]
            found.add(room if room in ROOMS else "shared")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_is_below_it(room: str) -> None:
    folder, allowed = ROOMS[room]
    astray = {
        str(path.relative_to(ROOT)): extra for path in modules(folder) if (extra := rooms_of(path) - allowed - {room})
    }

    assert astray == {}


def test_the_modules_beside_the_rooms_import_none_that_uses_them() -> None:
    for path in (ROOT / "src" / PACKAGE).glob("*.py"):
        assert rooms_of(path) <= SHARED_MAY_IMPORT | {"shared"}, path.name


@pytest.mark.parametrize("room", DOES_WITHOUT)
def test_a_room_does_without(room: str) -> None:
    """The client without Prefect, S3 or FFmpeg; the emulator without the client and its HTTP library, so that a
    misspelt field can't agree with itself."""
    for path in modules(ROOMS[room][0]):
        assert not {name.partition(".")[0] for name in imports(path)} & DOES_WITHOUT[room], path.name


def test_every_folder_of_the_package_is_a_room() -> None:
    """A new one has to be given its place above."""
    folders = {path.parent.name for path in (ROOT / "src" / PACKAGE).glob("*/__init__.py")}

    assert folders == {name for name, (folder, _) in ROOMS.items() if folder.startswith("src/")}


def test_nobody_uses_what_is_private_to_prefect() -> None:
    for folder in ("src", "flows", "tasks", "blocks", "deployments"):
        for path in modules(folder):
            assert not [name for name in imports(path) if name.startswith("prefect._")], path.name


def test_our_own_rooms_are_imported_by_their_full_name() -> None:
    """No bare `flows`, `tasks` or `blocks`, which would be anybody's once the package is installed."""
    for folder in ("src", "flows", "tasks", "blocks", "deployments", "benchmarks"):
        for path in modules(folder):
            tops = {name.partition(".")[0] for name in imports(path)}
            assert not tops & {"flows", "tasks", "blocks", "deployments", "api", "src"}, path.name
