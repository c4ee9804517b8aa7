"""Passing an entry on to the other side: its text with the author's name, its files by Telegram's own ids."""

import asyncio
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
    Message,
)
from telegram.error import BadRequest, NetworkError

from bot.callbacks import Press
from bot.entities import entities
from bot.failures import partly, says
from bot.rich import CAPTION, Rich, lines, rich, shorten, split, units
from bot.screens import Button, markup
from dispatch.parcels import Parcel
from dispatch.ports import Receipt
from dispatch.texts import Phrases
from storage.records.message import Entry, EntryFile, FileState

if TYPE_CHECKING:
    from bot.sender import Sender

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
TOO_LARGE = ("entity too large",)  # 413, which the library does not tell from a failing network
UPLOAD_MOST = 50 << 20  # bytes of a file a bot may upload (Bot API, "Sending files")
TEXT_MOST = (
    12_000  # characters said as messages: a group bears 20 messages a minute, and others write as well
)
NAMES_MOST = 600  # characters of a row of file names


async def send(sender: "Sender", parcel: Parcel) -> Receipt:
    """Text first or as the caption, then the files; several ids come back for an album or a long text."""
    entry = entry_of(parcel)
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
        if len(entry.text) > TEXT_MOST:
            await _whole_text(sender, parcel, entry, ids)
    return Receipt(tuple(ids))


def entry_of(parcel: Parcel) -> Entry:
    if parcel.entry is None:
        msg = f"outbox row {parcel.job.id} names no entry"
        raise ValueError(msg)
    return parcel.entry


async def _further(sender: "Sender", parcel: Parcel, ids: list[str]) -> None:
    """Each further message of a job waits for its own place within Telegram's limits."""
    if ids:
        await sender.place(parcel, WHOLE)


def chosen(parcel: Parcel, entry: Entry) -> list[EntryFile]:
    """The files this message carries: all that hold anything, or the late ones it names."""
    return [file for file in _named(parcel, entry) if file.size != 0 and file.state is not FileState.TOO_BIG]


def _named(parcel: Parcel, entry: Entry) -> list[EntryFile]:
    late = parcel.job.payload.get("files")
    return [file for file in entry.files if late is None or file.id in late]


def words(parcel: Parcel, entry: Entry) -> Rich:
    """Who says what about which ticket; an edit, a missing file and an empty one are said to be so."""
    phrases = Phrases(parcel.language, parcel.policy.zone, entry.at)
    number = parcel.view.ticket.label if parcel.view else ""
    name = parcel.author.name if parcel.author else entry.address
    dead = entry.data.get("dead", "")
    key = "relay.dead" if dead else "relay.edited" if parcel.job.payload.get("edited") else "relay.head"
    too_big = [file for file in entry.files if file.state is FileState.TOO_BIG]
    # Telegram takes none of these ("file must be non-empty").
    empty = names(phrases, [name_of(file) for file in _named(parcel, entry) if file.size == 0])
    rest = text_name(parcel, entry) if len(entry.text) > TEXT_MOST else ""
    return lines(
        rich(phrases.pieces(key, name=name, number=number, why=dead)),
        phrases.say("relay.unverified", address=entry.address) if entry.data.get("unverified") else None,
        phrases.say("relay.cut", size=entry.data["cut"] >> 20) if entry.data.get("cut") else None,
        beginning(entry.text) or None,
        phrases.say("relay.rest", name=rest) if rest else None,
        entry.data.get("contact") or None,
        rich(phrases.pieces("relay.too_big", n=len(too_big))) if too_big else None,
        phrases.say("relay.empty", names=empty) if empty else None,
        _left_out(phrases, entry),
    )


def _left_out(phrases: Phrases, entry: Entry) -> str | None:
    """Of very many files some stay with the mail."""
    left = entry.data.get("left_out")
    return phrases.say("relay.left_out", n=left, mail=entry.data["mail"]) if left else None


