"""Planning messages: every one goes into the outbox, once, in the transaction that gave the reason."""

from collections.abc import Iterable
from typing import Any

from dispatch import addresses
from dispatch.addresses import Address
from dispatch.postage import MAIL
from dispatch.rules.notices import NOTICES, Whom
from storage.records.message import Card
from storage.records.people import Person
from storage.records.ticket import Assignment, Ticket, Verb
from storage.unit import UnitOfWork

# After a change of a ticket its cards are edited; several changes at once need one edit only.
EDIT = "card"


def notice(
    unit: UnitOfWork,
    to: Address,
    key: str,
    about: str,
    ticket: Ticket | None = None,
    *,
    duty: bool = True,
    while_generation: int | None = None,
    **facts: Any,
) -> None:
    """Say the sentence `key` once per `about` and address. With `while_generation` it is dropped, not sent,
    when the ticket has left that state meanwhile (LIFECYCLE.md: nobody is told of a state already left)."""
    unit.outbox.tell(
        f"notice:{about}:{key}:{to.channel}:{to.address}",
        "notice",
        to.channel,
        to.address,
        {"key": key, "about": about, "facts": facts, "generation": while_generation},
        thread=to.thread,
        person_id=to.person_id,
        ticket_id=ticket.id if ticket else None,
        duty=duty,
    )


def after(
    unit: UnitOfWork,
    ticket: Ticket,
    verb: Verb,
    actor: Person | None,
    former_owner: int | None,
    facts: dict[str, Any],
) -> None:
    """Tell everybody the table names, except the one who did it."""
    if ticket.number is None:
        return  # a draft is nobody's business yet
    about = f"{ticket.id}.{ticket.version}"
    for line in NOTICES.get(verb, ()):
        if line.unless is ticket.kind:
            continue
        owner = ticket.owner_id if line.whom is not Whom.OWNER else (former_owner or ticket.owner_id)
        for to in addresses.of(unit, line.whom, ticket, owner):
            if actor is not None and to.person_id == actor.id:
                continue
            generation = ticket.generation if line.fades else None
            notice(unit, to, line.key, about, ticket, duty=line.duty, while_generation=generation, **facts)


def office(unit: UnitOfWork, key: str, about: str, ticket: Ticket | None = None, **facts: Any) -> None:
    for to in addresses.office(unit):
        notice(unit, to, key, about, ticket, **facts)


def managers(unit: UnitOfWork, key: str, about: str, ticket: Ticket | None = None, **facts: Any) -> None:
    for to in addresses.managers(unit):
        notice(unit, to, key, about, ticket, **facts)


def person(
    unit: UnitOfWork, person_id: int, key: str, about: str, ticket: Ticket | None = None, **facts: Any
) -> bool:
    """Tell one person; False when nothing reaches him."""
    to = addresses.of_person(unit, person_id)
    if to:
        notice(unit, to, key, about, ticket, **facts)
    return to is not None


def offers_over(unit: UnitOfWork, ticket: Ticket, offers: Iterable[Assignment]) -> None:
    """Whoever was asked by letter hears that he need not answer any more: no card of his shows it."""
    for offer in offers:
        to = addresses.of_person(unit, offer.engineer_id)
        if to and to.channel == MAIL:
            notice(unit, to, "offer_gone", f"offer.{offer.id}", ticket)


# --- cards -------------------------------------------------------------------------------------------------


def place(
    unit: UnitOfWork, ticket: Ticket, audience: str, to: Address, *, subject_id: int | None = None
) -> Card:
    """The card of a ticket in a chat. A new subject (a second offer, a new report) is a new message below
    the old one, because an edit does not ring; the old one is retired."""
    card, new = unit.messages.place_card(ticket.id, audience, to.channel, to.address)
    if not new and card.subject_id != subject_id:
        retire(unit, card)
        card = unit.messages.update_card(card, message_id=None, panel="main", subject_id=subject_id)
    elif new:
        card = unit.messages.update_card(
            card, thread=to.thread, person_id=to.person_id, subject_id=subject_id
        )
    refresh(unit, card)
    return card


def refresh(unit: UnitOfWork, card: Card) -> None:
    """Plan an edit (or the first sending) of a card; it is rendered from the facts of the moment it leaves,
    so one that has not been tried yet serves later changes as well. Nobody edits cards in a chat that is gone,
    nor a letter that has left: what happens afterwards is told by notices."""
    if card.channel == MAIL and card.message_id is not None:
        return
    contact = unit.people.contact(card.person_id, card.channel) if card.person_id else None
    if contact and contact.unreachable_at:
        return
    if unit.outbox.untried(f"{card.channel}:{card.address}", f"{EDIT}:{card.id}:"):
        return
    unit.outbox.tell(
        f"{EDIT}:{card.id}:{unit.chance.getrandbits(64):x}",
        EDIT,
        card.channel,
        card.address,
        {"card": card.id},
        thread=card.thread,
        person_id=card.person_id,
        ticket_id=card.ticket_id,
    )


def refresh_all(unit: UnitOfWork, ticket: Ticket) -> None:
    for card in unit.messages.cards(ticket.id):
        refresh(unit, card)


def retire(unit: UnitOfWork, card: Card) -> None:
    """Take the buttons off a message that a newer one replaces."""
    if card.message_id is not None and card.channel != MAIL:
        unit.outbox.tell(
            f"retire:{card.channel}:{card.address}:{card.message_id}",
            "retire",
            card.channel,
            card.address,
            {"message_id": card.message_id},
            ticket_id=card.ticket_id,
            duty=False,
        )
