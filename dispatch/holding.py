"""Waiting and going on: a ticket on hold keeps where it came from (LIFECYCLE.md)."""

from dispatch import transition
from storage.records.people import Person
from storage.records.ticket import Hold, State, Ticket, Verb, Work
from storage.unit import UnitOfWork


def hold(unit: UnitOfWork, ticket_id: int, actor: Person, why: Hold) -> Ticket:
    """Let it wait, for a reason of the list; the office only may hold an urgent one."""
    ticket = unit.tickets.get(ticket_id)
    held_from = f"{ticket.state.value}:{ticket.detail or ''}"
    return transition.apply(
        unit,
        ticket,
        Verb.HOLD,
        actor,
        changes={"detail": why.value, "held_from": held_from, "eta_at": None},
        reason=why.value,
    )


def resume(unit: UnitOfWork, ticket_id: int, actor: Person | None) -> Ticket:
    """Go on where it stopped; a drive that was interrupted begins again."""
    ticket = unit.tickets.get(ticket_id)
    state, _, detail = (ticket.held_from or State.ACCEPTED.value).partition(":")
    back = State(state)
    if detail == Work.EN_ROUTE:
        back, detail = State.ACCEPTED, ""
    changes = {"detail": detail or None, "held_from": None}
    return transition.apply(unit, ticket, Verb.RESUME, actor, to=back, changes=changes)
