"""Passing an entry on to the other side: its text with the author's name, its files by Telegram's own ids."""

from functools import partial
from typing import TYPE_CHECKING, Any

from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
)
from telegram.error import BadRequest

from bot.callbacks import Press
from bot.entities import entities
from bot.failures import partly
from bot.rich import CAPTION, Rich, lines, rich, split, units
from bot.screens import Button, markup
from dispatch.parcels import Parcel
from dispatch.ports import Receipt
from dispatch.texts import Phrases
from storage.records.message import Entry, EntryFile, FileState

if TYPE_CHECKING:
    from bot.sender import Sender

# Kinds Telegram shows with a caption, the method's argument, and the album type.
METHODS = {
    "photo": ("send_photo", "photo"),
    "document": ("send_document", "document"),
    "video": ("send_video", "video"),
    "voice": ("send_voice", "voice"),
    "audio": ("send_audio", "audio"),
    "animation": ("send_animation", "animation"),
    "video_note": ("send_video_note", "video_note"),
    "sticker": ("send_sticker", "sticker"),
}
ALBUM = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "document": InputMediaDocument,
    "audio": InputMediaAudio,
}
NO_CAPTION = {"video_note", "sticker"}
ALBUM_MOST = 10  # Bot API sendMediaGroup: 2 to 10
# A link in what somebody wrote stays a word: its picture and title are not ours to show (S2).
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
WHOLE = 20.0  # seconds a further message of one job waits for its place
STORED = "sha256:"  # a file that came by another channel lies in our store
NO_PICTURE = ("photo", "image")  # what Telegram complains of when it cannot show a picture


async def send(sender: "Sender", parcel: Parcel) -> Receipt:
    """Text first or as the caption, then the files; several ids come back for an album."""
    entry = parcel.entry
    if entry is None:
        msg = f"outbox row {parcel.job.id} names no entry"
        raise ValueError(msg)
    files = chosen(parcel, entry)
    head = sender.marked(parcel, words(parcel, entry))
    button = whole_mail(sender, parcel)
    small = units(head.text) <= CAPTION and files and files[0].kind not in NO_CAPTION and button is None
    ids: list[str] = []
    with partly(ids):
        if not small:
            await _texts(sender, parcel, head, button, ids)
        if files:
            await _files(sender, parcel, files, head if small else Rich(), ids)
        where = entry.data.get("location")
        if where and not files:
            await _further(sender, parcel, ids)
            at = await sender.bot.send_location(
                int(parcel.job.address),
                latitude=where[0],
                longitude=where[1],
                message_thread_id=parcel.job.thread,
            )
            ids.append(str(at.message_id))
    return Receipt(tuple(ids))


async def _further(sender: "Sender", parcel: Parcel, ids: list[str]) -> None:
    """Each further message of a job waits for its own place within Telegram's limits."""
    if ids:
        await sender.place(parcel, WHOLE)


def chosen(parcel: Parcel, entry: Entry) -> list[EntryFile]:
    """The files this message carries: all, or the late ones it names."""
    named = parcel.job.payload.get("files")
    return [
        file
        for file in entry.files
        if (named is None or file.id in named) and file.state is not FileState.TOO_BIG
    ]


def words(parcel: Parcel, entry: Entry) -> Rich:
    """Who says what about which ticket; an edit and a missing file are said to be so."""
    phrases = Phrases(parcel.language, parcel.policy.zone, entry.at)
    number = parcel.view.ticket.label if parcel.view else ""
    name = parcel.author.name if parcel.author else entry.address
    key = "relay.edited" if parcel.job.payload.get("edited") else "relay.head"
    if entry.data.get("dead"):
        key = "relay.dead"
    contact = entry.data.get("contact")
    too_big = [file for file in entry.files if file.state is FileState.TOO_BIG]
    return lines(
        rich(phrases.pieces(key, name=name, number=number, why=entry.data.get("dead", ""))),
        phrases.say("relay.unverified", address=entry.address) if entry.data.get("unverified") else None,
        phrases.say("relay.cut", size=entry.data["cut"] >> 20) if entry.data.get("cut") else None,
        entry.text or None,
        contact or None,
        rich(phrases.pieces("relay.too_big", n=len(too_big))) if too_big else None,
    )


