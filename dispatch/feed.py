"""Works off the inbox of one channel: what arrived is read outside the transaction and takes effect inside it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from dispatch import reception
from dispatch.pool import Pool
from dispatch.ports import Store, UnitOfWork
from storage.errors import Busy
from storage.records.message import Received

Effect = Callable[[UnitOfWork], str]


class Unreadable(Exception):
    """What arrived cannot be understood; the message says why. It goes to the dead letters at once."""


class Feed:
    """Hands inbox rows of `channel` to `read`, several lanes at a time, each lane in its order.

    `read(row)` gives the command to run (it returns the outcome); Unreadable buries the row. `bury(unit, row, why)`
    and `sorry(unit, row)` say what becomes of a row that cannot be read, or that our code could not handle.
    """

    def __init__(
        self,
        store: Store,
        channel: str,
        owner: str,
        read: Callable[[Received], Awaitable[Effect]],
        *,
        bury: Callable[[UnitOfWork, Received, str], None] = reception.buried,
        sorry: Callable[[UnitOfWork, Received], None] = lambda _unit, _row: None,
        workers: int = 8,
        lease: timedelta = timedelta(seconds=30),
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.store = store
        self.channel = channel
        self.owner = owner
        self.read = read
        self.bury = bury
        self.sorry = sorry
        self.lease = lease
        self.note = note
        self.pool = Pool(self._claim, self.process, self._tick, self._wait, workers)

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        await self.pool.run(stopping, beat)

    async def _claim(self, most: int) -> Sequence[Received]:
        return await self.store.write(reception.claim, self.owner, self.lease, most, self.channel)

    def _tick(self) -> int:
        return self.store.tick("inbox")

    async def _wait(self, longest: float, seen: int) -> None:
        await self.store.wait("inbox", longest, seen)

    async def process(self, row: Received) -> None:
        """Read outside the transaction, act inside it; what we cannot handle goes to the dead letters."""
        try:
            outcome = await self.store.write(reception.effect, row, await self.read(row))
        except Unreadable as unreadable:
            await self.store.write(self.bury, row, str(unreadable))
            self.note("inbox.unreadable", inbox=row.id, why=str(unreadable)[:200])
        except Busy:
            # Nothing was written; the lease runs out and the row is tried again.
            self.note("inbox.busy", inbox=row.id)
        except Exception as bug:  # noqa: BLE001 - our bug must not stop the line
            why = f"{type(bug).__name__}: {bug}"[:500]
            dead = await self.store.write(reception.failed, row, why, self.bury)
            if dead:
                await self.store.write(self.sorry, row)
            self.note("inbox.bug", inbox=row.id, dead=dead, exc_info=bug)
        else:
            self.note("inbox.done", inbox=row.id, outcome=str(outcome)[:80])
