"""The auditor: what must hold in the archive at any moment, one check after the other (LIFECYCLE.md, I1-I7)."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from dispatch.field import fingerprint
from dispatch.rules.lifecycle import BrokenJournal, replay
from dispatch.transition import plain
from storage.errors import StorageError
from storage.files import Files
from storage.health import Health, Odd
from storage.migrate import in_words
from storage.records.plan import Due
from storage.records.ticket import (
    OWNED,
    Hold,
    Offered,
    Signing,
    State,
    Ticket,
    Work,
)
from storage.unit import UnitOfWork

UNHANDLED = timedelta(seconds=60)  # G8
LATE = timedelta(seconds=120)  # G8
LAPSED = timedelta(seconds=10)  # a lapsed lease is taken over within a second by a service that runs
CHUNK = 1 << 20  # bytes

WITH_OWNER = OWNED | {State.ON_HOLD, State.COMPLETED}
WITHOUT_OWNER = frozenset({State.DRAFT, State.RECEIVED, State.TRIAGED, State.OFFERED})
AT_DESK = frozenset({State.RECEIVED, State.TRIAGED})
SIGNED = frozenset({State.CONFIRMED, State.CLOSED})
SIGNATURES = frozenset({Signing.CONFIRMED, Signing.AUTO_CONFIRMED})
DETAILS = {State.IN_PROGRESS: frozenset(Work), State.ON_HOLD: frozenset(Hold)}
JOURNALLED = tuple(field.name for field in fields(Ticket) if field.name not in {"id", "updated_at"})


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a rule is broken (a ticket's number or a row) and how."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a check looks at: one moment of the archive, and the folder of attachments."""

    unit: UnitOfWork
    health: Health
    files: Files
    numbers: dict[int, str]

    def name(self, ticket_id: int | None) -> str:
        return self.numbers.get(ticket_id, f"ticket {ticket_id}") if ticket_id else ""

    def rows(self, table: str, odd: tuple[Odd, ...]) -> Iterator[Breach]:
        """Odd rows as breaches, by ticket and row."""
        for row in odd:
            ticket = self.name(row.ticket_id)
            yield Breach(f"{ticket} {table} {row.id}".strip(), row.what)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: its name, what it says in a sentence, and the function that finds its breaches."""

    name: str
    says: str
    find: Callable[[Scene], Iterator[Breach]]


# --- every ticket ------------------------------------------------------------------------------------------


def each(look: Callable[[UnitOfWork, Health, Ticket], Iterator[str]]) -> Callable[[Scene], Iterator[Breach]]:
    """A check of single tickets; one that cannot be read is a breach and does not stop the others."""

    def find(scene: Scene) -> Iterator[Breach]:
        for ticket_id, number in scene.numbers.items():
            try:
                ticket = scene.unit.tickets.get(ticket_id)
                found = list(look(scene.unit, scene.health, ticket))
            except (ValueError, LookupError, TypeError, StorageError) as wrong:
                found = [f"cannot be read: {type(wrong).__name__}: {wrong}"]
            yield from (Breach(number, what) for what in found)

    return find


def journal(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    rows = unit.tickets.journal(ticket.id)
    try:
        told = replay(rows)
    except BrokenJournal as broken:
        yield str(broken)
        return
    for name in JOURNALLED:
        stored = plain(getattr(ticket, name))
        if told.get(name) != stored:
            yield f"{name} is {stored!r}, but the journal tells {told.get(name)!r}"
    if rows and rows[-1].at != ticket.updated_at:
        yield "was changed at another moment than its journal tells"


def details(_unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    allowed = DETAILS.get(ticket.state, frozenset())
    if (ticket.detail is not None or ticket.state in DETAILS) and ticket.detail not in allowed:
        yield f"cannot be {ticket.state} with the detail {ticket.detail}"


def owner(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    accepted = [offer.engineer_id for offer in unit.tickets.offers(ticket.id, Offered.ACCEPTED)]
    if len(accepted) > 1:
        yield f"has {len(accepted)} accepted assignments"
    if ticket.state in WITH_OWNER and accepted != [ticket.owner_id]:
        yield f"is {ticket.state} and owned by {ticket.owner_id}, but accepted by {accepted or 'nobody'}"
    if ticket.state in WITHOUT_OWNER and (accepted or ticket.owner_id is not None):
        yield f"is {ticket.state}, but has an owner"


def silence(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    if ticket.state not in WITHOUT_OWNER or unit.tickets.offers(ticket.id, Offered.OFFERED):
        return
    since = _waits_since(unit, ticket)
    for line in unit.plans.of_ticket(ticket.id):
        if line.fired_at is None or (line.kind is Due.DISPATCH_MANAGER and line.fired_at >= since):
            return  # somebody will be told, or the last in the line, the manager, has been
    yield f"is {ticket.state} without owner or offer, and nobody was told or will be"


def _waits_since(unit: UnitOfWork, ticket: Ticket) -> datetime:
    """When it came to the desk where it is now, for the first time or again."""
    arrivals = [
        event.at
        for event in unit.tickets.journal(ticket.id)
        if event.from_state not in {*AT_DESK, event.to_state}
    ]
    return arrivals[-1] if arrivals else ticket.created_at


def offers(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    waiting = unit.tickets.offers(ticket.id, Offered.OFFERED)
    if (ticket.state is State.OFFERED) != bool(waiting):
        yield f"is {ticket.state} with {len(waiting)} open offers"


def signature(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    last, report = unit.tickets.last_signoff(ticket.id), unit.tickets.last_report(ticket.id)
    if ticket.state is State.COMPLETED:
        asked = last is not None and last.status is Signing.REQUESTED
        if not asked or report is None or last is None or last.report_id != report.id:
            yield "is completed, but nobody is asked to sign its last report"
    if ticket.state in SIGNED and (last is None or last.status not in SIGNATURES):
        yield f"is {ticket.state}, but not signed"


def rating(unit: UnitOfWork, _health: Health, ticket: Ticket) -> Iterator[str]:
    if ticket.state in SIGNED and unit.tickets.last_rating(ticket.id) is None:
        yield f"is {ticket.state}, but nobody was asked to rate it"


def hashes(unit: UnitOfWork, health: Health, ticket: Ticket) -> Iterator[str]:
    reports = {report.id: report for report in health.reports(ticket.id)}
    for report in reports.values():
        if fingerprint(report.body) != report.hash:
            yield f"report version {report.version} is not the one that was hashed"
    for signoff in unit.tickets.signoffs(ticket.id):
        signed = reports.get(signoff.report_id)
        if signed is None or signed.hash != signoff.report_hash:
            yield f"sign-off {signoff.id} is bound to another report than the one it names"


# --- queues, files, and the archive itself -----------------------------------------------------------------


def states(scene: Scene) -> Iterator[Breach]:
    return scene.rows("row", scene.health.unknown_states())


def effects(scene: Scene) -> Iterator[Breach]:
    return scene.rows("row", scene.health.doubles())


def deadlines(scene: Scene) -> Iterator[Breach]:
    return scene.rows("deadline", scene.health.overdue(scene.unit.now - LATE))


def inbox(scene: Scene) -> Iterator[Breach]:
    unhandled = scene.health.unhandled(scene.unit.now - UNHANDLED)
    return scene.rows("inbox", unhandled + scene.health.unexplained())


def order(scene: Scene) -> Iterator[Breach]:
    return scene.rows("inbox", scene.health.overtaken())


def outbox(scene: Scene) -> Iterator[Breach]:
    now = scene.unit.now
    return scene.rows("outbox", scene.health.stuck(now - LATE) + scene.health.lapsed(now - LAPSED))


def doubles(scene: Scene) -> Iterator[Breach]:
    return scene.rows("outbox", scene.health.repeated())


def attachments(scene: Scene) -> Iterator[Breach]:
    for file_id, ticket_id, digest in scene.health.stored_files():
        where = f"{scene.name(ticket_id)} file {file_id}".strip()
        found = _digest(scene.files, digest) if digest else None
        if found is None:
            yield Breach(where, "is not in the folder of files")
        elif found != digest:
            yield Breach(where, "is no longer what was stored")


def _digest(files: Files, name: str) -> str | None:
    """The sha256 of what lies under that name; None when it cannot be read."""
    found = hashlib.sha256()
    try:
        with files.path(name).open("rb") as content:
            while chunk := content.read(CHUNK):
                found.update(chunk)
    except OSError:
        return None
    return found.hexdigest()


def database(scene: Scene) -> Iterator[Breach]:
    for what in chain(scene.health.broken_pages(), scene.health.dangling()):
        yield Breach("database", what)


CHECKS = (
    Check("database", "The file is sound and no row refers to a missing one (I6).", database),
    Check("states", "Every ticket is in a state of the table (I5).", states),
    Check("details", "What a ticket waits for or how it is worked on fits its state (I5).", each(details)),
    Check("journal", "Every journal is without gaps and replays to the stored ticket (I5).", each(journal)),
    Check("owner", "At most one accepted assignment, and it is the owner's while it is owned.", each(owner)),
    Check("offers", "A ticket is offered exactly while an offer is open.", each(offers)),
    Check(
        "silence", "Of a ticket nobody owns somebody will be told, or the manager was (G8).", each(silence)
    ),
    Check("signature", "Completed means a signature is asked for, confirmed means given.", each(signature)),
    Check("hashes", "Every sign-off names the hash of the report that is stored (P17.4).", each(hashes)),
    Check("rating", "A signed ticket has been put to the customer for rating.", each(rating)),
    Check("effects", "Each report is signed once and each signature rated once (I2).", effects),
    Check("deadlines", "No deadline is more than two minutes overdue (G7).", deadlines),
    Check("inbox", "What arrived a minute ago is handled and says what became of it (I1).", inbox),
    Check("order", "Nothing was handled before an earlier message of its chat (I4).", order),
    Check("outbox", "No message is two minutes overdue or held by a worker that is gone.", outbox),
    Check("doubles", "Only duty messages are sent again when in doubt (I3).", doubles),
    Check("files", "Every stored attachment is there and has its hash.", attachments),
)


def audit(unit: UnitOfWork, files: Files, path: Path) -> tuple[tuple[Check, tuple[Breach, ...]], ...]:
    """Every check with the breaches it found, over one snapshot; a check that cannot be made is a breach.

    path: the database's file, for the sentence when it cannot be read.
    """
    health = Health(unit)
    scene = Scene(unit, health, files, dict(health.tickets()))
    return tuple((check, _find(check, scene, path)) for check in CHECKS)


def _find(check: Check, scene: Scene, path: Path) -> tuple[Breach, ...]:
    try:
        with in_words(path):
            return tuple(check.find(scene))
    except (ValueError, LookupError, TypeError, StorageError) as wrong:
        return (Breach("check", f"cannot be made: {type(wrong).__name__}: {wrong}"),)
