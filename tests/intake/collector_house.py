"""What the tests of the collector share."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from imap_script import Server

from callout.clock import SystemClock
from intake.collector import Collector
from intake.mailbox import Account, Pace

QUICK = Pace(answer=0.25, thinking=0.25, goodbye=0.1, first=0.01, longest=0.03, refused=0.03, healthy=9)
KINDS = ("drop", "eof", "drop", "eof", "stall")


def letter(number: int, *, ident: bool = True, size: int = 0) -> bytes:
    head = f"Message-ID: <{number}@example.net>\r\n" if ident else ""
    text = f"From: Mei <mei{number % 7}@example.net>\r\n{head}Subject: pump {number}\r\n\r\nIt leaks. {number}\r\n"
    return text.encode() + b"x" * size


class Notes(list[tuple[str, dict[str, Any]]]):
    """The log lines a collector has written."""

    def __call__(self, event: str, **ids: Any) -> None:
        self.append((event, ids))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [ids for name, ids in self if name == event]


def collector(archive: Any, server: Server, name: str = "post", **more: Any) -> Collector:
    facts = {"password": "right", "poll_seconds": 0.1, **more}
    account = Account(name, "127.0.0.1", "office@example.org", server.port, "none", **facts)
    return Collector(
        account, archive.store, SystemClock(), pace=QUICK, note=Notes(), chance=random.Random(1).random
    )


@asynccontextmanager
async def running(*collectors: Collector) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(each.run(stopping)) for each in collectors]
    try:
        yield
    finally:
        stopping.set()
        begun = time.monotonic()
        await asyncio.gather(*tasks)
        assert time.monotonic() - begun < 1.0


async def kept(archive: Any, name: str = "post") -> list[tuple[int, bytes]]:
    """(UID, raw) of the mails of that account that have an inbox row, oldest first."""

    def ask(unit: Any) -> list[tuple[int, bytes]]:
        mine = [mail for mail, _, _ in unit.mails.recent(5000) if mail.account == name and mail.inbox_id]
        return [(mail.uid, unit.mails.raw(mail.id)) for mail in reversed(mine)]

    return await archive.ask(ask)


async def until(condition: Callable[[], Any], seconds: float = 4.0) -> None:
    end = time.monotonic() + seconds
    while not (await found if asyncio.iscoroutine(found := condition()) else found):
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.01)


async def settled(archive: Any, server: Server, name: str = "post", count: int = 0) -> None:
    """Everything that lies on the server is kept and marked."""

    async def done() -> bool:
        lies = server.folders["INBOX"]
        marked = all("\\Seen" in server.flags.get(uid, ()) for uid in lies)
        return marked and len(await kept(archive, name)) >= (count or len(lies))

    await until(done)


async def settled_at(archive: Any, count: int) -> None:
    async def done() -> bool:
        return len(await kept(archive)) == count

    await until(done)


def told(unit: Any) -> list[str]:
    rows = unit.connection.exec_driver_sql("select payload from outbox where kind = 'notice'").all()
    return [key for key in ("mail_gap", "mail_refused", "mail_stuck") for row in rows if f'"{key}"' in row[0]]
