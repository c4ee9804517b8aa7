"""What a plain reply means: words of `answers.toml`, read strictly, so that "OK, but it still drips" signs nothing."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

MOST = 2000  # characters that are looked at


class Means(StrEnum):
    """What a reply may ask for; WORDS is a message like any other."""

    CONFIRM = "confirm"
    DISPUTE = "dispute"
    GRADE = "grade"
    CANCEL = "cancel"
    REOPEN = "reopen"
    ACCEPT = "accept"
    DECLINE = "decline"
    DEPART = "depart"
    ARRIVE = "arrive"
    REMOTE = "remote"
    DONE = "done"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Answer:
    """`rest` is what stood besides the words that decided; `grade` 1 … 5, `minutes` as said."""

    means: Means
    rest: str = ""
    grade: int = 0
    minutes: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


BOOK = tomllib.loads((Path(__file__).parent / "answers.toml").read_text(encoding="utf-8"))
CONFIRM, ACCEPT, YES = frozenset(BOOK["confirm"]), frozenset(BOOK["accept"]), frozenset(BOOK["yes"]["words"])
LABELS = MappingProxyType({label: name for name, labels in BOOK["labels"].items() for label in labels})
MODES = MappingProxyType({word: mode for mode, words in BOOK["modes"].items() for word in words})
GRADE = re.compile(
    r"(grade|rating|rate|score|bewertung|评分|打分|评价|满意度)?[ :：=]{0,4}([1-5])(?![0-9])", re.IGNORECASE
)
CLOSERS = " .,，。:：!！-–—)/"
MINUTES = re.compile(r"\d{1,3}")


def plain(text: str) -> str:
    """Lower case, punctuation and marks away, single spaces."""
    kept = "".join(
        char if unicodedata.category(char)[0] in "LNM" else "" if char in "'’" else " "
        for char in unicodedata.normalize("NFKC", text[:MOST]).casefold()
    )
    return " ".join(kept.split())


def without_thanks(text: str) -> str:
    """The plain words with polite ones taken off both ends."""
    said, before = plain(text), ""
    while said != before:
        before = said
        for word in BOOK["thanks"]:
            loose = not word.isascii()  # 谢谢 needs no space beside it
            if said == word:
                return ""
            if said.startswith(word if loose else f"{word} "):
                said = said[len(word) :].strip()
            if said.endswith(word if loose else f" {word}"):
                said = said[: -len(word)].strip()
    return said


def of_customer(text: str) -> Answer:
    """What a customer's reply asks for."""
    if without_thanks(text) in CONFIRM:
        return Answer(Means.CONFIRM)
    return _beginning(text, BOOK["customer"]) or Answer(Means.WORDS, text)


def grade(text: str) -> Answer | None:
    """A grade at the beginning of a reply, by number or word, with the comment that follows; None without one."""
    first, _, more = text.strip().partition("\n")
    word = plain(first)
    if word in BOOK["grades"]:
        return Answer(Means.GRADE, more.strip(), BOOK["grades"][word])
    found = GRADE.match(first.strip())
    after = first.strip()[found.end() :] if found else ""
    # "2 weeks late" is no grade: without the word for it the number stands alone or before a mark.
    if found is None or (not found[1] and after and after.lstrip(" ")[0] not in CLOSERS):
        return None
    return Answer(Means.GRADE, f"{after.lstrip(CLOSERS)}\n{more}".strip(), int(found[2]))


def of_engineer(text: str) -> Answer:
    """What an engineer's reply says about his job."""
    if without_thanks(text) in ACCEPT:
        return Answer(Means.ACCEPT)
    found = _beginning(text, BOOK["engineer"])
    if found is None:
        return Answer(Means.WORDS, text)
    if found.means is Means.DEPART:
        minutes = MINUTES.search(found.rest)
        return Answer(Means.DEPART, found.rest, minutes=int(minutes[0]) if minutes else None)
    if found.means is Means.DONE:
        return Answer(Means.DONE, found.rest, fields=labelled(text))
    return found


def labelled(text: str) -> dict[str, str]:
    """The lines `label: value` of a mail, the first of each label; `mode` as our word, empty when it is none."""
    values: dict[str, str] = {}
    for line in text[: MOST * 4].splitlines():
        label, sign, value = line.replace("：", ":").partition(":")
        name = LABELS.get(plain(label)) if sign else None
        if name and value.strip():
            values.setdefault(name, value.strip())
    if "mode" in values:
        values["mode"] = MODES.get(values["mode"].casefold().strip(" .。"), "")
    return values


def _beginning(text: str, table: Mapping[str, list[str]]) -> Answer | None:
    said = text.strip()
    low = said[:200].casefold().replace("’", "'")
    for means, words in table.items():
        for word in words:
            after = low[len(word) : len(word) + 1]
            runs_on = word.isascii() and word[-1].isalpha() and after.isalpha()
            if low.startswith(word) and not runs_on:
                return Answer(Means(means), said[len(word) :].strip(" ,.:;，。：；-–—\n\t"))
    return None
