"""Waiting and going on: a ticket on hold keeps where it came from (LIFECYCLE.md)."""

from dispatch import crew, transition
from storage.records.people import Person
from storage.records.ticket import Hold, State, Ticket, Verb, Work
from storage.unit import UnitOfWork


def hold(unit: UnitOfWork, ticket_id: int, actor: Person, why: Hold) -> Ticket:
    """Let it wait, for a reason of the list; the office only may hold an urgent one."""
    ticket = unit.tickets.get(ticket_id)
    held_from = f"{ticket.state.value}:{ticket.detail or ''}"
    held = transition.apply(
        unit,
        ticket,
        Verb.HOLD,
        actor,
        changes={"detail": why.value, "held_from": held_from, "eta_at": None},
        reason=why.value,
    )
    crew.end_visits(unit, held)
    return held


def resume(unit: UnitOfWork, ticket_id: int, actor: Person | None) -> Ticket:
    """Go on where it stopped; a drive or a stay that was interrupted begins again with the next departure."""
    ticket = unit.tickets.get(ticket_id)
    state, _, detail = (ticket.held_from or State.ACCEPTED.value).partition(":")
    back = State(state)
    if detail in {Work.EN_ROUTE, Work.ON_SITE}:
        back, detail = State.ACCEPTED, ""
    changes = {"detail": detail or None, "held_from": None}
    return transition.apply(unit, ticket, Verb.RESUME, actor, to=back, changes=changes)
