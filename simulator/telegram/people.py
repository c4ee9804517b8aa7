"""A person with a phone: what they say, press and see. Plain calls, as a story tells them."""

from collections.abc import Callable

from simulator.telegram.entities import finish
from simulator.telegram.errors import Json
from simulator.telegram.hands import Hands
from simulator.telegram.methods.common import MAX_TEXT
from simulator.telegram.methods.sending import content_of, origin
from simulator.telegram.utf16 import units

Predicate = Callable[[Json], object]


class Person(Hands):
    """One account. Every sending method returns the Message as the Bot API shows it.

    `chat` is a chat id, None the private chat with the bot; `reply_to` a message id of that chat.
    """

    # Talking

    def start(self, payload: str = "") -> Json:
        """Open the private chat with "/start payload", as a t.me link with a payload does."""
        return self.say(f"/start {payload}".strip())

    def say(
        self, text: str, chat: int | None = None, reply_to: int | None = None, thread: int | None = None
    ) -> Json:
        """Write text; `thread` is a topic's id in a forum. ValueError for none, or more than 4096 units."""
        if not text.strip() or units(text) > MAX_TEXT:
            raise ValueError(f"a message has 1 to {MAX_TEXT} UTF-16 units, not {units(text.strip())}")
        return self._post(finish(text, []).content(), chat, reply_to, thread)

    def location(
        self, latitude: float, longitude: float, chat: int | None = None, reply_to: int | None = None
    ) -> Json:
        """Send a point on the map, in degrees."""
        return self._post({"location": {"latitude": latitude, "longitude": longitude}}, chat, reply_to)

    def venue(
        self, latitude: float, longitude: float, title: str, address: str, chat: int | None = None
    ) -> Json:
        """Send a place with a name and an address."""
        where = {"latitude": latitude, "longitude": longitude}
        return self._post(
            {"location": where, "venue": {"location": where, "title": title, "address": address}}, chat
        )

    def contact(
        self,
        phone: str | None = None,
        user_id: int | None = None,
        first_name: str | None = None,
        chat: int | None = None,
        reply_to: int | None = None,
    ) -> Json:
        """Send a contact; without a phone it is the person's own, as the request_contact button sends it."""
        if phone is None:
            user_id, phone = user_id or self.id, self.phone
        contact: Json = {"phone_number": phone, "first_name": first_name or self.first_name}
        if user_id is not None:
            contact["user_id"] = user_id
        return self._post({"contact": contact}, chat, reply_to)

    def forward(self, message_id: int, from_chat: int | None = None, chat: int | None = None) -> Json:
        """Forward a message that the person sees in `from_chat` to `chat`."""
        original = self._message(message_id, from_chat)
        return self._post({"forward_origin": origin(original), **content_of(original)}, chat)

    def edit(self, message_id: int, text: str, chat: int | None = None) -> Json:
        """Change the text or caption of an own message."""
        old = self._message(message_id, chat)
        if old["from"]["id"] != self.id:
            raise ValueError(f"message {message_id} is not {self.first_name}'s")
        fields = ("text", "entities") if "text" in old else ("caption", "caption_entities")
        kept = {name: value for name, value in old.items() if name not in fields}
        new = {**kept, "edit_date": self._world.now(), **finish(text, []).content(*fields)}
        self._world.replace(new)
        self._world.updates.put("edited_message", new)
        return new

    def delete(self, message_id: int, chat: int | None = None) -> None:
        """Delete a message for everybody; bots are never told."""
        self._message(message_id, chat)
        self._world.remove(self._chat(chat), message_id)

    def react(self, message_id: int, *emoji: str, chat: int | None = None) -> None:
        """Put these reactions under a message, in place of earlier ones (update message_reaction)."""
        self._message(message_id, chat)
        place = self._chat(chat)
        new = [{"type": "emoji", "emoji": one} for one in emoji]
        old = self._reactions.get((place.id, message_id), [])
        self._reactions[place.id, message_id] = new
        content = {
            "chat": place.face,
            "message_id": message_id,
            "user": self.user(),
            "date": self._world.now(),
        }
        self._world.updates.put("message_reaction", {**content, "old_reaction": old, "new_reaction": new})
        event = {"type": "reaction", "chat": place.id, "user": self.id, "reaction": new}
        self._world.events.publish({**event, "message": {"message_id": message_id}})

    def block(self) -> None:
        """Block the bot: it gets my_chat_member now and 403 from now on."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(False)

    def deactivate(self) -> None:
        """Delete the account: the bot gets 403 "user is deactivated"."""
        self.account.deactivated = True

    def _set_blocked(self, blocked: bool) -> None:
        if self.account.blocked == blocked:
            return
        self.account.blocked = blocked
        change = ("member", "kicked") if blocked else ("kicked", "member")
        chat = self._world.private_chat(self.account)
        self._world.membership("my_chat_member", chat, self.user(), self._world.bot, change)

    # Pressing

    def press(
        self, message_id: int, button: str | tuple[int, int], chat: int | None = None, force: bool = False
    ) -> str:
        """Press an inline button: its visible text, (row, column), or its data. The id of the query.

        With `force`, `button` is sent as data even where no such button (or no such message) is, as a
        forged client can. ValueError when there is no such button.
        """
        place = self._chat(chat)
        message = place.messages.get(message_id)
        data = str(button) if force else self._data(message_id, message, button)
        return self._query(place, message_id, message, data)

    def answer(self, query_id: str) -> Json | None:
        """What answerCallbackQuery said: {"text", "show_alert", "at"}, or None until it is called."""
        press = self._world.presses.get(query_id)
        return None if press is None else press.answer

    async def wait_answer(self, query_id: str, timeout: float = 2.0) -> Json:
        """The answer to a press. AssertionError when none comes within `timeout` seconds."""
        await self._until(lambda: self.answer(query_id), timeout, f"an answer to press {query_id}")
        return self.answer(query_id) or {}

    # Seeing

    def messages(self, chat: int | None = None) -> list[Json]:
        """What the person sees in a chat now, oldest first: edits applied, deleted gone."""
        return [message for _, message in sorted(self._chat(chat).messages.items())]

    async def wait_for(
        self,
        wanted: str | Predicate,
        chat: int | None = None,
        timeout: float = 5.0,
    ) -> Json:
        """The newest visible message that satisfies a predicate, or, for a text, that somebody else
        wrote and whose text or caption contains it. AssertionError, with what is seen, after
        `timeout` seconds.
        """
        return await self._until(lambda: self._newest(wanted, chat), timeout, repr(wanted), chat)

    def _newest(self, wanted: str | Predicate, chat: int | None) -> Json | None:
        for message in reversed(self.messages(chat)):
            if callable(wanted):
                if wanted(message):
                    return message
            elif message["from"]["id"] != self.id and wanted in said(message):
                return message
        return None

    async def _until(
        self, found: Callable[[], Json | None], seconds: float, what: str, chat: int | None = None
    ) -> Json:
        loop = self._loop()
        deadline = loop.time() + seconds
        while (result := found()) is None:
            left = deadline - loop.time()
            if left <= 0 or not await self._world.events.change(left):
                if (result := found()) is not None:
                    break
                seen = "\n  ".join(
                    f"{m['from']['first_name']}: {said(m)!r}" for m in self.messages(chat)[-8:]
                )
                raise AssertionError(f"{self.first_name} waited {seconds} s for {what}; saw\n  {seen}")
        return result


def said(message: Json) -> str:
    """Text or caption."""
    return str(message.get("text") or message.get("caption") or "")
