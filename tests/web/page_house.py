"""A house with a public page: the cast with mail addresses, Mei's ticket at any point of its life, and a browser."""

import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing as closing_of
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette

from callout.clock import HandClock
from dispatch import closing, desk, field, links, register
from storage.database import SqliteStore
from storage.records.mail import Purpose
from storage.records.message import Job
from storage.records.people import Person, Role
from storage.records.policy import Policy
from storage.records.ticket import Assignment, Event, Mode, Rating, Report, SignOff, Ticket
from storage.unit import UnitOfWork
from web.app import public_app
from web.limits import Limits, Rate

R = TypeVar("R")
POLICY = Policy(
    organisation="Harbour Lifts",
    mail="service@lift.example",
    page="https://lift.example",
    phone="+852 5550 0100",
    secret="a secret of the tests",
)
EASY = Limits(client=Rate(1e9, 1e9), everybody=Rate(1e9, 1e9))  # for tests that press often
ROLES = {
    "ana": (Role.ENGINEER,),
    "bo": (Role.ENGINEER,),
    "otto": (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR),
}
NONCE = re.compile(r'name="nonce" value="([a-z2-7]{16})"')
VERSION = re.compile(r'name="version" value="(\d+)"')
PROBLEM = "Lift 3 has stopped between two floors"
PLACE = "12 Harbour Street, block B"


