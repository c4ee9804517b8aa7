"""What each line of a mail is: the sender's own, quoted, or a mark that says that history begins here."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from intake.quoting_words import (
    ABOVE,
    DATE,
    FORWARDS,
    LABELS,
    LEADS,
    ORIGINALS,
    RECIPIENT,
    SENDER,
    SUBJECT,
    WROTE,
    WROTE_JOINED,
)


class Kind(Enum):
    """The kinds of lines."""

    BLANK = auto()
    TEXT = auto()
    RULE = auto()  # dashes or underlines and nothing else
    QUOTE = auto()
    ATTRIBUTION = auto()  # "On …, Ana wrote:", on up to four lines
    HEADER = auto()  # From/Sent/To/Subject of the mail that is answered
    ORIGINAL = auto()  # -----Original Message-----
    FORWARD = auto()  # ---------- Forwarded message ----------
    ABOVE = auto()  # please reply above this line


_DAY = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.hH時时点點]\s?\d\d(?!\d)|[时時点點]\d{1,2}分|오[전후] \d{1,2}")
_ADDRESS = re.compile(r"[\w.+-]@[\w-]")
_GMAIL_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")
_SPEAKER = re.compile(r"\w{2,20}> \S")

_FRAME = "-=_*~#+>─━—–•<|[] \t"
_RULES = frozenset("-=_*~#─━—– \t")
_LONGEST_ATTRIBUTION = 500
_MOST_LINES = 5
_LONGEST_HEADER = 14
_CLOSES_ADDRESS = frozenset(f"{verb}:" for verb in WROTE)  # "> wrote:", with the address in the line above
_LONG_QUOTE = 55  # a quoted line of this length may have been wrapped without its mark
_POINTS = '.,;："'
_COLONS = (":", "：")


def classify(lines: Sequence[str]) -> list[Kind]:
    """One kind per line; an attribution or header block marks all of its lines. Linear."""
    kinds = [_alone(line) for line in lines]
    _mend(lines, kinds)
    at = 0
    while at < len(lines):
        if kinds[at] is Kind.TEXT:
            if end := _header_block(lines, kinds, at):
                kinds[at:end] = [Kind.HEADER] * (end - at)
                at = end
                continue
            if (start := _attribution(lines, kinds, at)) >= 0:
                kinds[start : at + 1] = [Kind.ATTRIBUTION] * (at + 1 - start)
                _speakers(lines, kinds, at + 1)
            elif _is_separator(lines[at], ORIGINALS, bare=False):
                kinds[at] = Kind.ORIGINAL
        at += 1
    return kinds


def _alone(line: str) -> Kind:
    """What a line is by itself."""
    bare = line.strip()
    if not bare:
        return Kind.BLANK
    if bare[0] in ">＞":
        return Kind.TEXT if bare.strip("> ") in _CLOSES_ADDRESS else Kind.QUOTE
    if len(bare) > 200:
        return Kind.TEXT
    if len(bare) >= 3 and _RULES.issuperset(bare):
        return Kind.RULE
    if _is_separator(bare, FORWARDS, bare=True):
        return Kind.FORWARD
    if _is_separator(bare, ORIGINALS, bare=False):
        return Kind.ORIGINAL
    folded = bare.casefold()
    if any(words in folded for words in ABOVE):
        return Kind.ABOVE
    return Kind.TEXT


def _mend(lines: Sequence[str], kinds: list[Kind]) -> None:
    """A quoted line that a mail server wrapped: its rest has no mark, and goes on between two that have."""
    for at in range(1, len(lines) - 1):
        if kinds[at] is Kind.TEXT and kinds[at - 1] is kinds[at + 1] is Kind.QUOTE:
            start = lines[at][:1]
            if start.islower() and len(lines[at - 1]) >= _LONG_QUOTE:
                kinds[at] = Kind.QUOTE


def _is_separator(line: str, words: frozenset[str], bare: bool) -> bool:
    """One of the words between dashes; `bare`: a colon will do."""
    core = line.strip(_FRAME)
    framed = len(line.strip()) - len(core)
    core = core.rstrip(":： ").casefold()
    if core in words:
        return framed >= 2 or (bare and line.rstrip().endswith(_COLONS))
    return framed >= 8 and len(core) < 80 and any(core.startswith(each + " ") for each in words)


def label_of(line: str) -> str:
    """The kind of the header that a line states, "" when it is none."""
    head = line.strip("> *_\t-|")
    cut = min((at for at in (head.find(":"), head.find("：")) if at >= 0), default=-1)
    if not 0 < cut <= 40:
        return ""
    label = head[:cut].strip("*_ \t").replace(" ", "").replace("\u3000", "").casefold()
    return LABELS.get(label, "")


def _header_block(lines: Sequence[str], kinds: Sequence[Kind], at: int) -> int:
    """Where the block of headers ends that begins here, 0 when none does."""
    if not label_of(lines[at]):
        return 0
    found: list[str] = []
    end, strange, address = at, 0, False
    for index in range(at, min(at + _LONGEST_HEADER, len(lines))):
        if kinds[index] is Kind.BLANK:
            strange += 1
        elif kinds[index] is not Kind.TEXT:
            break
        elif label := label_of(lines[index]):
            found.append(label)
            end, strange = index + 1, 0
            address = address or "@" in lines[index]
        else:
            strange += 1
            address = address or "@" in lines[index]
        if strange > 2:
            break
    return _wrapped(lines, kinds, end) if _is_block(found, address) else 0


def _wrapped(lines: Sequence[str], kinds: Sequence[Kind], end: int) -> int:
    """Behind the rest of a last header that runs on in indented lines."""
    while end < len(lines) and kinds[end] is Kind.TEXT and lines[end][:1] in " \t":
        end += 1
    return end


def _is_block(found: list[str], address: bool) -> bool:
    """Enough different headers, and the sender's among them."""
    kinds = set(found)
    if found[:1] == [SENDER]:
        return bool(kinds & {DATE, SUBJECT}) or (RECIPIENT in kinds and address)
    if SENDER in kinds:
        return len(kinds) >= 3
    return {RECIPIENT, DATE, SUBJECT} <= kinds


