"""Mails as they lie in the archive, how far a folder was read, and the links that mails carry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a link to the public page lets its holder do; each link is for one thing (S24)."""

    STATUS = "status"  # a customer looks at his ticket
    SIGN = "sign"  # he signs a report or says that it is not fixed
    RATE = "rate"  # he grades the work
    JOB = "job"  # an engineer answers an offer and works it off


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder of a mailbox has been read."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    last_uid: int
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail of a mailbox, raw bytes apart (`unit.mails.raw`). `whole` is false when only its beginning was
    fetched because it is too big; `twin_of` names the same mail seen before; `inbox_id` the row that handles it."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: int
    message_id: str
    sha256: str
    digest: str
    size: int
    whole: bool
    twin_of: int | None
    inbox_id: int | None
    kept_at: datetime
    flagged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a mail: who may do what to which ticket; `subject_id` is the report, rating or offer it is about."""

    id: int
    purpose: Purpose
    ticket_id: int
    person_id: int
    subject_id: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Join:
    """A code on its way to a second channel of a person."""

    id: int
    person_id: int
    channel: str
    address: str
    code_hash: str
    created_at: datetime
    expires_at: datetime
    wrong: int
    ended_at: datetime | None
