"""What people say and send: entries of a ticket with their files, and the rows of the inbox and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Audience(StrEnum):
    """Who may read an entry."""

    ALL = "all"
    STAFF = "staff"


class FileState(StrEnum):
    WAITING = "waiting"
    STORED = "stored"
    TOO_BIG = "too_big"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file of an entry; `ref` is how the channel names it (a Telegram file_id), `sha256` where it lies."""

    id: int
    entry_id: int
    position: int
    kind: str
    ref: str
    name: str
    mime: str
    size: int | None
    state: FileState
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of one person about one ticket; an album is one entry (ISO 9001 8.2.1)."""

    id: int
    ticket_id: int | None
    author_id: int | None
    audience: Audience
    kind: str
    text: str
    data: dict[str, Any]
    channel: str
    address: str
    outside_id: str
    album: str | None
    reply_to: str | None
    at: datetime
    edited_at: datetime | None
    files: tuple[EntryFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """A row of the inbox: what arrived, raw, and the lane in which order is kept."""

    id: int
    source: str
    outside_id: str
    lane: str
    raw: str
    received_at: datetime
    attempts: int
    owner: str | None


class Sending(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the outbox. `duty` messages are sent again when in doubt, courtesy ones are not (G4)."""

    id: int
    key: str
    kind: str
    channel: str
    address: str
    thread: int | None
    lane: str
    person_id: int | None
    ticket_id: int | None
    duty: bool
    payload: dict[str, Any]
    status: Sending
    attempts: int
    ambiguous: int
    due_at: datetime
    created_at: datetime
    owner: str | None
    error: str | None
    outside_id: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One message that stands for one ticket in one chat and is edited as the ticket changes."""

    id: int
    ticket_id: int
    audience: str
    channel: str
    address: str
    thread: int | None
    person_id: int | None
    message_id: str | None
    panel: str
    subject_id: int | None
