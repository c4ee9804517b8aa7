"""The grammar of an IMAP conversation as far as the proxy needs it: lines, literals, tokens, commands; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LITERAL = re.compile(rb"\{(\d{1,12})(\+?)\}\r\n\Z")
TOKEN = re.compile(rb"[^ ()\r\n]+")
COMMAND = re.compile(
    rb"\A([!-~]{1,64}) ([A-Za-z0-9]{1,32})(?: +([^\r\n ]{1,4096}))?(?: +([^\r\n ]{1,16384}))?"
)


@dataclass(frozen=True)
class Piece:
    """Some of the server's output: a whole line, or all or part of a literal's octets.

    first: it begins a line or literal, `size` octets long. fresh: a response begins with it.
    """

    data: bytes
    first: bool
    size: int
    literal: bool
    fresh: bool

    def places(self) -> list[int]:
        """Where its tokens begin and end, as offsets; a literal has its begin and its middle."""
        if not self.first:
            return []
        if self.literal:
            return [0, self.size // 2]
        return [place for token in TOKEN.finditer(self.data) for place in token.span()]

    def resized(self, by: int) -> bytes:
        """The line with the size of the literal it announces changed by so many octets (not below 0)."""
        found = LITERAL.search(self.data)
        if found is None:
            return self.data
        return b"%s{%d%s}\r\n" % (self.data[: found.start()], max(0, int(found[1]) + by), found[2])

    @property
    def announces(self) -> bool:
        """Whether a literal follows this line."""
        return not self.literal and LITERAL.search(self.data) is not None


class Output:
    """Cuts the server's output into pieces as it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._left = 0
        self._size = 0
        self._fresh = True

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces that are complete now; a line waits for its end, a literal does not."""
        data, here = self._rest + data, 0
        while here < len(data):
            if self._left:
                part = data[here : here + self._left]
                yield Piece(part, self._left == self._size, self._size, literal=True, fresh=False)
                self._left -= len(part)
            else:
                end = data.find(b"\r\n", here) + 2
                if end < 2:
                    break
                part = data[here:end]
                yield Piece(part, True, len(part), literal=False, fresh=self._fresh)
                self._announced(part)
            here += len(part)
        self._rest = data[here:]

    def _announced(self, line: bytes) -> None:
        found = LITERAL.search(line)
        self._left = self._size = int(found[1]) if found else 0
        self._fresh = found is None


@dataclass(frozen=True)
class Command:
    """The first line of a command: its tag, its name ("UID FETCH") and, of AUTHENTICATE, the first response."""

    tag: bytes
    name: str
    mechanism: bytes = b""
    response: bytes | None = None


def command(line: bytes) -> Command | None:
    """What a client's line commands; None for a continuation (DONE, a line of base64)."""
    found = COMMAND.match(line)
    if found is None:
        return None
    tag, name, first, second = found.groups()
    word = name.decode("ascii").upper()
    if word == "UID":
        return Command(tag, f"UID {(first or b'').decode('ascii', 'replace').upper()}")
    if word == "AUTHENTICATE":
        return Command(tag, word, first or b"", second)
    return Command(tag, word)
