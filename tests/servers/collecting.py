"""An archive on a file that collects a mailbox by the machine's own clock, and what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dovecot import PEOPLE, Dovecot

from callout.clock import SystemClock
from intake.collector import Collector
from intake.mailbox import Account, Pace
from storage.database import SqliteStore
from storage.records.mail import KeptMail
from storage.records.policy import Policy
from storage.unit import UnitOfWork

SUPPORT = "support@callout.test"
MEI = "mei@callout.test"
BRISK = Pace(answer=10.0, thinking=15.0, goodbye=1.0, first=0.1, longest=0.5, refused=0.5)


class MailArchive:
    """The store, and everything the collectors noted."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.clock = SystemClock()
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, event: str, **ids: Any) -> None:
        self.notes.append((event, ids))

    def noted(self, event: str) -> list[dict[str, Any]]:
        return [ids for name, ids in self.notes if name == event]

    def collector(self, account: Account) -> Collector:
        return Collector(account, self.store, self.clock, pace=BRISK, note=self.note)

    @asynccontextmanager
    async def collecting(self, account: Account) -> AsyncIterator[Collector]:
        """A collector that runs; it is stopped at the end."""
        collector = self.collector(account)
        stopping = asyncio.Event()
        running = asyncio.create_task(collector.run(stopping))
        try:
            yield collector
        finally:
            stopping.set()
            await asyncio.wait_for(running, 10)

    async def mails(self) -> list[KeptMail]:
        """Every mail that was kept, oldest first, twins included."""

        def ask(unit: UnitOfWork) -> list[KeptMail]:
            return [mail for mail, _, _ in reversed(unit.mails.recent(10_000))]

        return await self.store.read(ask)

    async def raw(self, mail: KeptMail) -> bytes:
        return await self.store.read(lambda unit: unit.mails.raw(mail.id))

    async def rows(self) -> int:
        """Inbox rows: mails that will be handled."""
        return await self.store.read(lambda unit: sum(unit.inbox.counts().values()))

    async def count(self, number: int, seconds: float = 20.0) -> list[KeptMail]:
        """Wait until so many mails are kept."""
        await until(lambda: self._has(number), seconds)
        return await self.mails()

    async def _has(self, number: int) -> bool:
        return len(await self.mails()) >= number


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Until `condition()` is true; it may be a coroutine function."""
    end = time.monotonic() + seconds
    while not (await found if asyncio.iscoroutine(found := condition()) else found):
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def open_archive(folder: Path) -> AsyncIterator[MailArchive]:
    store = SqliteStore(folder / "callout.db", SystemClock().now, policy=Policy(mail=SUPPORT))
    async with store.open():
        yield MailArchive(store)


def account(dovecot: Dovecot, authority: Path, **more: Any) -> Account:
    """The mailbox of the support desk as it is set up: TLS with our own authority."""
    facts = {"password": PEOPLE[SUPPORT], "ca_file": str(authority), "poll_seconds": 45.0, **more}
    return Account("support", "127.0.0.1", facts.pop("user", SUPPORT), port=dovecot.port, **facts)
