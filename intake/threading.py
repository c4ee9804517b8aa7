"""Which ticket a mail is about, and how far its sender may be believed (S7): pure rules over what the archive knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dispatch import postage
from dispatch.ports import UnitOfWork
from intake.mail import Headers
from storage.records.message import Job
from storage.records.people import Person
from storage.records.ticket import Ticket

NUMBER = re.compile(r"\bT-(\d{4,11})\b", re.IGNORECASE | re.ASCII)
ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")


class Proof(StrEnum):
    """How a mail found its ticket."""

    OURS = "ours"  # it answers a message that we sent to this very sender: he may act
    MEMBER = "member"  # the sender belongs to the ticket and names its number, or follows up his own mail
    LENT = "lent"  # a secret of the ticket in somebody else's hands: a forward, a copy, or a forgery
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a mail belongs to (None: a new one), the proof, the message it answers, and the ticket it may be
    about without any proof, which only the office is told."""

    ticket: Ticket | None
    proof: Proof
    job: Job | None = None
    possibly: Ticket | None = None


def verified(proof: Proof, dmarc: str) -> bool:
    """May the words of this mail change a ticket's state? A secret we sent to him and no word against him, or
    his domain's own word for him; never a name in a header alone."""
    return (proof is Proof.OURS and dmarc != "fail") or (proof is Proof.MEMBER and dmarc == "pass")


def find(unit: UnitOfWork, headers: Headers, sender: Person | None) -> Thread:
    """Follow the thread by our ids, by the secret address, by the sender's own ids, by a number in the subject."""
    lent: Thread | None = None
    for ticket_id, person_id, job in _secrets(unit, headers):
        ticket = _living(unit, ticket_id)
        if sender is not None and (sender.id == person_id or _joined(unit, person_id, sender, ticket)):
            return Thread(ticket, Proof.OURS, job, _named(unit, headers, ticket))
        lent = lent or Thread(ticket, Proof.LENT, job)
    own = _own(unit, headers, sender)
    if own is not None:
        return Thread(own, Proof.MEMBER, possibly=_named(unit, headers, own))
    named = _named(unit, headers, None)
    if named is not None and sender is not None and postage.belongs(unit, named.id, sender.id):
        return Thread(_living(unit, named.id), Proof.MEMBER)
    return lent or Thread(None, Proof.NONE, possibly=named)


def _secrets(unit: UnitOfWork, headers: Headers) -> Iterator[tuple[int, int, Job | None]]:
    """(ticket, person, message) of every genuine secret in the mail: what it answers first, newest first, then the
    address it was sent to."""
    for message_id in (headers.in_reply_to, *reversed(headers.references)):
        yield from _of_job(postage.job_of(unit, message_id))
    envelope = [value for name in ENVELOPE for value in headers.every(name)]
    for address in (*headers.to, *headers.cc, *envelope):
        if held := postage.holder_of(unit, address.strip("<> ")):
            yield (*held, None)


def _of_job(job: Job | None) -> Iterator[tuple[int, int, Job | None]]:
    if job is not None and job.ticket_id is not None and job.person_id is not None:
        yield job.ticket_id, job.person_id, job


def _own(unit: UnitOfWork, headers: Headers, sender: Person | None) -> Ticket | None:
    """He answers his own earlier mail, or one of ours whose proof was lost on the way."""
    if sender is None:
        return None
    for message_id in (headers.in_reply_to, *reversed(headers.references)):
        found, _ = unit.messages.about(postage.MAIL, headers.from_addr.lower(), message_id)
        if message_id and found:
            ticket = _living(unit, found)
            return ticket if postage.belongs(unit, ticket.id, sender.id) else None
    return None


def _named(unit: UnitOfWork, headers: Headers, but: Ticket | None) -> Ticket | None:
    for found in NUMBER.finditer(headers.subject[:1000]):
        ticket = unit.tickets.by_number(f"T-{found[1]}")
        if ticket is not None and (but is None or ticket.id != but.id):
            return ticket
    return None


def _joined(unit: UnitOfWork, person_id: int, sender: Person, ticket: Ticket) -> bool:
    """The secret was given to a record of the customer that is one with another of his by now: it has no address."""
    return sender.id == ticket.customer_id and not unit.people.contacts(person_id)


def _living(unit: UnitOfWork, ticket_id: int) -> Ticket:
    """The ticket, or the one it turned out to be a duplicate of."""
    ticket = unit.tickets.get(ticket_id)
    while ticket.duplicate_of:
        ticket = unit.tickets.get(ticket.duplicate_of)
    return ticket
