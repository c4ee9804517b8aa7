"""Everything that happens in the simulated Telegram, told to whoever listens: the page, waiting stories."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.telegram.errors import Json


class Events:
    """A notice board. Nothing is kept for those who come later."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json]] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    def publish(self, event: Json) -> None:
        """Tell all listeners; `event` is the JSON object the page gets."""
        for listener in self._listeners:
            listener.put_nowait(event)
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue that gets every event while the context is open."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    async def change(self, seconds: float) -> bool:
        """Wait for the next event; False when `seconds` pass without one."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True
