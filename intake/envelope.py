"""The little that is read of a mail before it is kept: sender, Message-ID and a digest. It must never raise."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = 1_000_000  # bytes that are looked through for the end of the headers
LOOKED = 100_000  # bytes of the headers that are looked through for fields
LONGEST = 254  # an address (RFC 5321 4.5.3.1.3)

# Fields the sender's program wrote. What servers add on the way (Received, Return-Path, Delivered-To, signatures,
# spam verdicts, …) differs from copy to copy of the same mail and has no say in whether it is the same.
AUTHORS = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references mime-version content-type"
    b" content-transfer-encoding content-disposition auto-submitted".split()
)
END = re.compile(rb"\r?\n\r?\n")
FOLDED = re.compile(rb"\r?\n(?![ \t])")
BLANK = re.compile(rb"\s+")
ANGLED = re.compile(r"<([^<>]{1,998})>")
# Begins at the beginning of a word only: otherwise every character of a long one would be tried.
BARE = re.compile(r"(?<![^\s<>()\[\],;:\"])[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"]{1,255}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`sender`: the address in From, lower case, or empty; `message_id` without its angle brackets, or empty;
    `digest`: sha256 over the author's header fields and the body."""

    sender: str
    message_id: str
    digest: str


def envelope(raw: bytes) -> Envelope:
    """Read any bytes."""
    found = END.search(raw[:HEAD])
    end, body = (found.start(), found.end()) if found else (min(len(raw), HEAD), min(len(raw), HEAD))
    fields = list(_fields(raw[:end]))
    seal = hashlib.sha256()
    for name, value in fields:
        if name in AUTHORS:
            seal.update(name + b":" + BLANK.sub(b" ", value).strip() + b"\n")
    seal.update(b"\n")
    seal.update(memoryview(raw)[body : len(raw)])
    first: dict[bytes, str] = {}
    for name, value in fields:
        if name in (b"from", b"message-id"):
            first.setdefault(name, value[:LOOKED].decode("utf-8", "replace"))
    return Envelope(_address(first.get(b"from", "")), _id(first.get(b"message-id", "")), seal.hexdigest())


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in FOLDED.split(head):
        name, colon, value = line.partition(b":")
        if colon and len(name) <= 100:
            yield name.strip().lower(), value


def _address(text: str) -> str:
    """The last <…> that looks like an address, or the first bare one: a name may hold anything, the address comes
    behind it."""
    angled = [found.strip() for found in ANGLED.findall(text) if "@" in found]
    if angled:
        found = angled[-1]
    elif bare := BARE.search(text):
        found = bare.group()
    else:
        return ""
    plain = "".join(found.split()).lower()
    return plain if len(plain) <= LONGEST and plain.isprintable() else ""


def _id(text: str) -> str:
    found = ANGLED.search(text)
    plain = (found.group(1) if found else text).strip()
    return "".join(char for char in plain if char.isprintable() and not char.isspace())[:998]
