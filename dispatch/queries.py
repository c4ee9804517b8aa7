"""Questions without consequences: a ticket with all that belongs to it, boards, journals, the contents of a parcel."""

from dispatch import crew, postage
from dispatch.errors import Refusal
from dispatch.parcels import Parcel, View
from dispatch.rules.access import may_read
from dispatch.rules.lateness import late
from storage.records.message import Entry, Job
from storage.records.people import Person
from storage.records.ticket import Event, Offered, State, Ticket
from storage.unit import UnitOfWork


def view(unit: UnitOfWork, ticket_id: int, *, engineers: bool = False) -> View:
    """Everything a card may show; `engineers` adds the crew with its loads for the desk's choice."""
    ticket = unit.tickets.get(ticket_id)
    offers = unit.tickets.offers(ticket_id)
    files, bad = unit.messages.file_counts(ticket_id)
    return View(
        ticket=ticket,
        customer=unit.people.get(ticket.customer_id),
        owner=unit.people.get(ticket.owner_id) if ticket.owner_id else None,
        owned_since=next((offer for offer in offers if offer.status is Offered.ACCEPTED), None),
        offers=tuple((offer, unit.people.get(offer.engineer_id)) for offer in offers),
        visits=unit.tickets.visits(ticket_id),
        report=unit.tickets.last_report(ticket_id),
        signoff=unit.tickets.last_signoff(ticket_id),
        rating=unit.tickets.last_rating(ticket_id),
        parts=unit.tickets.parts(ticket_id),
        files=files,
        bad_files=bad,
        history=unit.tickets.history(ticket),
        about=unit.tickets.get(ticket.about_id) if ticket.about_id else None,
        duplicate_of=unit.tickets.get(ticket.duplicate_of) if ticket.duplicate_of else None,
        engineers=crew.loads(unit) if engineers else (),
        same_customer=tuple(
            other for other in unit.tickets.open_of_customer(ticket.customer_id) if other.id != ticket.id
        )
        if engineers
        else (),
    )


# Kinds of messages that are put into words from the ticket's facts; the others carry their words.
SHOWS_TICKET = {"card", "notice", "relay"}
# Kinds that are sent as replies to the ticket's card.
HANGS_ON_CARD = {"notice", "pin"}


def parcel(unit: UnitOfWork, job: Job) -> Parcel | None:
    """The facts of this moment for one message; None when it has become pointless."""
    generation = job.payload.get("generation")
    ticket = unit.tickets.get(job.ticket_id) if job.ticket_id else None
    if generation is not None and ticket is not None and ticket.generation != generation:
        return None
    card = unit.messages.card(job.payload["card"]) if job.kind == "card" else None
    entry = unit.messages.get(job.payload["entry"]) if job.kind == "relay" else None
    person = unit.people.get(job.person_id) if job.person_id else None
    office = unit.people.office_at(job.channel, job.address) if person is None else None
    return Parcel(
        job=job,
        policy=unit.policy,
        language=person.language if person else office.language if office else unit.policy.language,
        person=person,
        view=view(unit, ticket.id, engineers=card is not None and card.audience == "office")
        if ticket and (job.kind in SHOWS_TICKET or job.channel == postage.MAIL)
        else None,
        card=card,
        entry=entry,
        author=unit.people.get(entry.author_id) if entry and entry.author_id else None,
        anchor=_anchor(unit, job),
        postage=postage.stamp(unit, job) if job.channel == postage.MAIL else None,
    )


def _anchor(unit: UnitOfWork, job: Job) -> str | None:
    """The message to reply to: the report for what is about it, else the ticket's card in this chat."""
    cards = unit.messages.cards(job.ticket_id) if job.ticket_id and job.kind in HANGS_ON_CARD else ()
    about_report = job.payload.get("key") in {"signoff_waits", "rating_waits", "auto_signed"}
    here = [card for card in cards if card.address == job.address and card.message_id]
    here.sort(key=lambda card: (card.audience == "signoff") is not about_report)
    return here[0].message_id if here else None


def find(unit: UnitOfWork, number: str, reader: Person) -> Ticket:
    """A ticket by its public number. Refusal(no_such_ticket) alike for none and for somebody else's (S6)."""
    cleaned = number.strip().upper().removeprefix("#")
    if cleaned.isdigit():
        cleaned = f"T-{cleaned}"
    ticket = unit.tickets.by_number(cleaned)
    if ticket is None or not readable(unit, ticket, reader):
        raise Refusal("no_such_ticket", number=number.strip()[:20])
    return ticket


def readable(unit: UnitOfWork, ticket: Ticket, reader: Person) -> bool:
    last = unit.tickets.last_offer(ticket.id, reader.id)
    return may_read(ticket, reader, last.status if last else None)


def journal(unit: UnitOfWork, ticket_id: int) -> tuple[tuple[Event, str], ...]:
    """(event, name of who did it) in order; the name is empty for the service itself."""
    return tuple(
        (event, unit.people.get(event.actor_id).name if event.actor_id else "")
        for event in unit.tickets.journal(ticket_id)
    )


def entries(unit: UnitOfWork, ticket_id: int) -> tuple[tuple[Entry, str], ...]:
    """(entry, author's name) in order."""
    return tuple(
        (entry, unit.people.get(entry.author_id).name if entry.author_id else "")
        for entry in unit.messages.of_ticket(ticket_id)
    )


def board(unit: UnitOfWork) -> tuple[tuple[Ticket, str, bool], ...]:
    """(ticket, owner's name, late): late ones first, then by severity and age."""
    rows = []
    for ticket in unit.tickets.open():
        owner = unit.people.get(ticket.owner_id).name if ticket.owner_id else ""
        rows.append((ticket, owner, late(ticket, unit.now, unit.policy.periods)))
    order = list(State)
    rows.sort(key=lambda row: (not row[2], order.index(row[0].state), row[0].severity, row[0].id))
    return tuple(rows)


def jobs(unit: UnitOfWork, engineer: Person) -> tuple[Ticket, ...]:
    return unit.tickets.owned_by(engineer.id)
