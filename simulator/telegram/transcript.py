"""A chat as one reads it aloud: who, what, which buttons, what was changed, and answers to presses."""

from simulator.telegram.errors import Json
from simulator.telegram.records import Chat
from simulator.telegram.world import World

MEDIA = (
    "photo",
    "document",
    "video",
    "voice",
    "audio",
    "video_note",
    "sticker",
    "venue",
    "location",
    "contact",
)

SERVICE = (
    "pinned_message",
    "forum_topic_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "new_chat_members",
)


def transcript(world: World, chats: list[Chat]) -> str:
    """The chats one after the other, each with its title and one line per event."""
    return "\n\n".join(_chat(world, chat) for chat in chats if chat.log)


def _chat(world: World, chat: Chat) -> str:
    title = chat.face.get("title") or f"{chat.face.get('first_name')} and {world.bot['first_name']}"
    gone = {entry["deleted"]: entry["was"] for entry in chat.log if "deleted" in entry}
    lines = [line for entry in chat.log if (line := _entry(world, chat, gone, entry))]
    return "\n".join([f"== {title} ==", *lines])


def _entry(world: World, chat: Chat, gone: dict[int, Json], entry: Json) -> str:
    if "message" in entry:
        number = entry["message"]
        message = chat.messages.get(number)
        return _line(message) if message else f"{_line(gone[number])} (deleted)"
    if "press" in entry:
        press = world.presses[entry["press"]]
        return f"{_name(world, press.user)} presses [{press.label}]"
    if "answer" in entry:
        answer = world.presses[entry["answer"]].answer or {}
        words = f"{'alert' if answer.get('show_alert') else 'answer'}: {answer.get('text')}"
        return f"    ({words})" if answer.get("text") else ""
    return ""


def _name(world: World, user: int) -> str:
    return world.people[user].first_name if user in world.people else world.bot["first_name"]


def _line(message: Json) -> str:
    words = [
        f"<{kind}>" for kind in MEDIA if kind in message and not (kind == "location" and "venue" in message)
    ]
    text = message.get("text") or message.get("caption")
    words += [text] if text else []
    words += [f"<{name}>" for name in SERVICE if name in message]
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    words += [f"[{button['text']}]" for row in rows for button in row]
    words += ["(edited)"] if "edit_date" in message else []
    return f"{message['from']['first_name']}: {' '.join(words)}"
