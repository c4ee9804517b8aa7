"""What lies behind a link at this moment: a question without consequences."""

from dataclasses import dataclass
from datetime import datetime

from dispatch import field, links, queries
from dispatch.errors import Refusal
from dispatch.parcels import View
from dispatch.ports import UnitOfWork
from storage.errors import Missing
from storage.records.mail import Link, Purpose
from storage.records.people import Person
from storage.records.policy import Policy
from storage.records.ticket import Assignment, Offered, Ticket


@dataclass(frozen=True, slots=True)
class Facts:
    """`offer` is the one a JOB link is about, `readable` whether its holder may (still) see the ticket, `arrived`
    whether the report to come knows when he came; `nonce` goes into every form."""

    link: Link
    person: Person
    view: View
    policy: Policy
    now: datetime
    nonce: str
    offer: Assignment | None
    readable: bool
    arrived: bool

    @property
    def ticket(self) -> Ticket:
        return self.view.ticket

    @property
    def mine(self) -> bool:
        """The job of this link is his."""
        taken = self.offer is not None and self.offer.status is Offered.ACCEPTED
        return taken and self.ticket.owner_id == self.person.id


def look(unit: UnitOfWork, made: str) -> Facts:
    """Everything the page of a token needs. Refusal(bad_link), alike for unknown, expired, malformed ones, and
    those of a customer whose ticket it no longer is."""
    link = links.follow(unit, made)
    try:
        view, person = queries.view(unit, link.ticket_id), unit.people.get(link.person_id)
    except Missing:
        raise Refusal("bad_link") from None
    if link.purpose is not Purpose.JOB and view.ticket.customer_id != person.id:
        raise Refusal("bad_link")
    his = (offer for offer, _ in view.offers if offer.engineer_id == person.id)
    return Facts(
        link=link,
        person=person,
        view=view,
        policy=unit.policy,
        now=unit.now,
        nonce=links.nonce(unit, made),
        offer=next((offer for offer in his if offer.id == link.subject_id), None),
        readable=queries.readable(unit, view.ticket, person),
        arrived=any(visit.arrived_at for visit in field.visits_now(unit, link.ticket_id)),
    )
