"""What a check found: how much it matters, what is so, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from callout.settings import Settings


class Weight(StrEnum):
    """How much a finding matters; `STOPS` means that the service cannot work like this."""

    OK = "ok"
    WARNING = "warning"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so, and what to do about it (empty when all is well)."""

    weight: Weight
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is examined: the settings, the file they came from, and the moment."""

    settings: Settings
    config: Path | None
    now: datetime


def ok(says: str) -> Finding:
    return Finding(Weight.OK, says)


def warning(says: str, do: str) -> Finding:
    return Finding(Weight.WARNING, says, do)


def stops(says: str, do: str) -> Finding:
    return Finding(Weight.STOPS, says, do)
