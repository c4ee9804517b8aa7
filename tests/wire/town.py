"""A town: Mei, Ana, Bo, Otto and Nora with their phones, and the service between them."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from callout.assemble import Service
from callout.clock import SystemClock
from callout.settings import load
from dispatch import register
from simulator.telegram import Person, TelegramSimulator
from storage.records.message import Entry
from storage.records.people import Role
from storage.records.ticket import Ticket
from storage.unit import UnitOfWork

QUEUES = ("deadlines", "outbox", "inbox", "files")


class ShiftClock(SystemClock):
    """The system's clock with two dials: `shift` makes it later, `slept` lets time pass for whoever waits."""

    def __init__(self) -> None:
        self.shift = timedelta(0)
        self.slept = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept

    def now(self) -> datetime:
        return super().now() + self.shift


def said(message: dict[str, Any]) -> str:
    """Text or caption of a message."""
    return str(message.get("text") or message.get("caption") or "")


def labels(message: dict[str, Any]) -> list[str]:
    """What stands on the buttons under a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


class Town:
    """Mei, Ana, Bo, Otto and Nora with their phones, and the service that can be stopped and started again."""

    def __init__(self, folder: Path, sim: TelegramSimulator) -> None:
        self.folder = folder
        self.sim = sim
        self.clock = ShiftClock()
        self.mei = sim.add_person("Mei", language_code="en")
        self.ana = sim.add_person("Ana", language_code="en")
        self.bo = sim.add_person("Bo", language_code="en")
        self.otto = sim.add_person("Otto", language_code="en")
        self.nora = sim.add_person("Nora", language_code="en")
        self.service: Service | None = None
        self._running: asyncio.Task[int] | None = None
        self.overrides: dict[str, dict[str, Any]] = {}

    labels = staticmethod(labels)

    def settings(self) -> dict[str, dict[str, Any]]:
        """Fast enough for tests; `overrides` go on top, group by group."""
        base: dict[str, dict[str, Any]] = {
            "telegram": {
                "token": self.sim.token,
                "api_url": self.sim.api_url,
                "file_url": self.sim.file_url,
                "poll_timeout": 1,
                "per_second": 1000,
                "per_chat_seconds": 0,
                "per_group_minute": 1000,
            },
            "database": {"url": f"sqlite:///{self.folder}/callout.db"},
            "http": {"port": 0},
        }
        for group, values in self.overrides.items():
            base.setdefault(group, {}).update(values)
        return base

    @property
    def store(self) -> Any:
        assert self.service is not None
        return self.service.store

    async def start(self) -> None:
        self.service = Service(load(env={}, **self.settings()), self.clock)
        self._running = asyncio.ensure_future(self.service.run())
        ready = asyncio.ensure_future(self.service.ready.wait())
        await asyncio.wait({ready, self._running}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if self._running.done():
            ready.cancel()
            self._running.result()

    async def stop(self) -> int | None:
        """SIGTERM, as it were."""
        if self.service is None or self._running is None:
            return None
        self.service.supervisor.stop(5)
        for queue in QUEUES:
            self.store.wake(queue)  # nobody need sleep his second out
        code = await self._running
        self.service = self._running = None
        return code

    async def crash(self) -> None:
        """Nothing is drained and nobody is told: everything is cut off where it stands."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        if self.service is not None:
            # A killed process leaves no sockets behind either.
            await asyncio.gather(*(request.shutdown() for request in self.service.requests))
        self.service = self._running = None

    async def hire(self) -> None:
        """Ana and Bo are engineers on duty, Otto is the office; all of them have opened the bot."""
        await self.store.write(self._hire)
        for person in (self.ana, self.bo, self.otto):
            person.start()
            await person.wait_for("Hello")

    def _hire(self, unit: UnitOfWork) -> None:
        staff = (
            (self.ana, (Role.ENGINEER,)),
            (self.bo, (Role.ENGINEER,)),
            (self.otto, (Role.DISPATCHER, Role.MANAGER, Role.ADMINISTRATOR)),
        )
        for phone, roles in staff:
            person = register.caller(unit, "telegram", str(phone.id), phone.first_name, "en")
            for role in roles:
                person = register.employ(unit, person, role)
            if Role.ENGINEER in roles:
                register.duty(unit, person, True)

    def forward(self, **span: float) -> None:
        """Make it later and let the deadlines look at once."""
        self.clock.shift += timedelta(**span)
        for queue in QUEUES:
            self.store.wake(queue)

    async def ask(self, query: Callable[..., Any], *args: Any) -> Any:
        return await self.store.read(query, *args)

    async def ticket(self, number: str) -> Ticket:
        """The ticket of that number as it is now."""
        found: Ticket = await self.store.read(lambda unit: unit.tickets.by_number(number))
        return found

    async def entries(self, number: str) -> list[Entry]:
        """What was said and sent about a ticket, oldest first, files included."""
        found = await self.store.read(
            lambda unit: unit.messages.of_ticket(unit.tickets.by_number(number).id),
        )
        return list(found)

    async def inbox(self) -> dict[str, int]:
        """How many updates are new, done and dead."""
        counts: dict[str, int] = await self.store.read(lambda unit: unit.inbox.counts())
        return counts

    def words(self, person: Person, chat: int | None = None) -> str:
        """Everything a person sees in a chat, buttons and captions included."""
        return "\n".join(" ".join([said(message), *labels(message)]) for message in person.messages(chat))

    async def until(self, check: Callable[[], Any], timeout: float = 10.0) -> Any:
        """Wait until `check()` is true (it may be a coroutine function) and return what it gave."""
        async with asyncio.timeout(timeout):
            while True:
                found = check()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.02)

    async def quiet(self, timeout: float = 20.0) -> None:
        """Wait until nothing is left to be handled or sent."""

        def idle(unit: UnitOfWork) -> bool:
            inbox, outbox = unit.inbox.counts(), unit.outbox.counts()
            return not inbox.get("new") and not outbox.get("pending") and not outbox.get("leased")

        async def settled() -> bool:
            return self.sim.pending == 0 and bool(await self.store.read(idle))

        await self.until(settled, timeout)

    async def press(
        self, person: Person, label: str, in_message: str, chat: int | None = None
    ) -> dict[str, Any]:
        """Press the button `label` under the newest message containing `in_message`; the answer it got."""

        def has_button(message: dict[str, Any]) -> bool:
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            text = message.get("text", "") + message.get("caption", "")
            return in_message in text and any(label in button["text"] for row in rows for button in row)

        message = await person.wait_for(has_button, chat=chat)
        rows = message["reply_markup"]["inline_keyboard"]
        full = next(button["text"] for row in rows for button in row if label in button["text"])
        query = person.press(message["message_id"], full, chat=chat)
        answer: dict[str, Any] = await person.wait_answer(query, timeout=5)
        return answer

    async def report(self, problem: str = "Lift 3 is stuck", urgency: str = "Nothing works") -> str:
        """Mei reports a fault by chat, another one if she has some already; the ticket's number."""
        if "Your number is" in self.words(self.mei):
            self.mei.say("/new")
            await self.mei.wait_for(lambda m: "What is broken" in said(m) and labels(m))
        self.mei.say(problem)
        await self.mei.wait_for("Where is it?")
        self.mei.say("12 Harbour Street")
        await self.press(self.mei, urgency, "How urgent")
        await self.mei.wait_for("On which number")
        self.mei.say("Skip")
        summary = (await self.mei.wait_for("Is this right?"))["message_id"]
        await self.press(self.mei, "Send", "Is this right?")
        sent = await self.mei.wait_for(lambda m: "Your number is" in said(m) and m["message_id"] == summary)
        return str(sent["text"].split()[-1].rstrip("."))

    async def accepted(self, problem: str = "Lift 3 is stuck") -> str:
        """A reported fault that Ana has accepted; the ticket's number."""
        number = await self.report(problem)
        await self.press(self.otto, "Dispatch now", number)
        await self.press(self.ana, "Accept", number)
        await self.mei.wait_for("has accepted your job")
        return number

    async def completed(self, problem: str = "Lift 3 is stuck") -> str:
        """A fault that Ana has been to and completed; the report is with Mei."""
        number = await self.accepted(problem)
        await self.press(self.ana, "Arrived", number)
        await self.complete()
        await self.mei.wait_for("Service report")
        return number

    async def complete(self, cause: str = "Door contact worn", action: str = "Contact replaced") -> None:
        """Ana goes through the completion dialogue."""
        await self.press(self.ana, "Complete", "T-")
        await self.ana.wait_for("What was the cause?")
        self.ana.say(cause)
        await self.ana.wait_for("What did you do?")
        self.ana.say(action)
        await self.press(self.ana, "on site", "How was it solved?")
        await self.press(self.ana, "No other parts", "Which parts")
        await self.press(self.ana, "Tested, it works", "Have you tested")
        await self.press(self.ana, "Go on", "Send photos")
        await self.press(self.ana, "Send to the customer", "Your report")
