"""What a customer's mail does: a new report, an answer to a report of ours, a grade, or words for his ticket."""

from dispatch import addresses, closing, correspondence, desk, telling
from dispatch.correspondence import PROBLEM
from dispatch.errors import Refusal
from dispatch.postage import MAIL
from intake import answers
from intake.answers import Answer, Means
from intake.post import Desk, may_acknowledge
from storage.records.message import Audience
from storage.records.ticket import ENDED, RatingState, Signing, State, Ticket

# Our mail server looked, and cannot say that he is who he says.
UNVOUCHED = {"none", "temperror", "permerror"}


def report(desk_of: Desk) -> str:
    """A new ticket; the receipt goes out once, unless the sender may be a machine or the brake is on."""
    unit, post, person = desk_of.unit, desk_of.post, desk_of.person
    ticket = desk.open_draft(unit, person, MAIL, str(post.kept.id))
    known = person.created_at < unit.now
    desk_of.keep(ticket, unverified=post.sorted.dmarc == "fail" or (known and post.sorted.dmarc in UNVOUCHED))
    said = answers.labelled(post.letter.text)
    sites = unit.people.sites_of(person.id, 1)
    place = said.get("place", "") or (sites[0].address if sites else "")
    changes = {
        "problem": _problem(desk_of),
        "place": place[:300],
        "phone": said.get("phone", "")[:40] or person.phone,
    }
    desk.describe(unit, ticket.id, person, **changes)
    receipt = may_acknowledge(unit, post)
    ticket = desk.submit(unit, ticket.id, person, receipt=receipt)
    possibly = desk_of.thread.possibly
    if possibly:
        telling.office(unit, "mail_possibly", f"mail.{post.kept.id}", ticket, other=possibly.label)
    if not post.kept.whole and receipt:
        desk_of.answer("mail.answer.too_big", ticket, size=post.kept.size >> 20)
    if post.sorted.dmarc == "fail":
        telling.office(unit, "mail_forged", f"mail.{post.kept.id}", ticket, address=post.address)
    return f"ticket {ticket.id}" if receipt else f"ticket {ticket.id}, not acknowledged"


def _problem(desk_of: Desk) -> str:
    subject = desk_of.post.mail.headers.subject.strip()
    text = answers.without(desk_of.post.letter.text[: PROBLEM * 2], "place", "phone")
    whole = text if not subject or text.startswith(subject) else f"{subject}\n{text}"
    return whole.strip()[:PROBLEM] or "—"


def wrote(desk_of: Desk, ticket: Ticket) -> str:
    """A customer's reply: his word counts when it is proved to be his, else it is only shown to the office."""
    if desk_of.post.sorted.silent or not desk_of.proved:
        return passed_on(desk_of, ticket)
    meant = _meant(desk_of, ticket)
    if meant.means is Means.WORDS:
        return passed_on(desk_of, ticket)
    try:
        with desk_of.unit.attempt():
            key = DOES[meant.means](desk_of, ticket, meant)
    except Refusal as refusal:
        passed_on(desk_of, ticket)
        desk_of.answer(f"refusal.{refusal.key}", ticket, **refusal.facts)
        return f"refused: {refusal.key}"
    entry = desk_of.keep(ticket)
    if entry.files:
        correspondence.pass_on(desk_of.unit, desk_of.unit.tickets.get(ticket.id), entry)
    desk_of.answer(f"mail.answer.{key}", ticket)
    return f"{meant.means} of ticket {ticket.id}"


def _meant(desk_of: Desk, ticket: Ticket) -> Answer:
    """The same words mean different things at different times; where they mean nothing they are a message."""
    text = desk_of.post.letter.text
    rating = desk_of.unit.tickets.last_rating(ticket.id)
    if (
        ticket.state in {State.CONFIRMED, State.CLOSED}
        and rating
        and rating.status is not RatingState.EXPIRED
    ) and (graded := answers.grade(text)):
        return graded
    meant = answers.of_customer(text)
    return meant if ticket.state in WHEN.get(meant.means, frozenset()) else Answer(Means.WORDS, text)


