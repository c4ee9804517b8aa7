"""A parcel becomes a letter: its words by kind, its headers from what the trade says, in its reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from dispatch.parcels import Parcel
from dispatch.texts import Phrases
from intake.addressing import BadAddress, addressable
from intake.compose import Automatic, Letter
from intake.prose import page, plain
from intake.sheet import Dated, Sheet, Words
from intake.wording_cards import card
from intake.wording_notices import notice, say
from intake.wording_relays import Files, relay

# Buttons, edits and pins of chats: the place is in the letter of the job, and a letter sent is sent.
NOTHING = frozenset({"pin", "retire", "react", "answer", "say_edit"})
NO_FILES = Files()


def letter(parcel: Parcel, now: datetime, files: Files = NO_FILES) -> Letter | None:
    """The mail of a parcel; None when there is nothing to send by mail.

    BadAddress (`intake.addressing`): nobody can be reached at this address, or ours is none.
    """
    words = _words(Sheet(parcel, _phrases(parcel, now)), files)
    if words is None or parcel.postage is None:
        return None
    sender = addressable(parcel.policy.mail)
    return Letter(
        message_id=parcel.postage.message_id,
        date=parcel.job.created_at,
        sender=sender,
        sender_name=parcel.policy.organisation,
        to=addressable(parcel.job.address),
        reply_to=_reply_to(parcel.postage.reply_to, sender),
        subject=words.subject,
        text=plain(words.blocks),
        html=page(words.blocks, parcel.language),
        automatic=automatic(parcel),
        references=parcel.postage.references,
        files=files.along,
    )


def _reply_to(secret: str, sender: str) -> str:
    """The address that finds the ticket; our plain one when the secret makes it too long for some server."""
    try:
        return addressable(secret)
    except BadAddress:
        return sender


def automatic(parcel: Parcel) -> Automatic | None:
    """An answer to a mail is auto-replied, a notice auto-generated (RFC 3834); what a person wrote is neither,
    for an absence note may answer it and shall reach him."""
    if parcel.job.kind == "relay":
        return None
    receipt = parcel.card is not None and parcel.card.audience == "customer"
    return Automatic.REPLIED if receipt or parcel.job.kind == "say" else Automatic.GENERATED


def _phrases(parcel: Parcel, now: datetime) -> Phrases:
    return Dated(parcel.language, parcel.policy.zone, now)


def _words(sheet: Sheet, files: Files) -> Words | None:
    kind = sheet.parcel.job.kind
    if kind in NOTHING:
        return None
    return relay(sheet, files) if kind == "relay" else WORDS[kind](sheet)


WORDS: Mapping[str, Callable[[Sheet], Words | None]] = MappingProxyType(
    {"card": card, "notice": notice, "say": say}
)
