"""What each line of a mail is: the sender's own, quoted, or a mark that says that history begins here."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from intake.quoting_attributions import (
    ADDRESS,
    DAY,
    GMAIL_STAMP,
    LONGEST,
    MOST_LINES,
    begins,
    introduces,
    leads,
    may_end,
    runs_on,
)
from intake.quoting_words import (
    ABOVE,
    ABOVE_FRAMED,
    DATE,
    FORM,
    FORWARDS,
    LABELS,
    ORIGINALS,
    RECIPIENT,
    SENDER,
    SUBJECT,
    WROTE,
    fold,
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


_SPEAKER = re.compile(r"\w{2,20}> \S")

_FRAME = "-=_*~#+>─━—–‐‑―•<|[] \t"
_RULES = frozenset("-=_*~#─━—–‐‑― \t")
_LONGEST_HEADER = 20
_CLOSES_ADDRESS = frozenset(
    (":", *(f"{verb}:" for verb in WROTE))
)  # "> wrote:", with the address in the line above
_LONG_QUOTE = 55  # a quoted line of this length may have been wrapped without its mark
_SHORTEST_ABOVE = min(map(len, ABOVE))
_COLONS = (":", "：")
_LONG_LEAD = 100
_AFTER_NAME = ("于", "於")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？")
_CLEARSIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_LABEL_ENDS = (*_COLONS, " | ")
_LONGEST_LABEL = 40
_MANY_LABELS = 8


def classify(lines: Sequence[str]) -> list[Kind]:
    """One kind per line; an attribution or header block marks all of its lines. Linear."""
    kinds = [_alone(line) for line in lines]
    _mend(lines, kinds)
    _clearsigned(lines, kinds)
    at, said = 0, False
    while at < len(lines):
        if kinds[at] is Kind.QUOTE and (end := _quoted_block(lines, kinds, at)):
            kinds[at:end] = [Kind.HEADER] * (end - at)
        elif kinds[at] is Kind.TEXT:
            if end := _header_block(lines, kinds, at):
                kinds[at:end] = [Kind.HEADER] * (end - at)
                at = end
                continue
            if (start := _attribution(lines, kinds, at)) >= 0:
                kinds[start : at + 1] = [Kind.ATTRIBUTION] * (at + 1 - start)
                if lines[at + 1 : at + 2] and lines[at + 1].strip() in _COLONS:
                    kinds[at + 1] = Kind.ATTRIBUTION
                _speakers(lines, kinds, at + 1)
            elif said and runs_on(lines[at]):
                kinds[at] = Kind.ATTRIBUTION
            else:
                said = True
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
    if len(bare) >= _SHORTEST_ABOVE and _asks_above(fold(bare)):
        return Kind.ABOVE
    return Kind.TEXT


def _asks_above(folded: str) -> bool:
    if any(words in folded for words in ABOVE) or folded == "-----begin pgp signature-----":
        return True
    framed = folded[0] in _FRAME and folded[-1] in _FRAME
    return framed and any(words in folded for words in ABOVE_FRAMED)


def _clearsigned(lines: Sequence[str], kinds: list[Kind]) -> None:
    """The heading of signed text (RFC 9580 7), when the text begins with it."""
    at = next((index for index, kind in enumerate(kinds) if kind is not Kind.BLANK), len(kinds))
    if at == len(kinds) or lines[at].strip() != _CLEARSIGNED:
        return
    while at < len(kinds) and kinds[at] is not Kind.BLANK:
        kinds[at] = Kind.HEADER
        at += 1


def _mend(lines: Sequence[str], kinds: list[Kind]) -> None:
    """A quoted line that a mail server wrapped: its rest has no mark, and goes on between two that have."""
    for at in range(1, len(lines) - 1):
        if kinds[at] is Kind.TEXT and kinds[at - 1] is kinds[at + 1] is Kind.QUOTE:
            start = lines[at][:1]
            if start.islower() and len(lines[at - 1]) >= _LONG_QUOTE:
                kinds[at] = Kind.QUOTE


def _is_separator(line: str, words: frozenset[str], bare: bool) -> bool:
    """One of the words between dashes; `bare`: a colon will do."""
    line = line.strip().replace("&nbsp;", " ")
    core = line.strip(_FRAME)
    framed = len(line) - len(core)
    if framed < 2 and not bare:
        return False
    core = fold(core.rstrip(":： "))
    if core in words:
        return framed >= 2 or line.endswith(_COLONS)
    return framed >= 8 and len(core) < 80 and any(core.startswith(each + " ") for each in words)


def label_of(line: str) -> str:
    """The kind of the header that a line states, "" when it is none."""
    return LABELS.get(_label(line), "")


def _label(line: str) -> str:
    """What stands before the colon (or, in a table, before the next cell), "" when there is none."""
    head = line[:200].strip("> *_\t-|")
    cut = min((at for at in map(head.find, _LABEL_ENDS) if at >= 0), default=-1)
    if not 0 < cut <= _LONGEST_LABEL:
        return ""
    return fold(head[:cut].strip("*_ \t").replace(" ", "").replace("\u3000", ""))


def _header_block(lines: Sequence[str], kinds: Sequence[Kind], at: int) -> int:
    """Where the block of headers ends that begins here, 0 when none does."""
    if not label_of(lines[at]):
        return 0
    if _flattened(lines[at]):
        return at + 1
    found: list[str] = []
    end, strange, address = at, 0, False
    for index in range(at, min(at + _LONGEST_HEADER, len(lines))):
        if kinds[index] is Kind.BLANK:
            strange += 1
        elif found and lines[index][:1] in " \t" and not label_of(lines[index]):
            address = address or "@" in lines[index]
        elif kinds[index] is not Kind.TEXT:
            break
        elif label := label_of(lines[index]):
            if found.count(label) == 2:
                break
            found.append(label)
            end, strange = index + 1, 0
            address = address or "@" in lines[index]
        else:
            strange += 1
            address = address or "@" in lines[index]
        if strange > 2:
            break
    if not _is_block(found, address) or _in_form(lines, at, end):
        return 0
    return _wrapped(lines, kinds, end)


def _flattened(line: str) -> bool:
    """A whole block of headers in one line, as some programs make of HTML."""
    labels = [label for word in line[:LONGEST].split() if word[-1] in ":：" and (label := label_of(word))]
    return labels[:1] == [SENDER] and {DATE, RECIPIENT, SUBJECT} <= set(labels) and len(labels) < _MANY_LABELS


def _in_form(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether the lines next to the block are fields of a form that somebody filled in ("Message: …")."""
    return any(0 <= index < len(lines) and _label(lines[index]) in FORM for index in (at - 1, end))


