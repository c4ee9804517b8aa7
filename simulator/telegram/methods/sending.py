"""Methods that put something new into a chat: text, places, contacts, copies, forwards."""

from simulator.telegram.api import Api
from simulator.telegram.arguments import Args
from simulator.telegram.errors import Json, bad_request
from simulator.telegram.methods.common import (
    body_text,
    caption,
    deliver,
    find_chat,
    find_message,
    thread_fields,
    writable_chat,
)

ACTIONS = (
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
)
# What a copy or a forward takes along.
CONTENT = (
    *("text", "entities", "link_preview_options", "caption", "caption_entities", "has_media_spoiler"),
    *("photo", "document", "video", "voice", "audio", "video_note", "sticker", "animation"),
    *("location", "venue", "contact"),
)


def sendMessage(api: Api, args: Args) -> Json:
    """Text, 1 to 4096 UTF-16 units."""
    content = body_text(api, args).content()
    preview = args.record("link_preview_options")
    if preview and any(entity["type"] in ("url", "text_link") for entity in content.get("entities", [])):
        content["link_preview_options"] = preview
    return deliver(api, args, content)


def place(args: Args) -> Json:
    """A Bot API Location from latitude and longitude in degrees."""
    found = {}
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = args.number(name)
        if value is None:
            raise bad_request(f"{name} is empty")
        if abs(value) > most:
            raise bad_request(f"wrong {name} specified")
        found[name] = value
    return found


def sendLocation(api: Api, args: Args) -> Json:
    """A point on the map; live locations (live_period) are shown as points."""
    return deliver(api, args, {"location": place(args)})


def sendVenue(api: Api, args: Args) -> Json:
    """A point with a title and an address."""
    where, title, address = place(args), args.text("title"), args.text("address")
    if not title or not address:
        raise bad_request("venue title must be non-empty" if not title else "venue address must be non-empty")
    return deliver(
        api, args, {"location": where, "venue": {"location": where, "title": title, "address": address}}
    )


def sendContact(api: Api, args: Args) -> Json:
    """A telephone number and a name."""
    contact = {
        name: args.text(name)
        for name in ("phone_number", "first_name", "last_name", "vcard")
        if args.text(name)
    }
    if "phone_number" not in contact:
        raise bad_request("phone number must be non-empty")
    if "first_name" not in contact:
        raise bad_request("first name must be non-empty")
    return deliver(api, args, {"contact": contact})


def sendChatAction(api: Api, args: Args) -> bool:
    """Show "typing..." and the like."""
    chat = writable_chat(api, args)
    action = args.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    thread_fields(chat, args)
    api.world.events.publish({"type": "action", "chat": chat.id, "user": None, "action": action})
    return True


def _original(api: Api, args: Args, purpose: str) -> Json:
    source = find_chat(api, args, "from_chat_id")
    if "message_id" not in args:
        raise bad_request("message identifier is not specified")
    return find_message(source, args.integer("message_id"), purpose)


def content_of(message: Json) -> Json:
    """The part of a message that a copy shares with it."""
    return {name: message[name] for name in CONTENT if name in message}


def copyMessage(api: Api, args: Args) -> Json:
    """A copy without a trace of its source; the MessageId."""
    content = content_of(_original(api, args, "copy"))
    if not content:
        raise bad_request("message can't be copied")
    if "caption" in args and "text" not in content:
        for name in ("caption", "caption_entities"):
            content.pop(name, None)
        content |= caption(api, args)
    return {"message_id": deliver(api, args, content)["message_id"]}


def forwardMessage(api: Api, args: Args) -> Json:
    """A copy that names its source."""
    original = _original(api, args, "forward")
    content = content_of(original)
    if not content:
        raise bad_request("message can't be forwarded")
    return deliver(api, args, {"forward_origin": origin(original), **content})


def origin(message: Json) -> Json:
    """MessageOriginUser of a message, or the origin it already had."""
    first = {"type": "user", "date": message["date"], "sender_user": message["from"]}
    return dict(message.get("forward_origin", first))
