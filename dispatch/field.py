"""The commands of the engineer in the field, from the offer to the finished report."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from dispatch import addresses, correspondence, crew, desk, telling, transition
from dispatch.errors import Refusal
from storage.records.message import Audience
from storage.records.people import Person
from storage.records.ticket import (
    Assignment,
    Mode,
    Offered,
    State,
    Ticket,
    Verb,
    Visit,
    Visiting,
    Work,
)
from storage.unit import UnitOfWork

NO_PARTS = "none"  # how a report says it; readers see the word of their own language


def _offer_of(unit: UnitOfWork, ticket: Ticket, engineer: Person, offer_id: int) -> Assignment:
    offer = unit.tickets.assignment(offer_id)
    if offer.engineer_id != engineer.id or offer.ticket_id != ticket.id:
        raise Refusal("not_yours")
    return offer


def accept(unit: UnitOfWork, ticket_id: int, engineer: Person, offer_id: int) -> Ticket:
    """Take the job; the other offers are superseded. A press after expiry counts if nobody else has it.

    Refusal: taken_by(name, at), already_yours(at), offer_gone, not_yours.
    """
    ticket = unit.tickets.get(ticket_id)
    offer = _offer_of(unit, ticket, engineer, offer_id)
    taken = unit.tickets.offers(ticket_id, Offered.ACCEPTED)
    if taken and ticket.owner_id == engineer.id:
        raise Refusal("already_yours", at=taken[0].answered_at)
    if taken:
        raise Refusal("taken_by", name=unit.people.get(taken[0].engineer_id).name, at=taken[0].answered_at)
    if ticket.state not in {State.OFFERED, State.TRIAGED} or offer.status not in {
        Offered.OFFERED,
        Offered.EXPIRED,
    }:
        raise Refusal("offer_gone", state=ticket.state)
    ticket = transition.apply(
        unit, ticket, Verb.ACCEPT, engineer, changes={"owner_id": engineer.id}, offer=offer_id
    )
    others = [other for other in unit.tickets.offers(ticket_id, Offered.OFFERED) if other.id != offer_id]
    unit.tickets.settle_offers(others, Offered.SUPERSEDED)
    telling.offers_over(unit, ticket, others)
    unit.tickets.settle_offers([offer], Offered.ACCEPTED)
    to = addresses.of_person(unit, engineer.id)
    if to:
        correspondence.enclose(unit, ticket, to)
    return ticket


def decline(unit: UnitOfWork, ticket_id: int, engineer: Person, offer_id: int, reason: str) -> Ticket:
    """Say no, with a reason; the next candidate is asked at once."""
    ticket = unit.tickets.get(ticket_id)
    offer = _offer_of(unit, ticket, engineer, offer_id)
    if offer.status is not Offered.OFFERED:
        raise Refusal("offer_gone", state=ticket.state)
    return _lose(unit, ticket, offer, Verb.DECLINE, engineer, Offered.DECLINED, {}, reason)


def expire(unit: UnitOfWork, ticket: Ticket) -> Ticket:
    """T2: nobody took it in time. Next candidate; the second time the office hears, the third the manager."""
    missed = ticket.offers_missed + 1
    for offer in unit.tickets.offers(ticket.id, Offered.OFFERED):
        changes = {"offers_missed": missed}
        ticket = _lose(unit, ticket, offer, Verb.EXPIRE, None, Offered.EXPIRED, changes, None)
    about = f"{ticket.id}.missed.{missed}"
    if missed >= 2:
        telling.office(unit, "offers_missed", about, ticket, count=missed)
    if missed >= 3:
        telling.managers(unit, "offers_missed", about, ticket, count=missed)
    return ticket


def pass_over(unit: UnitOfWork, ticket: Ticket, offer: Assignment) -> Ticket:
    """The channel cannot reach him: the offer ends at once and the next candidate is asked (F21)."""
    return _lose(unit, ticket, offer, Verb.EXPIRE, None, Offered.EXPIRED, {}, "unreachable")


def _lose(
    unit: UnitOfWork,
    ticket: Ticket,
    offer: Assignment,
    verb: Verb,
    actor: Person | None,
    status: Offered,
    changes: dict[str, Any],
    reason: str | None,
) -> Ticket:
    left = [other for other in unit.tickets.offers(ticket.id, Offered.OFFERED) if other.id != offer.id]
    to = State.OFFERED if left else State.TRIAGED
    ticket = transition.apply(
        unit, ticket, verb, actor, to=to, changes=changes, reason=reason, engineer=offer.engineer_id
    )
    unit.tickets.settle_offers([offer], status, reason)
    if not left:
        ticket, _ = desk.auto_offer(unit, ticket.id, None)
    return ticket


def hand_back(unit: UnitOfWork, ticket_id: int, engineer: Person, reason: str) -> Ticket:
    """Give the job back to the desk; the office and the customer are told."""
    ticket = unit.tickets.get(ticket_id)
    changes = crew.let_go(unit, ticket, reason, Offered.HANDED_BACK)
    return transition.apply(
        unit, ticket, Verb.HAND_BACK, engineer, changes=changes, reason=reason, name=engineer.name
    )


# --- on the way --------------------------------------------------------------------------------------------


def promise(unit: UnitOfWork, ticket_id: int, engineer: Person, minutes: int) -> Ticket:
    """Say when he will be there, minutes from now; the customer hears it."""
    eta = unit.now + timedelta(minutes=minutes)
    return transition.apply(
        unit, unit.tickets.get(ticket_id), Verb.PROMISE, engineer, changes={"eta_at": eta}
    )


def depart(unit: UnitOfWork, ticket_id: int, engineer: Person, minutes: int | None = None) -> Ticket:
    """On the way, arriving in so many minutes (None: as promised before)."""
    ticket = unit.tickets.get(ticket_id)
    eta = ticket.eta_at if minutes is None else unit.now + timedelta(minutes=minutes)
    if ticket.detail == Work.EN_ROUTE:
        return transition.apply(unit, ticket, Verb.DEPART, engineer, changes={"eta_at": eta})
    changed = transition.apply(
        unit, ticket, Verb.DEPART, engineer, changes={"detail": Work.EN_ROUTE.value, "eta_at": eta}
    )
    crew.end_visits(unit, changed)
    unit.tickets.depart(ticket_id, engineer.id, eta)
    return changed


def arrive(unit: UnitOfWork, ticket_id: int, engineer: Person) -> Ticket:
    """At the customer's; a job never announced as a drive gets its visit now."""
    ticket = unit.tickets.get(ticket_id)
    if ticket.detail == Work.ON_SITE:
        raise Refusal("already_there")
    changed = transition.apply(
        unit, ticket, Verb.ARRIVE, engineer, changes={"detail": Work.ON_SITE.value, "eta_at": None}
    )
    visit = open_visit(unit, ticket_id) or unit.tickets.depart(ticket_id, engineer.id, None)
    unit.tickets.update_visit(visit, status=Visiting.ARRIVED, arrived_at=unit.now)
    return changed


