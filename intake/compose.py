"""A letter becomes the bytes of a mail: written by hand from plain text, then read again to see that nothing crept in.

Python's own email package puts a line end that stands in an encoded word of a header object straight into the
header it writes (3.11.7, the class of CVE-2024-6923), so it has no part in this (GUARANTEES S9).
"""

import hashlib
import quopri
import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from intake.heading import (
    clean,
    file_name,
    fold,
    ids_field,
    mailbox_field,
    parameter,
    plain_parameter,
    text_field,
)
from intake.verify import verify

MEDIA = re.compile(r"(?:application|audio|font|image|model|text|video)/[A-Za-z0-9!#$&^_.+-]{1,100}")
# What a mail client would show as a page, run, or take apart: a stranger's file is only ever kept (S1).
ACTIVE = re.compile(r"html|xml|svg|javascript|ecmascript|x-msdownload", re.IGNORECASE)
# The whole list but NDR: `All` would silence the bounces, too, by which we learn of dead addresses (MS-OXCMAIL
# 2.1.3.2.20; GUARANTEES G6).
SUPPRESS = "DR, RN, NRN, OOF, AutoReply"
MOST_REFERENCES = 20


class Automatic(StrEnum):
    """Why nobody wrote this letter (RFC 3834, section 5)."""

    REPLIED = "auto-replied"  # an acknowledgement
    GENERATED = "auto-generated"  # a notice


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes along."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain values. Addresses are addr-specs in ASCII, ids stand without brackets; `references` oldest
    first, the last one is what this letter answers; `automatic` is None for what a person wrote."""

    message_id: str
    date: datetime
    sender: str
    sender_name: str
    to: str
    reply_to: str
    subject: str
    text: str
    html: str
    automatic: Automatic | None
    references: tuple[str, ...] = ()
    files: tuple[Enclosure, ...] = ()


def compose(letter: Letter) -> bytes:
    """The mail as it goes over the wire, the same bytes for the same letter; lines end with CR LF.

    Raises `Forged` (`intake.verify`) when the bytes hold anything but our own header fields.
    """
    fields = _fields(letter)
    top = [field for field in fields.values() if field]
    body = _alternative(letter)
    if letter.files:
        enclosed = [_file(file, number) for number, file in enumerate(letter.files, start=1)]
        body = _multipart("mixed", letter.message_id, [body, *enclosed])
    raw = b"\r\n".join([*(field.encode("ascii") for field in top), body])
    verify(raw, (*(name for name, field in fields.items() if field), "Content-Type"))
    return raw


def _fields(letter: Letter) -> dict[str, str]:
    """Our header fields in order, folded; an empty one is left out."""
    thread = letter.references
    if len(thread) > MOST_REFERENCES:
        thread = (thread[0], *thread[1 - MOST_REFERENCES :])
    return {
        "From": mailbox_field("From", letter.sender, letter.sender_name),
        "To": mailbox_field("To", letter.to),
        "Reply-To": mailbox_field("Reply-To", letter.reply_to),
        "Subject": text_field("Subject", letter.subject),
        "Date": f"Date: {format_datetime(letter.date)}",
        "Message-ID": ids_field("Message-ID", (letter.message_id,)),
        "In-Reply-To": ids_field("In-Reply-To", thread[-1:]),
        "References": ids_field("References", thread),
        "Auto-Submitted": f"Auto-Submitted: {letter.automatic}" if letter.automatic else "",
        "X-Auto-Response-Suppress": f"X-Auto-Response-Suppress: {SUPPRESS}" if letter.automatic else "",
        "X-Callout": "X-Callout: 1",
        "MIME-Version": "MIME-Version: 1.0",
    }


def _alternative(letter: Letter) -> bytes:
    parts = [_text("plain", letter.text), _text("html", letter.html)]
    return _multipart("alternative", letter.message_id, parts)


def _multipart(kind: str, seed: str, parts: list[bytes]) -> bytes:
    """Parts between boundaries, headers first. The boundary comes from the Message-ID, so that each try sends
    the same bytes; one that happens to be inside a part is passed over."""
    number = 0
    while True:
        mark = hashlib.sha256(f"{kind}.{number}.{seed}".encode()).hexdigest()[:32]
        if not any(mark.encode() in part for part in parts):
            break
        number += 1
    opening = f'Content-Type: multipart/{kind};\r\n boundary="={mark}"\r\n\r\n'.encode()
    inside = b"".join(f"--={mark}\r\n".encode() + part for part in parts)
    return opening + inside + f"--={mark}--\r\n".encode()


def _text(kind: str, text: str) -> bytes:
    """A text part in the encoding that suits it: as it is, quoted-printable, or base64."""
    sound = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").encode("utf-8", "replace")
    content = sound if sound.endswith(b"\n") else sound + b"\n"
    foreign = sum(byte > 126 for byte in content)
    plain = foreign == 0 and all(len(line) <= 78 for line in content.split(b"\n"))
    if plain and not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|^From |[ \t]$", content, re.MULTILINE):
        encoding, coded = "7bit", content
    elif foreign * 4 > len(content):
        encoding, coded = "base64", encodebytes(content)
    else:
        encoding, coded = "quoted-printable", quopri.encodestring(content)
        coded = re.sub(rb"^From ", b"=46rom ", coded, flags=re.MULTILINE)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + coded.replace(b"\n", b"\r\n")


def _file(file: Enclosure, number: int) -> bytes:
    name = file_name(file.name, number)
    kind = clean(file.content_type, 150).partition(";")[0].strip().lower()
    if not MEDIA.fullmatch(kind) or ACTIVE.search(kind):
        kind = "application/octet-stream"
    fields = (
        fold("Content-Type", [f"{kind};", *plain_parameter("name", name)]),
        fold("Content-Disposition", _listed(["attachment", *parameter("filename", name)])),
        "Content-Transfer-Encoding: base64",
    )
    coded = encodebytes(file.content).replace(b"\n", b"\r\n")
    return "\r\n".join(fields).encode("ascii") + b"\r\n\r\n" + coded


def _listed(parts: list[str]) -> list[str]:
    return [*(f"{part};" for part in parts[:-1]), parts[-1]]
