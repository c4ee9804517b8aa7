"""The commands of the desk: a report comes in, is judged, and is given to somebody."""

from typing import Any

from dispatch import addresses, correspondence, crew, telling, transition
from dispatch.errors import Refusal
from dispatch.rules.eligibility import Choice
from dispatch.rules.triage import SAYS, severity
from storage.records.people import Person, Role
from storage.records.ticket import OWNED, Kind, Offered, State, Ticket, Verb
from storage.unit import UnitOfWork

# --- a report comes in -------------------------------------------------------------------------------------


def open_draft(unit: UnitOfWork, customer: Person, source: str, source_key: str) -> Ticket:
    """The draft of a report; the same source key gives the same draft."""
    known = unit.tickets.by_source(source, source_key)
    if known:
        return known
    return transition.begin(
        unit,
        customer,
        kind=Kind.FAULT,
        impact=2,
        urgency=2,
        severity=severity(2, 2),
        problem="",
        place="",
        phone=customer.phone,
        customer_id=customer.id,
        offers_missed=0,
        disputes=0,
        source=source,
        source_key=source_key,
    )


def describe(unit: UnitOfWork, ticket_id: int, actor: Person, **changes: Any) -> Ticket:
    """Fill in a draft: problem, place (with latitude, longitude), phone."""
    return transition.apply(unit, unit.tickets.get(ticket_id), Verb.DESCRIBE, actor, changes=changes)


def say_urgency(unit: UnitOfWork, ticket_id: int, actor: Person, word: str) -> Ticket:
    """The customer's own word for how bad it is (danger, stopped, limited, can_wait)."""
    impact, urgency = SAYS[word]
    changes = {"impact": impact, "urgency": urgency, "severity": severity(impact, urgency)}
    return transition.apply(unit, unit.tickets.get(ticket_id), Verb.DESCRIBE, actor, changes=changes)


def submit(unit: UnitOfWork, ticket_id: int, actor: Person | None, *, receipt: bool = True) -> Ticket:
    """The draft becomes a ticket with a number; receipt to the customer, card to the office (P14.1).

    Without `receipt` the customer hears of it with the first news: who may be a machine is not answered (RFC 3834).
    Refusal: report_incomplete; submitting twice gives not_now.
    """
    ticket = unit.tickets.get(ticket_id)
    changes: dict[str, Any] = {"number": new_number(unit), "submitted_at": unit.now}
    if ticket.place or ticket.latitude is not None:
        site = unit.people.site_at(ticket.customer_id, ticket.place, ticket.latitude, ticket.longitude)
        changes["site_id"] = site.id
    ticket = transition.apply(unit, ticket, Verb.SUBMIT, actor, changes=changes)
    customer = addresses.of_person(unit, ticket.customer_id)
    if customer and receipt:
        telling.place(unit, ticket, "customer", customer)
    for office in addresses.office(unit):
        telling.place(unit, ticket, "office", office)
        correspondence.enclose(unit, ticket, office)
    return ticket


def new_number(unit: UnitOfWork) -> str:
    """A public number that is not guessed from another: random digits and a Luhn check digit (S6)."""
    for length in (5, 5, 5, 5, 6, 7, 8, 9, 10):
        digits = str(unit.chance.randrange(10 ** (length - 1), 10**length))
        number = f"T-{digits}{luhn(digits)}"
        if not unit.tickets.number_taken(number):
            return number
    msg = "no free ticket number was found"
    raise RuntimeError(msg)


