"""What a letter carries that a chat does not need: links, its own id, and an address that finds the ticket again."""

import hmac
import re
from dataclasses import dataclass, field

from dispatch import keys, links
from storage.records.mail import Purpose
from storage.records.message import Job
from storage.records.ticket import Offered, RatingState, Signing, State
from storage.unit import UnitOfWork

MAIL = "mail"  # the name of the channel
OUR_ID = re.compile(r"(\d{1,18})\.([a-z2-7]{16})@", re.ASCII)
SECRETS = re.compile(
    r"(/t/)[a-z2-7]{26}\b|\+t\d{1,18}\.\d{1,18}\.[a-z2-7]{16}(?=@)|\b\d{1,18}\.[a-z2-7]{16}(?=@)",
    re.ASCII | re.IGNORECASE,
)
OUR_TAG = re.compile(r"t(\d{1,18})\.(\d{1,18})\.([a-z2-7]{16})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Postage:
    """`message_id` is the same at every try (G6); `reply_to` an address only this reader knows; `references` the
    ids of the thread, oldest first; `links` the pages this letter opens: status, sign, rate, job → URL."""

    message_id: str
    reply_to: str
    references: tuple[str, ...] = ()
    links: dict[Purpose, str] = field(default_factory=dict)


def stamp(unit: UnitOfWork, job: Job) -> Postage:
    """Everything a mail needs besides its words; in a unit that may write, for new links are remembered."""
    local, _, domain = unit.policy.mail.partition("@")
    message_id = f"{job.id}.{keys.seal(unit, 'id', job.id)}@{domain or 'callout.invalid'}"
    if job.ticket_id is None or job.person_id is None or not belongs(unit, job.ticket_id, job.person_id):
        return Postage(message_id, unit.policy.mail)
    tag = f"t{job.ticket_id}.{job.person_id}.{keys.seal(unit, 'tag', job.ticket_id, job.person_id)}"
    thread = unit.messages.thread(job.channel, job.address, job.ticket_id)
    return Postage(
        message_id,
        f"{local}+{tag}@{domain}",
        tuple(name for name in thread if "@" in name and name != message_id),
        _links(unit, job.ticket_id, job.person_id),
    )


def belongs(unit: UnitOfWork, ticket_id: int, person_id: int) -> bool:
    """The customer, the engineer who has it or was asked to take it, and the office: nobody else gets a secret of it."""
    ticket = unit.tickets.get(ticket_id)
    asked = unit.tickets.last_offer(ticket_id, person_id)
    member = person_id in {ticket.customer_id, ticket.owner_id} or asked is not None
    return member or unit.people.get(person_id).office


def _links(unit: UnitOfWork, ticket_id: int, person_id: int) -> dict[Purpose, str]:
    """What the reader may do at this moment, by link."""
    ticket = unit.tickets.get(ticket_id)
    subjects: dict[Purpose, int] = {}
    if person_id == ticket.customer_id:
        subjects[Purpose.STATUS] = 0
        signoff = unit.tickets.last_signoff(ticket_id)
        if ticket.state is State.COMPLETED and signoff and signoff.status is Signing.REQUESTED:
            subjects[Purpose.SIGN] = signoff.report_id
        rating = unit.tickets.last_rating(ticket_id)
        if rating and rating.status is not RatingState.EXPIRED and rating.grade is None:
            subjects[Purpose.RATE] = rating.id
    offer = unit.tickets.last_offer(ticket_id, person_id)
    if offer and offer.status in {Offered.OFFERED, Offered.ACCEPTED}:
        subjects[Purpose.JOB] = offer.id
    if not unit.policy.page:
        return {}
    return {
        purpose: links.url(unit.policy, links.token(unit, purpose, ticket_id, person_id, subject))
        for purpose, subject in subjects.items()
    }


def without_secrets(text: str) -> str:
    """Words of a mail as others may read them: links, addresses and ids that only its writer was given are taken
    out of what he quoted."""
    return SECRETS.sub(lambda found: f"{found[1]}…" if found[1] else "…", text)


def is_ours(secret: bytes, message_id: str) -> bool:
    """Whether an id was made by us, for who has the secret at hand and no archive."""
    found = OUR_ID.match(message_id.lower())
    return found is not None and hmac.compare_digest(found[2], keys.made(secret, "id", found[1]))


def job_of(unit: UnitOfWork, message_id: str) -> Job | None:
    """The message of ours that has this id; None for any other and for a forged one (S7)."""
    found = OUR_ID.match(message_id.lower())
    if found is None or not keys.sealed(unit, found[2], "id", found[1]):
        return None
    return unit.outbox.find_job(int(found[1]))


def holder_of(unit: UnitOfWork, address: str) -> tuple[int, int] | None:
    """(ticket, person) of a secret address of ours; None for any other and for a forged one (S7)."""
    found = OUR_TAG.fullmatch(address.partition("@")[0].partition("+")[2])
    if found is None or not keys.sealed(unit, found[3], "tag", int(found[1]), int(found[2])):
        return None
    return int(found[1]), int(found[2])
