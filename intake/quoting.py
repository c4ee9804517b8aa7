"""What the sender wrote himself this time: history and signature are cut off, line by line, in linear time."""

from dataclasses import dataclass

from intake.quoting_html import marked
from intake.quoting_lines import Kind, classify
from intake.quoting_signatures import closes, split

_LONGEST = 200_000
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\0"))
_INVISIBLE |= {0xA0: " ", 0x2028: "\n", 0x2029: "\n", 0x0B: "\n", 0x0C: "\n", 0x85: "\n"}
_HARD = (Kind.ORIGINAL, Kind.HEADER, Kind.FORWARD, Kind.ABOVE)
_MARKS = (*_HARD, Kind.ATTRIBUTION)
_SAID = (Kind.TEXT, Kind.QUOTE)
_PASSES = 8
_MANY_LINES = 10_000  # no letter; one pass more must do


@dataclass(frozen=True, slots=True)
class Visible:
    """`reply`: the sender's own words; `quoted`: history was cut off; `signature`: what stood under the words."""

    reply: str
    quoted: bool
    signature: str


def visible(text: str, html: str = "") -> Visible:
    """The sender's own words in the text of a mail; `html` helps to find where history begins. Never raises.

    Text beyond 200,000 characters is not looked at. A mail that is nothing but a forwarded one keeps its text
    without the headers; one that is nothing but quotations keeps everything and counts as not quoted.
    """
    lines = lines_of(text)
    hint, signed = marked(lines, html) if html else (-1, frozenset[int]())
    signed = frozenset(index for index in signed if lines[index][:1] != ">" and not 0 <= hint <= index)
    own, quoted = _cut(lines, hint, signed)
    own, signature = split(own)
    passes = _PASSES if len(own) < _MANY_LINES else 1
    for _ in range(passes if own != _stripped(lines) else 0):
        again, more = _cut(own)
        again, under = split(again)
        if again == own:
            break
        own, quoted, signature = again, quoted or more, under or signature
    return Visible(_joined(own), quoted, _joined(signature or [lines[index] for index in sorted(signed)]))


def lines_of(text: str) -> list[str]:
    """The lines as they are read here: one kind of line end, no invisible characters, no blanks at the ends."""
    plain = text[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    return [line.rstrip() if line != "-- " else line for line in plain.split("\n")]


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _cut(lines: list[str], hint: int = -1, signed: frozenset[int] = frozenset()) -> tuple[list[str], bool]:
    """The lines without history, and whether there was any; `signed`: lines that are marked as a signature."""
    kinds = classify(lines)
    for index in signed:
        kinds[index] = Kind.BLANK
    if hint >= 0 and kinds[hint] is Kind.TEXT and Kind.TEXT in kinds[:hint]:
        kinds[hint] = Kind.ATTRIBUTION if Kind.QUOTE in kinds[hint:] else Kind.ORIGINAL
    end = _end(kinds)
    keep = _without_quotes(lines, kinds, end)
    if not any(kinds[index] is Kind.TEXT for index in keep):
        if signed:  # whoever writes into his signature has said it all there
            return _cut(lines, hint)
        return _stripped(lines), False
    kept = set(keep)
    dropped = any(kind in _SAID and index not in kept for index, kind in enumerate(kinds))
    return _stripped([lines[index] for index in keep if index not in signed]), dropped


def _end(kinds: list[Kind]) -> int:
    """Where history begins after words of the sender's; what comes behind is all history."""
    said, answered = False, _answered(kinds)
    for index, kind in enumerate(kinds):
        if kind is Kind.TEXT:
            said = True
        elif said and (kind in _HARD or (kind is Kind.ATTRIBUTION and not answered[index])):
            return index
    return len(kinds)


def _answered(kinds: list[Kind]) -> list[bool]:
    """For each line, whether quotations with their marks come behind it, and words of the sender's below these."""
    answered = [False] * len(kinds)
    words, quotes = False, False
    for index in range(len(kinds) - 1, -1, -1):
        answered[index] = words and quotes
        kind = kinds[index]
        if kind in _HARD or kind is Kind.TEXT:
            words, quotes = kind is Kind.TEXT, False
        elif kind is Kind.QUOTE:
            quotes = True
    return answered


def _without_quotes(lines: list[str], kinds: list[Kind], end: int) -> list[int]:
    """The lines before `end` without marks, and of the quotations only those that the sender answers below."""
    kept = [index for index in range(end) if kinds[index] not in _MARKS]
    words = [place for place, index in enumerate(kept) if kinds[index] is Kind.TEXT]
    if not words:
        return kept
    first = words[0] if not _answered_twice(kinds, kept) else 0
    kept = kept[first : words[-1] + 1]
    last = max((place for place, index in enumerate(kept) if kinds[index] is Kind.QUOTE), default=-1)
    if last >= 0 and closes([lines[index] for index in kept[last + 1 :]]):
        kept = [index for index in kept if kinds[index] is not Kind.QUOTE]
    return kept


def _answered_twice(kinds: list[Kind], kept: list[int]) -> bool:
    """Whether quotations and words take turns from the first line on: each quotation belongs to its answer."""
    turns: list[Kind] = []
    for index in kept:
        if kinds[index] in _SAID and turns[-1:] != [kinds[index]]:
            turns.append(kinds[index])
    return turns[:4] == [Kind.QUOTE, Kind.TEXT] * 2


def _stripped(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