async def _texts(
    sender: "Sender", parcel: Parcel, text: Rich, button: InlineKeyboardMarkup | None, ids: list[str]
) -> None:
    for part in split(text):
        await _further(sender, parcel, ids)
        send = partial(
            sender.bot.send_message,
            int(parcel.job.address),
            part.text,
            message_thread_id=parcel.job.thread,
            link_preview_options=NO_PREVIEW,
            reply_markup=button,
        )
        sent = await sender.plainly(parcel, send, entities=entities(part.entities))
        ids.append(str(sent.message_id))


def whole_mail(sender: "Sender", parcel: Parcel) -> InlineKeyboardMarkup | None:
    """History and signature of a mail were cut off: the whole text is one tap away."""
    entry = parcel.entry
    if entry is None or not entry.data.get("full"):
        return None
    phrases = Phrases(parcel.language, parcel.policy.zone, entry.at)
    rows = ((Button(phrases.say("button.whole_mail"), Press("wm", entry.id)),),)
    keyboard = markup(rows, sender.key, parcel.job.address)
    return InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, sender.bot)


def content(sender: "Sender", file: EntryFile) -> str | InputFile:
    """How Telegram gets a file: its own id for it, or the bytes of what came by mail."""
    if not file.ref.startswith(STORED):
        return file.ref
    return InputFile(sender.stored(file.ref.removeprefix(STORED)), filename=file.name)


async def _files(
    sender: "Sender", parcel: Parcel, files: list[EntryFile], caption: Rich, ids: list[str]
) -> None:
    kinds = {file.kind for file in files}
    # Telegram lets photos and videos mix in one album, documents and audio only among themselves.
    alike = kinds <= {"photo", "video"} or (len(kinds) == 1 and kinds <= set(ALBUM))
    # What came by mail goes one by one: a picture Telegram cannot show must not take the others with it.
    together = len(files) > 1 and alike and not any(file.ref.startswith(STORED) for file in files)
    if together:
        for start in range(0, len(files), ALBUM_MOST):
            await _further(sender, parcel, ids)
            some = files[start : start + ALBUM_MOST]
            ids += await _album(sender, parcel, some, Rich() if start else caption)
        return
    for number, file in enumerate(files):
        await _further(sender, parcel, ids)
        method, argument = METHODS[file.kind]
        more: dict[str, Any] = {
            argument: content(sender, file),
            "message_thread_id": parcel.job.thread,
        }
        dressed: dict[str, Any] = {}
        if number == 0 and caption and file.kind not in NO_CAPTION:
            more["caption"] = caption.text
            dressed["caption_entities"] = entities(caption.entities)
        send = partial(getattr(sender.bot, method), int(parcel.job.address), **more)
        try:
            sent = await sender.plainly(parcel, send, **dressed)
        except BadRequest as error:
            if file.kind != "photo" or not any(word in error.message.lower() for word in NO_PICTURE):
                raise
            # A picture that Telegram cannot show is still a file (too long, too wide, a kind of its own).
            more["document"] = more.pop("photo")
            send = partial(sender.bot.send_document, int(parcel.job.address), **more)
            sent = await sender.plainly(parcel, send, **dressed)
        ids.append(str(sent.message_id))


async def _album(sender: "Sender", parcel: Parcel, files: list[EntryFile], caption: Rich) -> list[str]:
    media = []
    for number, file in enumerate(files):
        first = (
            {"caption": caption.text, "caption_entities": entities(caption.entities)}
            if number == 0 and caption
            else {}
        )
        media.append(ALBUM[file.kind](content(sender, file), **first))
    sent = await sender.bot.send_media_group(
        int(parcel.job.address), media, message_thread_id=parcel.job.thread
    )
    return [str(message.message_id) for message in sent]
