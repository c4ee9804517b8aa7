"""The bot's front door: one received update becomes one transaction, in the order of its chat."""

import json
from collections.abc import Callable
from datetime import timedelta

from bot import asking, commands, conversation, presses
from bot.incoming import CHANNEL, Incoming, parse
from bot.turn import Chat, Turn
from dispatch import outcomes, register
from dispatch.errors import Refusal
from dispatch.feed import Effect, Feed
from dispatch.ports import Store, UnitOfWork
from dispatch.texts import Phrases
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


def feed(
    store: Store,
    chat: Callable[[], Chat],
    owner: str,
    *,
    workers: int = 8,
    lease: timedelta = timedelta(seconds=30),
    note: Callable[..., None] = lambda _event, **_ids: None,
) -> Feed:
    """Works off the updates of Telegram; `chat` tells what is known of the bot by now."""

    async def read(row: Received) -> Effect:
        came = parse(row.raw, chat().most_bytes)
        return lambda unit: handle(unit, chat(), came)

    return Feed(store, CHANNEL, owner, read, sorry=apologise, workers=workers, lease=lease, note=note)
