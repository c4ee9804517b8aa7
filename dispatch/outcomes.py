"""What becomes of a message after the channel spoke: sent, later, never, or nobody knows (GUARANTEES G4)."""

from datetime import timedelta

from dispatch import addresses, field, telling
from dispatch.ports import Receipt, Undelivered
from storage.records.message import Job, Sending
from storage.records.people import Office, Person
from storage.records.ticket import Offered, Ticket
from storage.unit import UnitOfWork

TRIES = 40  # of what may have arrived each time; what surely was not sent is tried as long as it is of use
OF_USE = timedelta(hours=48)
ALARMS = {"message_lost", "unreachable", "dead_letter"}
LONGEST = 120.0  # seconds between two tries
LONGEST_OUTAGE = 15.0  # … while the whole channel is away


def harmless(unit: UnitOfWork, job: Job) -> bool:
    """Doing it twice changes nothing: answers, edits of a card that exists, taking buttons off."""
    if job.kind == "card":
        return unit.messages.card(job.payload["card"]).message_id is not None
    return job.kind in {"answer", "retire", "say_edit", "react"}


def claimable(unit: UnitOfWork, job: Job) -> bool:
    """False for a courtesy whose first sending may have arrived: it is marked unknown, not repeated."""
    if job.ambiguous and not job.duty and not harmless(unit, job):
        unit.outbox.settle(job, Sending.UNKNOWN, error="may have arrived before a crash")
        return False
    return True


def sent(unit: UnitOfWork, job: Job, receipt: Receipt) -> None:
    """It arrived: replies to these messages find the ticket, and the card knows its message."""
    first = receipt.message_ids[0] if receipt.message_ids else None
    unit.outbox.settle(job, Sending.SENT, outside_id=first)
    if job.ticket_id and receipt.message_ids:
        shows = job.payload.get("entry")
        unit.messages.spoke(job.channel, job.address, receipt.message_ids, job.ticket_id, shows)
    if job.kind == "card" and first:
        # An edit brings no new id: one still on its way must not undo a card that was moved meanwhile.
        unit.messages.update_card(unit.messages.card(job.payload["card"]), message_id=first)
    if job.kind == "say" and first and job.payload.get("dialogue"):
        unit.plans.asked(job.payload["dialogue"], first)


def dropped(unit: UnitOfWork, job: Job) -> None:
    unit.outbox.settle(job, Sending.DROPPED, error="pointless by now")


def failed(unit: UnitOfWork, job: Job, failure: Undelivered) -> Sending:
    """Later, never, or unknown; the state it is in now."""
    if failure.moved_to:
        unit.outbox.later(job, unit.now, failure.why)
        moved(unit, job.channel, job.address, failure.moved_to)
        return Sending.PENDING
    if failure.untried:
        due = unit.now + timedelta(seconds=failure.retry_after or 1)
        unit.outbox.later(job, due, failure.why, untried=True)
        return Sending.PENDING
    if failure.broken and job.attempts >= 3:
        return _never(unit, job, failure)
    tired = failure.ambiguous and job.attempts >= TRIES
    if failure.forever or tired or unit.now - job.created_at > OF_USE:
        return _never(unit, job, failure)
    if failure.ambiguous and not job.duty and not harmless(unit, job):
        unit.outbox.settle(job, Sending.UNKNOWN, error=failure.why)
        return Sending.UNKNOWN
    longest = LONGEST_OUTAGE if failure.everywhere else LONGEST
    pause = failure.retry_after or min(longest, 0.5 * 2 ** min(job.attempts, 10))
    if failure.everywhere or failure.retry_after is not None:
        # Nobody hammers a channel that is away, nor a chat that asked for patience (F11, F19).
        until = unit.now + timedelta(seconds=pause)
        if failure.everywhere:
            unit.outbox.pause_channel(job.channel, until)
        else:
            unit.outbox.pause(job.lane, until)
    wait = timedelta(seconds=pause * (1 + unit.chance.random() / 4))
    ambiguous = failure.ambiguous and not harmless(unit, job)
    unit.outbox.later(job, unit.now + wait, failure.why, ambiguous=ambiguous)
    return Sending.PENDING


