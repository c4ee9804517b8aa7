"""Files that a bot sends: uploaded, named by attach://, or known already by their file_id."""

from simulator.telegram.api import Api, Handler
from simulator.telegram.arguments import Args, Upload
from simulator.telegram.errors import ApiError, Json, bad_request
from simulator.telegram.files import KINDS, PHOTO_LIMIT, UPLOAD_LIMIT, Stored
from simulator.telegram.methods.common import caption, deliver, replied_message, thread_fields, writable_chat
from simulator.telegram.pictures import dimensions

WHOLE = ("duration", "width", "height", "length")
WORDED = ("performer", "title", "emoji")
# Fields of the request that become fields of the media object.
EXTRA = {
    "video": ("duration", "width", "height"),
    "animation": ("duration", "width", "height"),
    "audio": ("duration", "performer", "title"),
    "voice": ("duration",),
    "video_note": ("duration", "length"),
    "sticker": ("emoji",),
}
WITHOUT_CAPTION = ("video_note", "sticker")
ALBUM = ("photo", "video", "document", "audio")
ALONE = {"document": "Document", "audio": "Audio"}  # albums of these hold nothing else


def resolve(api: Api, kind: str, args: Args, name: str) -> Stored:
    """The file that parameter `name` brings. ApiError 400: wrong file identifier, there is no photo ..."""
    upload = args.upload(name)
    if upload is not None:
        return _uploaded(api, kind, upload)
    value = args.text(name)
    if not value or value.startswith("attach://"):
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the simulator fetches nothing from outside
    stored = api.world.files.get(value)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {KINDS[stored.kind].word} as {KINDS[kind].word}")
    return stored


def _uploaded(api: Api, kind: str, upload: Upload) -> Stored:
    size = len(upload.data)
    if size == 0:
        raise bad_request("file must be non-empty")
    if size > UPLOAD_LIMIT:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        _check_photo(upload.data)
    named = kind in ("document", "video", "audio", "animation")
    mime = upload.content_type if named else ""
    if mime == "application/octet-stream":
        mime = ""
    return api.world.files.add(kind, upload.data, upload.name if named else "", mime)


def _check_photo(data: bytes) -> None:
    if len(data) > PHOTO_LIMIT:
        raise bad_request(f"file is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes")
    size = dimensions(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > 10000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def media_content(api: Api, kind: str, args: Args, name: str) -> Json:
    """The fields of a Message with this media and its caption."""
    stored = resolve(api, kind, args, name)
    extra: Json = {}
    for field in EXTRA.get(kind, ()):
        if field in args:
            extra[field] = args.integer(field) if field in WHOLE else args.text(field)
    content = api.world.files.content(stored, extra)
    if kind not in WITHOUT_CAPTION:
        content |= caption(api, args)
    if args.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return content


def _sender(kind: str) -> Handler:
    def send(api: Api, args: Args) -> Json:
        return deliver(api, args, media_content(api, kind, args, kind))

    return send


SENDERS: dict[str, Handler] = {
    f"send{''.join(part.title() for part in kind.split('_'))}": _sender(kind) for kind in KINDS
}


def input_media(api: Api, item: object, args: Args) -> Json:
    """The Message fields of one InputMedia object."""
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = item.get("type")
    if kind not in (*ALBUM, "animation"):
        raise bad_request("can't parse InputMedia: Unsupported type specified")
    if not item.get("media"):
        raise bad_request("can't parse InputMedia: Can't find field \"media\"")
    return media_content(api, kind, Args(item, args.uploads), "media")


def sendMediaGroup(api: Api, args: Args) -> list[Json]:
    """An album of 2 to 10; documents and audio files keep to themselves (Bot API)."""
    items = args.decoded("media", "can't parse media JSON object")
    if not isinstance(items, list) or not items:
        raise bad_request("there are no messages to send")
    if not 2 <= len(items) <= 10:
        # The real server lets a lone item pass; its documentation does not, and we go by that.
        raise bad_request(
            "too many messages to send as an album" if items[1:] else "an album needs 2-10 messages"
        )
    contents = [input_media(api, item, args) for item in items]
    kinds = {item["type"] for item in items}
    for kind, word in ALONE.items():
        if kind in kinds and len(kinds) > 1:
            raise bad_request(f"{word} can't be mixed with other media types")
    if "animation" in kinds:
        raise bad_request("can't use the media of the specified type in the album")
    return _album(api, args, contents)


def _album(api: Api, args: Args, contents: list[Json]) -> list[Json]:
    world, chat = api.world, writable_chat(api, args)
    replied = replied_message(chat, args)
    fields = thread_fields(chat, args, replied) | {
        "media_group_id": str(world.chance.randrange(1 << 53, 1 << 57))
    }
    number = None if replied is None else replied["message_id"]
    return [world.post(chat, world.bot, {**fields, **content}, reply_to=number) for content in contents]
