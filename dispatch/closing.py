"""The customer closes the ticket: he signs or objects, rates or does not, and a bad grade opens a complaint."""

import hashlib
from typing import Any

from dispatch import addresses, crew, desk, telling, transition
from dispatch.errors import Refusal
from dispatch.postage import MAIL
from dispatch.rules.triage import severity
from storage.records.people import Person, Role
from storage.records.ticket import Kind, Rating, RatingState, Signing, SignOff, Ticket, Verb, Work
from storage.unit import UnitOfWork

BAD = (4, 5)  # deficient 有缺陷, dissatisfied 不满意 (P17.5, P10.4)


def _pending(unit: UnitOfWork, ticket: Ticket, report_id: int | None) -> SignOff:
    signoff = unit.tickets.last_signoff(ticket.id)
    if signoff is None:
        raise Refusal("nothing_to_sign")
    if report_id is not None and signoff.report_id != report_id:
        raise Refusal("report_outdated")
    return signoff


def refuse_answered(signoff: SignOff) -> None:
    """Refusal: signed_automatically(at), already_signed, when this report has been answered."""
    if signoff.status is Signing.AUTO_CONFIRMED:
        raise Refusal("signed_automatically", at=signoff.answered_at)
    if signoff.status is not Signing.REQUESTED:
        raise Refusal("already_signed")


def confirm(
    unit: UnitOfWork,
    ticket_id: int,
    actor: Person,
    channel: str,
    address: str,
    report_id: int | None = None,
    evidence: str | None = None,
) -> Ticket:
    """Sign the report that was shown; the evidence row holds who, where, when and its hash (P17.4).

    Refusal: report_outdated, already_signed(at), nothing_to_sign, scan_needed (the office without a scan).
    """
    ticket = unit.tickets.get(ticket_id)
    signoff = _pending(unit, ticket, report_id)
    if actor.id == ticket.customer_id:
        refuse_answered(signoff)
    ticket = transition.apply(
        unit, ticket, Verb.CONFIRM, actor, report_hash=signoff.report_hash, evidence=evidence
    )
    signed = unit.tickets.answer_signoff(
        signoff,
        status=Signing.CONFIRMED,
        person_id=actor.id,
        channel=channel,
        address=address,
        evidence=evidence,
    )
    _ask_rating(unit, ticket, signed)
    customer = addresses.of_person(unit, ticket.customer_id)
    if customer and customer.channel == MAIL and actor.id != ticket.customer_id:
        # In a chat his card shows it, and asks for the grade.
        telling.notice(unit, customer, "signed_on_paper", f"signoff.{signed.id}", ticket)
    return ticket


def _ask_rating(unit: UnitOfWork, ticket: Ticket, signoff: SignOff) -> None:
    """The engineer is noted with the request: a later change of hands does not change whose work it was."""
    report = unit.tickets.last_report(ticket.id)
    if report:
        unit.tickets.ask_rating(signoff, ticket.customer_id, report.engineer_id)


def dispute(
    unit: UnitOfWork, ticket_id: int, actor: Person, reason: str, report_id: int | None = None
) -> Ticket:
    """Not fixed: back to the same engineer, and the manager hears why."""
    ticket = unit.tickets.get(ticket_id)
    signoff = _pending(unit, ticket, report_id)
    ticket = transition.apply(
        unit,
        ticket,
        Verb.DISPUTE,
        actor,
        changes={"detail": Work.DISPUTED.value, "disputes": ticket.disputes + 1},
        reason=reason,
    )
    unit.tickets.answer_signoff(signoff, status=Signing.DISPUTED, person_id=actor.id, reason=reason)
    return ticket


def auto_confirm(unit: UnitOfWork, ticket: Ticket) -> Ticket:
    """T8: nobody answered; marked as such with the reason, never for urgent work."""
    signoff = _pending(unit, ticket, None)
    ticket = transition.apply(unit, ticket, Verb.AUTO_CONFIRM, None, reason="no_answer")
    signed = unit.tickets.answer_signoff(signoff, status=Signing.AUTO_CONFIRMED, reason="no_answer")
    _ask_rating(unit, ticket, signed)
    return ticket


# --- rating ------------------------------------------------------------------------------------------------