def open_visit(unit: UnitOfWork, ticket_id: int) -> Visit | None:
    """The visit that is going on, if there is one."""
    going = (Visiting.EN_ROUTE, Visiting.ARRIVED)
    return next((visit for visit in reversed(unit.tickets.visits(ticket_id)) if visit.status in going), None)


def start_remote(unit: UnitOfWork, ticket_id: int, engineer: Person) -> Ticket:
    """Work begins by phone or remote access."""
    changes = {"detail": Work.REMOTE.value, "eta_at": None}
    return transition.apply(unit, unit.tickets.get(ticket_id), Verb.START_REMOTE, engineer, changes=changes)


def use_part(unit: UnitOfWork, ticket_id: int, engineer: Person, text: str) -> Ticket:
    """Note a part that was used."""
    ticket = transition.apply(unit, unit.tickets.get(ticket_id), Verb.PARTS, engineer, part=text)
    unit.tickets.use_part(ticket_id, engineer.id, text)
    return ticket


# --- done --------------------------------------------------------------------------------------------------


def complete(
    unit: UnitOfWork,
    ticket_id: int,
    engineer: Person,
    *,
    cause: str,
    action: str,
    mode: Mode,
    parts: str,
    tested: bool,
    arrived_at: datetime | None = None,
) -> Ticket:
    """Hand in the report; its version is frozen and hashed and the customer is asked to sign (P8.1, P17.4).

    Refusal: cause_needed, action_needed, not_tested, arrival_needed (on site without a time of arrival).
    """
    for missing, key in ((cause, "cause_needed"), (action, "action_needed"), (parts, "parts_needed")):
        if not missing.strip():
            raise Refusal(key)
    if not tested:
        raise Refusal("not_tested")
    ticket = unit.tickets.get(ticket_id)
    changes = {"detail": None, "eta_at": None, "completed_at": unit.now}
    done = transition.apply(unit, ticket, Verb.COMPLETE, engineer, changes=changes, mode=mode.value)
    _leave(unit, ticket_id, engineer, mode, arrived_at)
    body = _body(unit, done, engineer, cause, action, mode, parts)
    report = unit.tickets.report(ticket_id, engineer.id, body, fingerprint(body))
    for visit in visits_now(unit, ticket_id):
        unit.tickets.update_visit(visit, report_id=report.id)
    unit.tickets.ask_signoff(report)
    customer = addresses.of_person(unit, done.customer_id)
    if customer:
        correspondence.show_work(unit, done, engineer, customer)
        telling.place(unit, done, "signoff", customer, subject_id=report.id)
    else:
        telling.office(unit, "customer_unreachable", f"{done.id}.{done.version}", done)
    return done