def beginning(text: str) -> str:
    """What of a text is said as messages: all, or at most `TEXT_MOST` characters of it, ended at a paragraph,
    a line or a word where that leaves three quarters of them."""
    if len(text) <= TEXT_MOST:
        return text
    start = text[:TEXT_MOST]
    ends = (start.rfind(mark) for mark in ("\n\n", "\n", " "))
    return start[: next((end for end in ends if end > TEXT_MOST * 3 // 4), TEXT_MOST)].rstrip()


def text_name(parcel: Parcel, entry: Entry) -> str:
    """What the file with the whole text is called: the ticket's number, and the entry's."""
    number = parcel.view.ticket.number if parcel.view else None
    return f"{number}-{entry.id}.txt" if number else f"{entry.id}.txt"


def name_of(file: EntryFile) -> str:
    return shorten(" ".join(file.name.split()), 80) or f"{file.kind}-{file.position + 1}"


def names(phrases: Phrases, found: list[str]) -> str:
    """Names in a row; somebody may have sent a thousand files."""
    return shorten(phrases.say("list.comma").join(found), NAMES_MOST)


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
    """History and signature of a mail were cut off: the whole text is one tap away, for the staff; what one of
    them quotes is not for the customer's eyes."""
    entry = parcel.entry
    outsider = parcel.person is not None and not parcel.person.staff
    if entry is None or outsider or not entry.data.get("full"):
        return None
    phrases = Phrases(parcel.language, parcel.policy.zone, entry.at)
    rows = ((Button(phrases.say("button.whole_mail"), Press("wm", entry.id)),),)
    keyboard = markup(rows, sender.key, parcel.job.address)
    return InlineKeyboardMarkup.de_json({"inline_keyboard": keyboard}, sender.bot)


async def content(sender: "Sender", file: EntryFile) -> str | InputFile | None:
    """How Telegram gets a file: its own id for it, or the bytes of what came by mail; None when it cannot."""
    if not file.ref.startswith(STORED):
        return file.ref
    if (file.size or 0) > UPLOAD_MOST:
        return None
    try:
        found = await asyncio.to_thread(sender.stored, file.ref.removeprefix(STORED))
    except OSError:
        return None  # the message names what it lacks
    return InputFile(found, filename=file.name)


async def _files(
    sender: "Sender", parcel: Parcel, files: list[EntryFile], caption: Rich, ids: list[str]
) -> None:
    """The files, the first with the caption. What Telegram will not show is named, and no words are lost with it."""
    unshown: list[str] = []
    for some in bundles(files):
        if len(some) > 1 and await _album(sender, parcel, some, caption, ids):
            caption = Rich()
            continue
        for file in some:
            await _further(sender, parcel, ids)
            sent = await _file(sender, parcel, file, caption)
            if sent is None:
                unshown.append(name_of(file))
                continue
            ids.append(str(sent.message_id))
            if file.kind not in NO_CAPTION:
                caption = Rich()
    await _instead(sender, parcel, caption, unshown, ids)


async def _instead(
    sender: "Sender", parcel: Parcel, caption: Rich, unshown: list[str], ids: list[str]
) -> None:
    """The words no file carried, and the names of the files that could not be shown."""
    phrases = Phrases(parcel.language, parcel.policy.zone, entry_of(parcel).at)
    missing = phrases.say("relay.not_shown", names=names(phrases, unshown)) if unshown else None
    await _texts(sender, parcel, lines(caption, missing), None, ids)


def bundles(files: list[EntryFile]) -> list[list[EntryFile]]:
    """Which files go in one message: albums of what may be together, everything else alone."""
    kinds = {file.kind for file in files}
    # Telegram lets photos and videos mix in one album, documents and audio only among themselves.
    alike = kinds <= {"photo", "video"} or (len(kinds) == 1 and kinds <= set(ALBUM))
    # What came by mail goes one by one: a picture Telegram cannot show must not take the others with it.
    together = alike and not any(file.ref.startswith(STORED) for file in files)
    most = ALBUM_MOST if together else 1
    return [files[start : start + most] for start in range(0, len(files), most)]


async def _file(sender: "Sender", parcel: Parcel, file: EntryFile, caption: Rich) -> Message | None:
    """The message that shows a file; None when it cannot be shown."""
    what = await content(sender, file)
    if what is None:
        return None
    shown = Rich() if file.kind in NO_CAPTION else caption
    sent = await _carry(sender, parcel, file.kind, what, shown)
    if sent is None and file.kind != "document" and isinstance(what, InputFile):
        # A picture that Telegram cannot show is still a file (too long, too wide, a kind of its own).
        sent = await _carry(sender, parcel, "document", what, shown)
    return sent


async def _carry(
    sender: "Sender", parcel: Parcel, kind: str, what: str | InputFile, caption: Rich
) -> Message | None:
    """Send one file as this kind; None when Telegram refuses it. If it is the chat that is at fault, the words
    that follow in its place fail as well, and tell."""
    # Telegram's method and its argument are named for the kind: send_photo(photo=…).
    more: dict[str, Any] = {kind: what, "message_thread_id": parcel.job.thread}
    dressed: dict[str, Any] = {}
    if caption:
        more["caption"] = caption.text
        dressed["caption_entities"] = entities(caption.entities)
    call = partial(getattr(sender.bot, f"send_{kind}"), int(parcel.job.address), **more)
    try:
        sent: Message = await sender.plainly(parcel, call, **dressed)
    except NetworkError as error:
        if not refused(error):
            raise
        return None
    return sent


def refused(error: NetworkError) -> bool:
    """Whether it was surely not sent and never will be (BadRequest is a NetworkError to the library)."""
    return isinstance(error, BadRequest) or says(error, TOO_LARGE)


async def _whole_text(sender: "Sender", parcel: Parcel, entry: Entry, ids: list[str]) -> None:
    """A text too long for messages, as a file; with the byte order mark, without which phones guess the charset."""
    await _further(sender, parcel, ids)
    name = text_name(parcel, entry)
    whole = InputFile(entry.text.encode("utf-8-sig", "replace"), filename=name)
    if sent := await _carry(sender, parcel, "document", whole, Rich()):
        ids.append(str(sent.message_id))
    else:
        await _instead(sender, parcel, Rich(), [name], ids)


async def _album(
    sender: "Sender", parcel: Parcel, files: list[EntryFile], caption: Rich, ids: list[str]
) -> bool:
    """Send files of Telegram's own together; False when it refuses one of them, and so all."""
    await _further(sender, parcel, ids)
    media = []
    for number, file in enumerate(files):
        first = {"caption": caption.text, "caption_entities": entities(caption.entities)}
        media.append(ALBUM[file.kind](file.ref, **(first if caption and not number else {})))
    try:
        sent = await sender.bot.send_media_group(
            int(parcel.job.address), media, message_thread_id=parcel.job.thread
        )
    except BadRequest:
        return False
    ids += [str(message.message_id) for message in sent]
    return True
