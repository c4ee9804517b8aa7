"""Working off a queue: claim what is free, do several at a time, sleep until there is more."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")
LONGEST_SLEEP = 1.0  # seconds; a wake-up may be lost, a poll is not


class Pool:
    """Runs `do` for everything `claim` hands out, at most `most` at once, in no order of its own:
    order is the queue's business, which hands out the head of a lane only."""

    def __init__(
        self,
        claim: Callable[[int], Awaitable[Sequence[T]]],
        do: Callable[[T], Awaitable[None]],
        tick: Callable[[], int],
        wait: Callable[[float, int], Awaitable[None]],
        most: int,
    ) -> None:
        self.claim = claim
        self.do = do
        self.tick = tick
        self.wait = wait
        self.most = most
        self.running: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Until `stopping` is set; then what was claimed is finished."""
        try:
            while not stopping.is_set():
                beat()
                # Read before the claim: what is queued while we look must wake us.
                seen = self.tick()
                if not await self.once():
                    await self.wait(LONGEST_SLEEP, seen)
        finally:
            await self.drain()

    async def once(self) -> bool:
        """Claim and start what there is room for; False when there was nothing or no room."""
        room = self.most - len(self.running)
        if room <= 0:
            await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
            return True
        claimed = await self.claim(room)
        for item in claimed:
            task = asyncio.ensure_future(self.do(item))
            self.running.add(task)
            task.add_done_callback(self._finished)
        return bool(claimed)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            task.get_loop().call_exception_handler(
                {"message": "a queued job raised", "exception": failure, "task": task}
            )

    async def drain(self) -> None:
        """Wait for what is running."""
        while self.running:
            await asyncio.wait(self.running)


def until(moment: datetime | None, now: datetime) -> float:
    """Seconds to sleep: until `moment`, never longer than a poll."""
    if moment is None:
        return LONGEST_SLEEP
    return max(0.0, min(LONGEST_SLEEP, (moment - now).total_seconds()))
