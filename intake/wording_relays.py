"""What one person wrote to another, as a letter: his words set off from ours, his files, and what is missing of them."""

from dataclasses import dataclass

from dispatch.wording import point_link
from intake.compose import Enclosure
from intake.heading import clean
from intake.prose import GAP, Block, Quote, row
from intake.sheet import Sheet, Words
from storage.records.message import Entry, EntryFile, FileState
from storage.records.ticket import Kind

# Base64 and headers make a third more of it; most servers take 25 MB.
LETTER_BEARS = 17 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a letter: those that go along, the names of the ones that could not be had, and of those that
    are too large for a mail."""

    along: tuple[Enclosure, ...] = ()
    missing: tuple[str, ...] = ()
    too_big: tuple[str, ...] = ()


def entry_of(sheet: Sheet) -> Entry:
    if sheet.parcel.entry is None:
        msg = f"outbox row {sheet.parcel.job.id} names no entry"
        raise ValueError(msg)
    return sheet.parcel.entry


def chosen(entry: Entry, named: list[int] | None) -> list[EntryFile]:
    """The files a letter is to carry: all, or the late ones it names."""
    return [file for file in entry.files if named is None or file.id in named]


def waiting(files: list[EntryFile]) -> bool:
    """Whether some are still on their way into the file store."""
    return any(file.state is FileState.WAITING for file in files)


def name_of(file: EntryFile) -> str:
    """The name its sender gave it, or what it is with its ending."""
    ending = ENDINGS.get(file.mime.partition(";")[0].strip().lower(), "")
    return file.name or f"{file.kind}-{file.position + 1}{ending}"


ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
}


def relay(sheet: Sheet, files: Files) -> Words:
    """The letter of an entry; what is to be known before it is believed stands on top."""
    entry = entry_of(sheet)
    author = sheet.parcel.author.name if sheet.parcel.author else sheet.policy.organisation
    late = bool(sheet.parcel.job.payload.get("files"))
    where, contact, dead = (entry.data.get(key) for key in ("location", "contact", "dead"))
    comma = sheet.text("list.comma")
    # Who wrote what nobody could read is not known: it is from nobody, and nobody is answered.
    head = None if dead else sheet.rich(_head(sheet), name=author, number=sheet.number or "—")
    answer = None if dead else sheet.rich("mail.relay.reply", name=author)
    blocks: tuple[Block | None, ...] = (
        *_warnings(sheet, entry),
        head,
        Quote(entry.text) if entry.text and not late else None,
        Quote(str(contact)) if contact and not late else None,
        row(sheet.text("mail.link.map"), point_link(float(where[0]), float(where[1]))) if where else None,
        _named(sheet, "mail.relay.along", comma.join(clean(file.name) for file in files.along)),
        _named(sheet, "mail.relay.missing", comma.join(clean(name) for name in files.missing)),
        _named(sheet, "mail.relay.too_big", comma.join(clean(name) for name in files.too_big)),
        GAP,
        answer,
    )
    return sheet.letter(_subject(sheet), *blocks)


def _head(sheet: Sheet) -> str:
    payload = sheet.parcel.job.payload
    if payload.get("edited"):
        return "mail.relay.edited"
    return "mail.relay.files" if payload.get("files") else "mail.relay.head"


def _warnings(sheet: Sheet, entry: Entry) -> list[Block]:
    """What the chat warns of as well: nobody could read it, nothing proves who wrote it, the rest was cut off."""
    why, unproved, size = (entry.data.get(key) for key in ("dead", "unverified", "cut"))
    warned: tuple[Block | None, ...] = (
        sheet.rich("relay.dead", why=clean(str(why), 300)) if why else None,
        sheet.rich("relay.unverified", address=clean(entry.address)) if unproved else None,
        sheet.rich("relay.cut", size=int(size) >> 20) if size else None,
        sheet.rich("relay.left_out", n=left, mail=entry.data["mail"])
        if (left := entry.data.get("left_out"))
        else None,
    )
    found = [block for block in warned if block is not None]
    return [*found, GAP] if found else []


def _named(sheet: Sheet, key: str, names: str) -> Block | None:
    return sheet.rich(key, names=names) if names else None


def _subject(sheet: Sheet) -> str:
    if sheet.to_staff:
        return sheet.subject("mail.subject.job" if sheet.to_engineer else "mail.subject.office")
    complaint = sheet.parcel.view is not None and sheet.ticket.kind is Kind.COMPLAINT
    return sheet.subject("mail.subject.complaint" if complaint else "mail.subject.report")
