"""The last look at a mail before it leaves: its final bytes hold exactly the header fields we meant, or it stays here."""

import re
from collections.abc import Iterator, Sequence

NAME = re.compile(rb"\A([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]?")
BOUNDARY = re.compile(rb'boundary="(=[0-9a-f]{32})"')
PART_FIELDS = {"content-type", "content-transfer-encoding", "content-disposition"}
LONGEST_LINE = 998  # RFC 5322, section 2.1.1
DEEPEST = 4


class Forged(Exception):
    """The bytes are not what was meant: something of the text became part of the mail's structure (S9)."""


def verify(raw: bytes, allowed: Sequence[str]) -> None:
    """Nothing, when `raw` has exactly the fields `allowed` (each once, in that order), each part only fields of
    MIME, every line ends with CR LF and none is too long; else `Forged` with what is wrong."""
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw) or b"\0" in raw:
        raise Forged("a line end or NUL inside a line")
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        raise Forged("a line is too long")
    head, between, body = raw.partition(b"\r\n\r\n")
    if not between:
        raise Forged("no end of the header")
    names = [name for name, _ in _fields(head)]
    if names != [name.lower() for name in allowed]:
        raise Forged(f"the fields are {', '.join(names)}")
    _parts(head, body, DEEPEST)


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    """(lower-case name, the whole field) of a header; a line that is neither a field nor goes on with one is an error."""
    if not head.isascii():
        raise Forged("a header is not ASCII")
    field: list[bytes] = []
    name = ""
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and field:
            if not line.strip():
                raise Forged("an empty line goes on with a field")
            field.append(line)
            continue
        if name:
            yield name, b"".join(field)
        found = NAME.match(line)
        if not found:
            raise Forged("a header line is no field")
        name, field = found[1].decode().lower(), [line]
    yield name, b"".join(field)


def _parts(head: bytes, body: bytes, deeper: int) -> None:
    """The parts of a multipart body have only fields of MIME."""
    kinds = [field for name, field in _fields(head) if name == "content-type"]
    mark = BOUNDARY.search(kinds[0]) if kinds else None
    if mark is None:
        return
    if deeper == 0:
        raise Forged("parts within parts within parts")
    opening, *parts = (b"\r\n" + body).split(b"\r\n--" + mark[1])
    if opening.strip() or not parts or parts[-1].rstrip() != b"--":
        raise Forged("the parts do not end as they began")
    for part in parts[:-1]:
        inner, between, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not between or {name for name, _ in _fields(inner)} - PART_FIELDS:
            raise Forged("a part has other fields than those of MIME")
        _parts(inner, content, deeper - 1)
