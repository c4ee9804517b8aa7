"""Files of entries are fetched from Telegram and stored under their hash, tried again until they are here."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from dispatch import telling
from dispatch.pool import Pool
from dispatch.ports import Store, UnitOfWork
from storage.records.message import EntryFile, FileState

TRIES = 150  # about a day, at ten minutes each
LONGEST = 600.0  # seconds between two tries
LEASE = timedelta(seconds=90)


class Keeper(Protocol):
    """Where contents go; `storage.files.Files` is one."""

    def put(self, content: bytes) -> str:
        """Store and tell the sha256."""


def claim(unit: UnitOfWork, most: int) -> tuple[EntryFile, ...]:
    """Files due to be fetched, put off by a lease so that nobody fetches them twice at once."""
    files = unit.messages.waiting_files(most)
    for file in files:
        unit.messages.file_later(file, unit.now + LEASE)
    return files


def stored(unit: UnitOfWork, file: EntryFile, digest: str, size: int) -> None:
    unit.messages.file_stored(file, digest, size)


def failed(unit: UnitOfWork, file: EntryFile, state: FileState | None) -> None:
    """Give it up (`state`), or try later, each time a little later."""
    if state:
        unit.messages.file_state(file, state)
        lost(unit, file)
        return
    # Each failed try counts three: its lease, this question how many there were, and its pause.
    tries = (unit.messages.file_later(file, unit.now) + 1) // 3
    if tries >= TRIES:
        unit.messages.file_state(file, FileState.FAILED)
        lost(unit, file)
    else:
        unit.messages.file_later(file, unit.now + timedelta(seconds=min(LONGEST, 2.0 ** min(tries, 10))))


def lost(unit: UnitOfWork, file: EntryFile) -> None:
    """The sender hears that his file could not be kept, and the cards say so."""
    entry = unit.messages.get(file.entry_id)
    if entry.author_id and entry.ticket_id:
        ticket = unit.tickets.get(entry.ticket_id)
        telling.person(unit, entry.author_id, "file_lost", f"file.{file.id}", ticket)
        telling.refresh_all(unit, ticket)


class Fetcher:
    """Works off waiting files, a few at a time."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        keeper: Keeper,
        *,
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.bot = bot
        self.store = store
        self.keeper = keeper
        self.note = note
        self.pool = Pool(self._claim, self.fetch, self._tick, self._wait, 3)

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        await self.pool.run(stopping, beat)

    async def _claim(self, most: int) -> Sequence[EntryFile]:
        return await self.store.write(claim, most)

    def _tick(self) -> int:
        return self.store.tick("files")

    async def _wait(self, longest: float, seen: int) -> None:
        await self.store.wait("files", longest, seen)

    async def fetch(self, file: EntryFile) -> None:
        """One file; a link is asked for anew each time, because it is good for an hour only."""
        try:
            link = await self.bot.get_file(file.ref)
            content = bytes(await link.download_as_bytearray())
        except BadRequest as error:
            big = "too big" in error.message.lower()
            self.note("file.refused", file=file.id, too_big=big)
            await self.store.write(failed, file, FileState.TOO_BIG if big else FileState.FAILED)
        except TelegramError as error:
            self.note("file.later", file=file.id, error=type(error).__name__)
            await self.store.write(failed, file, None)
        else:
            digest = await asyncio.to_thread(self.keeper.put, content)
            await self.store.write(stored, file, digest, len(content))
