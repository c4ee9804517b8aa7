"""winmail.dat (MS-OXTNEF): attachments and bodies Outlook hid in it, read without trusting any count or length."""

import struct
from dataclasses import dataclass, field

from intake.charset import decode

_SIGNATURE = 0x223E9F78
_BODY, _TITLE, _DATA, _RENDER = 0x800C, 0x8010, 0x800F, 0x9002
_MESSAGE, _ATTACHMENT, _CODEPAGE = 0x9003, 0x9005, 0x9007
_BODY_TEXT, _BODY_HTML, _INTERNET_CODEPAGE = 0x1000, 0x1013, 0x3FDE
_FILE_DATA, _SHORT_NAME, _LONG_NAME, _DISPLAY, _MIME, _CONTENT_ID = (
    0x3701,
    0x3704,
    0x3707,
    0x3001,
    0x370E,
    0x3712,
)
_FIXED = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16, 0x1: 4}
_VARIABLE = frozenset((0x0D, 0x1E, 0x1F, 0x102))
_STRING8, _UNICODE, _OBJECT = 0x1E, 0x1F, 0x0D
_MOST = 10_000  # attributes of one message, properties of one attribute
_CODEPAGES = {
    65001: "utf-8",
    936: "gb18030",
    950: "big5",
    932: "cp932",
    949: "cp949",
    20127: "ascii",
    28591: "latin1",
}


@dataclass(slots=True)
class File:
    """An attachment of the message."""

    name: str = ""
    kind: str = ""
    content_id: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Winmail:
    """What the message holds; `text` and `html` are empty when only RTF is there."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""


def read(data: bytes) -> Winmail | None:
    """The message in a TNEF stream, as much of it as can be read; None when it is no TNEF at all."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    message, at, charset = Winmail(), 6, "cp1252"
    for _ in range(_MOST):
        if at + 9 > len(data):
            break
        level, name, _kind, length = struct.unpack_from("<BHHI", data, at)
        value = data[at + 9 : at + 9 + length]
        at += 9 + length + 2
        if level == 1 and name == _CODEPAGE and len(value) >= 4:
            charset = _charset(struct.unpack_from("<I", value)[0])
        elif level == 1:
            _of_message(message, name, value, charset)
        elif level == 2:
            _of_file(message, name, value, charset)
    message.files = [each for each in message.files if each.content or each.name]
    return message


def _charset(page: int) -> str:
    return _CODEPAGES.get(page, f"cp{page}")


def _of_message(message: Winmail, name: int, value: bytes, charset: str) -> None:
    if name == _BODY:
        message.text = message.text or decode(value, charset).rstrip("\0")
    elif name == _MESSAGE:
        found = {key: (kind, content) for key, kind, content in _properties(value)}
        page = found.get(_INTERNET_CODEPAGE, (0, b""))[1]
        charset = _charset(struct.unpack_from("<I", page)[0]) if len(page) >= 4 else charset
        message.text = _string(found.get(_BODY_TEXT), charset) or message.text
        message.html = _string(found.get(_BODY_HTML), charset) or message.html


def _of_file(message: Winmail, name: int, value: bytes, charset: str) -> None:
    if name == _RENDER or not message.files:
        message.files.append(File())
    file = message.files[-1]
    if name == _TITLE:
        file.name = file.name or decode(value, charset).split("\0")[0]
    elif name == _DATA:
        file.content = value
    elif name == _ATTACHMENT:
        found = {key: (kind, content) for key, kind, content in _properties(value)}
        long = _string(found.get(_LONG_NAME), charset)
        file.name = (
            long
            or file.name
            or _string(found.get(_SHORT_NAME), charset)
            or _string(found.get(_DISPLAY), charset)
        )
        file.kind = _string(found.get(_MIME), charset).lower()
        file.content_id = _string(found.get(_CONTENT_ID), charset).strip("<>")
        kind, content = found.get(_FILE_DATA, (0, b""))
        file.content = file.content or (content[16:] if kind == _OBJECT else content)


def _string(found: tuple[int, bytes] | None, charset: str) -> str:
    if found is None:
        return ""
    kind, content = found
    return (content.decode("utf-16-le", "replace") if kind == _UNICODE else decode(content, charset)).rstrip(
        "\0"
    )


def _properties(data: bytes) -> list[tuple[int, int, bytes]]:
    """(id, type, first value) of each MAPI property, as far as they can be read."""
    out: list[tuple[int, int, bytes]] = []
    at = 4
    while at + 4 <= len(data) and len(out) < _MOST:
        kind, name = struct.unpack_from("<HH", data, at)
        at = _named(data, at + 4) if name >= 0x8000 else at + 4
        many, kind = bool(kind & 0x1000), kind & 0xEFFF
        count = 1
        if many or kind in _VARIABLE:
            if at + 4 > len(data):
                break
            count, at = struct.unpack_from("<I", data, at)[0], at + 4
        if not 0 < count <= _MOST:
            break
        first, at = _values(data, at, kind, count)
        if first is None:
            break
        out.append((name, kind, first))
    return out


def _named(data: bytes, at: int) -> int:
    """Behind the GUID and the name of a named property."""
    if at + 24 > len(data):
        return len(data)
    kind, length = struct.unpack_from("<II", data, at + 16)
    return at + 24 + (0 if kind == 0 else (length + 3) // 4 * 4)


def _values(data: bytes, at: int, kind: int, count: int) -> tuple[bytes | None, int]:
    """(the first of `count` values, where they end); None when they cannot be read."""
    if kind in _FIXED:
        size = _FIXED[kind]
        return (data[at : at + size], at + size * count) if at + size * count <= len(data) else (None, at)
    if kind not in _VARIABLE:
        return None, at
    first: bytes | None = None
    for _ in range(count):
        if at + 4 > len(data):
            return first, len(data)
        length = struct.unpack_from("<I", data, at)[0]
        if first is None:
            first = data[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return first, at
