"""Where a message goes: a person's best address, the office's chats, the managers."""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.rules.notices import Whom
from storage.records.people import OFFICE, Person, Role
from storage.records.ticket import Ticket
from storage.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class Address:
    """One chat or mailbox; `person_id` is None for a chat that several people share."""

    channel: str
    address: str
    thread: int | None
    person_id: int | None


def of_person(unit: UnitOfWork, person_id: int) -> Address | None:
    """The best address; None when the person has none that works."""
    contact = unit.people.contact(person_id)
    if contact is None or contact.unreachable_at is not None:
        return None
    return Address(contact.channel, contact.address, None, person_id)


def of_people(unit: UnitOfWork, people: Iterable[Person]) -> tuple[Address, ...]:
    found = (of_person(unit, person.id) for person in people)
    return tuple(address for address in found if address)


def office(unit: UnitOfWork) -> tuple[Address, ...]:
    """The office's shared chats; without one, every dispatcher (or manager, or administrator) himself."""
    shared = tuple(
        Address(chat.channel, chat.address, chat.thread, None)
        for chat in unit.people.offices()
        if chat.unreachable_at is None
    )
    if shared:
        return shared
    for roles in ((Role.DISPATCHER,), tuple(OFFICE), (Role.ADMINISTRATOR,)):
        if found := of_people(unit, unit.people.in_role(*roles)):
            return found
    return ()


def managers(unit: UnitOfWork) -> tuple[Address, ...]:
    """Every manager; the office when there is none."""
    return of_people(unit, unit.people.in_role(Role.MANAGER)) or office(unit)


def of(unit: UnitOfWork, whom: Whom, ticket: Ticket, owner_id: int | None) -> tuple[Address, ...]:
    """Everybody a notice is for."""
    if whom is Whom.OFFICE:
        return office(unit)
    if whom is Whom.MANAGER:
        return managers(unit)
    person_id = ticket.customer_id if whom is Whom.CUSTOMER else owner_id
    found = of_person(unit, person_id) if person_id is not None else None
    return (found,) if found else ()
