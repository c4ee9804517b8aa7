"""The MIME tree of a mail (RFC 2046): one pass over the delimiter lines, with limits, no recursion, no copies."""

import re
from dataclasses import dataclass, field

from intake import transfer
from intake.headers import LINE_END, Block, block
from intake.parameters import Value, media_type, parse
from intake.words import raw_text

_GUESS = re.compile(rb"(?:\A|(?<=\n))--([^\r\n]{1,100})\r?\n(?=content-[a-z-]{4,30}:)", re.IGNORECASE)
_LONGEST_LINE = 1_000
_NEAR = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one mail is looked at (S4); what is beyond is left out and noted in `Mail.notes`.

    `headers` and `text` in bytes and characters, of the whole mail.
    """

    parts: int = 200
    depth: int = 20
    headers: int = 100_000
    text: int = 200_000
    html: int = 1_000_000


@dataclass(slots=True)
class Part:
    """A node of the tree. `start` and `stop` enclose its body in the raw mail; `kind` is type/subtype."""

    head: Block
    kind: str
    type: Value
    disposition: Value
    raw: bytes = field(repr=False)
    start: int
    stop: int
    depth: int = 0
    parts: list["Part"] = field(default_factory=list)

    @property
    def multipart(self) -> bool:
        return self.kind.startswith("multipart/")

    @property
    def attached(self) -> bool:
        return self.disposition.value == "attachment"

    @property
    def encoding(self) -> str:
        return self.head.get("content-transfer-encoding")

    def encoded(self) -> bytes:
        return self.raw[self.start : self.stop]

    def content(self) -> bytes:
        """The decoded bytes of the body."""
        return transfer.decode(self.encoded(), self.encoding)


@dataclass(slots=True)
class _Open:
    """A multipart whose end has not been seen."""

    part: Part
    delimiter: bytes
    closed: bool = False


class _Walk:
    """The pass itself: which multiparts are open, which part is being filled, what was cut."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw, self.limits = raw, limits
        self.notes: list[str] = []
        self.count = 0
        self.header_bytes = 0
        self.open: list[_Open] = []
        self.filling: Part | None = None
        self.boundaries: frozenset[bytes] = frozenset()
        self.pattern = re.compile(b"\n--")

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def part(self, start: int, default: str) -> Part:
        """Read the header at `start` and open what it announces."""
        left = max(self.limits.headers - self.header_bytes, 200)
        head = block(self.raw, start, len(self.raw), left, self.boundaries)
        self.header_bytes += sum(len(name) + len(value) for name, value in head.fields)
        if head.cut:
            self.note(f"headers over {self.limits.headers // 1000} kB cut")
        kind = parse(raw_text(_first(head, "content-type")))
        made = Part(
            head, media_type(kind.value, default), kind, parse(raw_text(_first(head, "content-disposition"))),
            self.raw, head.end, len(self.raw), len(self.open),
        )  # fmt: skip
        self.count += 1
        self.filling = made
        if made.multipart:
            self._descend(made)
        return made

    def _descend(self, made: Part) -> None:
        if len(self.open) >= self.limits.depth:
            self.note(f"nested deeper than {self.limits.depth}")
            return
        boundary = _boundary(made, self.raw)
        if boundary:
            self.open.append(_Open(made, b"--" + boundary))
            self._refresh()

    def _refresh(self) -> None:
        boundaries = frozenset(each.delimiter for each in self.open)
        if boundaries != self.boundaries:
            self.boundaries = boundaries
            self.pattern = re.compile(
                b"\n--(?:" + b"|".join(re.escape(each[2:]) for each in boundaries) + b")"
            )

    def delimiter(self, line: bytes, start: int, after: int) -> bool:
        """A line that begins with two dashes; true when it bounded something."""
        stripped = line.rstrip()
        for index in range(len(self.open) - 1, -1, -1):
            level = self.open[index]
            closing = stripped == level.delimiter + b"--"
            if not closing and stripped != level.delimiter:
                continue  # parts behind the end are read too: some senders close too early
            self._finish(start)
            del self.open[index + 1 :]
            if closing:
                level.closed = True
                self.filling = None
            elif self.count >= self.limits.parts:
                self.note(f"more than {self.limits.parts} parts")
                self.filling = None
            else:
                self._refresh()
                child = self.part(
                    after, "message/rfc822" if level.part.kind == "multipart/digest" else "text/plain"
                )
                level.part.parts.append(child)
            self._refresh()
            return True
        return False

    def _finish(self, start: int) -> None:
        """The line end before a delimiter belongs to the delimiter (RFC 2046, 5.1.1)."""
        part = self.filling
        if part is None or (self.open and part is self.open[-1].part and part.parts):
            return
        if start > part.start and self.raw[start - 1] == 10:
            start -= 1
        if start > part.start and self.raw[start - 1] == 13:
            start -= 1
        part.stop = max(part.start, start)


def tree(raw: bytes, limits: Limits) -> tuple[Part, list[str]]:
    """The root of a mail's MIME tree and what was odd. Never raises; linear in the bytes, with any limits."""
    walk = _Walk(raw, limits)
    root = walk.part(_begin(raw), "text/plain")
    at = root.start - 1
    while walk.boundaries and (found := walk.pattern.search(raw, max(at, 0))) is not None:
        start = found.start() + 1
        ending = _line_end(raw, start)
        if walk.delimiter(raw[start : min(ending, start + _LONGEST_LINE)], start, _after(raw, ending)):
            at = max(walk.filling.start - 1 if walk.filling else ending, ending)
        else:
            at = start
    for level in walk.open:
        if not level.closed:
            walk.note("multipart not closed")
    return root, walk.notes


def _begin(raw: bytes) -> int:
    """Behind the empty lines some systems put before a mail."""
    rest = raw[:_LONGEST_LINE].lstrip()
    skipped = min(len(raw), _LONGEST_LINE) - len(rest)
    return raw.rfind(b"\n", 0, skipped) + 1


def _line_end(raw: bytes, start: int) -> int:
    feed, back = raw.find(b"\n", start, start + _LONGEST_LINE), raw.find(b"\r", start, start + _LONGEST_LINE)
    ends = [each for each in (feed, back) if each >= 0]
    return min(ends) if ends else min(len(raw), start + _LONGEST_LINE)


def _after(raw: bytes, ending: int) -> int:
    """Behind the line end."""
    found = LINE_END.match(raw, ending)
    return found.end() if found else len(raw)


def _first(head: Block, name: str) -> bytes:
    return next((value for key, value in head.fields if key == name), b"")


def _boundary(part: Part, raw: bytes) -> bytes:
    """The boundary announced, if it occurs; else the one that is evidently used; else none."""
    announced = _announced(part)
    far = (
        part.start + _NEAR if part.depth else len(raw)
    )  # many inner parts must not each search the whole mail
    if announced and raw.find(b"\n--" + announced, max(part.start - 1, 0), far) >= 0:
        return announced
    guess = _GUESS.search(raw, part.start, part.start + 20_000)
    return guess[1].rstrip() if guess else announced if part.depth else b""


def _announced(part: Part) -> bytes:
    """As sent: a boundary is compared byte for byte, so its spaces at the end are the only thing to go."""
    text = part.type.params.get("boundary", "").rstrip()
    return text.encode("utf-8", "replace")[:300]
