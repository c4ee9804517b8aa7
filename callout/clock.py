"""The two clocks: the machine's own, and one turned by hand for the tests and the demo's tour."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)


class SystemClock:
    """The machine's clock: UTC for records, a monotonic count for waiting (G7)."""

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never runs backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds; zero or less only lets others run."""
        await asyncio.sleep(max(0.0, seconds))


class HandClock:
    """A clock that stands still until somebody turns it; sleepers wake in the order they are due.

    Time is kept in whole microseconds, so that ten steps of 0.1 s make exactly one second.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) -> None:
        """Start at an aware moment (by default a Monday, 08:00 UTC); ValueError for a naive one."""
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware moment")
        self._origin = start.astimezone(UTC)
        self._passed = 0
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()

    def now(self) -> datetime:
        """The moment on the dial, aware UTC."""
        return self._origin + self._passed * MICROSECOND

    def monotonic(self) -> float:
        """Seconds this clock has been turned since it was made."""
        return self._passed / 1_000_000

    @property
    def sleeping(self) -> int:
        """How many sleepers wait at present; a test waits for this before it turns the clock."""
        return sum(not waiting.done() for _, _, waiting in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been turned that far; zero or less only lets others run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiting = asyncio.get_running_loop().create_future()
        # At least one microsecond: a sleep that rounds to nothing would be due before any turn.
        due = self._passed + max(1, round(seconds * 1_000_000))
        heapq.heappush(self._sleepers, (due, next(self._arrivals), waiting))
        await waiting

    def advance(self, by: float | timedelta) -> None:
        """Turn the clock on by seconds or a timedelta; all who are due wake. ValueError if backwards."""
        step = _microseconds(by)
        if step < 0:
            raise ValueError("time passes in one direction; step() moves the dial")
        self._passed += step
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            _, _, waiting = heapq.heappop(self._sleepers)
            if not waiting.done():
                waiting.set_result(None)

    def step(self, by: float | timedelta) -> None:
        """Move the dial alone, either way, as NTP or an administrator does; nobody wakes (F14)."""
        self._origin += _microseconds(by) * MICROSECOND


def _microseconds(by: float | timedelta) -> int:
    return by // MICROSECOND if isinstance(by, timedelta) else round(by * 1_000_000)
