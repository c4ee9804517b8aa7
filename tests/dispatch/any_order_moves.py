"""Every verb of test_any_order as a move: the command that says it, with arguments made from one number `n`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dispatch import closing, desk, field, holding
from dispatch.errors import Refusal
from storage.records.people import Person
from storage.records.ticket import Hold, Kind, Mode, Ticket, Verb
from storage.unit import UnitOfWork

Move = Callable[[UnitOfWork, Ticket, Person, int], Any]


def engineer(n: int) -> int:
    return 2 + n % 2  # Ana and Bo


def the_offer(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> int:
    """Mostly one's own latest offer, sometimes somebody else's."""
    mine = unit.tickets.last_offer(ticket.id, who.id)
    every = unit.tickets.offers(ticket.id)
    chosen = mine if mine and n % 5 else every[n % len(every)] if every else None
    if chosen is None:
        raise Refusal("nothing to press")
    return chosen.id


def describe(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    if n % 2:
        desk.describe(unit, ticket.id, who, problem=f"Lift {n} hums", latitude=48.1, longitude=11.5)
    else:
        desk.say_urgency(unit, ticket.id, who, ("danger", "stopped", "limited", "can_wait")[n // 2 % 4])


def triage(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    kind = (None, Kind.COMPLAINT, Kind.FAULT, Kind.ADVICE)[n % 4]
    desk.triage(unit, ticket.id, who, kind=kind, impact=1 + n % 3, urgency=1 + n // 3 % 3, on_site=n % 2 == 0)


def offer(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    if n % 3:
        desk.auto_offer(unit, ticket.id, who)
    else:
        desk.offer(unit, ticket.id, who, engineer(n // 3))


def reassign(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    desk.reassign(unit, ticket.id, who, "ill" if n % 7 else "", engineer(n) if n % 3 else None)


def complete(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    field.complete(
        unit,
        ticket.id,
        who,
        cause="worn" if n % 11 else " ",
        action="replaced",
        mode=tuple(Mode)[n % len(Mode)],
        parts="none",
        tested=n % 13 != 0,
        arrived_at=unit.now - timedelta(minutes=5) if n % 3 else None,
    )


def confirm(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    report = unit.tickets.last_report(ticket.id)
    shown = report.id + (n % 9 == 0) if report and n % 2 else None
    closing.confirm(unit, ticket.id, who, "telegram", "here", shown, "scan" if n % 3 == 0 else None)


def duplicate(unit: UnitOfWork, ticket: Ticket, who: Person, n: int) -> None:
    every = unit.tickets.all()
    desk.duplicate(unit, ticket.id, who, every[n % len(every)].id)


def reason(n: int) -> str:
    return "because" if n % 6 else ""


MOVES: dict[Verb, Move] = {
    Verb.DESCRIBE: describe,
    Verb.SUBMIT: lambda unit, t, who, _n: desk.submit(unit, t.id, who),
    Verb.TRIAGE: triage,
    Verb.RECLASSIFY: triage,
    Verb.OFFER: offer,
    Verb.ACCEPT: lambda unit, t, who, n: field.accept(unit, t.id, who, the_offer(unit, t, who, n)),
    Verb.TAKE: lambda unit, t, who, _n: desk.take(unit, t.id, who),
    Verb.DECLINE: lambda unit, t, who, n: field.decline(
        unit, t.id, who, the_offer(unit, t, who, n), reason(n)
    ),
    Verb.EXPIRE: lambda unit, t, _who, _n: field.expire(unit, t),
    Verb.WITHDRAW: lambda unit, t, who, _n: desk.withdraw(unit, t.id, who),
    Verb.REASSIGN: reassign,
    Verb.HAND_BACK: lambda unit, t, who, n: field.hand_back(unit, t.id, who, reason(n)),
    Verb.PROMISE: lambda unit, t, who, n: field.promise(unit, t.id, who, n % 90),
    Verb.DEPART: lambda unit, t, who, n: field.depart(unit, t.id, who, n % 60 if n % 2 else None),
    Verb.ARRIVE: lambda unit, t, who, _n: field.arrive(unit, t.id, who),
    Verb.START_REMOTE: lambda unit, t, who, _n: field.start_remote(unit, t.id, who),
    Verb.HOLD: lambda unit, t, who, n: holding.hold(unit, t.id, who, tuple(Hold)[n % len(Hold)]),
    Verb.RESUME: lambda unit, t, who, _n: holding.resume(unit, t.id, who),
    Verb.PARTS: lambda unit, t, who, _n: field.use_part(unit, t.id, who, "door contact"),
    Verb.COMPLETE: complete,
    Verb.CONFIRM: confirm,
    Verb.DISPUTE: lambda unit, t, who, n: closing.dispute(unit, t.id, who, reason(n)),
    Verb.AUTO_CONFIRM: lambda unit, t, _who, _n: closing.auto_confirm(unit, t),
    Verb.RATE: lambda unit, t, who, n: closing.rate(unit, t.id, who, n % 7),
    Verb.RERATE: lambda unit, t, who, n: closing.rate(unit, t.id, who, n % 7),
    Verb.EXPIRE_RATING: lambda unit, t, _who, _n: closing.expire_rating(unit, t),
    Verb.CALL_BACK: lambda unit, t, who, n: desk.call_back(unit, t.id, who, reason(n)),
    Verb.REOPEN: lambda unit, t, who, n: closing.reopen(unit, t.id, who, reason(n)),
    Verb.CANCEL: lambda unit, t, who, n: desk.cancel(unit, t.id, who, reason(n)),
    Verb.DUPLICATE: duplicate,
}
# What only the service itself does, and what it may do like anybody else.
ITS_OWN = {Verb.EXPIRE, Verb.AUTO_CONFIRM, Verb.EXPIRE_RATING}
ALSO_ITS = {Verb.SUBMIT, Verb.TRIAGE, Verb.OFFER, Verb.CANCEL, Verb.RESUME}
