"""How a person's acts become messages and updates: files, albums, button presses."""

import asyncio
from collections.abc import Sequence
from typing import Any

from simulator.telegram.entities import finish
from simulator.telegram.errors import Json
from simulator.telegram.pictures import picture
from simulator.telegram.records import Account, Chat, Press
from simulator.telegram.world import World

SAMPLE = b"A sample file of the simulated Telegram.\n"


class Hands:
    """The part of a person that handles the phone; see Person for what to call."""

    def __init__(self, world: World, account: Account) -> None:
        self._world = world
        self._reactions: dict[tuple[int, int], list[Json]] = {}
        self.account = account

    @property
    def id(self) -> int:
        """The user id, which is also the id of the private chat."""
        return self.account.id

    @property
    def first_name(self) -> str:
        """The first name."""
        return self.account.first_name

    @property
    def phone(self) -> str:
        """The telephone number, as contacts show it."""
        return self.account.phone

    def user(self) -> Json:
        """The Bot API User."""
        return self.account.user()

    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def _chat(self, chat: int | None) -> Chat:
        if chat is None or chat == self.id:
            return self._world.private_chat(self.account)
        place = self._world.chats.get(chat)
        if place is None or self.id not in place.members:
            raise ValueError(f"{self.first_name} is not in chat {chat}")
        return place

    def _message(self, message_id: int, chat: int | None) -> Json:
        place = self._chat(chat)
        if message_id not in place.messages:
            raise ValueError(f"{self.first_name} sees no message {message_id} in chat {place.id}")
        return place.messages[message_id]

    def _compose(
        self, content: Json, chat: int | None, reply_to: int | None = None, thread: int | None = None
    ) -> Json:
        place = self._chat(chat)
        if place.private and self.account.blocked:
            raise ValueError(f"{self.first_name} has blocked the bot; unblock first")
        if reply_to is not None:
            self._message(reply_to, chat)
            replied = place.messages[reply_to]
            thread = thread or (replied["message_thread_id"] if replied.get("is_topic_message") else None)
        fields: Json = {"message_thread_id": thread, "is_topic_message": True} if thread else {}
        return self._world.compose(place, self.user(), fields | content, reply_to=reply_to)

    def _post(
        self, content: Json, chat: int | None, reply_to: int | None = None, thread: int | None = None
    ) -> Json:
        return self._world.announce(self._compose(content, chat, reply_to, thread))

    # Files

    def _media(self, kind: str, data: bytes | None, settings: Json) -> Json:
        """Content with a file; `settings`: name, mime, file_size, caption, media_group_id, extra."""
        if data is None:
            data = picture(self._world.chance) if kind in ("photo", "sticker") else SAMPLE
        files = self._world.files
        stored = files.add(
            kind, data, settings.get("name", ""), settings.get("mime", ""), settings.get("file_size")
        )
        content = files.content(stored, settings.get("extra"))
        if group := settings.get("media_group_id"):
            content["media_group_id"] = group
        return content | finish(settings.get("caption", ""), []).content("caption", "caption_entities")

    def photo(
        self,
        data: bytes | None = None,
        caption: str = "",
        chat: int | None = None,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        file_size: int | None = None,
    ) -> Json:
        """Send a photo; without data a new picture is made. `file_size` in bytes may claim any size."""
        settings: Json = {"caption": caption, "media_group_id": media_group_id, "file_size": file_size}
        return self._post(self._media("photo", data, settings), chat, reply_to)

    def document(
        self,
        data: bytes | None = None,
        name: str = "report.txt",
        caption: str = "",
        mime: str = "",
        chat: int | None = None,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        file_size: int | None = None,
    ) -> Json:
        """Send a file."""
        settings: Json = {"name": name, "caption": caption, "mime": mime}
        settings |= {"media_group_id": media_group_id, "file_size": file_size}
        return self._post(self._media("document", data, settings), chat, reply_to)

    def video(self, data: bytes | None = None, caption: str = "", duration: int = 5, **settings: Any) -> Json:
        """Send a video of `duration` seconds. Further settings: name, mime, chat, reply_to, file_size."""
        return self._timed("video", data, {"caption": caption, **settings}, duration)

    def voice(self, data: bytes | None = None, caption: str = "", duration: int = 3, **settings: Any) -> Json:
        """Send a voice message of `duration` seconds. Further settings as for video."""
        return self._timed("voice", data, {"caption": caption, **settings}, duration)

    def audio(
        self, data: bytes | None = None, caption: str = "", duration: int = 60, **settings: Any
    ) -> Json:
        """Send a music file of `duration` seconds. Further settings as for video."""
        return self._timed("audio", data, {"caption": caption, **settings}, duration)

    def video_note(self, data: bytes | None = None, duration: int = 5, **settings: Any) -> Json:
        """Send a round video of `duration` seconds. Further settings as for video."""
        return self._timed("video_note", data, settings, duration)

    def sticker(self, emoji: str = "👍", **settings: Any) -> Json:
        """Send a sticker. Further settings: chat, reply_to."""
        return self._file("sticker", None, {**settings, "extra": {"emoji": emoji}})

    def _timed(self, kind: str, data: bytes | None, settings: Json, duration: int) -> Json:
        return self._file(kind, data, {**settings, "extra": {"duration": duration}})

    def _file(self, kind: str, data: bytes | None, settings: Json) -> Json:
        return self._post(self._media(kind, data, settings), settings.get("chat"), settings.get("reply_to"))

    async def album(
        self,
        pictures: int | Sequence[bytes],
        caption: str = "",
        spacing: float = 0.0,
        order: Sequence[int] | None = None,
        chat: int | None = None,
        kind: str = "photo",
    ) -> list[Json]:
        """Send an album: one media_group_id, consecutive message ids, the caption on the first.

        The bot is told of one every `spacing` seconds, in `order` (positions from 0).
        """
        contents: list[bytes | None] = [None] * pictures if isinstance(pictures, int) else list(pictures)
        group = str(self._world.chance.randrange(1 << 53, 1 << 57))
        messages = [
            self._compose(
                self._media(kind, data, {"caption": "" if at else caption, "media_group_id": group}), chat
            )
            for at, data in enumerate(contents)
        ]
        for step, at in enumerate(order if order is not None else range(len(messages))):
            if step and spacing:
                await asyncio.sleep(spacing)
            self._world.announce(messages[at])
        return messages

    # Buttons

    def _data(self, message_id: int, message: Json | None, button: str | tuple[int, int]) -> str:
        markup = (message or {}).get("reply_markup", {})
        rows: list[list[Json]] = markup.get("inline_keyboard", [])
        if isinstance(button, tuple):
            row, column = button
            found = [rows[row][column]] if row < len(rows) and column < len(rows[row]) else []
        else:
            every = [one for row_ in rows for one in row_]
            found = [one for one in every if one["text"] == button]
            found = found or [one for one in every if one.get("callback_data") == button]
        if not found or "callback_data" not in found[0]:
            there = ", ".join(repr(one["text"]) for row_ in rows for one in row_) or "none"
            raise ValueError(f"no button {button!r} to press at message {message_id}; there: {there}")
        return str(found[0]["callback_data"])

    def _query(self, place: Chat, message_id: int, message: Json | None, data: str) -> str:
        world = self._world
        query_id = str(world.chance.randrange(1 << 60, 1 << 63))
        press = Press(query_id, self.id, place.id, message_id, data, world.clock(), _label(message, data))
        world.presses[query_id] = press
        place.log.append({"press": query_id})
        gone: Json = {"chat": place.face, "message_id": message_id, "date": 0}
        content = {
            "id": query_id,
            "from": self.user(),
            "message": message or gone,
            "chat_instance": place.instance,
            "data": data,
        }
        world.updates.put("callback_query", content)
        return query_id


def _label(message: Json | None, data: str) -> str:
    rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
    return next((str(one["text"]) for row in rows for one in row if one.get("callback_data") == data), data)
