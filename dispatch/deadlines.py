"""The clock's duties: every deadline fires once, in one transaction with what it does (G7)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dispatch import addresses, closing, desk, field, telling
from dispatch.errors import Refusal
from storage.records.plan import Deadline, Due
from storage.records.ticket import ENDED, Kind, Offered, Ticket
from storage.unit import UnitOfWork

Handler = Callable[[UnitOfWork, Ticket, str], None]


def fire(unit: UnitOfWork, deadline: Deadline) -> str:
    """Do one duty; tells what became of it: fired, late to the party (`moot`), or done by another (`taken`)."""
    if not unit.plans.fire(deadline):
        return "taken"
    ticket = unit.tickets.get(deadline.ticket_id)
    if deadline.generation not in {0, ticket.generation}:
        return "moot"
    try:
        with unit.attempt():
            HANDLERS[deadline.kind](unit, ticket, f"{ticket.id}.{deadline.kind.value}.{deadline.generation}")
    except Refusal as refusal:
        return f"moot: {refusal.key}"
    return "fired"


def _office(key: str) -> Handler:
    def tell(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
        for to in addresses.office(unit):
            telling.notice(unit, to, key, about, ticket, while_generation=ticket.generation)
        telling.refresh_all(unit, ticket)

    return tell


def _managers(key: str) -> Handler:
    def tell(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
        for to in addresses.managers(unit):
            telling.notice(unit, to, key, about, ticket, while_generation=ticket.generation)

    return tell


def _customer(key: str) -> Handler:
    def tell(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
        to = addresses.of_person(unit, ticket.customer_id)
        if to:
            # A reminder is a courtesy: in doubt it is not repeated.
            telling.notice(unit, to, key, about, ticket, duty=False, while_generation=ticket.generation)

    return tell


def _remind_offers(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    for offer in unit.tickets.offers(ticket.id, Offered.OFFERED):
        to = addresses.of_person(unit, offer.engineer_id)
        if to:
            telling.notice(unit, to, "offer_waits", about, ticket, while_generation=ticket.generation)


def _expire_offers(unit: UnitOfWork, ticket: Ticket, _about: str) -> None:
    field.expire(unit, ticket)


def _late_arrival(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    """T5: the office acts, the engineer is asked, the customer hears before he has to ask."""
    now = ticket.generation
    telling.office(unit, "late_arrival", about, ticket, while_generation=now)
    if ticket.owner_id:
        telling.person(unit, ticket.owner_id, "late_arrival_owner", about, ticket, while_generation=now)
    telling.person(unit, ticket.customer_id, "late_arrival_customer", about, ticket, while_generation=now)
    telling.refresh_all(unit, ticket)


def _follow_up(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    telling.office(unit, "hold_follow_up", about, ticket)
    if ticket.owner_id:
        telling.person(unit, ticket.owner_id, "hold_follow_up", about, ticket)


def _sign_for_him(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    """T8 at 72 h: marked as unanswered; urgent work is never signed by silence, the office must get it."""
    try:
        with unit.attempt():
            closing.auto_confirm(unit, ticket)
    except Refusal:
        telling.office(unit, "signature_missing", about, ticket)


def _expire_rating(unit: UnitOfWork, ticket: Ticket, _about: str) -> None:
    closing.expire_rating(unit, ticket)


def _return_call(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    if ticket.kind is Kind.COMPLAINT and ticket.called_back_at is None and ticket.state not in ENDED:
        telling.managers(unit, "call_back_due", about, ticket)


def _complaint_due(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    if ticket.kind is Kind.COMPLAINT and ticket.state not in ENDED:
        telling.managers(unit, "complaint_due", about, ticket)


def _drop_draft(unit: UnitOfWork, ticket: Ticket, about: str) -> None:
    """A report never sent: the office may call; the customer is told that nothing was reported."""
    telling.office(unit, "draft_abandoned", about, ticket)
    telling.person(unit, ticket.customer_id, "draft_dropped", about, ticket)
    desk.cancel(unit, ticket.id, None, "abandoned")


HANDLERS: Mapping[Due, Handler] = MappingProxyType(
    {
        Due.DRAFT_REMIND: _customer("draft_waits"),
        Due.DRAFT_EXPIRE: _drop_draft,
        Due.DISPATCH: _office("not_dispatched"),
        Due.DISPATCH_MANAGER: _managers("not_dispatched"),
        Due.OFFER_REMIND: _remind_offers,
        Due.OFFER_EXPIRE: _expire_offers,
        Due.ARRIVAL: _late_arrival,
        Due.HOLD: _follow_up,
        Due.SIGNOFF_FIRST: _customer("signoff_waits"),
        Due.SIGNOFF_SECOND: _customer("signoff_waits"),
        Due.SIGNOFF_AUTO: _sign_for_him,
        Due.RATING_REMIND: _customer("rating_waits"),
        Due.RATING_EXPIRE: _expire_rating,
        Due.CALL_BACK: _return_call,
        Due.COMPLAINT: _complaint_due,
    }
)
