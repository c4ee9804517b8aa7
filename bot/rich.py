"""Text with bold parts as Telegram wants it: plain characters, entities by UTF-16 offsets, cut where it may be cut."""

import unicodedata
from dataclasses import dataclass

LIMIT = 4096  # UTF-16 units per message (Bot API sendMessage)
CAPTION = 1024
JOINER = "\u200d"
SKIN_TONES = "🏻🏼🏽🏾🏿"
FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them make a flag


def units(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Rich:
    """Pieces of (text, bold); joined with +, lines with `lines`."""

    pieces: tuple[tuple[str, bool], ...] = ()

    def __add__(self, other: "Rich | str") -> "Rich":
        more = other.pieces if isinstance(other, Rich) else ((other, False),)
        return Rich(self.pieces + more)

    def __bool__(self) -> bool:
        return any(text for text, _ in self.pieces)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    @property
    def entities(self) -> list[dict[str, int | str]]:
        """Bold runs as Bot API MessageEntity dicts; surrounding blanks stay outside, as Telegram would trim them."""
        found: list[dict[str, int | str]] = []
        offset = 0
        for text, bold in self.pieces:
            core = text.strip()
            if bold and core:
                lead = units(text[: len(text) - len(text.lstrip())])
                found.append({"type": "bold", "offset": offset + lead, "length": units(core)})
            offset += units(text)
        return found


def rich(pieces: list[tuple[str, bool]] | str) -> Rich:
    return Rich(((pieces, False),)) if isinstance(pieces, str) else Rich(tuple(pieces))


def lines(*rows: Rich | str | None) -> Rich:
    """Rows under each other. None and an empty Rich are left out; "" is a blank line."""
    joined = Rich()
    for row in rows:
        if row is not None and (row or row == ""):
            joined = joined + ("\n" if joined else "") + row
    return joined


def shorten(text: str, most: int) -> str:
    """At most `most` characters on one screen, cut at a word."""
    flat = text.strip()
    if len(flat) <= most:
        return flat
    cut = flat[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip() + "…"


def split(message: Rich, limit: int = LIMIT) -> list[Rich]:
    """Parts of at most `limit` UTF-16 units, none breaking a word, a character or a bold run if that can be helped."""
    parts: list[Rich] = []
    current: list[tuple[str, bool]] = []
    room = limit
    for text, bold in message.pieces:
        rest = text
        if bold and units(rest) > room and units(rest) <= limit and current:
            parts.append(Rich(tuple(current)))
            current, room = [], limit
        while units(rest) > room:
            head, rest = _cut(rest, room, whole_line=bool(current))
            if head:
                current.append((head, bold))
            parts.append(Rich(tuple(current)))
            current, room = [], limit
        if rest:
            current.append((rest, bold))
            room -= units(rest)
    if current:
        parts.append(Rich(tuple(current)))
    return [part for part in parts if part.text.strip()]


def _cut(text: str, room: int, *, whole_line: bool) -> tuple[str, str]:
    """The longest start that fits, ending at a line if that wastes little, else at a blank, else at a character."""
    fits = _fit(text, room)
    line, blank = (text.rfind(mark, 0, fits + 1) for mark in ("\n", " "))
    at = line if line > fits // 2 else max(line, blank)
    if at > 0:
        return text[:at], text[at + 1 :]
    if whole_line and fits < len(text):
        return "", text
    return text[:fits], text[fits:]


def _fit(text: str, room: int) -> int:
    """How many characters of `text` take at most `room` UTF-16 units, without cutting a joined one."""
    used = 0
    for index, char in enumerate(text):
        used += 2 if ord(char) > 0xFFFF else 1
        if used > room:
            border = index
            while border > 0 and _joined(text, border):
                border -= 1
            return border or index
    return len(text)


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` are seen as one: joined emoji, accents, skin tones, flags."""
    before, after = text[at - 1], text[at]
    if JOINER in {before, after} or unicodedata.category(after).startswith("M") or after in SKIN_TONES:
        return True
    run = len(text[:at]) - len(text[:at].rstrip(FLAG_LETTERS))
    return after in FLAG_LETTERS and run % 2 == 1
