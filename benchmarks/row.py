"""The shape of a row. A module in `benchmarks/rows/` has these names:

    TITLE = "Upload 500 MB"            what is measured, as it stands in the table
    OPPONENT = "curl -F"               what people would use instead; None where there is nothing
    GROUP = "Bytes"                    rows of one group stand together in the table
    GOALS = (Goal("wall", times=1.15), Goal("cpu", at_most=0.25))
    UNITS = {"gone": "ms"}             only for figures beside wall, cpu, peak and above_idle
    ROUNDS = 5                         optional; more for what is short or noisy
    WARMS_UP = False                   optional; without a round that does not count, where it makes no difference

    @contextmanager
    def sides(folder: Path) -> Iterator[Sides]:
        ...                            makes files in `folder`, starts servers
        yield Sides(ours=Side(program("upload", url, file)), opponent=Side([tool("curl"), …]))

Each side is a process of its own, started anew for each round. A program in Python measures its own call with
`benchmarks.figures.measured`, so that the start of Python does not count; of any other command all of it counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """How good a figure of ours must be: the median of the rounds decides.

    Args:
        figure: `wall` (s), `cpu` (s), `peak` (MB), `above_idle` (MB), or one that the program prints itself.
        times: At most so many times the opponent's, round by round.
        plus: And so much more, in the figure's unit; only with `times`.
        at_most: At most so much, in the figure's unit, whatever the opponent needs.
    """

    figure: str
    times: float | None = None
    plus: float = 0.0
    at_most: float | None = None


@dataclass(frozen=True)
class Side:
    """One command.

    Args:
        command: What is run, without a shell.
        environment: Put over this process's environment.
        before: Run before each round, not measured: to take away what the last round left.
    """

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Sides:
    """What is compared."""

    ours: Side
    opponent: Side | None = None


def program(name: str, *arguments: object) -> list[str]:
    """The command of a program in `benchmarks/programs/`."""
    return [sys.executable, "-m", f"benchmarks.programs.{name}", *map(str, arguments)]