def moved(unit: UnitOfWork, channel: str, old: str, new: str) -> None:
    """A group changed its address: what waits follows it, and cards are sent anew, for their messages stayed."""
    unit.people.move(channel, old, new)
    unit.messages.move(channel, old, new)
    unit.outbox.readdress(channel, old, new)


def _never(unit: UnitOfWork, job: Job, failure: Undelivered) -> Sending:
    """It will not arrive: the contact is unreachable, the office hears of it, an offer goes on at once."""
    unit.outbox.settle(job, Sending.UNDELIVERABLE, error=failure.why)
    if job.kind in {"answer", "retire", "say_edit", "react"}:
        return Sending.UNDELIVERABLE
    ticket = unit.tickets.get(job.ticket_id) if job.ticket_id else None
    office = unit.people.office_at(job.channel, job.address)
    if job.payload.get("key") in ALARMS:
        # An alarm that cannot be said here is said elsewhere; one about itself would never end.
        if office:
            office_lost(unit, office, failure.why, f"outbox.{job.id}")
        unit.people.reachable(job.channel, job.address, why=failure.why)
        telling.office(unit, job.payload["key"], job.payload["about"], ticket, **job.payload["facts"])
        return Sending.UNDELIVERABLE
    if not failure.forever:
        telling.office(unit, "message_lost", f"outbox.{job.id}", ticket, outbox=job.id)
        return Sending.UNDELIVERABLE
    if office:
        office_lost(unit, office, failure.why, f"outbox.{job.id}")
    else:
        lost(unit, job, failure.why)
    return Sending.UNDELIVERABLE


def lost(unit: UnitOfWork, job: Job, why: str) -> None:
    """This address takes nothing any more: the office hears of it, the message goes by another channel if the
    person has one, else what he was offered goes to the next one (G4)."""
    ticket = unit.tickets.get(job.ticket_id) if job.ticket_id else None
    if unit.people.reachable(job.channel, job.address, why=why):
        name = unit.people.get(job.person_id).name if job.person_id else ""
        telling.office(unit, "unreachable", f"outbox.{job.id}", ticket, name=name, why=why)
    if job.person_id and not _elsewhere(unit, job, ticket):
        pass_over_all(unit, unit.people.get(job.person_id))


def _elsewhere(unit: UnitOfWork, job: Job, ticket: Ticket | None) -> bool:
    """Plan the same message for the person's next address; False when he has none."""
    to = addresses.of_person(unit, job.person_id) if job.person_id else None
    if to is None:
        return False
    if job.kind == "card" and ticket:
        card = unit.messages.card(job.payload["card"])
        telling.place(unit, ticket, card.audience, to, subject_id=card.subject_id)
    elif job.kind in {"notice", "relay"}:
        unit.outbox.tell(
            f"{job.key}:{to.channel}:{to.address}",
            job.kind,
            to.channel,
            to.address,
            job.payload,
            person_id=job.person_id,
            ticket_id=job.ticket_id,
            duty=job.duty,
        )
    return True


def office_lost(unit: UnitOfWork, office: Office, why: str, about: str) -> None:
    """The office's chat is no more: who is left of the office hears of it and gets the cards of what is open."""
    unit.people.office_unreachable(office)
    telling.office(unit, "unreachable", about, None, name=office.title, why=why)
    for ticket in unit.tickets.open():
        for to in addresses.office(unit):
            telling.place(unit, ticket, "office", to)


def gone(unit: UnitOfWork, channel: str, address: str, why: str, about: str) -> None:
    """The channel says that somebody wants to hear no more: the office knows if anything of his is open,
    and what he was offered goes to the next candidate."""
    person = unit.people.by_address(channel, address)
    if person is None or not unit.people.reachable(channel, address, why=why):
        return
    waiting = unit.tickets.open_of_customer(person.id)
    if person.staff or waiting:
        telling.office(unit, "unreachable", about, next(iter(waiting), None), name=person.name, why=why)
    pass_over_all(unit, person)


def pass_over_all(unit: UnitOfWork, person: Person) -> None:
    """Whatever he was offered and has not answered is offered to the next one at once (F21)."""
    for ticket in unit.tickets.open() if person.staff else ():
        offer = unit.tickets.last_offer(ticket.id, person.id)
        if offer and offer.status is Offered.OFFERED:
            field.pass_over(unit, ticket, offer)
