"""How loud something is: in per cent or in decibels, as a draft tells it or as its numbers let guess. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prefect_nemovideo.api.draft import number
from prefect_nemovideo.api.values import plain

_RATIO_CEILING = 2.0
"""Volumes up to 200 % written as a ratio; any larger number means per cent."""

_LOUDEST_DECIBELS = 24.0
"""Nothing is amplified by more: beside a larger number, which is per cent, one below zero is decibels by itself."""

_WITH_UNIT = re.compile(r"\s*([-+−]?)\s*([0-9]+(?:\.[0-9]+)?)\s*(%|dB)\s*\Z", re.IGNORECASE)


class Scale(StrEnum):
    """What a number without a unit means."""

    RATIO = "ratio"
    PER_CENT = "per cent"
    DECIBELS = "decibels"


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume; two are equal when they are as loud, however they were written.

    Attributes:
        amount: In `unit`.
        unit: `%` or `dB`.
        bare: The number as it was written, where it came without a unit.
    """

    amount: float
    unit: str
    bare: float | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.unit}"

    @property
    def in_summary(self) -> str:
        """As the documented summary writes it: `35%`."""
        return f"{plain(self.amount)}%" if self.unit == "%" else str(self)

    def on(self, scale: Scale) -> Volume:
        """The same number, read by another scale; one that told its unit stays what it is."""
        return self if self.bare is None else _read_by(scale, self.bare)


def volume(told: Any, scale: Scale) -> Volume | None:
    """A volume as a draft tells it; None where that is none.

    Example:
        >>> print(volume(0.35, Scale.RATIO), volume("-6 dB", Scale.RATIO), sep=", ")
        35 %, -6 dB
    """
    if (bare := number(told)) is not None:
        return _read_by(scale, bare)
    match = _WITH_UNIT.match(told) if isinstance(told, str) else None
    if match is None:
        return None
    amount = float(match[2]) * (-1 if match[1] in ("-", "−") else 1)
    return Volume(amount, "%" if match[3] == "%" else "dB")


def guessed(numbers: Iterable[float]) -> Scale:
    """What all of these numbers mean; those of two drafts that are compared are guessed from together."""
    known = sorted(numbers)
    if known and known[0] < 0 and known[-1] <= _LOUDEST_DECIBELS:
        return Scale.DECIBELS
    return Scale.PER_CENT if known and known[-1] > _RATIO_CEILING else Scale.RATIO


def _read_by(scale: Scale, bare: float) -> Volume:
    if bare < 0 or scale is Scale.DECIBELS:
        return Volume(bare, "dB", bare)
    return Volume(round(bare * 100, 3) if scale is Scale.RATIO else bare, "%", bare)
