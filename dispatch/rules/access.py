"""Who may read a ticket: its customer, its engineer, who holds an offer of it, and the office (S6)."""

from storage.records.people import Person, Role
from storage.records.ticket import Offered, Ticket


def may_read(ticket: Ticket, reader: Person, last_offer: Offered | None) -> bool:
    """An offer that ran out can still be read (and taken) while nobody has the job."""
    asked = {Offered.OFFERED} if ticket.owner_id else {Offered.OFFERED, Offered.EXPIRED}
    return (
        ticket.customer_id == reader.id
        or ticket.owner_id == reader.id
        or (Role.ENGINEER in reader.roles and last_offer in asked)
        or reader.office
    )
