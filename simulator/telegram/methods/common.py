"""What the methods share: finding the chat, the message and the thread a request speaks of."""

from simulator.telegram.api import Api
from simulator.telegram.arguments import Args
from simulator.telegram.entities import Formatted, formatted
from simulator.telegram.errors import ApiError, Json, bad_request, forbidden, migrated
from simulator.telegram.keyboards import reply_markup
from simulator.telegram.records import Account, Chat
from simulator.telegram.utf16 import units

MAX_TEXT = 4096  # UTF-16 units after the entities are parsed
MAX_CAPTION = 1024
MARKUP_WORDS = "can't parse reply keyboard markup JSON object"


def find_chat(api: Api, args: Args, name: str = "chat_id") -> Chat:
    """The chat that a parameter names. ApiError 400: chat_id is empty, chat not found, migration."""
    value = args.text(name)
    if not value:
        raise bad_request(f"{name} is empty")
    chat = _by_username(api, value) if value.startswith("@") else api.world.chats.get(_number(value))
    if chat is None or (chat.private and not chat.opened):
        raise _unknown(api, _number(value))
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    return chat


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        return 0


def _by_username(api: Api, name: str) -> Chat | None:
    # Only groups and channels are found by name; a person's @username never works.
    found = (chat for chat in api.world.chats.values() if f"@{chat.face.get('username')}" == name)
    return next((chat for chat in found if not chat.private), None)


def _unknown(api: Api, number: int) -> ApiError:
    met = any(number in chat.members for chat in api.world.chats.values() if not chat.private)
    if number in api.world.people and met:
        return forbidden("bot can't initiate conversation with a user")
    return bad_request("chat not found")


def writable_chat(api: Api, args: Args, name: str = "chat_id") -> Chat:
    """The chat, if the bot may write there. ApiError 403: blocked, deactivated, kicked."""
    chat = find_chat(api, args, name)
    person = api.world.people.get(chat.id)
    if person is not None:
        refuse_silent(person)
    elif chat.members.get(api.world.bot["id"]) not in ("member", "administrator", "creator"):
        raise forbidden(f"bot was kicked from the {chat.face['type']} chat")
    return chat


def refuse_silent(person: Account) -> None:
    """ApiError 403 when the person blocked the bot or is gone."""
    if person.deactivated:
        raise forbidden("user is deactivated")
    if person.blocked:
        raise forbidden("bot was blocked by the user")


def find_message(chat: Chat, message_id: int, purpose: str) -> Json:
    """A message of the chat. ApiError 400: message to `purpose` not found."""
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def own_message(api: Api, args: Args) -> Json:
    """The bot's message that a request wants to edit."""
    if "chat_id" not in args and "inline_message_id" in args:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = writable_chat(api, args)
    if "message_id" not in args:
        raise bad_request("message identifier is not specified")
    message = find_message(chat, args.integer("message_id"), "edit")
    if message["from"]["id"] != api.world.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def body_text(api: Api, args: Args) -> Formatted:
    """The text of a message, parsed and measured. ApiError 400: message text is empty, too long."""
    raw = args.text("text")
    if not raw:
        raise bad_request("message text is empty")
    text = _formatted(api, args, raw, "entities")
    if not text.text:
        raise bad_request("text must be non-empty")
    if units(text.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text


def caption(api: Api, args: Args) -> Json:
    """The caption fields of a message. ApiError 400: message caption is too long."""
    text = _formatted(api, args, args.text("caption"), "caption_entities")
    if units(text.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    above = {"show_caption_above_media": True} if args.flag("show_caption_above_media") and text.text else {}
    return text.content("caption", "caption_entities") | above


def _formatted(api: Api, args: Args, raw: str, entities: str) -> Formatted:
    given = args.decoded(entities, "can't parse entities JSON object")
    return formatted(raw, args.text("parse_mode"), given, api.world.user_of)


def thread_fields(chat: Chat, args: Args, replied: Json | None = None) -> Json:
    """The fields of a message in a topic. ApiError 400: message thread not found."""
    thread = args.integer("message_thread_id")
    if not thread and replied is not None and replied.get("is_topic_message"):
        thread = replied["message_thread_id"]
    if not thread:
        return {}
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return {"message_thread_id": thread, "is_topic_message": True}


def replied_message(chat: Chat, args: Args) -> Json | None:
    """The message a new one answers. ApiError 400: message to be replied not found."""
    given: Json | None = args.record("reply_parameters")
    if given is None:
        lenient = args.flag("allow_sending_without_reply")
        given = {"message_id": args.integer("reply_to_message_id"), "allow_sending_without_reply": lenient}
    if "message_id" not in given:
        raise bad_request('can\'t find field "message_id"')
    number = _number(str(given["message_id"]))
    message = chat.messages.get(number)
    if message is None and number and not given.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def deliver(api: Api, args: Args, content: Json) -> Json:
    """Post `content` as the bot where the request wants it, with its keyboard; the new Message."""
    world, chat = api.world, writable_chat(api, args)
    replied = replied_message(chat, args)
    thread = thread_fields(chat, args, replied)
    markup = reply_markup(args.decoded("reply_markup", MARKUP_WORDS), chat.private)
    fields = {**thread, **content}
    if args.flag("protect_content"):
        fields["has_protected_content"] = True
    if markup is not None and "inline_keyboard" in markup:
        fields["reply_markup"] = markup
    number = None if replied is None else replied["message_id"]
    message = world.post(chat, world.bot, fields, reply_to=number)
    if markup is not None and ("keyboard" in markup or markup.get("remove_keyboard")):
        world.set_keyboard(chat, markup if "keyboard" in markup else None)
    return message
