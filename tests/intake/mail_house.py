"""A house whose people write letters: the cast with mail addresses, a ticket at any point, and the letters that leave."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from callout.clock import HandClock
from dispatch import addresses, desk, field, outcomes, register
from dispatch.addresses import Address
from dispatch.delivery import claim
from dispatch.parcels import Parcel
from dispatch.ports import Receipt
from intake.compose import Letter
from intake.wording import letter
from intake.wording_relays import Files
from storage.database import SqliteStore
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Mode, Ticket
from storage.unit import UnitOfWork

R = TypeVar("R")
PROBLEM = "Buy cheap watches at http://spam.example now! Lift 2 is stuck"
ADDRESSES = {
    "mei": "mei@customer.example",
    "ana": "ana@lift.example",
    "otto": "otto@lift.example",
}
ROLES = {"ana": (Role.ENGINEER,), "otto": (Role.DISPATCHER, Role.MANAGER)}
POLICY = Policy(
    organisation="Harbour Lifts",
    zone=ZoneInfo("Asia/Shanghai"),
    phone="+49 30 555 0100",
    mail="service@lift.example",
    page="https://fix.lift.example",
)


class MailHouse:
    """The archive with people who are reached by mail only."""

    def __init__(self, store: SqliteStore, clock: HandClock) -> None:
        self.store = store
        self.clock = clock
        self.people: dict[str, Person] = {}

    async def do(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        return await self.store.write(command, *args, **kwargs)

    async def hire(self, language: str = "en") -> None:
        def everybody(unit: UnitOfWork) -> dict[str, Person]:
            found = {}
            for name, address in ADDRESSES.items():
                person = register.caller(unit, "mail", address, name.title(), language)
                for role in ROLES.get(name, ()):
                    person = register.employ(unit, person, role)
                found[name] = register.duty(unit, person, True) if Role.ENGINEER in person.roles else person
            return found

        self.people = await self.do(everybody)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    # --- a ticket at any point of its life ---

    async def reported(self, **said: Any) -> Ticket:
        facts = {"problem": PROBLEM, "place": "12 Harbour Street", "phone": "+49 30 555 0199", **said}

        def report(unit: UnitOfWork) -> Ticket:
            draft = desk.open_draft(unit, self.mei, "mail", f"report {unit.chance.random()}")
            desk.describe(unit, draft.id, self.mei, **facts)
            return desk.submit(unit, draft.id, self.mei)

        return await self.do(report)

    async def offered(self, **said: Any) -> Ticket:
        ticket = await self.reported(**said)
        return await self.do(desk.offer, ticket.id, self.otto, self.ana.id)

    async def accepted(self, **said: Any) -> Ticket:
        ticket = await self.offered(**said)

        def accept(unit: UnitOfWork) -> Ticket:
            offer = unit.tickets.last_offer(ticket.id, self.ana.id)
            assert offer is not None
            return field.accept(unit, ticket.id, self.ana, offer.id)

        return await self.do(accept)

    async def completed(self, **said: Any) -> Ticket:
        ticket = await self.accepted(**said)
        await self.do(field.arrive, ticket.id, self.ana)
        self.clock.advance(timedelta(minutes=40))
        told = {"cause": "Door contact worn", "action": "Contact replaced", "parts": "none"}
        return await self.do(field.complete, ticket.id, self.ana, mode=Mode.ON_SITE, tested=True, **told)

    async def ask_first(self) -> Ticket:
        return await self.store.read(lambda unit: unit.tickets.get(1))

    async def address(self, name: str) -> Address:
        found = await self.store.read(lambda unit: addresses.of_person(unit, self.people[name].id))
        assert found is not None
        return found

    # --- what leaves ---

    async def parcels(self) -> list[Parcel]:
        """Everything that may leave now, until nothing is left; each is settled as sent."""
        found: list[Parcel] = []
        while loads := await self.do(claim, "post", timedelta(minutes=1), 50):
            for load in loads:
                assert load.bug is None, load.bug
                if load.parcel is None:
                    await self.do(outcomes.dropped, load.job)
                    continue
                found.append(load.parcel)
                stamped = load.parcel.postage
                ids = (stamped.message_id,) if stamped and load.job.kind != "pin" else ()
                await self.do(outcomes.sent, load.job, Receipt(ids))
        return found

    async def letters(self, name: str, files: Files | None = None) -> list[Letter]:
        """The letters that somebody gets now."""
        return [
            written
            for parcel in await self.parcels()
            if parcel.job.address == ADDRESSES[name]
            and (written := letter(parcel, self.clock.now(), files or Files()))
        ]


def open_store(path: Path, clock: HandClock, policy: Policy = POLICY) -> SqliteStore:
    return SqliteStore(path / "callout.db", clock.now, policy=policy, chance=random.Random(7))


async def open_house(path: Path, clock: HandClock, language: str, policy: Policy) -> AsyncIterator[MailHouse]:
    """A house whose people read this language."""
    store = open_store(path, clock, policy)
    async with store.open():
        place = MailHouse(store, clock)
        await place.hire(language)
        yield place