def all_parts(noted: Iterable[str], said: str) -> list[str]:
    """The parts of a report: those noted on the way and those named at its end; NO_PARTS alone when there are none."""
    before = list(noted)
    return before if before and said == NO_PARTS else [*before, said]


def fingerprint(body: dict[str, Any]) -> str:
    """sha256, hex, of the report's canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(
        json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def _leave(
    unit: UnitOfWork, ticket_id: int, engineer: Person, mode: Mode, arrived_at: datetime | None
) -> None:
    visit = open_visit(unit, ticket_id)
    if visit and visit.arrived_at is None and arrived_at is None and mode is not Mode.ON_SITE:
        unit.tickets.update_visit(visit, status=Visiting.MISSED)
        return
    if mode is Mode.ON_SITE and visit is None and not any(v.arrived_at for v in visits_now(unit, ticket_id)):
        visit = unit.tickets.depart(ticket_id, engineer.id, None)
    if visit is None:
        return
    came = visit.arrived_at or arrived_at
    if came is None:
        raise Refusal("arrival_needed")
    unit.tickets.update_visit(visit, status=Visiting.LEFT, arrived_at=came, left_at=unit.now)


def visits_now(unit: UnitOfWork, ticket_id: int) -> tuple[Visit, ...]:
    """The owner's visits that no report tells of yet: an earlier completion, or a former owner, has his own."""
    owner = unit.tickets.get(ticket_id).owner_id
    return tuple(
        visit
        for visit in unit.tickets.visits(ticket_id)
        if visit.report_id is None and visit.engineer_id == owner
    )


def _body(
    unit: UnitOfWork, ticket: Ticket, engineer: Person, cause: str, action: str, mode: Mode, parts: str
) -> dict[str, Any]:
    visits = [
        {
            "arrived": visit.arrived_at.isoformat() if visit.arrived_at else None,
            "left": visit.left_at.isoformat() if visit.left_at else None,
        }
        for visit in visits_now(unit, ticket.id)
        if visit.arrived_at
    ]
    photos = [
        file.ref
        for entry in unit.messages.of_ticket(ticket.id)
        if entry.author_id == engineer.id and entry.audience is Audience.ALL
        for file in entry.files
    ]
    return {
        "number": ticket.number,
        "problem": ticket.problem,
        "place": ticket.place,
        "cause": cause.strip(),
        "action": action.strip(),
        "mode": mode.value,
        "parts": all_parts(unit.tickets.parts(ticket.id), parts.strip()),
        "tested": True,
        "engineer": engineer.name,
        "visits": visits,
        "photos": photos,
        "completed": unit.now.isoformat(),
    }
