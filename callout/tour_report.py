"""What the tour shows at its end: every phone, the journal of every ticket, the evidence, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from callout.stage import Stage
from dispatch import queries
from dispatch.texts import Phrases
from storage.records.people import Person
from storage.records.ticket import Event, Kind, Rating, Report, Signing, SignOff, State, Ticket
from storage.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class Ending:
    """A ticket at the end of its story, with the evidence; `complaint` is the ticket a bad grade opened."""

    ticket: Ticket
    journal: tuple[tuple[Event, str], ...]
    report: Report | None
    signoffs: tuple[SignOff, ...]
    rating: Rating | None
    complaint: Ticket | None
    complaint_journal: tuple[tuple[Event, str], ...]
    complaint_owner: Person | None


def ending(unit: UnitOfWork, number: str) -> Ending:
    """Read one story's end from the archive. LookupError: no such ticket."""
    ticket = unit.tickets.by_number(number)
    if ticket is None:
        raise LookupError(number)
    rating = unit.tickets.last_rating(ticket.id)
    complaint = unit.tickets.by_source("rating", str(rating.id)) if rating else None
    return Ending(
        ticket,
        queries.journal(unit, ticket.id),
        unit.tickets.last_report(ticket.id),
        unit.tickets.signoffs(ticket.id),
        rating,
        complaint,
        queries.journal(unit, complaint.id) if complaint else (),
        unit.people.get(complaint.owner_id) if complaint and complaint.owner_id else None,
    )


# --- in words ------------------------------------------------------------------------------------------------


def report(ready: Stage, words: Phrases, endings: list[Ending]) -> str:
    """The transcript of every phone, then of every ticket the journal, the sign-offs and the rating."""
    parts = [ready.sim.transcript(phone) for phone in ready.cast.phones]
    for end in endings:
        parts.append("\n".join(_ticket(words, end.ticket, end.journal)))
        parts.append("\n".join(_evidence(words, end)))
        if end.complaint:
            parts.append("\n".join(_ticket(words, end.complaint, end.complaint_journal)))
    return "\n\n".join(parts)


def _ticket(words: Phrases, ticket: Ticket, journal: tuple[tuple[Event, str], ...]) -> Iterator[str]:
    yield f"== {ticket.label} · {words.word('kind', ticket.kind)} · {words.word('state', ticket.state)} =="
    for event, who in journal:
        before = words.word("state", event.from_state) if event.from_state else "—"
        after = words.word("state", event.to_state)
        way = after if before == after else f"{before} → {after}"
        at = event.at.astimezone(words.zone).strftime("%H:%M:%S")
        yield f"{at}  {words.word('verb', event.verb)} · {way} · {who or words.say('by_itself')}"


def _evidence(words: Phrases, end: Ending) -> Iterator[str]:
    for signoff in end.signoffs:
        at = signoff.answered_at.astimezone(words.zone).strftime("%H:%M:%S") if signoff.answered_at else ""
        facts = (words.word("signing", signoff.status), at, signoff.channel, signoff.address, signoff.reason)
        yield " · ".join((words.say("tour.signoff"), *(fact for fact in facts if fact)))
        yield f"  sha256 {signoff.report_hash}"
    if end.rating and end.rating.grade:
        comment = f" · {end.rating.comment}" if end.rating.comment else ""
        yield f"{words.say('tour.rating')} · {words.word('grade', end.rating.grade)}{comment}"


# --- in truth ------------------------------------------------------------------------------------------------


def checks(first: Ending, second: Ending, third: Ending) -> list[str]:
    """What did not end as it must, one sentence each; empty when all is well."""
    signed = [one for one in first.signoffs if one.status is Signing.CONFIRMED]
    grades = [end.rating.grade if end.rating else None for end in (first, second)]
    complaint = second.complaint
    facts = {
        "the first ticket is not closed": first.ticket.state is State.CLOSED,
        "the first ticket has not exactly one sign-off": len(first.signoffs) == len(signed) == 1,
        "the signed hash is not that of the report": bool(
            signed and first.report and signed[0].report_hash == first.report.hash
        ),
        f"the first grade is {grades[0]}, not 1": grades[0] == 1,
        "the second ticket is not closed": second.ticket.state is State.CLOSED,
        "the second ticket was not disputed exactly once": second.ticket.disputes == 1,
        f"the second grade is {grades[1]}, not 5": grades[1] == 5,
        "no complaint is linked to the second ticket": bool(
            complaint and complaint.kind is Kind.COMPLAINT and complaint.about_id == second.ticket.id
        ),
        "the complaint has no owner or no due date": bool(
            complaint and second.complaint_owner and complaint.due_at
        ),
        "the return call is not noted": bool(complaint and complaint.called_back_at),
        "the first ticket opened a complaint": first.complaint is None,
        "the third ticket is not closed": third.ticket.state is State.CLOSED,
        "the third ticket was not signed by mail": [one.channel for one in third.signoffs] == ["mail"],
        "the third grade is not 1": bool(third.rating and third.rating.grade == 1),
    }
    return [sentence for sentence, holds in facts.items() if not holds]