def passed_on(desk_of: Desk, ticket: Ticket) -> str:
    """Words for the ticket: kept and shown to the other side; unproved ones to staff only, and nothing moves."""
    unit, proved = desk_of.unit, desk_of.proved
    entry = desk_of.keep(ticket, Audience.ALL if proved else Audience.STAFF, unverified=not proved)
    if desk_of.busy(ticket):
        telling.office(
            unit, "mail_busy", f"mail_busy.{ticket.id}.{unit.now:%Y%m%d%H}", ticket, address=entry.address
        )
        return f"entry of ticket {ticket.id}, not passed on: too many in an hour"
    correspondence.hand_on(unit, ticket, entry, desk_of.person)
    if proved:
        _say_how(desk_of, ticket)
    return f"entry of ticket {ticket.id}" + ("" if proved else ", sender not verified")


def _say_how(desk_of: Desk, ticket: Ticket) -> None:
    """Where a word of his is waited for, or none can do anything any more, he hears how to say it; once."""
    if not desk_of.post.kept.whole:
        desk_of.answer("mail.answer.too_big", ticket, size=desk_of.post.kept.size >> 20)
        return
    signoff = desk_of.unit.tickets.last_signoff(ticket.id)
    if ticket.state is State.COMPLETED and signoff and signoff.status is Signing.REQUESTED:
        desk_of.answer("mail.answer.passed_on_unsigned", ticket, once=f"unsigned.{signoff.id}")
    elif ticket.state in ENDED:
        for to in addresses.office(desk_of.unit):
            correspondence.pass_on(
                desk_of.unit, ticket, desk_of.unit.messages.of_ticket(ticket.id)[-1], (to,)
            )
        desk_of.answer("mail.answer.ended", ticket, once=f"ended.{ticket.id}.{ticket.version}")


# --- what he may ask for -----------------------------------------------------------------------------------------


def _confirm(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    """He signs the report he was shown: the one in the mail he answers, not a newer one he has not seen."""
    unit, job = desk_of.unit, desk_of.thread.job
    signoff = unit.tickets.last_signoff(ticket.id)
    if signoff is None:
        raise Refusal("nothing_to_sign")
    report = unit.tickets.last_report(ticket.id)
    # Some clients name no message they answer: then it is clear only while there has been one report.
    shown = job.created_at >= signoff.requested_at if job else report is not None and report.version == 1
    if not shown:
        raise Refusal("report_outdated")
    evidence = f"mail:{desk_of.post.kept.id}"
    closing.confirm(unit, ticket.id, desk_of.person, MAIL, desk_of.post.address, signoff.report_id, evidence)
    return "signed"


def _dispute(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    closing.dispute(desk_of.unit, ticket.id, desk_of.person, desk_of.post.letter.text.strip()[:PROBLEM])
    return "disputed"


def _rate(desk_of: Desk, ticket: Ticket, meant: Answer) -> str:
    closing.rate(desk_of.unit, ticket.id, desk_of.person, meant.grade)
    if meant.rest:
        closing.comment(desk_of.unit, ticket.id, desk_of.person, meant.rest[:PROBLEM])
    return "rated_bad" if meant.grade in closing.BAD else "rated"


def _cancel(desk_of: Desk, ticket: Ticket, meant: Answer) -> str:
    desk.cancel(desk_of.unit, ticket.id, desk_of.person, meant.rest[:300] or "not_needed")
    return "cancelled"


def _reopen(desk_of: Desk, ticket: Ticket, _meant: Answer) -> str:
    closing.reopen(desk_of.unit, ticket.id, desk_of.person, desk_of.post.letter.text.strip()[:PROBLEM])
    return "reopened"


DOES = {
    Means.CONFIRM: _confirm,
    Means.DISPUTE: _dispute,
    Means.GRADE: _rate,
    Means.CANCEL: _cancel,
    Means.REOPEN: _reopen,
}
UNDER_WAY = frozenset({*State} - {*ENDED, State.DRAFT, State.COMPLETED, State.CONFIRMED})
WHEN = {
    Means.CONFIRM: frozenset({State.COMPLETED}),
    Means.DISPUTE: frozenset({State.COMPLETED}),
    Means.CANCEL: UNDER_WAY,
    Means.REOPEN: frozenset({State.CONFIRMED, State.CLOSED}),
}