def rate(unit: UnitOfWork, ticket_id: int, actor: Person, grade: int) -> tuple[Ticket, Rating]:
    """Rate, or change the grade within 12 hours; only the customer may (P17.5).

    Refusal: not_yours, rating_closed, grade_needed.
    """
    ticket = unit.tickets.get(ticket_id)
    if actor.id != ticket.customer_id:
        raise Refusal("not_yours")
    rating = unit.tickets.last_rating(ticket_id)
    if rating is None or rating.status is RatingState.EXPIRED:
        raise Refusal("rating_closed")
    given = rating.given_at
    if given is not None and unit.now - given > unit.policy.periods.rating_change:
        raise Refusal("rating_closed")
    verb = Verb.RERATE if given else Verb.RATE
    ticket = transition.apply(unit, ticket, verb, actor, grade=grade, was=rating.grade)
    rating = unit.tickets.update_rating(
        rating, status=RatingState.GIVEN, grade=grade, given_at=given or unit.now
    )
    if grade in BAD:
        open_complaint(unit, ticket, rating)
    return ticket, rating


def comment(unit: UnitOfWork, ticket_id: int, actor: Person, text: str) -> Rating:
    """Add words to a grade; after a bad one they reach the complaint and its owner."""
    ticket = unit.tickets.get(ticket_id)
    rating = unit.tickets.last_rating(ticket_id)
    if rating is None or rating.grade is None or actor.id != ticket.customer_id:
        raise Refusal("rating_closed")
    rating = unit.tickets.update_rating(rating, comment=text)
    complaint = unit.tickets.by_source("rating", str(rating.id))
    if complaint and complaint.owner_id:
        # Every further comment is told as well, the same words only once.
        about = f"{complaint.id}.comment.{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        telling.person(unit, complaint.owner_id, "complaint_reason", about, complaint, text=text)
    telling.refresh_all(unit, ticket)
    return rating


def expire_rating(unit: UnitOfWork, ticket: Ticket) -> Ticket:
    """No answer is never counted as satisfied."""
    ticket = transition.apply(unit, ticket, Verb.EXPIRE_RATING, None)
    rating = unit.tickets.last_rating(ticket.id)
    if rating and rating.status is RatingState.REQUESTED:
        unit.tickets.update_rating(rating, status=RatingState.EXPIRED)
    return ticket


# --- what follows a bad grade, and a fault that comes back -------------------------------------------------


def open_complaint(unit: UnitOfWork, ticket: Ticket, rating: Rating) -> Ticket:
    """A linked complaint with owner, due date and a return call within a day (P10.4, P14.5); once per rating."""
    known = unit.tickets.by_source("rating", str(rating.id))
    if known:
        return known
    values: dict[str, Any] = {
        name: getattr(ticket, name)
        for name in ("problem", "place", "latitude", "longitude", "phone", "site_id")
    }
    complaint = transition.begin(
        unit,
        None,
        **values,
        kind=Kind.COMPLAINT,
        impact=2,
        urgency=2,
        severity=severity(2, 2),
        customer_id=ticket.customer_id,
        offers_missed=0,
        disputes=0,
        about_id=ticket.id,
        due_at=unit.now + unit.policy.periods.complaint_due,
        source="rating",
        source_key=str(rating.id),
    )
    complaint = desk.submit(unit, complaint.id, None)
    owner = next(iter(unit.people.in_role(Role.MANAGER) or unit.people.in_role(Role.DISPATCHER)), None)
    if owner:
        complaint = desk.take(unit, complaint.id, owner)
    telling.managers(unit, "complaint", f"{complaint.id}", complaint, grade=rating.grade)
    return complaint


def reopen(unit: UnitOfWork, ticket_id: int, actor: Person, reason: str) -> Ticket:
    """The same fault again within 30 days; later it is a new ticket. First-time fix fails."""
    ticket = unit.tickets.get(ticket_id)
    changes = {**crew.let_go(unit, ticket, reason), "closed_at": None}
    reopened = transition.apply(unit, ticket, Verb.REOPEN, actor, changes=changes, reason=reason)
    rating = unit.tickets.last_rating(ticket_id)
    if rating and rating.status is RatingState.REQUESTED:
        unit.tickets.update_rating(rating, status=RatingState.EXPIRED)
    for to in addresses.office(unit):
        telling.place(unit, reopened, "office", to, subject_id=reopened.version)
    return reopened
