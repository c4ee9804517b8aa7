"""Webhook mode: one queue per chat, another per user for presses, in order inside and side by side across."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from simulator.telegram.errors import Json
from simulator.telegram.updates import Pending, UpdateQueue

log = logging.getLogger(__name__)

FIRST_DELAY = 2.0  # seconds; the second retry waits this long, the first comes at once
LONGEST_DELAY = 60.0  # WEBHOOK_MAX_RESEND_TIMEOUT
LONGEST_RETRY_AFTER = 3600
GONE_PATIENCE = 23 * 3600  # seconds of 410 Gone after which the webhook is removed
READ_TIMEOUT = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


@dataclass
class Webhook:
    """The webhook that is set, its queues and its record of failures.

    `execute` runs a method that the bot gave as the answer to an update (Bot API, "Making requests when
    getting updates"). `first_delay` in seconds may be made small for tests.
    """

    updates: UpdateQueue
    clock: Callable[[], float]
    execute: Callable[[str, Json], Awaitable[None]]
    first_delay: float = FIRST_DELAY
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: tuple[int, str] | None = None
    attempts: int = 0
    _client: httpx.AsyncClient | None = None
    _lanes: dict[int, deque[Pending]] = field(default_factory=dict)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))
    _gone_since: float | None = None

    def set(self, url: str, secret: str, max_connections: int) -> None:
        """Begin to deliver to `url`, everything that waits first."""
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self.last_error, self._gone_since = None, None
        self._slots = asyncio.Semaphore(max_connections)
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)
        self._client = httpx.AsyncClient(timeout=READ_TIMEOUT, limits=limits, trust_env=False)
        self.updates.listener = self._enqueue
        for update in self.updates.fresh():
            self._enqueue(update)

    async def remove(self) -> None:
        """Stop delivering; what is undelivered stays pending."""
        self.url = ""
        self.updates.listener = None
        tasks = [task for task in self._tasks.values() if task is not asyncio.current_task()]
        self._tasks.clear()
        self._lanes.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _enqueue(self, update: Pending) -> None:
        self._lanes.setdefault(update.lane, deque()).append(update)
        if update.lane not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._drain(update.lane))
            self._tasks[update.lane] = task

    async def _drain(self, lane: int) -> None:
        waiting = self._lanes[lane]
        while waiting:
            update = waiting[0]
            if update.update_id in self.updates.pending:
                await self._deliver(update)
            if waiting:
                waiting.popleft()
        self._lanes.pop(lane, None)
        self._tasks.pop(lane, None)

    async def _deliver(self, update: Pending) -> None:
        delay, failures = self.first_delay / 2, 0
        while self.url and update.expires_at > self.clock():
            async with self._slots:
                pause = await self._attempt(update)
            if pause is None:
                return
            if pause == 0 and failures > 0:
                delay = min(delay * 2, LONGEST_DELAY)
                pause = delay
            failures += 1
            if self.clock() + pause >= update.expires_at:
                break
            await asyncio.sleep(pause)
        if self.url:
            self.updates.drop(update.update_id)

    async def _attempt(self, update: Pending) -> float | None:
        """None when the bot took the update, else the seconds its Retry-After asks for (0: none)."""
        self.attempts += 1
        self.updates.delivered += 1
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: self.secret} if self.secret else {})
        client = self._client
        if client is None:
            return 0
        try:
            response = await client.post(self.url, content=update.body, headers=headers)
        except httpx.HTTPError as error:
            self._failed(
                "Read timeout expired" if isinstance(error, httpx.TimeoutException) else "Connection refused"
            )
            return 0
        if response.is_success:
            self._gone_since = None
            self.updates.settle(update.update_id)
            await self._answered(response)
            return None
        self._failed(f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}")
        if response.status_code == httpx.codes.GONE and self._given_up():
            await self.remove()
        return _retry_after(response)

    def _given_up(self) -> bool:
        if self._gone_since is None:
            self._gone_since = self.clock()
        return self.clock() - self._gone_since > GONE_PATIENCE

    def _failed(self, words: str) -> None:
        self.last_error = (int(self.clock()), words)
        log.debug("telegram.webhook_failed reason=%s", words)

    async def _answered(self, response: httpx.Response) -> None:
        """Run the method that the answer names, if it names one."""
        try:
            said = json.loads(response.content)
        except ValueError:
            return
        if isinstance(said, dict) and isinstance(said.get("method"), str):
            await self.execute(said.pop("method"), said)


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(float(response.headers.get("Retry-After", 0)), LONGEST_RETRY_AFTER)
    except ValueError:
        return 0
