"""The header of a mail: lines → fields → what the gateway asks of them; linear in the bytes, whatever they are."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from intake.addresses import Address, addresses
from intake.mail import Headers
from intake.parameters import Value, media_type, parse
from intake.words import decode_words, raw_text, tidy

LINE_END = re.compile(rb"\r{0,3}\n|\r")
_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:")
_WELL_KNOWN = re.compile(
    rb"[\r\n](?:return-path|received|from|to|cc|subject|date|message-id|in-reply-to|references|reply-to|sender"
    rb"|mime-version|content-[a-z-]{2,30}|x-[a-z0-9-]{2,60}|delivered-to|dkim-signature)[ \t]{0,10}:",
    re.IGNORECASE,
)
_EMPTY_LINE = re.compile(rb"\n\r?\n|\r\r")
_AHEAD = 10_000  # bytes in which a damaged header must go on to be one
_MESSAGE_ID = re.compile(r"<([^<>]{1,500})>")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_MOST_FIELDS = 2_000
_FIELD_LONG = 500  # characters of a field in which message ids are looked for, times `_MOST_REFERENCES`
_MOST_REFERENCES = 200


@dataclass(frozen=True, slots=True)
class Block:
    """The fields of a header as sent, top first: (lower-case name, unfolded bytes). `end` is where the body
    begins; `cut` says that fields beyond the limit were left out."""

    fields: tuple[tuple[str, bytes], ...]
    end: int
    cut: bool = False

    def get(self, name: str, hint: str = "") -> str:
        """The first field of that name as text, encoded words not decoded."""
        for key, value in self.fields:
            if key == name:
                return raw_text(value, hint)
        return ""

    def value(self, name: str) -> Value:
        """The first field of that name with its parameters."""
        return parse(self.get(name))


def block(raw: bytes, start: int, stop: int, most: int, boundaries: frozenset[bytes] = frozenset()) -> Block:
    """The header that begins at `start`. It ends at an empty line, at a line that is no field, at a delimiter
    line of an open multipart (`boundaries`, with their dashes), or at `stop`."""
    fields: list[tuple[str, list[bytes]]] = []
    at, size, cut, known_until = start, 0, False, -1
    while at < stop:
        ending = LINE_END.search(raw, at, stop)
        line_end, after = (ending.start(), ending.end()) if ending else (stop, stop)
        if line_end == at:
            at = after
            break
        line = raw[at : min(line_end, at + most + 1)]
        if boundaries and line.startswith(b"--") and _is_delimiter(line, boundaries):
            break
        match = None if line[:1] in (b" ", b"\t") else _FIELD.match(line)
        if match is not None:
            fields.append((match[1].decode("ascii").lower(), []))
            line = line[match.end() :]
        elif line.strip() and not (fields and line[:1] in (b" ", b"\t")) and not _mbox(line, fields):
            known_until = max(known_until, _goes_on(raw, line_end, stop)) if known_until < at else known_until
            if known_until < at:
                break
        size += len(line)
        cut = cut or size > most or len(fields) > _MOST_FIELDS
        if fields and not cut:
            fields[-1][1].append(line)
        at = after
    kept = tuple((name, b" ".join(part.strip(b" \t\r") for part in lines)) for name, lines in fields if lines)
    return Block(kept, at, cut)


def _mbox(line: bytes, fields: list[tuple[str, list[bytes]]]) -> bool:
    """The line mailboxes on disk put before a mail."""
    return not fields and line.startswith((b"From ", b">From "))


def _goes_on(raw: bytes, line_end: int, stop: int) -> int:
    """Where behind a line that is no field the last well-known field before the empty line stands, -1 when there
    is none: a line that lost its indentation on the way belongs to the field before, any other is the body."""
    stop = min(stop, line_end + _AHEAD)
    empty = _EMPTY_LINE.search(raw, line_end, stop)
    last = -1
    for match in _WELL_KNOWN.finditer(raw, line_end, empty.start() if empty else stop):
        last = match.start()
    return last


def _is_delimiter(line: bytes, boundaries: frozenset[bytes]) -> bool:
    line = line.rstrip()
    return line in boundaries or line.removesuffix(b"--") in boundaries


def understood(head: Block, charset: str = "") -> Headers:
    """What the gateway asks of a header, decoded; raw bytes in it are most likely of the text's `charset`. Never
    raises."""
    kind = head.value("content-type")
    hint = kind.params.get("charset", "") or charset
    texts = [(name, raw_text(value, hint)) for name, value in head.fields]
    first: dict[str, str] = {}
    for name, text in texts:
        first.setdefault(name, text)
    author = _author(texts, first)
    sender = addresses(first.get("sender", ""))
    return Headers(
        all=tuple((name, tidy(decode_words(text))) for name, text in texts),
        from_addr=author.addr,
        from_name=author.name,
        sender=sender[0].addr if sender else "",
        subject=tidy(decode_words(first.get("subject", ""))),
        to=_everybody(texts, "to"),
        cc=_everybody(texts, "cc"),
        reply_to=_everybody(texts, "reply-to"),
        message_id=next(iter(message_ids(first.get("message-id", ""))), ""),
        in_reply_to=next(iter(message_ids(first.get("in-reply-to", ""))), ""),
        references=tuple(message_ids(first.get("references", ""))),
        date=date(first.get("date", "")),
        content_type=media_type(kind.value),
    )


def _author(texts: list[tuple[str, str]], first: dict[str, str]) -> Address:
    """The first From with an address in it; a mail without one was still sent by somebody: Sender, else Reply-To,
    else Return-Path."""
    known = Address("", "")
    authors = [text for name, text in texts if name == "from"][:20]
    for field in (*authors, *(first.get(name, "") for name in ("sender", "reply-to", "return-path"))):
        found = addresses(field)
        usable = next((each for each in found if "@" in each.addr), None)
        if usable:
            return Address(usable.name or known.name, usable.addr)
        if found and not known.addr and not known.name:
            known = found[0]
    return known


def _everybody(texts: list[tuple[str, str]], field: str) -> tuple[str, ...]:
    """Every address of all fields of that name (there should be one, RFC 5322, 3.6), each once."""
    found = [each.addr for name, text in texts if name == field for each in addresses(text)]
    return tuple(dict.fromkeys(addr for addr in found if addr))


def message_ids(text: str) -> list[str]:
    """The message ids of a field without their brackets; a bare word with an @ counts when there are none."""
    text = tidy(decode_words(text[: _FIELD_LONG * _MOST_REFERENCES]))
    found = [match[1].strip() for match in _MESSAGE_ID.finditer(text)]
    if not found:
        found = [
            word.strip("<>\"',;") for word in _COMMENT.sub(" ", text).split() if "@" in word or "<" in word
        ]
        if not found and " " not in text:
            found = [text.strip("<>")]
    return [each for each in found if each][:_MOST_REFERENCES]


def date(text: str) -> datetime | None:
    """A Date field as an aware moment in UTC, or None (RFC 5322, 3.3, and what the standard library forgives)."""
    try:
        moment = parsedate_to_datetime(tidy(text)[:200])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
