"""Which parts of a mail are its text, and that text: the best alternative, as plain text and as HTML."""

import re
from dataclasses import dataclass, field

from intake import charset, transfer
from intake.markup import to_text
from intake.structure import Limits, Part

# RFC 2046, 4.1.4: a text nobody knows is shown as plain text; these are files that happen to be of letters.
_FILES = frozenset(
    ("text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/rtf", "text/css")
)
_FILES |= {"text/javascript", "text/rfc822-headers", "text/tab-separated-values"}
_META_CHARSET = re.compile(
    rb"<meta[^<>]{0,200}charset\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
_RICH_COMMAND = re.compile(r"</?[A-Za-z-]{1,60}>|<<")
_HTML_MARK = re.compile(r"^\s{0,50}<(?:!doctype html|html|head|body)[\s>]", re.IGNORECASE)
_MOST_BYTES = 4  # of one character


@dataclass(slots=True)
class Body:
    """The text of a mail: `plain` and `html` pieces in their order, and the parts they came from."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    used: list[Part] = field(default_factory=list)

    def add(self, other: "Body") -> None:
        self.plain += other.plain
        self.html += other.html
        self.used += other.used


def compose(root: Part, limits: Limits, notes: list[str]) -> Body:
    """The body of a mail. Depth is bounded by the tree's own limit.

    Without any, a text shown inside a mail though it has a file name is the body as well as a file.
    """
    body = _of(root, root, limits, notes)
    if not body.used:
        shown = next((part for part in leaves(root) if is_readable(part.kind) and not part.attached), None)
        if shown is not None:
            body = _leaf(shown, limits, notes)
            body.used = []
    return body


def leaves(root: Part) -> list[Part]:
    """The parts that hold content, in their order."""
    found, waiting = [], [root]
    while waiting:
        part = waiting.pop()
        waiting += reversed(part.parts)
        if not part.parts:
            found.append(part)
    return found


def _of(part: Part, root: Part, limits: Limits, notes: list[str]) -> Body:
    if part.parts:
        if part.kind == "multipart/alternative":
            return _alternative(part, root, limits, notes)
        body = Body()
        for child in part.parts:
            body.add(_of(child, root, limits, notes))
        return body
    if not is_text(part, root):
        return Body()
    return _leaf(part, limits, notes)


def _leaf(part: Part, limits: Limits, notes: list[str]) -> Body:
    text = text_of(part, limits, notes)
    if part.kind == "text/html" or _HTML_MARK.match(text):
        return Body([to_text(text, limits.text + 1)], [text], [part])
    return Body([text], [], [part])


def _alternative(part: Part, root: Part, limits: Limits, notes: list[str]) -> Body:
    """One of them is read: the last plain text that says something, else the text of the last HTML."""
    bodies = [_of(child, root, limits, notes) for child in part.parts]
    out = Body(used=[each for body in bodies for each in body.used])
    rich = next((body for body in reversed(bodies) if any(piece.strip() for piece in body.html)), None)
    plain = next(
        (body for body in bodies if not body.html and any(piece.strip() for piece in body.plain)), None
    )
    chosen = plain or rich
    out.plain = chosen.plain if chosen else []
    out.html = rich.html if rich else []
    return out


def is_readable(kind: str) -> bool:
    """Whether a type is text for people."""
    return kind.startswith("text/") and kind not in _FILES


def is_text(part: Part, root: Part) -> bool:
    """Whether a leaf is text to be read, not a file: no attachment, and no name unless it is the mail itself."""
    if part.kind.startswith("multipart/"):
        return True  # announced, but without a single part: what stands there is shown
    if not is_readable(part.kind) or part.attached:
        return False
    named = part.disposition.params.get("filename") or part.type.params.get("name")
    return not named or (part is root and part.disposition.value != "inline")


def text_of(part: Part, limits: Limits, notes: list[str]) -> str:
    """The decoded text of a text part, line ends as \\n, at most as long as the limits allow."""
    most = limits.html if part.kind == "text/html" else limits.text
    encoded = part.raw[part.start : min(part.stop, part.start + most * _MOST_BYTES * 3)]
    data = transfer.decode(encoded, part.encoding)
    label = part.type.params.get("charset", "")
    if (
        part.kind == "text/html"
        and not charset.codecs_of(label)
        and (meta := _META_CHARSET.search(data[:4_000]))
    ):
        label = meta[1].decode("ascii")
    text = (
        charset.decode(data[: most * _MOST_BYTES], label)
        .replace("\r\r\n", "\n")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    if len(text) > most or len(data) > most * _MOST_BYTES:
        notes.append(f"text over {most // 1000} kB cut")
    text = text[:most].replace("\0", "")
    if part.kind in ("text/enriched", "text/richtext"):
        return _RICH_COMMAND.sub(lambda match: "<" if match[0] == "<<" else "", text)
    if part.kind == "text/plain" and part.type.params.get("format", "").lower() == "flowed":
        return unflowed(text, part.type.params.get("delsp", "").lower() == "yes")
    return text


def unflowed(text: str, delsp: bool) -> str:
    """format=flowed joined to paragraphs (RFC 3676): soft line ends at one quote depth go, stuffed spaces too."""
    out: list[str] = []
    open_depth = -1  # of the paragraph that goes on in the next line
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        soft = bare.endswith(" ") and bare != "-- "
        if soft and delsp:
            bare = bare[:-1]
        if depth == open_depth and bare != "-- ":
            out[-1] += bare
        else:
            out.append(">" * depth + (" " if depth and bare else "") + bare)
        open_depth = depth if soft else -1
    return "\n".join(out)
