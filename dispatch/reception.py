"""Keep what arrived before acknowledging it; hand it on in order; what cannot be read is shown to the office."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from dispatch import telling
from storage.records.message import Received
from storage.unit import UnitOfWork

TRIES = 3
PAUSE = timedelta(milliseconds=300)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that arrived, raw: unique by (source, outside_id), in order per lane."""

    source: str
    outside_id: str
    lane: str
    raw: str


def keep(unit: UnitOfWork, arrivals: Iterable[Arrival]) -> int:
    """Keep them all, once; tells how many were new. The caller acknowledges after the commit only (G1)."""
    return sum(unit.inbox.keep(a.source, a.outside_id, a.lane, a.raw) for a in arrivals)


def claim(
    unit: UnitOfWork, owner: str, lease: timedelta, most: int, channel: str | None = None
) -> tuple[Received, ...]:
    return unit.inbox.claim(owner, lease, most, channel)


def effect(unit: UnitOfWork, row: Received, command: Callable[..., str], *args: object) -> str:
    """Run a command and mark its inbox row done with the outcome it returns, in the same transaction:
    exactly one effect (G3). LeaseLost undoes everything."""
    outcome = command(unit, *args)
    unit.inbox.settle(row, outcome)
    return outcome


def buried(unit: UnitOfWork, row: Received, why: str) -> None:
    """Into the dead letters, where nothing is lost, and the office is told."""
    unit.inbox.bury(row, why)
    telling.office(unit, "dead_letter", f"inbox.{row.id}", None, inbox=row.id)


def failed(
    unit: UnitOfWork,
    row: Received,
    why: str,
    bury: Callable[[UnitOfWork, Received, str], None] = buried,
) -> bool:
    """Our code could not handle it: try again a little later, then the dead letters. True when it is dead."""
    if row.attempts < TRIES:
        unit.inbox.later(row, unit.now + PAUSE * row.attempts, why)
        return False
    bury(unit, row, why)
    return True