def _attribution(lines: Sequence[str], kinds: Sequence[Kind], end: int) -> int:
    """The first line of the attribution that ends with this line, -1 when none does."""
    last = lines[end].strip().rstrip("-* ")
    if len(last) > _LONGEST_ATTRIBUTION or not _may_end(last):
        return -1
    followed = _quote_follows(kinds, end + 1)
    found, joined = -1, ""
    for start in range(end, max(end - _MOST_LINES, -1), -1):
        if kinds[start] is Kind.BLANK and start < end and "<" in joined:
            continue
        if kinds[start] is not Kind.TEXT or len(joined) + len(lines[start]) > _LONGEST_ATTRIBUTION:
            break
        joined = f"{lines[start].strip()} {joined}".strip()
        if _introduces(joined, followed):
            found = start if found < 0 else found
            if _leads(lines[start]):
                return start
    if found > 0 and lines[found].lstrip().startswith("<") and kinds[found - 1] is Kind.TEXT:
        found -= 1
    if found < 0 and _GMAIL_STAMP.match(last) and _is_paragraph(kinds, end):
        return end
    return found


def _may_end(last: str) -> bool:
    """Whether it is worth while to look closer at what ends like this."""
    if last.endswith((*_COLONS, ">")):
        return True
    return _verb_ends(last.casefold()) or bool(_GMAIL_STAMP.match(last))


def _verb_ends(folded: str) -> bool:
    tail = folded.rstrip(":： ")
    return tail.endswith(WROTE_JOINED) or any(
        tail.endswith(verb) and not tail[: -len(verb)][-1:].isalnum() for verb in WROTE
    )


def _quote_follows(kinds: Sequence[Kind], at: int) -> bool:
    for kind in kinds[at : at + 6]:
        if kind is not Kind.BLANK:
            return kind is Kind.QUOTE
    return False


def _is_paragraph(kinds: Sequence[Kind], at: int) -> bool:
    before = at == 0 or kinds[at - 1] is Kind.BLANK
    return before and (at + 1 == len(kinds) or kinds[at + 1] is Kind.BLANK)


def _leads(line: str) -> bool:
    """A line that begins like an attribution: a lead word or a day, and a figure."""
    start = line.strip().lstrip("-—– *").casefold()
    first = start.split(None, 1)[0].rstrip(",.") if start else ""
    if start[:1].isdigit():
        return bool(_DAY.search(start[:60]) or _TIME.search(start[:60]))
    return (first in LEADS or start[:1] in ("在", "于", "於")) and any(char.isdigit() for char in start)


def _introduces(joined: str, followed: bool) -> bool:
    """Whether these words say that somebody wrote what comes next; `followed`: by lines with quote marks."""
    text = joined.strip("-—– *").rstrip("> ") if joined.endswith(":>") else joined.strip("-—– *")
    folded = text.casefold()
    colon = text.endswith(_COLONS)
    day = bool(_DAY.search(text))
    time = bool(_TIME.search(text))
    address = bool(_ADDRESS.search(text))
    if not _says_wrote(folded):
        dated = day and (time or address)
        if address:
            return dated and (followed or colon) and (followed or _leads(text))
        return followed and colon and dated and _leads(text)
    if not colon:
        return _verb_ends(folded) and day and (address or (followed and _leads(text)))
    if followed:
        return day or time or address or len(text) < 80
    if not (day or address):
        return False
    return (_verb_ends(folded) or address or time) and (address or _leads(text))


def _says_wrote(folded: str) -> bool:
    words = " ".join(word.strip(_POINTS) for word in folded.replace(":", " ").split())
    words = f" {words} "
    return any(f" {verb} " in words for verb in WROTE) or any(verb in folded for verb in WROTE_JOINED)


def _speakers(lines: Sequence[str], kinds: list[Kind], at: int) -> None:
    """Lines with the name of a speaker ("Ana> yes") belong to the attribution that they follow."""
    while at < len(lines) and kinds[at] is Kind.BLANK:
        at += 1
    while at < len(lines) and _SPEAKER.match(lines[at].strip()[:40]):
        kinds[at] = Kind.ATTRIBUTION
        at += 1
