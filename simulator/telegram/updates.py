"""The queue of updates with the real server's rules: kept until confirmed by the next offset, or expired."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from simulator.telegram.errors import Json, conflict

MAX_BATCH = 100
MAX_BYTES = 4 << 20
DAY = 24 * 3600
# Seconds an update waits for the bot (telegram-bot-api, Client.cpp add_update_impl); all others: a day.
LIFETIMES = {"callback_query": 150, "inline_query": 30}
# All kinds but these are delivered unless the bot names its own list (Bot API, getUpdates).
ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")
KINDS = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "business_connection"),
    *("business_message", "edited_business_message", "deleted_business_messages", "message_reaction"),
    *("message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query"),
    *("pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member"),
    *("chat_join_request", "chat_boost", "removed_chat_boost"),
)
# In webhook mode these wait in a queue of their own per user, all others in their chat's (Client.cpp).
BY_USER = {"inline_query": 1, "chosen_inline_result": 2, "callback_query": 3, "shipping_query": 4}


@dataclass(frozen=True)
class Pending:
    """An update that the bot has not confirmed. `body` is its JSON; `expires_at` a clock time in seconds."""

    update_id: int
    kind: str
    body: bytes
    lane: int
    expires_at: float


def lane_of(kind: str, content: Json) -> int:
    """The webhook queue of an update: the chat's id, or a number made of kind and user."""
    if kind in BY_USER:
        return int(content.get("from", {}).get("id", 0)) + (BY_USER[kind] << 33)
    chat = content.get("chat") or content.get("message", {}).get("chat") or {}
    return int(chat.get("id", 0))


class UpdateQueue:
    """Updates in order of their ids. `clock` gives seconds since the epoch; `chance` the first id."""

    def __init__(self, clock: Callable[[], float], chance: random.Random) -> None:
        self._clock = clock
        self._next = chance.randrange(100_000_000, 900_000_000)
        self._waiting: asyncio.Future[None] | None = None
        self.pending: dict[int, Pending] = {}
        self.allowed: list[str] = []
        self.listener: Callable[[Pending], None] | None = None
        self.watchers: list[Callable[[Pending], None]] = []  # hear of every update, whoever takes it
        self.delivered = 0
        self.confirmed = 0
        self.expired = 0

    def wants(self, kind: str) -> bool:
        """Whether the bot's allowed_updates include this kind; kinds unknown to us always pass."""
        if self.allowed:
            return kind in self.allowed or kind not in KINDS
        return kind not in ON_REQUEST

    def allow(self, kinds: object) -> None:
        """Take over allowed_updates; an empty list means the default, what is no list changes nothing."""
        if isinstance(kinds, list):
            self.allowed = [kind for kind in kinds if kind in KINDS]

    def put(self, kind: str, content: Json) -> int | None:
        """Queue an update for the bot; its id, or None when the bot does not want this kind."""
        if not self.wants(kind):
            return None
        since = content.get("edit_date") or content.get("date") or self._clock()
        expires_at = float(since) + LIFETIMES.get(kind, DAY)
        body = json.dumps({"update_id": self._next, kind: content}, ensure_ascii=False).encode()
        return self._add(kind, body, lane_of(kind, content), expires_at)

    def put_raw(self, raw: str, lane: int = 0) -> int:
        """Queue text that need not be JSON; `%UPDATE_ID%` in it becomes the id."""
        body = raw.replace("%UPDATE_ID%", str(self._next)).encode()
        return self._add("raw", body, lane, self._clock() + DAY)

    def repeat(self, update: Pending) -> None:
        """Queue an update once more under its old id, as a server that lost a confirmation would."""
        self.pending[update.update_id] = update
        self.pending = dict(sorted(self.pending.items()))
        self._wake(update)

    def _add(self, kind: str, body: bytes, lane: int, expires_at: float) -> int:
        update = Pending(self._next, kind, body, lane, expires_at)
        self._next += 1
        self.pending[update.update_id] = update
        self._wake(update)
        return update.update_id

    def _wake(self, update: Pending) -> None:
        for watcher in self.watchers:
            watcher(update)
        if self.listener is not None:
            self.listener(update)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def confirm(self, offset: int) -> None:
        """Forget what lies below `offset`; a negative one keeps that many from the end, a far one nothing."""
        if offset < 0:
            doomed = list(self.pending)[:offset]
        elif offset > self._next + 10:  # TQueue: "Specified from_id is in the future"
            doomed = []
        else:
            doomed = []
            for update_id in self.pending:
                if update_id >= offset:
                    break
                doomed.append(update_id)
        for update_id in doomed:
            self.settle(update_id)

    def settle(self, update_id: int) -> None:
        """The bot has this update for good."""
        if self.pending.pop(update_id, None) is not None:
            self.confirmed += 1

    def drop(self, update_id: int) -> None:
        """The update expired before the bot took it."""
        if self.pending.pop(update_id, None) is not None:
            self.expired += 1

    def clear(self) -> None:
        """drop_pending_updates: everything is forgotten."""
        for update_id in list(self.pending):
            self.settle(update_id)

    def fresh(self) -> list[Pending]:
        """All pending updates, after the expired ones are dropped."""
        now = self._clock()
        for update in [update for update in self.pending.values() if update.expires_at <= now]:
            self.drop(update.update_id)
        return list(self.pending.values())

    def batch(self, limit: int) -> list[Pending]:
        """The oldest updates: at most `limit` and 4 MB of JSON, but one at least."""
        taken: list[Pending] = []
        room = MAX_BYTES
        for update in self.fresh()[: min(limit, MAX_BATCH)]:
            room -= len(update.body) + 1
            if taken and room < 0:
                break
            taken.append(update)
        self.delivered += len(taken)
        return taken

    async def wait(self, seconds: float) -> None:
        """Until an update comes or `seconds` pass. ApiError 409 when another poller or setWebhook comes."""
        self.end_wait(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = future
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return
        finally:
            if self._waiting is future:
                self._waiting = None

    def end_wait(self, words: str) -> None:
        """End a waiting long poll with 409 and `words`."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(conflict(words))
        self._waiting = None