def _quoted_block(lines: Sequence[str], kinds: Sequence[Kind], at: int) -> int:
    """Where a block of headers ends that has quote marks while the mail below has none (Orange), 0 for none."""
    end = at
    while end < len(lines) and end - at < _LONGEST_HEADER and kinds[end] is Kind.QUOTE:
        end += 1
    if not 3 <= end - at < _LONGEST_HEADER or kinds[at - 1 : at] == [Kind.QUOTE]:
        return 0
    labels = [label for line in lines[at:end] if (label := label_of(line))]
    return end if len(labels) >= end - at - 1 and _is_block(labels, True) else 0


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
    return {RECIPIENT, DATE, SUBJECT} <= kinds or (address and found[:2] == [DATE, RECIPIENT])


def _attribution(lines: Sequence[str], kinds: Sequence[Kind], end: int) -> int:
    """The first line of the attribution that ends with this line, -1 when none does."""
    last = lines[end].strip()
    if len(last) > LONGEST or not may_end(last):
        return -1
    followed = _quote_follows(kinds, end + 1)
    near = " ".join(lines[max(end - MOST_LINES + 1, 0) : end + 1])
    if not (followed or last.startswith("--") or DAY.search(near) or ADDRESS.search(near)):
        return -1
    found, joined = -1, ""
    for start in range(end, max(end - MOST_LINES, -1), -1):
        if kinds[start] is Kind.BLANK and start < end and "<" in joined:
            continue
        if kinds[start] is not Kind.TEXT or len(joined) + len(lines[start]) > LONGEST:
            break
        joined = f"{lines[start].strip()} {joined}".strip()
        if introduces(joined, followed):
            found = start if found < 0 else found
            if leads(lines[start]):
                return _first_of(lines, kinds, start)
    if found > 0 and lines[found].lstrip().startswith(("<", "(")) and kinds[found - 1] is Kind.TEXT:
        found -= 1
    if found < 0 and GMAIL_STAMP.match(last) and _is_paragraph(kinds, end):
        return end
    return found


def _first_of(lines: Sequence[str], kinds: Sequence[Kind], start: int) -> int:
    """The first line of an attribution that was wrapped inside its date, of which `start` may be the rest."""
    for _ in range(MOST_LINES):
        if not start or kinds[start - 1] is not Kind.TEXT:
            break
        rest, above = lines[start].strip(), lines[start - 1].strip()
        if len(above) > _LONG_LEAD or above.endswith(_SENTENCE_ENDS):
            break
        named = rest[:1] in _AFTER_NAME and ADDRESS.search(above)
        if not named and (rest[:1].isupper() or not (leads(above) or begins(above))):
            break
        start -= 1
    return start


def _quote_follows(kinds: Sequence[Kind], at: int) -> bool:
    for kind in kinds[at : at + 6]:
        if kind is not Kind.BLANK:
            return kind is Kind.QUOTE
    return False


def _is_paragraph(kinds: Sequence[Kind], at: int) -> bool:
    before = at == 0 or kinds[at - 1] is Kind.BLANK
    return before and (at + 1 == len(kinds) or kinds[at + 1] is Kind.BLANK)


def _speakers(lines: Sequence[str], kinds: list[Kind], at: int) -> None:
    """Lines with the name of a speaker ("Ana> yes") belong to the attribution that they follow."""
    while at < len(lines) and kinds[at] is Kind.BLANK:
        at += 1
    while at < len(lines) and _SPEAKER.match(lines[at].strip()[:40]):
        kinds[at] = Kind.ATTRIBUTION
        at += 1
