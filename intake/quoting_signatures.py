"""What stands under a letter: signature, the device it was written on, closing formula and disclaimer."""

import re

from intake.quoting_words import CLOSINGS, DEVICE_ENDS, DEVICE_NAMES, DEVICES, DISCLAIMERS

_DELIMITERS = frozenset(("--", "__", "-- --", "- --"))  # the last one in signed text, RFC 9580 7.2
_LOOSE_DELIMITERS = frozenset(("---", "----", "-----", "___", "____", "_____"))
_MOST_LOOSE_LINES = 8
_CONTACT = re.compile(r"[\w.+-]@[\w-]|https?://|www\.|(?:\d[ ()/.-]?){6}")
_MOST_LINES = 15  # of a signature whose delimiter is not the standard's
_MOST_STANDARD_LINES = 40  # of one whose delimiter is
_MOST_ENDINGS = 12
_MOST_NAME_LINES = 8  # under a closing formula
_LONGEST_NAME = 80
_LONGEST_DEVICE = 160
_STORE = re.compile(
    r"get (?:outlook|bluemail|typeapp|spark|nine|airmail|newton|canary|edison mail|yahoo mail|proton mail)"
    r" for (?:ios|android|iphone|ipad|mac|windows)"
)
_INITIAL = re.compile(r"[/-][^\W\d_]{1,20}(?: [^\W\d_]{1,20}){0,2}")
_FROM_WHERE = re.compile(r" (?:aus|von|from|depuis|desde|dalla?|uit|från|fra) ")
_HEAD = re.compile(r"[,，<(（:]")
_PUNCTUATION = " \t,.;!，。！～~*_-–—"
_STOPS = (".", "。", "!", "！")
_POSTSCRIPTS = ("ps ", "ps:", "p.s", "p. s", "pd:", "nb:", "n.b.", "附：", "又及", "追伸")
_LIST_WORDS = ("mailing list", "listinfo", "mailman", "unsubscribe", "maillist", "googlegroups")


def split(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines above the signature, and the signature's."""
    end = len(lines)
    delimiter = _delimiter(lines)
    if delimiter >= 0:
        end = delimiter
    for _ in range(_MOST_ENDINGS):
        while end and _is_empty(lines[end - 1]):
            end -= 1
        cut = _tail(lines, end)
        if cut >= end:
            break
        end = cut
    return lines[:end], [line for line in lines[end:] if not _is_empty(line)]


def _is_empty(line: str) -> bool:
    return not line.strip(" \t-_=*#~+─—–\u1427")


def _delimiter(lines: list[str]) -> int:
    """The line with the delimiter of a signature (RFC 3676 4.3: `-- `), -1 when there is none."""
    found, below = -1, 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line.startswith(">") or below > _MOST_STANDARD_LINES:
            break
        if line.strip() in _DELIMITERS and below > 0 and (line == "-- " or below <= _MOST_LINES):
            found = index
        below += not _is_empty(line)
    return found


def _tail(lines: list[str], end: int) -> int:
    """Where the last thing above `end` begins that the sender did not write for this letter."""
    seen = 0
    for index in range(end - 1, max(end - 40, -1), -1):
        line = lines[index].strip()
        if not line:
            continue
        seen += 1
        folded = line.casefold()
        if index and _is_disclaimer(folded) and _is_empty(lines[index - 1]):
            return index
        if seen <= 4 and _is_device(folded):
            return index
        if seen <= _MOST_NAME_LINES and index and _closes(lines, index, end):
            return index
        if _is_list_footer(lines, index, end):
            return index
        if (
            index
            and line in _LOOSE_DELIMITERS
            and _is_empty(lines[index - 1])
            and _is_card(lines[index + 1 : end])
        ):
            return index
    return end - 1 if _is_initial(lines, end) else end


def _is_initial(lines: list[str], end: int) -> bool:
    """`/Ana` or `-Ana` alone under the last paragraph; behind a list of items a dash is one more item."""
    if end < 2 or not _INITIAL.fullmatch(lines[end - 1].strip()):
        return False
    above = next((line.strip() for line in reversed(lines[: end - 1]) if line.strip()), "-")
    return not above.startswith("-") and (lines[end - 1][0] == "/" or not lines[end - 2].strip())


def _is_list_footer(lines: list[str], index: int, end: int) -> bool:
    """A long line of underlines, and few lines about the mailing list."""
    rule = lines[index].strip()
    if rule[0] not in "_-=" or len(set(rule)) > 1 or len(rule) < 20 or end - index > 8:
        return False
    below = " ".join(lines[index + 1 : end]).casefold()
    return any(word in below for word in _LIST_WORDS)


def _is_card(lines: list[str]) -> bool:
    """A name and where its owner is reached, in few short lines that are no sentences."""
    below = [line.strip() for line in lines if line.strip()]
    if not 2 <= len(below) <= _MOST_LOOSE_LINES or any(map(_is_said, below)):
        return False
    if any(line.endswith(_STOPS) for line in below) or any(char.isdigit() for char in below[0]):
        return False
    return not _CONTACT.search(below[0]) and any(map(_CONTACT.search, below[1:]))


def _is_disclaimer(folded: str) -> bool:
    return folded.lstrip("*_ ([").startswith(DISCLAIMERS)


def _is_device(folded: str) -> bool:
    if len(folded) > _LONGEST_DEVICE or folded.endswith((":", "?", "：", "？")):
        return False
    bare = folded.strip("*_<>[]()【】-— ")
    head = _HEAD.split(bare, maxsplit=1)[0].strip()
    named, words = any(name in head for name in DEVICE_NAMES), len(head.split())
    if _STORE.fullmatch(head):
        return True
    if bare.startswith(DEVICES):
        return (named and words <= 14) or (words <= 5 and not bare.endswith(_STOPS) and "," not in bare)
    return named and len(head) < 60 and head.rstrip(".。").endswith(DEVICE_ENDS)


def _closes(lines: list[str], index: int, end: int) -> bool:
    """A closing formula with a name below it."""
    formulas = lines[index].strip(_PUNCTUATION).casefold().split(" / ")
    if not any(_FROM_WHERE.split(each, maxsplit=1)[0].strip(_PUNCTUATION) in CLOSINGS for each in formulas):
        return False
    below = [line.strip() for line in lines[index + 1 : end] if line.strip()]
    return bool(below) and not any(_is_said(line) for line in below)


def _is_said(line: str) -> bool:
    """A line below a closing formula that is no part of an address: a postscript, a question, a sentence."""
    if len(line) > _LONGEST_NAME or line.endswith(("?", "？")) or line.casefold().startswith(_POSTSCRIPTS):
        return True
    return line.endswith(_STOPS) and len(line.split()) >= 5


def closes(lines: list[str]) -> bool:
    """Whether these lines are a closing formula and a name ("Regards, Ana") and nothing else."""
    words = [line.strip().casefold() for line in lines if line.strip()]
    if not 1 <= len(words) <= 3 or max(map(len, words)) > _LONGEST_NAME:
        return False
    return words[0].replace("，", ",").split(",", 1)[0].rstrip(".! ") in CLOSINGS
