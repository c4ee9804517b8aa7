"""The simulated Telegram behind the API: people, chats, messages, and what of it the bot is told."""

import random
from collections.abc import Callable, Iterable

from simulator.telegram.errors import Json
from simulator.telegram.events import Events
from simulator.telegram.files import FileStore
from simulator.telegram.records import Account, Chat, Press
from simulator.telegram.updates import UpdateQueue

SUPERGROUP = -1_000_000_000_000


class World:
    """One bot and the people around it. `clock` gives seconds since the epoch."""

    def __init__(self, bot: Json, clock: Callable[[], float], chance: random.Random) -> None:
        self.bot = bot
        self.clock = clock
        self.chance = chance
        self.events = Events()
        self.files = FileStore(chance)
        self.updates = UpdateQueue(clock, chance)
        self.people: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.commands: dict[str, list[Json]] = {}
        self.profile: dict[str, str] = {}

    def now(self) -> int:
        """The time as Telegram writes it: whole seconds."""
        return int(self.clock())

    # People and chats

    def new_user_id(self) -> int:
        """A free id of nine or ten digits, as today's accounts have."""
        while (candidate := self.chance.randrange(400_000_000, 7_900_000_000)) in self.people:
            continue
        return candidate

    def add_chat(self, chat_id: int, face: Json, members: Iterable[int]) -> Chat:
        """A new, empty chat with the bot in it; message ids start anywhere."""
        chat = Chat(
            id=chat_id,
            face={"id": chat_id, **face},
            instance=str(self.chance.randrange(-(1 << 63), 1 << 63)),
            next_message=self.chance.randrange(2, 5000),
            members=dict.fromkeys(members, "member"),
        )
        self.chats[chat_id] = chat
        return chat

    def user_of(self, number: int) -> Json | None:
        """The User with this id, the bot's included, or None."""
        if number == self.bot["id"]:
            return self.bot
        return self.people[number].user() if number in self.people else None

    def private_chat(self, person: Account) -> Chat:
        """The person's chat with the bot; it exists once the person has written."""
        chat = self.chats.get(person.id)
        if chat is None:
            face = {**person.name(), "type": "private"}
            chat = self.add_chat(person.id, face, [person.id])
        return chat

    def add_group(self, title: str, members: Iterable[int], kind: str, forum: bool, bot_status: str) -> Chat:
        """A group or supergroup with the bot as `bot_status`."""
        number = self.chance.randrange(1_200_000_000, 2_900_000_000)
        chat_id = SUPERGROUP - number if kind == "supergroup" else -number
        face: Json = {"title": title, "type": kind}
        chat = self.add_chat(chat_id, face | ({"is_forum": True} if forum else {}), members)
        chat.members[self.bot["id"]] = bot_status
        return chat

    # Messages

    def compose(self, chat: Chat, sender: Json, content: Json, *, reply_to: int | None = None) -> Json:
        """Write a message into the chat; nobody is told yet."""
        message: Json = {
            "message_id": chat.next_message,
            "from": sender,
            "chat": chat.face,
            "date": self.now(),
        }
        chat.next_message += 1
        chat.opened = True
        if reply_to is not None and reply_to in chat.messages:
            original = chat.messages[reply_to]
            nested = ("reply_to_message", "pinned_message")
            message["reply_to_message"] = {key: original[key] for key in original if key not in nested}
        message |= content
        chat.messages[message["message_id"]] = message
        chat.log.append({"message": message["message_id"]})
        return message

    def announce(self, message: Json) -> Json:
        """Show the message on the phones, and tell the bot if a person wrote it."""
        self.show("message", message)
        if message["from"]["id"] != self.bot["id"] and self._bot_reads(message):
            self.updates.put("message", message)
        return message

    def post(self, chat: Chat, sender: Json, content: Json, *, reply_to: int | None = None) -> Json:
        """Write a message and announce it."""
        return self.announce(self.compose(chat, sender, content, reply_to=reply_to))

    def show(self, kind: str, message: Json) -> None:
        """Tell the page that a message came or changed."""
        self.events.publish(
            {
                "type": kind,
                "chat": message["chat"]["id"],
                "user": message.get("from", {}).get("id"),
                "message": message,
                "_file_urls": file_urls(message),
            }
        )

    def _bot_reads(self, message: Json) -> bool:
        """Privacy mode: a bot that is no administrator sees commands, replies to it and mentions only."""
        chat = self.chats[message["chat"]["id"]]
        if chat.private or chat.members.get(self.bot["id"]) == "administrator":
            return True
        text = message.get("text") or message.get("caption") or ""
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        service = any(
            key in message for key in ("new_chat_members", "left_chat_member", "migrate_to_chat_id")
        )
        return (
            service or text.startswith("/") or f"@{self.bot['username']}" in text or replied == self.bot["id"]
        )

    def replace(self, message: Json) -> Json:
        """Put the edited message in the place of the old one and show it."""
        chat = self.chats[message["chat"]["id"]]
        chat.messages[message["message_id"]] = message
        self.show("edited", message)
        return message

    def remove(self, chat: Chat, message_id: int) -> None:
        """The message is gone for everybody."""
        message = chat.messages.pop(message_id)
        chat.log.append({"deleted": message_id, "was": message})
        self.events.publish(
            {"type": "deleted", "chat": chat.id, "user": None, "message": {"message_id": message_id}}
        )

    def set_keyboard(self, chat: Chat, markup: Json | None) -> None:
        """Change the reply keyboard under the chat's input field."""
        chat.keyboard = markup
        self.events.publish({"type": "keyboard", "chat": chat.id, "user": None, "keyboard": markup})

    def member(self, user: Json, status: str) -> Json:
        """A Bot API ChatMember."""
        shape: Json = {"user": user, "status": status}
        return shape | MEMBER_FIELDS.get(status, {})

    def membership(self, kind: str, chat: Chat, by: Json, user: Json, change: tuple[str, str]) -> None:
        """Tell the bot of a change of membership (ChatMemberUpdated); `kind` is the kind of update."""
        old, new = change
        content = {
            "chat": chat.face,
            "from": by,
            "date": self.now(),
            "old_chat_member": self.member(user, old),
            "new_chat_member": self.member(user, new),
        }
        self.updates.put(kind, content)


RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    *("can_delete_stories", "can_pin_messages", "can_manage_topics"),
)
MEMBER_FIELDS: dict[str, Json] = {
    "kicked": {"until_date": 0},
    "creator": {"is_anonymous": False},
    "administrator": {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(RIGHTS, True)},
}
MEDIA_FIELDS = ("document", "video", "voice", "audio", "video_note", "sticker", "animation")


def file_urls(message: Json) -> dict[str, str]:
    """Where the page finds the files of a message: file_id to address."""
    ids = [size["file_id"] for size in message.get("photo", [])]
    ids += [message[name]["file_id"] for name in MEDIA_FIELDS if name in message]
    return {file_id: f"/sim/file/{file_id}" for file_id in ids}
