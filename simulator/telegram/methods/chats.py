"""Methods about chats: who is in them, what is pinned, topics, and files to fetch."""

from simulator.telegram.api import Api
from simulator.telegram.arguments import Args
from simulator.telegram.errors import Json, bad_request
from simulator.telegram.files import DOWNLOAD_LIMIT
from simulator.telegram.methods.common import find_chat, find_message, writable_chat
from simulator.telegram.records import Chat

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
TOPIC_COLOR = 0x6FB9F0


def getChat(api: Api, args: Args) -> Json:
    """ChatFullInfo."""
    chat = find_chat(api, args)
    full: Json = {
        **chat.face,
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


def _user(api: Api, number: int) -> Json:
    user = api.world.user_of(number)
    if user is None:
        raise bad_request("user not found")
    return user


def getChatMember(api: Api, args: Args) -> Json:
    """ChatMember; "left" for a person who is not there. ApiError 400: user not found."""
    chat, number = find_chat(api, args), args.integer("user_id")
    user = _user(api, number)
    default = "member" if chat.private and number == api.world.bot["id"] else "left"
    return api.world.member(user, chat.members.get(number, default))


def getChatAdministrators(api: Api, args: Args) -> list[Json]:
    """The administrators who are not other bots."""
    chat = _group(api, args, "there are no administrators in the private chat")
    found = [
        (number, status) for number, status in chat.members.items() if status in ("creator", "administrator")
    ]
    return [api.world.member(_user(api, number), status) for number, status in found]


def getChatMemberCount(api: Api, args: Args) -> int:
    """How many are in the chat, the bot included."""
    chat = find_chat(api, args)
    return 2 if chat.private else sum(status not in ("left", "kicked") for status in chat.members.values())


def _group(api: Api, args: Args, words: str) -> Chat:
    chat = find_chat(api, args)
    if chat.private:
        raise bad_request(words)
    return chat


def leaveChat(api: Api, args: Args) -> bool:
    """The bot goes; afterwards it can no longer write there."""
    chat = _group(api, args, "chat member status can't be changed in private chats")
    chat.members[api.world.bot["id"]] = "left"
    return True


def createForumTopic(api: Api, args: Args) -> Json:
    """ForumTopic; its id is that of the service message that opens it."""
    chat, name = writable_chat(api, args), args.text("name")
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if not 1 <= len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_INVALID")
    topic = {"name": name, "icon_color": args.integer("icon_color", TOPIC_COLOR)}
    number = chat.next_message
    chat.topics[number] = name
    fields = {"message_thread_id": number, "is_topic_message": True, "forum_topic_created": topic}
    api.world.post(chat, api.world.bot, fields)
    return {"message_thread_id": number, **topic}


def pinChatMessage(api: Api, args: Args) -> bool:
    """Pin a message; the chat shows a service message about it."""
    chat = writable_chat(api, args)
    message = find_message(chat, args.integer("message_id"), "pin")
    chat.pinned = [number for number in chat.pinned if number != message["message_id"]]
    chat.pinned.append(message["message_id"])
    shown = {name: value for name, value in message.items() if name != "reply_to_message"}
    api.world.post(chat, api.world.bot, {"pinned_message": shown})
    return True


def unpinChatMessage(api: Api, args: Args) -> bool:
    """Unpin a message, or the newest pinned one."""
    chat = writable_chat(api, args)
    number = args.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    return True


def getFile(api: Api, args: Args) -> Json:
    """File with file_path. ApiError 400: invalid file_id, file is too big (20 MB)."""
    stored = api.world.files.get(args.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id" if args.text("file_id") else "file_id not specified")
    if stored.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**stored.shown(), "file_path": stored.path}
