"""What is installed: every module, under one name, with its types; and what a source archive holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
#: Not part of the sources, though they may lie beside them.
NOT_SOURCES = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "demo-output"
)


def source_modules() -> dict[str, Path]:
    """Where each module is installed → where it is here."""
    found = {}
    for package, folder in SETUPTOOLS["package-dir"].items():
        for path in (ROOT / folder).rglob("*.py"):
            inside = package.replace(".", "/") / path.relative_to(ROOT / folder)
            found[inside.as_posix()] = path
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source archive, and a wheel that was built from nothing but it, out of a copy of this tree."""
    tree, target = tmp_path_factory.mktemp("source") / "tree", tmp_path_factory.mktemp("dist")
    shutil.copytree(ROOT, tree, ignore=NOT_SOURCES)
    command = [sys.executable, "-m", "build", "--outdir", str(target), str(tree)]
    # With the build backend at hand nothing is fetched.
    if int(metadata.version("setuptools").partition(".")[0]) >= 80:
        command.append("--no-isolation")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> set[str]:
    [path] = built.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


@pytest.fixture(scope="module")
def sdist(built: Path) -> set[str]:
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_every_folder_with_modules_is_a_package_that_is_named() -> None:
    """A folder that `packages` forgets is missing from every installation but the developer's own."""
    folders = {path.rpartition("/")[0].replace("/", ".") for path in source_modules()}

    assert sorted(SETUPTOOLS["packages"]) == sorted(folders)


def test_a_wheel_holds_every_module_every_page_and_the_mark_of_its_types(wheel: set[str]) -> None:
    pages = {
        f"prefect_nemovideo/reports/{path.name}" for path in (ROOT / "src/prefect_nemovideo/reports").glob("*.html")
    }
    assert pages
    assert set(source_modules()) | pages <= wheel
    assert "prefect_nemovideo/py.typed" in wheel


def test_a_wheel_takes_no_name_but_its_own(wheel: set[str]) -> None:
    """Bare `flows`, `tasks` or `blocks` in site-packages would collide with everybody's."""
    tops = {name.partition("/")[0] for name in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"prefect_nemovideo"}


def test_a_source_archive_holds_what_is_needed_to_test_and_to_deploy(sdist: set[str]) -> None:
    here = {path.relative_to(ROOT).as_posix() for path in source_modules().values()}
    tests = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    deployments = {path.relative_to(ROOT).as_posix() for path in (ROOT / "deployments").rglob("*.y*ml")}

    assert here | tests | deployments <= sdist
    assert {"pyproject.toml", "README.md", "LICENSE", "constraints.txt"} <= sdist
    assert not [name for name in sdist if name.endswith(".pyc")]


def test_the_command_leads_to_a_function_that_is_there() -> None:
    [script] = metadata.entry_points(group="console_scripts", name="prefect-nemovideo")

    assert callable(script.load())
    assert script.value == PYPROJECT["project"]["scripts"]["prefect-nemovideo"]