class PageHouse:
    """`get` and `press` are a browser without JavaScript; `link` is what a mail would carry."""

    def __init__(self, store: SqliteStore, clock: HandClock, limits: Limits = EASY) -> None:
        self.store = store
        self.clock = clock
        self.limits = limits
        self.people: dict[str, Person] = {}
        self.reports = 0
        self.noted: list[tuple[str, dict[str, Any]]] = []
        self.problem, self.place, self.phone = PROBLEM, PLACE, "+852 5550 0123"

    async def open(self, language: str = "en") -> None:
        self.people = await self.store.write(_hire, language)
        self.app: Starlette = public_app(
            self.store, note=self._note, limits=self.limits, clock=self.clock.monotonic
        )
        self.browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="https://lift.example",
        )

    async def close(self) -> None:
        await self.browser.aclose()

    def _note(self, event: str, **ids: Any) -> None:
        self.noted.append((event, ids))

    def __getattr__(self, name: str) -> Person:
        """`house.mei` and the others."""
        try:
            people: dict[str, Person] = self.__dict__["people"]
            return people[name]
        except KeyError:
            raise AttributeError(name) from None

    async def do(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        return await self.store.write(command, *args, **kwargs)

    async def ask(self, query: Callable[..., R], *args: Any) -> R:
        return await self.store.read(query, *args)

    # --- a ticket at any point of its life ---

    async def reported(self, urgency: str = "stopped") -> Ticket:
        self.reports += 1

        def report(unit: UnitOfWork) -> Ticket:
            draft = desk.open_draft(unit, self.mei, "mail", f"{self.reports}")
            desk.say_urgency(unit, draft.id, self.mei, urgency)
            desk.describe(unit, draft.id, self.mei, problem=self.problem, place=self.place, phone=self.phone)
            return desk.submit(unit, draft.id, self.mei)

        return await self.do(report)

    async def offered(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.reported(urgency)
        return await self.do(desk.offer, ticket.id, self.otto, self.ana.id)

    async def accepted(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.offered(urgency)
        return await self.do(field.accept, ticket.id, self.ana, await self.offer_of(ticket))

    async def completed(self, urgency: str = "stopped") -> Ticket:
        ticket = await self.accepted(urgency)
        await self.do(field.arrive, ticket.id, self.ana)
        return await self.complete(ticket)

    async def complete(
        self, ticket: Ticket, cause: str = "Door contact burnt", action: str = "Contact replaced, ten trips"
    ) -> Ticket:
        said = {"cause": cause, "action": action, "parts": "Door contact DC-12, 1 piece"}
        return await self.do(field.complete, ticket.id, self.ana, mode=Mode.ON_SITE, tested=True, **said)

    async def signed(self) -> Ticket:
        ticket = await self.completed()
        return await self.do(closing.confirm, ticket.id, self.mei, "telegram", "101")

    # --- what is in the archive ---

    async def ticket(self, ticket: Ticket) -> Ticket:
        return await self.ask(lambda unit: unit.tickets.get(ticket.id))

    async def offer_of(self, ticket: Ticket, name: str = "ana") -> int:
        return (await self.offer(ticket, name)).id

    async def offer(self, ticket: Ticket, name: str = "ana") -> Assignment:
        """The latest offer of a ticket to somebody."""
        reader = self.people[name].id
        return await self.ask(_there, lambda unit: unit.tickets.last_offer(ticket.id, reader))

    async def report(self, ticket: Ticket) -> Report:
        return await self.ask(_there, lambda unit: unit.tickets.last_report(ticket.id))

    async def signoff(self, ticket: Ticket) -> SignOff:
        return await self.ask(_there, lambda unit: unit.tickets.last_signoff(ticket.id))

    async def rating(self, ticket: Ticket) -> Rating:
        return await self.ask(_there, lambda unit: unit.tickets.last_rating(ticket.id))

    async def journal(self, ticket: Ticket) -> tuple[Event, ...]:
        return await self.ask(lambda unit: unit.tickets.journal(ticket.id))

    async def verbs(self, ticket: Ticket) -> list[str]:
        return [event.verb.value for event in await self.journal(ticket)]

    async def heard(self, name: str) -> list[str]:
        """The sentences planned for somebody, as keys, in order."""
        every: tuple[Job, ...] = await self.ask(lambda unit: unit.outbox.recent(10_000))
        mine = [job for job in reversed(every) if job.person_id == self.people[name].id]
        return [job.payload["key"] for job in mine if job.kind == "notice"]

    def dump(self) -> dict[str, list[Any]]:
        """Every row of the archive, read past the store."""
        with closing_of(sqlite3.connect(self.store.path)) as sql:
            names = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            return {name: sql.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608

    # --- links and the browser ---

    async def link(
        self, purpose: Purpose, ticket: Ticket, name: str = "mei", subject: int | None = None
    ) -> str:
        """The path of a page, as a mail would link to it."""
        subjects = {
            Purpose.SIGN: lambda unit: unit.tickets.last_report(ticket.id).id,
            Purpose.RATE: lambda unit: unit.tickets.last_rating(ticket.id).id,
            Purpose.JOB: lambda unit: unit.tickets.last_offer(ticket.id, self.people[name].id).id,
        }
        if subject is None:
            subject = await self.ask(subjects[purpose]) if purpose in subjects else 0
        made = await self.do(links.token, purpose, ticket.id, self.people[name].id, subject)
        return f"/t/{made}"

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.browser.get(path, headers=headers)

    async def press(self, path: str, action: str, **fields: str) -> httpx.Response:
        """Open the page, fill in a form of it, send it, and go where it leads; the last answer."""
        answer = await self.send(path, {**await self.hidden(path), "action": action, **fields})
        if answer.status_code != 303:
            return answer
        return await self.browser.get(
            httpx.URL(f"https://lift.example{path}").join(answer.headers["location"])
        )

    async def hidden(self, path: str) -> dict[str, str]:
        """What the forms of a page carry unseen."""
        page = (await self.browser.get(path)).text
        nonce, version = NONCE.search(page), VERSION.search(page)
        assert nonce and version, re.findall(r"<h1>.*", page)
        return {"nonce": nonce[1], "version": version[1]}

    async def send(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """One POST, not followed."""
        return await self.browser.post(path, data=fields)


def _there(unit: UnitOfWork, find: Callable[[UnitOfWork], R | None]) -> R:
    """What must be in the archive at this point of a story."""
    found = find(unit)
    assert found is not None
    return found


def _hire(unit: UnitOfWork, language: str) -> dict[str, Person]:
    people = {}
    for name in ("mei", "ana", "bo", "otto", "nora"):
        person = register.caller(unit, "mail", f"{name}@example.org", name.title(), language)
        for role in ROLES.get(name, ()):
            person = register.employ(unit, person, role)
        people[name] = register.duty(unit, person, True) if Role.ENGINEER in person.roles else person
    return people


def store_in(folder: Path, clock: HandClock) -> SqliteStore:
    return SqliteStore(folder / "callout.db", clock.now, policy=POLICY, chance=random.Random(3))
