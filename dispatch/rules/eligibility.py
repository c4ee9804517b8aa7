"""Which engineer gets the job: hard filters first, then the least loaded; every exclusion has its reason."""

from dataclasses import dataclass
from datetime import UTC, datetime

from storage.records.people import Person
from storage.records.ticket import Offered

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Engineer:
    """One engineer as the rule sees him: open jobs, and what he answered to this ticket before."""

    person: Person
    open_jobs: int
    reachable: bool
    answered: Offered | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """`score` 0…1, higher is better; `why` is a key of the phrase book."""

    engineer: Engineer
    score: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates, best first, and why everybody else is out (key of the phrase book)."""

    ranked: tuple[Candidate, ...]
    excluded: tuple[tuple[Engineer, str], ...]


def excluded(engineer: Engineer) -> str | None:
    """The first filter that keeps him out, as a key; None for a candidate."""
    filters = (
        ("off_duty", not engineer.person.on_duty),
        ("unreachable", not engineer.reachable),
        ("has_declined", engineer.answered is Offered.DECLINED),
        ("let_expire", engineer.answered is Offered.EXPIRED),
        ("handed_back", engineer.answered is Offered.HANDED_BACK),
        ("has_offer", engineer.answered is Offered.OFFERED),
    )
    return next((key for key, out in filters if out), None)


def choose(engineers: tuple[Engineer, ...]) -> Choice:
    """Rank by load; ties go to whoever was offered something least recently, then to the lower id."""
    out = tuple((engineer, why) for engineer in engineers if (why := excluded(engineer)))
    able = [engineer for engineer in engineers if not excluded(engineer)]
    able.sort(key=lambda e: (e.open_jobs, e.person.last_offer_at or LONG_AGO, e.person.id))
    return Choice(tuple(Candidate(e, round(1 / (1 + e.open_jobs), 3)) for e in able), out)
