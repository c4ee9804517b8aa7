"""The outbox worker: claims with a lease, sends outside any transaction, settles (GUARANTEES G4)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dispatch import outcomes, queries
from dispatch.parcels import Parcel
from dispatch.pool import Pool, until
from dispatch.ports import Channel, Clock, Undelivered
from storage.records.message import Job
from storage.unit import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class Load:
    """A claimed message with the facts of that moment; without a parcel it is pointless by now, or `bug` tells
    why its facts could not be read."""

    job: Job
    parcel: Parcel | None
    bug: Exception | None = None


def claim(
    unit: UnitOfWork,
    owner: str,
    lease: timedelta,
    most: int,
    answers: bool | None = None,
    channel: str | None = None,
) -> tuple[Load, ...]:
    """Messages to send now. Their facts are read here, in the one hop to the archive that there is anyway."""
    claimed = unit.outbox.claim(owner, lease, most, answers, channel)
    return tuple(_load(unit, job) for job in claimed if outcomes.claimable(unit, job))


def _load(unit: UnitOfWork, job: Job) -> Load:
    try:
        return Load(job, queries.parcel(unit, job))
    except Exception as bug:  # noqa: BLE001 - one message of which the facts are broken must not stop the others
        return Load(job, None, bug)


class Delivery:
    """Carries what is in the outbox; `note(event, **ids)` gets one line per message.

    `answers` True: only answers to presses, which must not wait behind anything; False: all the rest; None: both.
    With one channel only its messages are taken: a slow one holds no worker of another.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        clock: Clock,
        owner: str,
        *,
        answers: bool | None = None,
        workers: int = 8,
        lease: timedelta = timedelta(seconds=60),
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.store = store
        self.channels = channels
        self.clock = clock
        self.owner = owner
        self.lease = lease
        self.answers = answers
        self.only = next(iter(channels)) if len(channels) == 1 else None
        self.note = note
        self.pool = Pool(self._claim, self.carry, self._tick, self._wait, workers)

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        await self.pool.run(stopping, beat)

    async def _claim(self, most: int) -> Sequence[Load]:
        return await self.store.write(claim, self.owner, self.lease, most, self.answers, self.only)

    def _tick(self) -> int:
        return self.store.tick("outbox")

    async def _wait(self, longest: float, seen: int) -> None:
        soonest = await self.store.read(lambda unit: unit.outbox.next_due(self.answers, self.only))
        pause = min(longest, until(soonest, self.clock.now()))
        await self.store.wait("outbox", max(pause, 0.02), seen)

    async def carry(self, load: Load) -> None:
        """Send one message and settle it, whatever happens."""
        job = load.job
        try:
            if load.bug:
                raise load.bug
            if load.parcel is None:
                await self.store.write(outcomes.dropped, job)
                return
            receipt = await self.channels[job.channel].send(load.parcel)
        except Undelivered as failure:
            await self._failed(job, failure)
        except Exception as bug:  # noqa: BLE001 - our bug must not stop the line; it is logged and told
            self.note("outbox.bug", job=job.id, kind=job.kind, error=repr(bug), exc_info=bug)
            await self._failed(job, Undelivered(f"{type(bug).__name__} while preparing it"))
        else:
            await self.store.write(outcomes.sent, job, receipt)
            self.note("outbox.sent", job=job.id, kind=job.kind, ticket=job.ticket_id)

    async def _failed(self, job: Job, failure: Undelivered) -> None:
        status: Any = await self.store.write(outcomes.failed, job, failure)
        self.note(
            "outbox.failed",
            job=job.id,
            kind=job.kind,
            ticket=job.ticket_id,
            why=failure.why,
            ambiguous=failure.ambiguous,
            now=status,
        )
