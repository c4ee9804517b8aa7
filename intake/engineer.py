"""What an engineer's mail does: accept, decline, on the way, there, done; with a token and a DMARC pass only (S7)."""

from dispatch import correspondence, field, hours
from dispatch.errors import Refusal
from intake import answers
from intake.answers import Answer, Means
from intake.post import Desk
from intake.threading import Proof
from storage.records.message import Audience
from storage.records.ticket import OWNED, Mode, Offered, Ticket


def wrote(desk_of: Desk, ticket: Ticket) -> str:
    """An engineer's or clerk's reply about a job of his."""
    proved = desk_of.thread.proof is Proof.OURS and desk_of.post.sorted.dmarc == "pass"
    if desk_of.post.sorted.silent or not proved:
        entry = desk_of.keep(ticket, Audience.STAFF, unverified=True)
        correspondence.hand_on(desk_of.unit, ticket, entry, desk_of.person)
        desk_of.answer("mail.answer.use_the_link", ticket)
        return f"entry of ticket {ticket.id}, sender not verified"
    meant = answers.of_engineer(desk_of.post.letter.text)
    if not fits(desk_of, ticket, meant.means):
        return _words(desk_of, ticket)
    try:
        with desk_of.unit.attempt():
            if desk_of.post.letter.parts:
                desk_of.keep(ticket)  # before the report is made: its photos belong to it
            key = DOES[meant.means](desk_of, ticket, meant)
    except Refusal as refusal:
        desk_of.keep(ticket, Audience.STAFF)
        desk_of.answer(f"refusal.{refusal.key}", ticket, **refusal.facts)
        return f"refused: {refusal.key}"
    if not desk_of.post.letter.parts:
        desk_of.keep(ticket, Audience.STAFF)
    desk_of.answer(f"mail.answer.{key}", ticket)
    return f"{meant.means} of ticket {ticket.id}"


def fits(desk_of: Desk, ticket: Ticket, means: Means) -> bool:
    """Whether these words can mean that now; "OK, thanks" from who has the job already is for the customer."""
    offer = desk_of.unit.tickets.last_offer(ticket.id, desk_of.person.id)
    if means in {Means.ACCEPT, Means.DECLINE}:
        return (
            ticket.owner_id is None
            and offer is not None
            and offer.status in {Offered.OFFERED, Offered.EXPIRED}
        )
    return means in DOES and ticket.owner_id == desk_of.person.id and ticket.state in OWNED


def _words(desk_of: Desk, ticket: Ticket) -> str:
    """Words for the other side, as they would be in chat: an answer goes to whoever wrote what it answers."""
    if desk_of.busy(ticket) or not desk_of.person.staff:
        desk_of.keep(ticket, Audience.STAFF)
        return f"entry of ticket {ticket.id}, not passed on"
    job = desk_of.thread.job
    shown = job.payload.get("entry") if job and job.kind == "relay" else None
    correspondence.receive(desk_of.unit, desk_of.post.letter, desk_of.person, ticket, shown)
    return f"entry of ticket {ticket.id}"


def _offer(desk_of: Desk, ticket: Ticket) -> int:
    offer = desk_of.unit.tickets.last_offer(ticket.id, desk_of.person.id)
    if offer is None:
        raise Refusal("not_yours")
    return offer.id


def _accept(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    field.accept(desk_of.unit, ticket.id, desk_of.person, _offer(desk_of, ticket))
    return "accepted"


def _decline(desk_of: Desk, ticket: Ticket, meant: Answer) -> str:
    reason = meant.rest[:300] or "other"
    field.decline(desk_of.unit, ticket.id, desk_of.person, _offer(desk_of, ticket), reason)
    return "declined"


def _depart(desk_of: Desk, ticket: Ticket, meant: Answer) -> str:
    field.depart(desk_of.unit, ticket.id, desk_of.person, meant.minutes)
    return "noted"


def _arrive(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    field.arrive(desk_of.unit, ticket.id, desk_of.person)
    return "noted"


def _remote(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    field.start_remote(desk_of.unit, ticket.id, desk_of.person)
    return "noted"


def _done(desk_of: Desk, ticket: Ticket, meant: Answer) -> str:
    """A report of labelled lines; what is missing is said, and nothing is done by halves."""
    said = meant.fields
    if not said.get("mode"):
        raise Refusal("mode_needed")
    field.complete(
        desk_of.unit,
        ticket.id,
        desk_of.person,
        cause=said.get("cause", ""),
        action=said.get("action", ""),
        mode=Mode(said["mode"]),
        parts=_parts(said.get("parts", "")),
        tested=answers.plain(said.get("tested", "")) in answers.YES,
        arrived_at=hours.lately(said.get("arrived", ""), desk_of.unit.policy.zone, desk_of.unit.now),
    )
    return "completed"


def _parts(said: str) -> str:
    return field.NO_PARTS if answers.plain(said) in {"none", "no", "无", "没有", "keine"} else said


DOES = {
    Means.ACCEPT: _accept,
    Means.DECLINE: _decline,
    Means.DEPART: _depart,
    Means.ARRIVE: _arrive,
    Means.REMOTE: _remote,
    Means.DONE: _done,
}
