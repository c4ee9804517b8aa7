"""The bot's front door: one received update becomes one transaction, in the order of its chat."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot import asking, commands, conversation, presses
from bot.incoming import CHANNEL, Incoming, Unreadable, parse
from bot.turn import Chat, Turn
from dispatch import outcomes, reception, register
from dispatch.errors import Refusal
from dispatch.pool import Pool
from dispatch.ports import Store, UnitOfWork
from dispatch.texts import Phrases
from storage.errors import Busy
from storage.records.message import Received


def handle(unit: UnitOfWork, chat: Chat, came: Incoming) -> str:
    """Everything one update does. Runs inside the transaction that marks its inbox row done; returns the outcome."""
    quiet = QUIET.get(came.what)
    if quiet:
        quiet(unit, came)
        return came.what
    if came.what not in {"message", "edited", "press"} or not came.user:
        return f"rejected: {came.what}"
    caller = register.caller(unit, CHANNEL, came.user, came.name, came.language)
    turn = Turn(unit, chat, came, caller)
    if came.what == "press":
        return presses.press(turn)
    if came.what == "edited":
        return conversation.edited(turn)
    if came.command_to and chat.username and came.command_to != chat.username.lower():
        return "rejected: a command of another bot"
    return commands.command(turn) if came.command else _message(turn)


def _message(turn: Turn) -> str:
    try:
        with turn.unit.attempt():
            # Said here once, whatever becomes of the message.
            if turn.came.letter and any(part.too_big for part in turn.came.letter.parts):
                turn.tell("file_too_big", size=turn.chat.most_bytes // (1 << 20))
            return conversation.message(turn)
    except Refusal as refusal:
        turn.tell(f"refusal.{refusal.key}", **asking.refusal_facts(turn, refusal))
        return f"refused: {refusal.key}"


def _blocked(unit: UnitOfWork, came: Incoming) -> None:
    outcomes.gone(unit, CHANNEL, came.chat, "blocked the bot", f"blocked.{came.update_id}")


def _unblocked(unit: UnitOfWork, came: Incoming) -> None:
    unit.people.reachable(CHANNEL, came.chat)


def _migrated(unit: UnitOfWork, came: Incoming) -> None:
    if came.new_chat:
        outcomes.moved(unit, CHANNEL, came.chat, came.new_chat)


def _removed(unit: UnitOfWork, came: Incoming) -> None:
    office = unit.people.office_at(CHANNEL, came.chat)
    if office:
        outcomes.office_lost(unit, office, "the bot was removed from the group", f"removed.{came.update_id}")


def _nothing(_unit: UnitOfWork, _came: Incoming) -> None:
    """Known, and nothing to be done."""


QUIET: dict[str, Callable[[UnitOfWork, Incoming], None]] = {
    "blocked": _blocked,
    "unblocked": _unblocked,
    "migrated": _migrated,
    "added": _nothing,
    "removed": _removed,
}


def apologise(unit: UnitOfWork, row: Received) -> None:
    """Even a press that we could not handle is answered: nothing was done, and the office knows."""
    press = json.loads(row.raw).get("callback_query")
    if press:
        person = unit.people.by_address(CHANNEL, str(press["from"]["id"]))
        language = person.language if person else unit.policy.language
        text = Phrases(language, unit.policy.zone, unit.now).say("answer.broken")
        payload = {"query": press["id"], "text": text, "alert": True}
        lane = f"answer:{press['id']}"
        unit.outbox.tell(lane, "answer", CHANNEL, row.lane, payload, lane=lane, duty=False)


class Feed:
    """Hands inbox rows to `handle`, several chats at a time, each chat in its order."""

    def __init__(
        self,
        store: Store,
        chat: Chat,
        owner: str,
        *,
        workers: int = 8,
        lease: timedelta = timedelta(seconds=30),
        note: Callable[..., None] = lambda _event, **_ids: None,
    ) -> None:
        self.store = store
        self.chat = chat
        self.owner = owner
        self.lease = lease
        self.note = note
        self.pool = Pool(self._claim, self.process, self._tick, self._wait, workers)

    async def run(self, stopping: asyncio.Event, beat: Callable[[], None] = lambda: None) -> None:
        await self.pool.run(stopping, beat)

    async def _claim(self, most: int) -> Sequence[Received]:
        return await self.store.write(reception.claim, self.owner, self.lease, most)

    def _tick(self) -> int:
        return self.store.tick("inbox")

    async def _wait(self, longest: float, seen: int) -> None:
        await self.store.wait("inbox", longest, seen)

    async def process(self, row: Received) -> None:
        """Parse outside the transaction, act inside it; what we cannot handle goes to the dead letters."""
        try:
            came = parse(row.raw, self.chat.most_bytes)
            outcome = await self.store.write(reception.effect, row, self._handle, came)
        except Unreadable as unreadable:
            await self.store.write(reception.buried, row, str(unreadable))
            self.note("inbox.unreadable", inbox=row.id, why=str(unreadable)[:200])
        except Busy:
            # Nothing was written; the lease runs out and the row is tried again.
            self.note("inbox.busy", inbox=row.id)
        except Exception as bug:  # noqa: BLE001 - our bug must not stop the line
            dead = await self.store.write(reception.failed, row, f"{type(bug).__name__}: {bug}"[:500])
            if dead:
                await self.store.write(apologise, row)
            self.note("inbox.bug", inbox=row.id, dead=dead, exc_info=bug)
        else:
            self.note("inbox.done", inbox=row.id, outcome=str(outcome)[:80])

    def _handle(self, unit: UnitOfWork, came: Incoming) -> str:
        return handle(unit, self.chat, came)
