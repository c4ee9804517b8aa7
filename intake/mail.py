"""A mail as we understand it: plain frozen records without any I/O, the vocabulary of the whole gateway."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Sort(StrEnum):
    """What a mail is (see `intake.sorting`): the first rule that fits decides, all hits are written down."""

    LOOP = "loop"  # our own mail came back to us
    BOUNCE = "bounce"  # RFC 3464 or a free-form report that something was not delivered, or is late
    AUTOMATIC = "automatic"  # RFC 3834: nobody wrote it, nobody reads an answer
    LIST = "list"  # a mailing list or bulk mail
    SPAM = "spam"  # our own MX says so
    EMPTY = "empty"  # no sender or nothing in it
    REPLY = "reply"  # it answers something (In-Reply-To, References or a reply's subject)
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail, decoded; `inline` is true when it is shown inside the text (Content-ID, inline)."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers as decoded text. `all` holds every field in its order, top first: (lower-case name, value);
    addresses are plain addr-specs, message ids stand without their angle brackets."""

    all: tuple[tuple[str, str], ...] = ()
    from_addr: str = ""
    from_name: str = ""
    sender: str = ""
    subject: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime | None = None
    content_type: str = "text/plain"  # of the whole message, lower case, without parameters

    def get(self, name: str) -> str:
        """The first value of a field, or an empty text."""
        return next((value for key, value in self.all if key == name.lower()), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field, top first."""
        return tuple(value for key, value in self.all if key == name.lower())


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A part of a report in text form: message/delivery-status, message/rfc822 headers, text/rfc822-headers."""

    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What could not be delivered, or not yet. `status` is an enhanced status code (RFC 3463) such as 5.1.1;
    `reason` a word such as userunknown, mailboxfull, spamdetected; `hard`: the address is dead for good;
    `original_id` the Message-ID of the mail that came back, without brackets."""

    recipients: tuple[str, ...] = ()
    temporary: bool = False
    status: str = ""
    hard: bool = False
    reason: str = ""
    original_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read. `text` is the canonical plain text (S1), `reply` what the sender wrote himself this time
    (history and signature cut), `quoted` whether anything was cut off."""

    headers: Headers
    text: str
    html: str
    reply: str
    quoted: bool
    attachments: tuple[Attachment, ...]
    enclosed: tuple[Enclosed, ...] = ()
    notes: tuple[str, ...] = ()  # what was odd or cut, in a few words each: "more than 200 parts", …


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a mail is, and why: `hits` are the names of all rules that fitted. `silent`: no automatic answer may
    be sent to it (RFC 3834). `dmarc` is the result our own MX wrote down, empty when it wrote none."""

    sort: Sort
    hits: tuple[str, ...] = ()
    silent: bool = False
    bounce: Bounce | None = None
    spam: bool = False
    dmarc: str = ""
