"""An update as Telegram sent it becomes one plain record; whatever is in it, nothing here raises but `Unreadable`."""

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update
from telegram import User as TelegramUser

from dispatch.feed import Unreadable
from dispatch.letters import Letter, Part

CHANNEL = "telegram"
# Bidi controls turn a name or a line around, C0 and C1 are no text (S32).
BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\ufe0f", "\u00ad"}
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?\Z", re.DOTALL)


# What json, PTB and datetime raise for contents of a wrong shape or size.
BAD_SHAPES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. `what`: message, edited, press, blocked, unblocked, added, or a word for what we do not use."""

    update_id: int
    what: str
    chat: str = ""
    private: bool = True
    thread: int | None = None
    title: str = ""
    user: str = ""
    name: str = ""
    language: str | None = None
    message_id: str = ""
    letter: Letter | None = None
    command: str = ""
    argument: str = ""
    command_to: str = ""
    phone: str | None = None
    phone_is_own: bool = False
    latitude: float | None = None
    longitude: float | None = None
    venue: str = ""
    query: str = ""
    data: str = ""
    new_chat: str | None = None

    @property
    def text(self) -> str:
        return self.letter.text if self.letter else ""


def clean(text: str | None) -> str:
    """What a person can see of it: control characters and bidi overrides are gone, an invisible text is empty."""
    kept = "".join(
        char
        for char in (text or "").translate(BIDI)
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    ).strip()
    return "" if all(char in INVISIBLE or char.isspace() for char in kept) else kept


def parse(raw: str, most_bytes: int) -> Incoming:
    """Read one update of the Bot API. Unreadable: no JSON, no object, no update_id, or fields of a wrong shape."""
    try:
        data = json.loads(raw)
        if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
            msg = "no update: an object with update_id was expected"
            raise Unreadable(msg)
        update = Update.de_json(data, None)
        return _read(update, data, most_bytes)
    except Unreadable:
        raise
    except BAD_SHAPES as wrong:
        msg = f"unreadable update: {type(wrong).__name__}: {wrong}"
        raise Unreadable(msg) from wrong


def _read(update: Update, data: dict[str, Any], most_bytes: int) -> Incoming:
    if update.callback_query is not None:
        return _press(update)
    if update.my_chat_member is not None:
        return _membership(update)
    for what, message in (("message", update.message), ("edited", update.edited_message)):
        if message is not None:
            return _message(update.update_id, what, message, most_bytes)
    kinds = [name for name in data if name != "update_id"]
    return Incoming(update.update_id, f"unused:{kinds[0] if kinds else 'empty'}")


def _who(user: TelegramUser | None) -> dict[str, Any]:
    if user is None:
        return {}
    name = clean(user.full_name) or f"#{user.id}"
    return {"user": str(user.id), "name": name[:64], "language": user.language_code}


def _press(update: Update) -> Incoming:
    query = update.callback_query
    message = query.message if query else None
    if query is None or message is None:
        return Incoming(update.update_id, "unused:inline_press")
    return Incoming(
        update.update_id,
        "press",
        chat=str(message.chat.id),
        private=message.chat.type == "private",
        thread=message.message_thread_id
        if isinstance(message, Message) and message.is_topic_message
        else None,
        message_id=str(message.message_id),
        query=query.id,
        data=query.data or "",
        **_who(query.from_user),
    )


def _membership(update: Update) -> Incoming:
    change = update.my_chat_member
    status = change.new_chat_member.status if change else ""
    gone = status in {"kicked", "left"}
    private = change is not None and change.chat.type == "private"
    what = ("blocked" if gone else "unblocked") if private else ("removed" if gone else "added")
    return Incoming(
        update.update_id,
        what,
        chat=str(change.chat.id) if change else "",
        private=private,
        title=clean(change.chat.title) if change else "",
        **_who(change.from_user if change else None),
    )


def _message(update_id: int, what: str, message: Message, most_bytes: int) -> Incoming:
    chat = str(message.chat.id)
    base: dict[str, Any] = {
        "chat": chat,
        "private": message.chat.type == "private",
        "thread": message.message_thread_id if message.is_topic_message else None,
        "title": clean(message.chat.title),
        "message_id": str(message.message_id),
    }
    if message.migrate_to_chat_id:
        return Incoming(update_id, "migrated", **base, new_chat=str(message.migrate_to_chat_id))
    # Authority is a numeric id: channels and anonymous administrators have none (S17).
    if message.from_user is None or message.sender_chat is not None:
        return Incoming(update_id, "unused:anonymous", **base)
    kind, parts = _content(message, most_bytes)
    venue = clean(f"{message.venue.title}, {message.venue.address}") if message.venue else ""
    text = clean(message.text or message.caption) or venue
    # What somebody else wrote is content, even if it begins with a slash.
    own = message.text and what == "message" and message.forward_origin is None
    command = COMMAND.match(text) if own else None
    place = message.venue.location if message.venue else message.location
    contact = message.contact
    letter = Letter(
        CHANNEL,
        chat,
        str(message.message_id),
        kind,
        text,
        parts,
        message.media_group_id,
        str(message.reply_to_message.message_id) if message.reply_to_message else None,
        _details(message),
    )
    return Incoming(
        update_id,
        what if kind != "unknown" else "unused:content",
        **base,
        **_who(message.from_user),
        letter=letter,
        command=command.group(1).lower() if command else "",
        argument=clean(command.group(3)) if command else "",
        command_to=(command.group(2) or "").lower() if command else "",
        phone=clean(contact.phone_number) if contact else None,
        phone_is_own=bool(contact and contact.user_id == message.from_user.id),
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        venue=venue,
    )


def _details(message: Message) -> dict[str, Any]:
    """What an entry keeps besides text and files."""
    details: dict[str, Any] = {}
    if message.forward_origin is not None:
        details["forwarded"] = message.forward_origin.type
    if message.location:
        details["location"] = [message.location.latitude, message.location.longitude]
    if message.contact:
        names = (message.contact.first_name, message.contact.last_name, message.contact.phone_number)
        details["contact"] = clean(" ".join(name for name in names if name))
    if message.sticker:
        details["emoji"] = message.sticker.emoji or ""
    return details


MEDIA = ("document", "video", "voice", "audio", "video_note", "sticker", "animation")
# Contents without a file; those that say nothing we can use still get a clear word (`nothing_readable`).
PLAIN = ("text", "venue", "location", "contact", "dice", "poll", "game", "story", "paid_media", "invoice")
EXTENSION = {"photo": "jpg", "voice": "ogg", "video": "mp4", "video_note": "mp4", "sticker": "webp"}


def _content(message: Message, most_bytes: int) -> tuple[str, tuple[Part, ...]]:
    """The kind of a message and its file, if it has one."""
    found = message.photo[-1] if message.photo else None
    kind = "photo"
    if found is None:
        kind = next((name for name in MEDIA if getattr(message, name)), "")
        found = getattr(message, kind) if kind else None
    if found is None:
        return next((name for name in PLAIN if getattr(message, name) is not None), "unknown"), ()
    size = found.file_size
    name = clean(getattr(found, "file_name", None)) or f"{kind}.{EXTENSION.get(kind, 'bin')}"
    mime = getattr(found, "mime_type", None) or "application/octet-stream"
    part = Part(kind, found.file_id, name[:128], mime, size, size is not None and size > most_bytes)
    return kind, (part,)
