"""IMAP's answers as the library leaves them, read by UID: pure functions over lines and literals (RFC 3501)."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from intake.mailbox import Broken, Opened

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CODE = re.compile(rb"\[([A-Z][A-Z0-9-]{0,39})[\] ]")
UIDVALIDITY = re.compile(rb"\[UIDVALIDITY ([0-9]{1,10})\]", re.IGNORECASE)
UIDNEXT = re.compile(rb"\[UIDNEXT ([0-9]{1,10})\]", re.IGNORECASE)
EXISTS = re.compile(rb"([0-9]{1,10}) EXISTS\Z", re.IGNORECASE)
FETCHED = re.compile(rb"[0-9]{1,10} FETCH \(", re.IGNORECASE)
UID = re.compile(rb"[ (]UID ([0-9]{1,10})", re.IGNORECASE)
SIZE = re.compile(rb"[ (]RFC822\.SIZE ([0-9]{1,19})", re.IGNORECASE)
LITERAL = re.compile(rb"BODY\[\](?:<[0-9]{1,10}>)? \{([0-9]{1,10})\}\Z", re.IGNORECASE)
SHORT = re.compile(rb'BODY\[\](?:<[0-9]{1,10}>)? "((?:[^"\\]|\\["\\])*)"', re.IGNORECASE)
NOTHING = re.compile(rb"BODY\[\](?:<[0-9]{1,10}>)? NIL", re.IGNORECASE)
ITEM = re.compile(rb" [A-Z][A-Z0-9.-]{1,30} ", re.IGNORECASE)
ESCAPED = re.compile(rb"\\([\"\\])")
FOREIGN = re.compile(r"[^\x20-\x7e]+")


def status_code(lines: Sequence[bytes]) -> str:
    """The response code of a closing line (RFC 5530): AUTHENTICATIONFAILED, TRYCREATE …, or nothing."""
    found = CODE.search(bytes(lines[-1])) if lines else None
    return found.group(1).decode("ascii") if found else ""


def mailbox_name(name: str) -> str:
    """A folder's name as it stands in a command: modified UTF-7 (RFC 3501 5.1.3), quoted. ValueError: a line
    break in it."""
    if any(char in name for char in "\r\n\0"):
        msg = "a folder's name has no line breaks"
        raise ValueError(msg)
    coded = FOREIGN.sub(_shifted, name.replace("&", "&-"))
    return quoted(coded)


def _shifted(found: re.Match[str]) -> str:
    packed = base64.b64encode(found.group().encode("utf-16-be")).decode("ascii")
    return f"&{packed.rstrip('=').replace('/', ',')}-"


def quoted(text: str) -> str:
    """A quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def day_name(day: date) -> str:
    """2-Jan-2026: IMAP's date, which knows English months only."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"


def uid_set(uids: Iterable[int]) -> str:
    """1:3,7 for 1, 2, 3, 7."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def opened(lines: Sequence[bytes]) -> Opened:
    """What SELECT told; Broken without a UIDVALIDITY, because no mail could be recognised then."""
    validity = nxt = exists = 0
    for line in lines:
        if found := UIDVALIDITY.search(line):
            validity = int(found.group(1))
        if found := UIDNEXT.search(line):
            nxt = int(found.group(1))
        if found := EXISTS.match(line):
            exists = int(found.group(1))
    if not validity:
        raise Broken("SELECT: the server tells no UIDVALIDITY")
    return Opened(validity, exists, nxt)


def numbers(lines: Sequence[bytes]) -> list[int]:
    """UIDs of a SEARCH, ascending; the closing line is not among them."""
    found: set[int] = set()
    for line in lines[:-1]:
        plain = bytes(line).partition(b"(")[0]  # (MODSEQ 5) may follow, RFC 7162
        found.update(int(token) for token in plain.split() if token.isdigit() and len(token) <= 10)
    return sorted(found)


def _answers(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The lines of each FETCH answer; literals are bytearrays among them. What is no FETCH is left out."""
    current: list[bytes] | None = None
    for line in lines[:-1]:
        if isinstance(line, bytes) and FETCHED.match(line):
            if current:
                yield current
            current = [line]
        elif current is not None:
            current.append(line)
    if current:
        yield current


def _uid(answer: Sequence[bytes]) -> int:
    for line in answer:
        if isinstance(line, bytes) and (found := UID.search(line)):
            return int(found.group(1))
    return 0


def sizes(lines: Sequence[bytes]) -> dict[int, int]:
    """UID → RFC822.SIZE; what the server says unasked (FLAGS of others) is left out."""
    found: dict[int, int] = {}
    for answer in _answers(lines):
        size = SIZE.search(answer[0])
        if size and (uid := _uid(answer[:1])):
            found[uid] = int(size.group(1))
    return found


def _ends(line: bytes) -> bool:
    """Whether that can stand behind a literal: the end, or one more item (" UID 7)", " FLAGS (\\Seen))")."""
    return line == b")" or (len(line) < 400 and line.endswith(b")") and ITEM.match(line) is not None)


def content(lines: Sequence[bytes], uid: int) -> bytes | None:
    """The BODY[] of that UID; None when the server has none. Broken: the answer is crooked (a wrong literal size
    leaves the rest of the mail behind the literal)."""
    for answer in _answers(lines):
        if _uid([line for line in answer if isinstance(line, bytes)]) != uid:
            continue
        if LITERAL.search(answer[0]):
            if len(answer) != 3 or not isinstance(answer[1], bytearray) or not _ends(answer[2]):
                raise Broken("FETCH: the literal has another size than announced")
            return bytes(answer[1])
        if short := SHORT.search(answer[0]):
            return ESCAPED.sub(rb"\1", short.group(1))
        if NOTHING.search(answer[0]):
            return None
    return None
