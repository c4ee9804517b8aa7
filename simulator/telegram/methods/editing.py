"""Methods that change or remove what is there, answer presses, and react."""

from simulator.telegram.api import Api
from simulator.telegram.arguments import Args
from simulator.telegram.errors import NOT_MODIFIED, QUERY_TOO_OLD, Json, bad_request
from simulator.telegram.keyboards import reply_markup
from simulator.telegram.methods.common import (
    MARKUP_WORDS,
    body_text,
    caption,
    find_message,
    own_message,
    writable_chat,
)
from simulator.telegram.methods.media import input_media
from simulator.telegram.methods.sending import CONTENT
from simulator.telegram.utf16 import units

MAX_ANSWER = 200
DELETABLE = 48 * 3600  # seconds; older messages stay (Bot API, deleteMessage)
EMOJI = """
👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊
🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋
🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃
💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡
"""
REACTIONS = tuple(EMOJI.split())  # what a bot may react with (Bot API, ReactionTypeEmoji)
COMPARED = (*CONTENT, "reply_markup")


def _edited(api: Api, args: Args, message: Json, content: Json) -> Json:
    """Replace the content; without reply_markup the buttons go, as on the real server."""
    markup = reply_markup(args.decoded("reply_markup", MARKUP_WORDS), inline_only=True)
    kept = {name: value for name, value in message.items() if name not in COMPARED}
    new = {**kept, **content, **({"reply_markup": markup} if markup else {})}
    if _same(message, new):
        raise bad_request(NOT_MODIFIED)
    new["edit_date"] = api.world.now()
    return api.world.replace(new)


def _same(old: Json, new: Json) -> bool:
    return all(old.get(name) == new.get(name) for name in COMPARED)


def editMessageText(api: Api, args: Args) -> Json:
    """New text. ApiError 400: message is not modified, message to edit not found, can't be edited."""
    text = body_text(api, args)
    message = own_message(api, args)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    content = text.content()
    if "link_preview_options" in message:
        content["link_preview_options"] = message["link_preview_options"]
    return _edited(api, args, message, content)


def editMessageCaption(api: Api, args: Args) -> Json:
    """New caption, or none."""
    words = caption(api, args)
    message = own_message(api, args)
    if "text" in message or "contact" in message or "location" in message:
        raise bad_request("there is no caption in the message to edit")
    kept = {name: message[name] for name in CONTENT if name in message and not name.startswith("caption")}
    return _edited(api, args, message, {**kept, **words})


def editMessageReplyMarkup(api: Api, args: Args) -> Json:
    """New buttons, or none."""
    message = own_message(api, args)
    return _edited(api, args, message, {name: message[name] for name in CONTENT if name in message})


def editMessageMedia(api: Api, args: Args) -> Json:
    """Another photo, video, document, audio or animation in the place of the present one."""
    item = args.decoded("media", "can't parse media JSON object")
    if not isinstance(item, dict):
        raise bad_request("media is empty")
    content = input_media(api, item, args)
    return _edited(api, args, own_message(api, args), content)


def deleteMessage(api: Api, args: Args) -> bool:
    """Remove one message. ApiError 400: message to delete not found, message can't be deleted."""
    chat = writable_chat(api, args)
    number = args.integer("message_id")
    message = find_message(chat, number, "delete")
    mine = message["from"]["id"] == api.world.bot["id"]
    rights = chat.private or chat.members.get(api.world.bot["id"]) == "administrator"
    if not mine and not rights:
        raise bad_request("message can't be deleted")
    if api.world.now() - message["date"] > DELETABLE and (mine or chat.private):
        raise bad_request("message can't be deleted for everyone")
    api.world.remove(chat, number)
    return True


def deleteMessages(api: Api, args: Args) -> bool:
    """Remove 1 to 100 messages; those that are not there are passed over."""
    numbers = args.decoded("message_ids", "can't parse message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if not all(isinstance(number, int) for number in numbers):
        raise bad_request("can't parse message identifiers")
    if len(numbers) > 100:
        raise bad_request("too many message identifiers specified")
    chat = writable_chat(api, args)
    for number in numbers:
        if number in chat.messages:
            deleteMessage(api, Args({"chat_id": chat.id, "message_id": number}))
    return True


def answerCallbackQuery(api: Api, args: Args) -> bool:
    """Answer a press. ApiError 400: query is too old, MESSAGE_TOO_LONG (200 characters).

    A second answer is accepted, and the person keeps seeing the first.
    """
    press = api.world.presses.get(args.text("callback_query_id"))
    now = api.world.clock()
    if press is None or now - press.at > api.answer_seconds:
        raise bad_request(QUERY_TOO_OLD)
    text = args.text("text")
    if units(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if press.answer is not None:
        return True
    said = {"text": text, "show_alert": args.flag("show_alert")}
    press.answer = {**said, "at": now}
    api.world.chats[press.chat].log.append({"answer": press.query_id})
    event = {"type": "answer", "chat": press.chat, "user": press.user, "query": press.query_id, **said}
    api.world.events.publish(event)
    return True


def setMessageReaction(api: Api, args: Args) -> bool:
    """At most one emoji; none takes the bot's reaction back."""
    chat = writable_chat(api, args)
    number = args.integer("message_id")
    find_message(chat, number, "react")
    wanted = args.records("reaction") or []
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for reaction in wanted:
        if reaction.get("type") != "emoji" or reaction.get("emoji") not in REACTIONS:
            raise bad_request("REACTION_INVALID")
    event = {"type": "reaction", "chat": chat.id, "user": api.world.bot["id"]}
    api.world.events.publish({**event, "message": {"message_id": number}, "reaction": wanted})
    return True
