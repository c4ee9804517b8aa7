"""Whether words say that somebody wrote what comes next: "On …, Ana wrote:" in the languages of mail clients."""

import re

from intake.quoting_words import CITES, LEADS, WROTE, WROTE_JOINED, fold

DAY = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.hH時时点點]\s?\d\d(?!\d)|[时時点點]\d{1,2}分|오[전후] \d{1,2}")
ADDRESS = re.compile(r"[\w.+-]@[\w-]")
GMAIL_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")

_SAYS = re.compile(r"[\w-]>\s{1,3}\w{2,20}\s?[:：]$")  # "<ana@example.org> said:", in any language
_TAIL = 60
_NAMES = r"[^\W\d_a-z]\w{1,30}(?: [^\W\d_a-z]\w{0,30}){1,2}"
_NAME = re.compile(_NAMES + r" (?:wrote on|schrieb am|skrev den|schreef op|napsal dne|kirjoitti) \d")

LONGEST = 500
MOST_LINES = 5
_POINTS = '.,;："'
_COLONS = (":", "：")


def leads(line: str) -> bool:
    """A line that begins like an attribution: a lead word or a day, and a figure."""
    start = fold(line.strip().lstrip("-—– *"))
    first = start.split(None, 1)[0].rstrip(",.") if start else ""
    if start[:1].isdigit():
        return bool(DAY.search(start[:60]) or _TIME.search(start[:60]))
    return (first in LEADS or start[:1] in ("在", "于", "於")) and any(char.isdigit() for char in start)


def begins(line: str) -> bool:
    """Few words of which the first is a lead word: "On Tue, Mar"."""
    words = fold(line).split()
    return 2 <= len(words) <= 4 and words[0].rstrip(",.") in LEADS


def introduces(joined: str, followed: bool) -> bool:
    """Whether these words say that somebody wrote what comes next; `followed`: by lines with quote marks."""
    text = joined.strip("-—– *").rstrip("> ") if joined.endswith(":>") else joined.strip("-—– *")
    folded = fold(text)
    colon = text.endswith(_COLONS)
    day = bool(DAY.search(text))
    time = bool(_TIME.search(text))
    address = bool(ADDRESS.search(text))
    if colon and address and (folded.startswith(CITES) or (followed and _SAYS.search(text[-_TAIL:]))):
        return True
    if not _says_wrote(folded):
        dated = day and (time or address)
        if address:
            return dated and (followed or (colon and (leads(text) or (time and "<" in text))))
        return followed and colon and dated and leads(text)
    if joined.startswith("--") and joined.endswith("--") and _verb_ends(folded):
        return True
    if not colon:
        return _verb_ends(folded) and day and (address or (followed and leads(text)))
    if followed:
        return day or time or address or len(text) < 80
    if not (day or address):
        return False
    if day and time and not address and _NAME.match(text):
        return True
    return (_verb_ends(folded) or address or time) and (address or leads(text))


def _says_wrote(folded: str) -> bool:
    words = " ".join(word.strip(_POINTS) for word in folded.replace(":", " ").split())
    words = f" {words} "
    return any(f" {verb} " in words for verb in WROTE) or any(verb in folded for verb in WROTE_JOINED)


def runs_on(line: str) -> bool:
    """An attribution with what it introduces in the same line, as some programs flatten it."""
    if not leads(line):
        return False
    start, colon = line[:LONGEST], -1
    for _ in range(MOST_LINES):
        colon = start.find(": ", colon + 1)
        head = start[: colon + 1]
        if colon < 0:
            return False
        if ADDRESS.search(head) and _verb_ends(fold(head)) and introduces(head, False):
            return True
    return False


def may_end(last: str) -> bool:
    """Whether it is worth while to look closer at what ends like this."""
    if last.endswith((*_COLONS, ">")):
        return True
    return _verb_ends(fold(last)) or bool(GMAIL_STAMP.match(last))


def _verb_ends(folded: str) -> bool:
    tail = folded.rstrip(":： -*")
    return tail.endswith(WROTE_JOINED) or (
        tail.endswith(WROTE)
        and any(tail.endswith(verb) and not tail[: -len(verb)][-1:].isalnum() for verb in WROTE)
    )
