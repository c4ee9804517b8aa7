"""The clock at work: looks for due deadlines, fires each in its own transaction, sleeps until the next one."""

import asyncio
from collections.abc import Callable

from dispatch import deadlines
from dispatch.pool import until
from dispatch.ports import Clock
from storage.records.plan import Deadline
from storage.unit import Store, UnitOfWork

BATCH = 100


def due(unit: UnitOfWork) -> tuple[Deadline, ...]:
    return unit.plans.due(BATCH)


class Alarm:
    """Fires deadlines; `note(event, **ids)` gets one line each."""

    def __init__(
        self, store: Store, clock: Clock, *, note: Callable[..., None] = lambda _event, **_ids: None
    ) -> None:
        self.store = store
        self.clock = clock
        self.note = note

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        while not stopping.is_set():
            beat()
            seen = self.store.tick("deadlines")
            if not await self.once():
                soonest = await self.store.read(lambda unit: unit.plans.next_due())
                await self.store.wait("deadlines", max(until(soonest, self.clock.now()), 0.02), seen)

    async def once(self) -> int:
        """Fire whatever is due now; tells how many were. One that cannot be done does not stop the others."""
        found = await self.store.read(due)
        for deadline in found:
            try:
                outcome = await self.store.write(deadlines.fire, deadline)
            except Exception as bug:  # noqa: BLE001 - the next one must still fire; this one is tried again
                self.note("deadline.bug", ticket=deadline.ticket_id, kind=deadline.kind.value, exc_info=bug)
                await self.clock.sleep(0.5)
            else:
                self.note("deadline", ticket=deadline.ticket_id, kind=deadline.kind.value, outcome=outcome)
        return len(found)
