"""Who may read a ticket: its customer, its engineer, who holds an offer of it, and the office (S6)."""

from storage.records.people import Person, Role
from storage.records.ticket import Offered, Ticket

OPEN_OFFER = frozenset({Offered.OFFERED, Offered.ACCEPTED, Offered.EXPIRED})


def may_read(ticket: Ticket, reader: Person, last_offer: Offered | None) -> bool:
    return (
        ticket.customer_id == reader.id
        or ticket.owner_id == reader.id
        or (Role.ENGINEER in reader.roles and last_offer in OPEN_OFFER)
        or reader.office
    )
