"""getUpdates by our own hand: raw updates are committed to the inbox, and only then the offset moves (G1)."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.failures import seconds
from bot.reception import ALLOWED, arrivals, source
from dispatch import reception, recovery
from dispatch.ports import Clock, Refused, Store, UnitOfWork

LONGEST = 30.0  # seconds between two tries
BEAT = timedelta(seconds=20)  # how often an idle poll is written down


def highest(unit: UnitOfWork, name: str) -> int | None:
    return unit.inbox.highest(name)


class Poller:
    """Long polling; one call at a time, backing off with jitter when Telegram does not answer."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        clock: Clock,
        *,
        timeout: int = 30,
        chance: Callable[[], float],
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.bot = bot
        self.store = store
        self.clock = clock
        self.timeout = timeout
        self.chance = chance
        self.note = note
        self.source = source(bot.token)
        self.offset: int | None = None
        self._heard: float | None = None  # monotonic seconds
        self._noted: datetime | None = None

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Until `stopping`. Refused: the token is not accepted; anything else is tried again."""
        last = await self.store.read(highest, self.source)
        self.offset = None if last is None else last + 1
        failures = 0
        while not stopping.is_set():
            beat()
            try:
                await self._until(stopping, self.poll())
                failures = 0
            except InvalidToken as wrong:
                msg = "Telegram refuses the bot's token; ask @BotFather for it and set telegram.token"
                raise Refused(msg) from wrong
            except TelegramError as error:
                failures += 1
                await self._until(stopping, self._pause(error, failures))

    async def poll(self) -> int:
        """One call: fetch, commit, and only then let the next call confirm. Tells how many were new."""
        # Raw, because one update that PTB's get_updates cannot parse would take its whole batch along. PTB makes
        # "getUpdates" of this spelling; under the plain one it insists on its own method.
        updates: Any = await self.bot.do_api_request(
            "get_Updates",
            api_kwargs={
                "offset": self.offset,
                "timeout": self.timeout,
                "limit": 100,
                "allowed_updates": list(ALLOWED),
            },
            read_timeout=self.timeout + 10,
        )
        kept = arrivals(self.source, updates)
        new = 0
        if kept:
            new = await self.store.write(reception.keep, kept)
            self.offset = max(int(arrival.outside_id) for arrival in kept) + 1
        await self._note_poll()
        return new

    async def _note_poll(self) -> None:
        """Remember that we were listening, so that a later start knows how long nobody was (G1); when Telegram
        could not be reached for long, ask the open questions again at once."""
        now, heard = self.clock.now(), self.clock.monotonic()
        gap = timedelta(seconds=heard - (heard if self._heard is None else self._heard))
        self._heard = heard
        if gap > recovery.BUTTONS:
            self.note("telegram.was_away", seconds=int(gap.total_seconds()))
            await self.store.write(recovery.resume, gap)
        if self._noted is None or now - self._noted >= BEAT:
            self._noted = now
            await self.store.write(recovery.listening)

    async def _pause(self, error: TelegramError, failures: int) -> None:
        wait = min(LONGEST, 0.5 * 2.0 ** min(failures, 6)) * (0.75 + self.chance() / 2)
        if isinstance(error, RetryAfter):
            wait = max(wait, seconds(error.retry_after))
        event = "telegram.conflict" if isinstance(error, Conflict) else "telegram.unreachable"
        self.note(event, error=type(error).__name__, failures=failures, wait=round(wait, 1))
        await self.clock.sleep(wait)

    async def _until(self, stopping: asyncio.Event, work: Any) -> None:
        """Do something, but leave at once when the service stops; a fetch left half-way was not confirmed."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
            results = await asyncio.gather(task, stop, return_exceptions=True)
        failure = results[0]
        if isinstance(failure, BaseException) and not isinstance(failure, asyncio.CancelledError):
            raise failure
