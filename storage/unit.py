"""A unit of work: one transaction at one moment, handed to a command with every repository on it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime
from random import Random
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from storage.mails import Mails
from storage.messages import Messages
from storage.outbox import Outbox
from storage.people import People
from storage.plans import Plans
from storage.queues import Inbox
from storage.records.policy import Policy
from storage.tickets import Tickets

R = TypeVar("R")


class UnitOfWork:
    """One transaction; `now` was read once, and `touched` names the queues to wake after the commit."""

    def __init__(self, connection: Connection, now: datetime, chance: Random, policy: Policy) -> None:
        self.connection = connection
        self.now = now
        self.chance = chance
        self.policy = policy
        self.touched: set[str] = set()
        self.people = People(self)
        self.tickets = Tickets(self)
        self.messages = Messages(self)
        self.mails = Mails(self)
        self.plans = Plans(self)
        self.inbox = Inbox(self)
        self.outbox = Outbox(self)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail alone: what it wrote is undone when it raises, the rest of the unit stands."""
        with self.connection.begin_nested():
            yield


class Store(Protocol):
    """The archive as every floor above sees it."""

    async def write(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `command(unit, *args, **kwargs)` in one durable transaction; it either all happened or raised.

        A cancelled caller does not stop the command: what it did stands (G3).
        """

    async def read(self, query: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run a question without consequences against one snapshot."""

    def tick(self, queue: str) -> int:
        """A count that grows with every commit that touched `queue`."""

    async def wait(self, queue: str, timeout: float, seen: int) -> None:
        """Sleep until `queue` was touched after its tick was `seen`, at most `timeout` seconds."""

    def wake(self, queue: str) -> None:
        """Wake whoever waits for `queue`."""

    def open(self) -> AbstractAsyncContextManager["Store"]:
        """Start and stop the archive around a block."""
