"""A house in which stories are told step by step: the cast, a ticket at any point of its life, and what people heard."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from callout.clock import HandClock
from dispatch import closing, desk, field, register
from dispatch.alarm import Alarm
from storage.database import SqliteStore
from storage.records.message import Job
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Mode, Offered, Ticket
from storage.unit import UnitOfWork

R = TypeVar("R")
ADDRESSES = {"mei": "101", "ana": "201", "bo": "202", "otto": "301", "nora": "401"}
ROLES = {
    "ana": (Role.ENGINEER,),
    "bo": (Role.ENGINEER,),
    "otto": (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR),
}


class House:
    """A real archive on a file and the hand-turned clock. With `restless` the archive is closed and opened
    again before every step, as after a crash between any two."""

    def __init__(self, path: Path, clock: HandClock, *, restless: bool) -> None:
        self.path = path
        self.clock = clock
        self.restless = restless
        self.reports = 0
        self.people: dict[str, Person] = {}
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        store = SqliteStore(self.path, self.clock.now, policy=Policy(), chance=random.Random(self.reports))
        self.store = await self._stack.enter_async_context(store.open())

    async def close(self) -> None:
        await self._stack.aclose()

    async def do(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        if self.restless:
            await self.close()
            await self.open()
        return await self.store.write(command, *args, **kwargs)

    async def ask(self, query: Callable[..., R], *args: Any) -> R:
        return await self.store.read(query, *args)

    async def hire(self) -> None:
        def everybody(unit: UnitOfWork) -> dict[str, Person]:
            found = {}
            for name, address in ADDRESSES.items():
                person = register.caller(unit, "telegram", address, name.title(), "en")
                for role in ROLES.get(name, ()):
                    person = register.employ(unit, person, role)
                found[name] = register.duty(unit, person, True) if Role.ENGINEER in person.roles else person
            return found

        self.people = await self.do(everybody)

    def __getattr__(self, name: str) -> Person:
        """`house.mei` and the others."""
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    # --- time ---

    async def pass_time(self, **span: float) -> None:
        """Let time pass in one go; then the clockwork looks, until nothing is due any more."""
        self.clock.advance(timedelta(**span))
        await self.look()

    async def look(self) -> None:
        if self.restless:
            await self.close()
            await self.open()
        alarm = Alarm(self.store, self.clock, note=_no_bugs)
        while await alarm.once():
            pass

    # --- a ticket at any point of its life ---

    async def ticket(self, ticket_id: int) -> Ticket:
        return await self.ask(lambda unit: unit.tickets.get(ticket_id))

    async def draft(self, urgency: str = "stopped") -> Ticket:
        self.reports += 1

        def begin(unit: UnitOfWork) -> Ticket:
            draft = desk.open_draft(unit, self.mei, "telegram", f"report {self.reports}")
            desk.say_urgency(unit, draft.id, self.mei, urgency)
            return desk.describe(unit, draft.id, self.mei, problem="Lift 3 is stuck", place="12 Harbour St")

        return await self.do(begin)

    async def reported(self, urgency: str = "stopped") -> Ticket:
        return await self.do(desk.submit, (await self.draft(urgency)).id, self.mei)

    async def offered(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.reported(urgency)
        return await self.do(desk.offer, ticket.id, self.otto, self.ana.id)

    async def accepted(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.offered(urgency)
        return await self.do(field.accept, ticket.id, self.ana, await self.offer_of(ticket, self.ana))

    async def completed(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.accepted(urgency)
        await self.do(field.arrive, ticket.id, self.ana)
        return await self.complete(ticket)

    async def complete(self, ticket: Ticket, cause: str = "Door contact worn") -> Ticket:
        said = {"cause": cause, "action": "Contact replaced", "parts": "none"}
        return await self.do(field.complete, ticket.id, self.ana, mode=Mode.ON_SITE, tested=True, **said)

    async def signed(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.completed(urgency)
        return await self.do(closing.confirm, ticket.id, self.mei, "telegram", "101")

    async def rated(self, grade: int = 1) -> Ticket:
        ticket, _ = await self.do(closing.rate, (await self.signed()).id, self.mei, grade)
        return ticket

    async def offer_of(self, ticket: Ticket, engineer: Person) -> int:
        """The latest offer of a ticket to somebody."""
        found = await self.ask(lambda unit: unit.tickets.last_offer(ticket.id, engineer.id))
        assert found is not None
        return found.id

    async def holders(self, ticket: Ticket) -> list[str]:
        """Who holds an open offer of a ticket."""

        def names(unit: UnitOfWork) -> list[str]:
            offers = unit.tickets.offers(ticket.id, Offered.OFFERED)
            return [unit.people.get(offer.engineer_id).name for offer in offers]

        return await self.ask(names)

    # --- what people hear ---

    async def jobs(self, name: str, kind: str = "notice") -> list[Job]:
        every = await self.ask(lambda unit: unit.outbox.recent(10_000))
        return [job for job in reversed(every) if job.kind == kind and job.address == ADDRESSES[name]]

    async def heard(self, name: str) -> list[str]:
        """The sentences planned for somebody, as keys, in order."""
        return [job.payload["key"] for job in await self.jobs(name)]


def _no_bugs(event: str, **facts: Any) -> None:
    assert event != "deadline.bug", facts


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[House]:
    place = House(tmp_path / "callout.db", clock, restless=False)
    await place.open()
    await place.hire()
    yield place
    await place.close()


@pytest.fixture(params=["open all day", "reopened before every step"])
async def long_house(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[House]:
    """The same house, told once in peace and once with a restart before every step."""
    place = House(tmp_path / "callout.db", clock, restless=request.param != "open all day")
    await place.open()
    await place.hire()
    yield place
    await place.close()
