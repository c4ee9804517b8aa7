"""The engineers as dispatch sees them: who is on duty with how many jobs, and letting go of a job."""

from typing import Any

from dispatch.rules.eligibility import Choice, Engineer
from dispatch.rules.eligibility import choose as rank
from storage.records.people import Person, Role
from storage.records.ticket import Offered, Ticket, Visiting
from storage.unit import UnitOfWork


def engineers(unit: UnitOfWork, ticket: Ticket | None = None) -> tuple[Engineer, ...]:
    """Every engineer with his load; with a ticket also what he answered to it last."""
    found = []
    for person in unit.people.in_role(Role.ENGINEER):
        contact = unit.people.contact(person.id)
        last = unit.tickets.last_offer(ticket.id, person.id) if ticket else None
        found.append(
            Engineer(
                person,
                len(unit.tickets.owned_by(person.id)),
                contact is not None and contact.unreachable_at is None,
                # An offer that never reached him is no answer of his.
                last.status if last and last.reason != "unreachable" else None,
            )
        )
    return tuple(found)


def loads(unit: UnitOfWork) -> tuple[tuple[Person, int], ...]:
    """(engineer, open jobs), those on duty first, the least loaded first."""
    crew = sorted(engineers(unit), key=lambda e: (not e.person.on_duty, e.open_jobs, e.person.id))
    return tuple((engineer.person, engineer.open_jobs) for engineer in crew)


def choose(unit: UnitOfWork, ticket: Ticket) -> Choice:
    return rank(engineers(unit, ticket))


def let_go(
    unit: UnitOfWork, ticket: Ticket, reason: str | None = None, status: Offered = Offered.LEFT
) -> dict[str, Any]:
    """The owner is off the job: his assignment and drive end; returns the ticket fields this changes."""
    unit.tickets.settle_offers(unit.tickets.offers(ticket.id, Offered.ACCEPTED), status, reason)
    end_visits(unit, ticket)
    return {"owner_id": None, "detail": None, "eta_at": None, "held_from": None}


def end_visits(unit: UnitOfWork, ticket: Ticket) -> None:
    """A drive that did not arrive is missed, a stay is left now."""
    for visit in unit.tickets.visits(ticket.id):
        if visit.status is Visiting.EN_ROUTE:
            unit.tickets.update_visit(visit, status=Visiting.MISSED)
        elif visit.status is Visiting.ARRIVED:
            unit.tickets.update_visit(visit, status=Visiting.LEFT, left_at=unit.now)
