"""SQLite: one writer thread that commits in groups, and an aiosqlite engine for reads."""

import asyncio
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from storage.errors import Busy, StorageError
from storage.migrate import upgrade
from storage.records.policy import Policy
from storage.unit import UnitOfWork

R = TypeVar("R")
GROUP = 64  # commands that may share one commit
BUSY = "the database is held by another process; nothing was written, it is tried again"


OVER = "the archive is closed; nothing was written"


class Undone(Exception):
    """SQLite undid the whole transaction because of one command (its cause)."""


@dataclass(slots=True)
class Order:
    """A command on its way to the writer thread, and where its outcome goes."""

    command: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


def prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Every connection: we write BEGIN ourselves, and an acknowledged commit survives power loss (G1)."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def writer_engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        hide_parameters=True,  # an error's text must not carry what people wrote
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", prepare)
    # IMMEDIATE: a reader that later writes would fail with SQLITE_BUSY.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reader_engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)), pool_size=4, hide_parameters=True
    )

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    def read_only(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("query_only=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", read_only)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


class SqliteStore:
    """The embedded archive; see `storage.unit.Store` for what its methods promise."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime],
        *,
        policy: Policy | None = None,
        chance: Random | None = None,
    ) -> None:
        self.path = path
        self.now = now
        self.policy = policy or Policy()
        self.chance = chance or SystemRandom()
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._ticks: dict[str, int] = defaultdict(int)
        self._thread: threading.Thread | None = None
        self._over = True
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["SqliteStore"]:
        """Bring the schema up to date, start the writer, stop it after its last commit."""
        await asyncio.to_thread(upgrade, self.path)
        self._loop = asyncio.get_running_loop()
        self._orders = queue.SimpleQueue()
        self._over = False
        self._engine = writer_engine(self.path)
        self._reader = reader_engine(self.path)
        self._thread = threading.Thread(target=self._work, name="callout-writer", daemon=True)
        self._thread.start()
        try:
            yield self
        finally:
            self._over = True
            self._orders.put(None)
            await asyncio.to_thread(self._thread.join)
            await self._reader.dispose()
            self._engine.dispose()

    # --- for everybody ---

    async def write(self, command: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run a command; see Store.write. Errors: Refusal and whatever the command raises; Busy."""
        if self._over:
            raise StorageError(OVER)
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._orders.put(Order(command, args, kwargs, future))
        return await future

    async def read(self, query: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        def ask(connection: Connection) -> R:
            return query(UnitOfWork(connection, self.now(), self.chance, self.policy), *args, **kwargs)

        async with self._reader.connect() as connection:
            return await connection.run_sync(ask)

    def tick(self, queue: str) -> int:
        return self._ticks[queue]

    async def wait(self, queue: str, timeout: float, seen: int) -> None:
        woken = asyncio.Event()
        self._waiters[queue].add(woken)
        try:
            if self._ticks[queue] == seen:
                async with asyncio.timeout(timeout):
                    await woken.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters[queue].discard(woken)

    def wake(self, queue: str) -> None:
        self._ticks[queue] += 1
        for waiter in tuple(self._waiters[queue]):
            waiter.set()

    # --- the writer thread ---

    def _work(self) -> None:
        try:
            with self._engine.connect() as connection:
                while (first := self._orders.get()) is not None:
                    group, last = self._gather(first)
                    self._hand_back(group, self._together(connection, group))
                    if last:
                        return
        finally:
            # Whatever ended the thread: nobody may wait for it for ever.
            self._call(self._turn_away)

    def _together(self, connection: Connection, group: list[Order]) -> set[str]:
        """One commit for the whole group; tells which queues to wake."""
        touched: set[str] = set()
        try:
            with connection.begin():
                for order in group:
                    self._run(connection, order, touched)
        except Undone as undone:
            # Nothing of the group is there any more: each again alone, so that the guilty one fails alone.
            if len(group) > 1:
                return set().union(*(self._together(connection, [order]) for order in group))
            group[0].error = undone.__cause__
            return set()
        except Exception as failure:  # noqa: BLE001 - the outcome belongs to those who wait for it
            self._blame(group, failure)
            return set()
        return touched

    def _gather(self, first: Order) -> tuple[list[Order], bool]:
        """Whoever waits now shares the next commit."""
        group = [first]
        while len(group) < GROUP:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                break
            if order is None:
                return group, True
            group.append(order)
        return group, False

    def _run(self, connection: Connection, order: Order, touched: set[str]) -> None:
        unit = UnitOfWork(connection, self.now(), self.chance, self.policy)
        order.error = None
        savepoint = connection.begin_nested()
        try:
            order.result = order.command(unit, *order.args, **order.kwargs)
            savepoint.commit()
        except Exception as failure:
            # A full disk or an I/O error makes SQLite undo the whole transaction, the others' work included.
            raw: Any = connection.connection.dbapi_connection
            if not raw.in_transaction:
                raise Undone from failure
            if savepoint.is_active:
                savepoint.rollback()
            order.error = failure
            if isinstance(failure, StopIteration):
                # A future refuses it, and whoever awaits the command would wait for ever.
                order.error = RuntimeError("StopIteration in a command")
                order.error.__cause__ = failure
        else:
            touched |= unit.touched

    @staticmethod
    def _blame(group: list[Order], failure: Exception) -> None:
        locked = isinstance(failure, OperationalError) and "locked" in str(failure)
        for order in group:
            order.error = Busy(BUSY) if locked else failure

    def _hand_back(self, group: list[Order], touched: set[str]) -> None:
        def settle() -> None:
            for order in group:
                if order.future.cancelled():
                    continue
                if order.error is not None:
                    order.future.set_exception(order.error)
                else:
                    order.future.set_result(order.result)
            for name in touched:
                self.wake(name)

        self._call(settle)

    def _call(self, what: Callable[[], None]) -> None:
        assert self._loop is not None  # noqa: S101 - the thread starts after the loop is known
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _turn_away(self) -> None:
        """On the loop: whoever still waits, or comes later, hears that nothing is written any more."""
        self._over = True
        while not self._orders.empty():
            order = self._orders.get_nowait()
            if order is not None and not order.future.done():
                order.future.set_exception(StorageError(OVER))


def database_path(url: str) -> Path:
    """The file of an SQLite URL (`sqlite:///callout.db`); anything else is refused with what to write."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        msg = (
            f"database.url names {parsed.get_backend_name()}; this version keeps its archive in SQLite: "
            "write sqlite:///callout.db"
        )
        raise StorageError(msg)
    if not parsed.database or parsed.database == ":memory:":
        msg = "database.url must name a file, as in sqlite:///callout.db: an archive in memory would be lost"
        raise StorageError(msg)
    return Path(parsed.database)
