"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), as senders write them."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from intake.charset import decode
from intake.words import decode_words

MOST = 200  # parameters of one field
_SECTION = re.compile(r"^([^*]{1,100})(?:\*(\d{1,4}))?(\*)?$")
_QUOTED = re.compile(r'(\\.|")', re.DOTALL)
_TYPE = re.compile(r"^[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,150}$", re.ASCII)
_MAIN_ONLY = {
    "text": "text/plain",
    "html": "text/html",
    "plain": "text/plain",
    "multipart": "multipart/mixed",
    "message": "message/rfc822",
    "image": "image/jpeg",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A field with parameters: the value in lower case, the parameters decoded, names in lower case."""

    value: str = ""
    params: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> Value:
    """A field given as sent (encoded words not decoded). Never raises; the first of two equal names counts."""
    value, _, rest = text.partition(";")
    raw = _pairs(rest)
    if "=" in value and not value.strip().startswith("="):
        # `Content-Type: charset=x; …` or a forgotten semicolon: `text/plain charset=x`
        head, _, tail = value.strip().partition(" ")
        value, tail = (head, tail) if "=" not in head else ("", value)
        raw = _pairs(tail) + raw
    return Value("".join(value.split()).lower().strip("\"'"), _joined(raw))


def media_type(value: str, default: str = "text/plain") -> str:
    """`type/subtype` in lower case; anything else becomes what it most likely meant."""
    if _TYPE.match(value):
        return value
    main = value.split("/")[0]
    if main in _MAIN_ONLY:
        return _MAIN_ONLY[main]
    if not value:
        return default
    cleaned = re.split(r"[,:()<>@\[\]?=\s]", value, maxsplit=1)[0]
    return cleaned if _TYPE.match(cleaned) else "application/octet-stream" if "/" in value else default


def _pairs(text: str) -> list[tuple[str, str]]:
    """(name, value) in their order, quotes resolved, in one pass."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(text) and len(pairs) < MOST:
        equals, semicolon = text.find("=", at), text.find(";", at)
        if equals < 0:
            break
        if 0 <= semicolon < equals:
            at = semicolon + 1
            continue
        name = text[at:equals].strip(" \t\r\n\"',").lower()
        at = equals + 1
        while at < len(text) and text[at] in " \t":
            at += 1
        if at < len(text) and text[at] == '"':
            value, at = _quoted(text, at + 1)
        else:
            stop = text.find(";", at)
            stop = len(text) if stop < 0 else stop
            value, at = text[at:stop].strip(), stop
        if at < len(text) and text[at] == ";":
            at += 1
        if name:
            pairs.append((name, value))
    return pairs


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The text of a quoted string from behind its first quote, and where it ends. A backslash before anything
    but a quote or itself is kept: Windows paths are more common than quoted pairs."""
    out = []
    at = start
    while (match := _QUOTED.search(text, at)) is not None:
        out.append(text[at : match.start()])
        at = match.end()
        if match[1] == '"':
            return "".join(out), at
        out.append(match[1][1] if match[1][1] in '"\\' else match[1])
    return "".join([*out, text[at:]]), len(text)


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Continuations put together (RFC 2231, 3), percent-encoding and encoded words decoded."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in pairs:
        match = _SECTION.match(name)
        if match is None or (match[2] is None and match[3] is None):
            plain.setdefault(name, tidy_value(value))
            continue
        pieces.setdefault(match[1].strip(), {}).setdefault(int(match[2] or 0), (value, bool(match[3])))
    for name, numbered in pieces.items():
        # RFC 2231 wins over the plain form beside it: that one is for old readers and often cut or lossy.
        plain[name] = _continued(numbered) or plain.get(name, "")
    return plain


def tidy_value(value: str) -> str:
    """A plain value; file names come in encoded words although RFC 2047 forbids it in parameters."""
    return decode_words(value.strip()) if "=?" in value else value.strip()


def _continued(numbered: dict[int, tuple[str, bool]]) -> str:
    ordered = [numbered[number] for number in sorted(numbered)]
    if not any(encoded for _, encoded in ordered):
        return tidy_value("".join(value for value, _ in ordered))
    charset, parts = "", []
    for index, (value, encoded) in enumerate(ordered):
        if index == 0 and encoded and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        data = value.encode("utf-8", "surrogateescape")
        parts.append(unquote_to_bytes(data) if encoded else data)
    return decode(b"".join(parts), charset)