def luhn(digits: str) -> int:
    """The check digit that makes `digits` + it valid (ISO/IEC 7812-1)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


# --- judging it --------------------------------------------------------------------------------------------


def triage(
    unit: UnitOfWork,
    ticket_id: int,
    actor: Person | None,
    *,
    kind: Kind | None = None,
    impact: int | None = None,
    urgency: int | None = None,
    on_site: bool | None = None,
) -> Ticket:
    """Judge or judge again: kind, impact × urgency, by phone first or on site (P11.2). What is left out stays."""
    ticket = unit.tickets.get(ticket_id)
    impact, urgency = impact or ticket.impact, urgency or ticket.urgency
    changes = {
        "kind": kind or ticket.kind,
        "impact": impact,
        "urgency": urgency,
        "severity": severity(impact, urgency),
        "on_site": ticket.on_site if on_site is None else on_site,
    }
    before = ticket.state in {State.RECEIVED, State.TRIAGED}
    return transition.apply(unit, ticket, Verb.TRIAGE if before else Verb.RECLASSIFY, actor, changes=changes)


# --- giving it to somebody ---------------------------------------------------------------------------------


def offer(
    unit: UnitOfWork,
    ticket_id: int,
    actor: Person | None,
    engineer_id: int,
    why: str = "chosen",
    score: float = 1.0,
) -> Ticket:
    """Offer the job to one engineer; a ticket not yet judged is judged as it stands.

    Refusal: not_an_engineer, engineer_unreachable, or the table's.
    """
    engineer = unit.people.get(engineer_id)
    if Role.ENGINEER not in engineer.roles:
        raise Refusal("not_an_engineer", name=engineer.name)
    to = addresses.of_person(unit, engineer_id)
    if to is None:
        raise Refusal("engineer_unreachable", name=engineer.name)
    ticket = unit.tickets.get(ticket_id)
    if ticket.state is State.RECEIVED:
        ticket = triage(unit, ticket_id, actor)
    ticket = transition.apply(unit, ticket, Verb.OFFER, actor, engineer=engineer_id, why=why, score=score)
    made = unit.tickets.offer(ticket.id, engineer_id, score, why)
    unit.people.update(engineer, last_offer_at=unit.now)
    telling.place(unit, ticket, "job", to, subject_id=made.id)
    correspondence.enclose(unit, ticket, to)
    return ticket


def auto_offer(unit: UnitOfWork, ticket_id: int, actor: Person | None) -> tuple[Ticket, Choice]:
    """Offer to the best engineer on duty. With nobody left the office hears why, one by one: never silence."""
    ticket = unit.tickets.get(ticket_id)
    choice = crew.choose(unit, ticket)
    if choice.ranked:
        best = choice.ranked[0]
        ticket = offer(unit, ticket_id, actor, best.engineer.person.id, "least_loaded", best.score)
        return ticket, choice
    if ticket.state is State.RECEIVED:
        ticket = triage(unit, ticket_id, actor)
    transition.require(unit, ticket, Verb.OFFER, actor)
    reasons = [[engineer.person.name, why] for engineer, why in choice.excluded]
    telling.office(unit, "nobody", f"{ticket.id}.{ticket.version}", ticket, reasons=reasons)
    return ticket, choice


def take(unit: UnitOfWork, ticket_id: int, actor: Person) -> Ticket:
    """The clerk answers it himself, by phone or mail (P11.2)."""
    ticket = unit.tickets.get(ticket_id)
    if ticket.state is State.RECEIVED:
        ticket = triage(unit, ticket_id, actor, on_site=False)
    # The table first: whoever comes second is refused, not stopped by the database.
    ticket = transition.apply(unit, ticket, Verb.TAKE, actor, changes={"owner_id": actor.id})
    _withdraw_offers(unit, ticket)
    made = unit.tickets.offer(ticket.id, actor.id, 1.0, "himself")
    unit.tickets.settle_offers([made], Offered.ACCEPTED)
    to = addresses.of_person(unit, actor.id)
    known = {(card.audience, card.address) for card in unit.messages.cards(ticket.id)}
    if to and ("office", to.address) not in known:
        # Where he has the office's card already, that one gets the buttons: one card per ticket and chat.
        telling.place(unit, ticket, "job", to, subject_id=made.id)
    return ticket


def _withdraw_offers(unit: UnitOfWork, ticket: Ticket) -> None:
    open_ones = unit.tickets.offers(ticket.id, Offered.OFFERED)
    unit.tickets.settle_offers(open_ones, Offered.WITHDRAWN)
    telling.offers_over(unit, ticket, open_ones)


def withdraw(unit: UnitOfWork, ticket_id: int, actor: Person) -> Ticket:
    """Take the open offers back."""
    ticket = transition.apply(unit, unit.tickets.get(ticket_id), Verb.WITHDRAW, actor)
    _withdraw_offers(unit, ticket)
    return ticket


def reassign(
    unit: UnitOfWork, ticket_id: int, actor: Person, reason: str, engineer_id: int | None = None
) -> Ticket:
    """Take the job from its owner, who is told why; offer it to another at once when one is named."""
    ticket = unit.tickets.get(ticket_id)
    if ticket.state is State.OFFERED:
        withdraw(unit, ticket_id, actor)
    elif ticket.state in OWNED or ticket.state is State.ON_HOLD:
        transition.apply(
            unit, ticket, Verb.REASSIGN, actor, changes=crew.let_go(unit, ticket, reason), reason=reason
        )
    elif engineer_id is None:
        transition.require(unit, ticket, Verb.REASSIGN, actor, reason=reason)
    return offer(unit, ticket_id, actor, engineer_id) if engineer_id else unit.tickets.get(ticket_id)


# --- ending it early -----------------------------------------------------------------------------------------


def cancel(unit: UnitOfWork, ticket_id: int, actor: Person | None, reason: str) -> Ticket:
    """End it before it is done, with the reason; offers are withdrawn."""
    ticket = unit.tickets.get(ticket_id)
    return _end(unit, ticket, Verb.CANCEL, actor, {}, reason)


def duplicate(unit: UnitOfWork, ticket_id: int, actor: Person, of_id: int) -> Ticket:
    """The same report twice: this one ends and names the other. Refusal: duplicate_of_itself,
    not_a_twin (another customer's, or ended itself)."""
    other = unit.tickets.get(of_id)
    ticket = unit.tickets.get(ticket_id)
    if other.id == ticket.id or other.duplicate_of == ticket.id:
        raise Refusal("duplicate_of_itself")
    if other.customer_id != ticket.customer_id or not other.open or other.number is None:
        raise Refusal("not_a_twin", number=other.label)
    for entry in unit.messages.of_ticket(ticket.id):
        unit.messages.update(entry, ticket_id=other.id)
    return _end(unit, ticket, Verb.DUPLICATE, actor, {"duplicate_of": other.id}, other.label)


def _end(
    unit: UnitOfWork, ticket: Ticket, verb: Verb, actor: Person | None, more: dict[str, Any], reason: str
) -> Ticket:
    changes = {"reason": reason, "detail": None, "eta_at": None, **more}
    ended = transition.apply(unit, ticket, verb, actor, changes=changes, reason=reason)
    _withdraw_offers(unit, ticket)
    crew.let_go(unit, ticket, reason)
    unit.plans.end_about(ticket.id)
    return ended


def call_back(unit: UnitOfWork, ticket_id: int, actor: Person, note: str) -> Ticket:
    """The return call (回访, P14.5) was made; what was said is kept."""
    ticket = unit.tickets.get(ticket_id)
    changes = {"called_back_at": unit.now}
    return transition.apply(unit, ticket, Verb.CALL_BACK, actor, changes=changes, reason=note)
