"""What a plain reply means: words of `answers.toml`, read strictly, so that "OK, but it still drips" signs nothing."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

MOST = 2000  # characters that are looked at; a longer text is no plain yes or no


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


@dataclass(frozen=True, slots=True)
class Rule:
    """A word at the beginning of a reply; `how` much may follow it: bare, marked or open (see answers.toml)."""

    word: str
    means: Means
    how: str


BOOK = tomllib.loads((Path(__file__).parent / "answers.toml").read_text(encoding="utf-8"))
FRIENDLY = tuple(BOOK["friendly"])
# Marks that change nothing. "?" is none of them, nor is any symbol: what is not known stays in the text.
MARKS = dict.fromkeys(map(ord, '.,!:;-‐‑–—…。、·•*_~"“”„«»`「」『』【】'), " ")
# Apostrophes, what has no width, and the variants and skin tones of emoji.
UNSEEN = dict.fromkeys(
    (*map(ord, "'’‘\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f"), *range(0x1F3FB, 0x1F400))
)
FAR_EAST = "\u2e80"  # from here on words stand without spaces


def plain(text: str) -> str:
    """Lower case (NFKC), harmless marks away, single spaces; "?" and unknown symbols stay, so they match no word."""
    said = unicodedata.normalize("NFKC", text).casefold()
    for sign in FRIENDLY:
        said = said.replace(sign, " ")
    return " ".join(said.translate(MARKS | UNSEEN).split())


def _plain(words: Iterable[str]) -> tuple[str, ...]:
    """The words as `plain` writes them, longest first."""
    return tuple(sorted({plain(word) for word in words}, key=lambda word: (-len(word), word)))


def _spaced(word: str) -> bool:
    return max(word) < FAR_EAST


def _any(words: Iterable[str]) -> str:
    """A pattern for one of the words, whole."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) + (r"(?![^\W\d_])" if _spaced(word) else "") for word in longest)


CONFIRM, ACCEPT = frozenset(_plain(BOOK["confirm"])), frozenset(_plain(BOOK["accept"]))
YES = frozenset(_plain(BOOK["yes"]["words"]))
FRAME = _plain((*BOOK["greetings"], *BOOK["closings"]))
POLITE = _plain((*FRAME, *BOOK["thanks"]))
LABELS = MappingProxyType({plain(label): name for name, labels in BOOK["labels"].items() for label in labels})
MODES = MappingProxyType({word: mode for mode, words in BOOK["modes"].items() for word in words})
GRADES = MappingProxyType({plain(word): number for word, number in BOOK["grades"].items()})
KINDS = ("bare", "marked", "open")


def _rules(side: str) -> tuple[Rule, ...]:
    every = (
        Rule(word, Means(means), how)
        for means, table in BOOK[side].items()
        for how in KINDS
        for word in table.get(how, ())
    )
    return tuple(sorted(every, key=lambda rule: -len(rule.word)))


CUSTOMER, ENGINEER = _rules("customer"), _rules("engineer")
UNLESS = MappingProxyType(
    {
        Means(means): _plain(table.get("unless", ()))
        for side in ("customer", "engineer")
        for means, table in BOOK[side].items()
    }
)
WHOLE = frozenset(
    {Means.DISPUTE, Means.CANCEL, Means.REOPEN}
)  # taken back anywhere in the mail, not in its line only
TIMED = frozenset({Means.DEPART, Means.ARRIVE})  # a number may follow without a mark

# The patterns below read folded text (`_folded`): "，：！？" are ",:!?" there.
QUESTION = re.compile("[?？﹖¿؟՞፧⁇⁈⁉‽❓❔吗嗎]")
GREETING = re.compile(rf"(?:{_any(BOOK['greetings'])})[ \t]{{0,9}}[,.!:;。、\n—]\s*")
OPENING = re.compile(r'[\s*_"“„«「『【]{0,9}')
# A dash or dot inside a word ("remote-access", "done.txt") is no mark.
MARK = r"[,;:!…。、—(]|(?<=[ \t])[-–]|[-–](?=\s|$)|\.(?![a-z0-9])"
FOLLOWED = re.compile(
    rf'[啊呢呀哦啦]{{0,2}}[*_"”»」』】]{{0,3}}[ \t]{{0,9}}(?:$|\n|{MARK}|(?:{_any(BOOK["because"])}))'
)
UNIT = _any(BOOK["minutes"])
SO_MANY = rf"\d{{1,3}}(?:[:.h]\d\d)?[ \t]?(?:{UNIT})?[后內内]?[到达達]{{0,2}}"
NUMBER = re.compile(rf"[ \t]{{0,3}}{SO_MANY}[ \t]{{0,9}}(?:$|\n|{MARK})")
RUNS_ON = re.compile(r"[^\W\d_]|[-–][^\W\d_]")
STOPS = re.compile(rf"[ ,]{{0,3}}(?:{_any(BOOK['stops'])})")
TAKEN_BACK = re.compile(r"[\s,.!:;–—-]{0,9}(?:no|nein|不)[ \t]{0,3}(?:$|[,.!;\n])")
MINUTES = re.compile(rf"(?<![\d:.点點时時])(\d{{1,3}})[ \t]?(?:{UNIT})")
HOURS = re.compile(r"\d[ \t]?(?:h|hours?|std|stunden?|小时|小時|点|點)(?![a-z])")
BARE_MINUTES = re.compile(r"\d{1,3}")
GRADE_WORDS = "grade|rating|rate|score|bewertung|评分|打分|评价|满意度"
NAMED_GRADE = re.compile(rf"(?:{GRADE_WORDS})[ :=]{{0,4}}([1-5])分?")
# "4/5", "4.5", "3 or 4", "4 out of 5", "5 stars": on another scale, or undecided.
TWOFOLD = re.compile(
    r"\w|[.,]\d|[ \t]{0,3}/|[ \t]{0,3}(?:[-–—~]|or|to|oder|bis|ou|或|到|至)[ \t]{0,3}\d"
    r"|[ \t]{0,3}(?:out of|of|von|stars?|sterne?|星)(?![a-z])"
)
LONE_GRADE = re.compile(r"([1-5])[.!。]?$")
MARKED_GRADE = re.compile(r"([1-5])(?:[ \t]{0,3}[:,—]|[ \t]{1,3}[-–]|[-–][ \t])[ \t]{0,9}(?=[^\s\d])")
LISTED = re.compile(
    r"^[ \t]{0,9}\d{1,3}(?:[ \t]{0,3}[.)、]|[:,–—-][ \t]|[ \t][–—-]|[ \t]{0,3}$)", re.MULTILINE
)
TRIMMED = ' ,.:;!，。：；！、…-–—\n\t*_"”»」』】'


def without_thanks(text: str, polite: tuple[str, ...] = POLITE) -> str:
    """The plain words with polite ones taken off both ends; of a text that is too long to be an answer, all."""
    said, before = plain(text), ""
    while said != before and len(said) <= MOST:
        before = said
        for word in polite:
            space = " " if _spaced(word) else ""  # 谢谢 needs no space beside it
            if said == word:
                return ""
            if said.startswith(word + space):
                said = said[len(word) :].strip()
            if said.endswith(space + word):
                said = said[: -len(word)].strip()
    return said


def of_customer(text: str) -> Answer:
    """What a customer's reply asks for."""
    if len(text.strip()) <= MOST and without_thanks(text) in CONFIRM:
        return Answer(Means.CONFIRM)
    return _beginning(text, CUSTOMER) or Answer(Means.WORDS, text)


def grade(text: str) -> Answer | None:
    """A grade at the beginning of a reply, by number or word, with the comment that follows; None without one."""
    said, low = _after_greetings(text)
    first, _, later = low.partition("\n")
    more = said.partition("\n")[2]
    if (word := without_thanks(first)) in GRADES:
        return Answer(Means.GRADE, more.strip(), GRADES[word])
    first = first.rstrip()
    named = NAMED_GRADE.match(first)
    found = named or LONE_GRADE.match(first) or MARKED_GRADE.match(first)
    if found is None or QUESTION.search(first):
        return None
    # "1. The door sticks / 2. The light is off" is a list of faults.
    if TWOFOLD.match(first, found.end()) if named else LISTED.search(later):
        return None
    number, comment = int(found[1]), said[found.end() : len(first)].strip(TRIMMED)
    begun = f"{plain(comment)} "
    # "5 - excellent" has the scale the wrong way round: nobody knows which of the two is meant.
    if any(begun.startswith(f"{word} ") and other != number for word, other in GRADES.items()):
        return None
    return Answer(Means.GRADE, f"{comment}\n{more}".strip(), number)


def of_engineer(text: str) -> Answer:
    """What an engineer's reply says about his job."""
    if len(text.strip()) <= MOST and without_thanks(text) in ACCEPT:
        return Answer(Means.ACCEPT)
    found = _beginning(text, ENGINEER)
    if found is None:
        return Answer(Means.WORDS, text)
    if found.means is Means.DEPART:
        return Answer(Means.DEPART, found.rest, minutes=_minutes(found.rest))
    if found.means is Means.DONE:
        fields = labelled(text)
        # "Done, I come back tomorrow": done is a word alone, or the head of a report.
        alone = not without_thanks(found.rest)
        return Answer(Means.DONE, found.rest, fields=fields) if fields or alone else Answer(Means.WORDS, text)
    return found


def without(text: str, *names: str) -> str:
    """The text without the lines that bear these labels: what they say stands elsewhere."""
    kept = [line for line in text.splitlines() if not set(labelled(line)) & set(names)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


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


def _folded(text: str) -> str:
    """Lower case and half-width, character by character, so that every place in it is the same place in the text."""
    folded = (unicodedata.normalize("NFKC", char).casefold() for char in text)
    low = "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))
    return low.replace("’", "'")


def _after_greetings(text: str) -> tuple[str, str]:
    """The text from its first word that is no greeting, and the same folded, as far as it is looked at."""
    said = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    low = _folded(said[:MOST])
    at, before = 0, -1
    while at != before:
        before = at
        for pattern in (OPENING, GREETING):
            if found := pattern.match(low, at):
                at = found.end()
    return said[at:], low[at:]


def _beginning(text: str, rules: tuple[Rule, ...]) -> Answer | None:
    said, low = _after_greetings(text)
    for rule in rules:
        if low.startswith(rule.word) and _follows(rule, text, low) and not _doubted(rule, said, low):
            rest = said[len(rule.word) :].strip(TRIMMED)
            return Answer(rule.means, rest if without_thanks(rest) else "")
    return None


def _follows(rule: Rule, text: str, low: str) -> bool:
    """Whether what stands after the word lets it decide."""
    end = len(rule.word)
    if rule.how == "bare":
        return without_thanks(text, FRAME) == plain(rule.word)
    if rule.how == "open":
        runs_on = _spaced(rule.word) and RUNS_ON.match(low, end)
        return not runs_on and not STOPS.match(low, end)
    timed = rule.means in TIMED and NUMBER.match(low, end)
    return bool(timed or FOLLOWED.match(low, end)) or without_thanks(text) == plain(rule.word)


def _doubted(rule: Rule, said: str, low: str) -> bool:
    """Whether it is asked rather than said, taken back or put off in the same breath."""
    line = low.partition("\n")[0]
    if rule.means is Means.CANCEL and (len(said) > MOST or TAKEN_BACK.match(low, len(rule.word))):
        return True
    if QUESTION.search(said if rule.means is Means.CANCEL else said.partition("\n")[0]):
        return True
    beside = plain((low if rule.means in WHOLE else line)[len(rule.word) :])
    padded = f" {beside} "
    return any((f" {word} " if _spaced(word) else word) in padded for word in UNLESS[rule.means])


def _minutes(rest: str) -> int | None:
    """The minutes he needs: said with their unit, once, or a number alone; a time of day is none."""
    if BARE_MINUTES.fullmatch(alone := without_thanks(rest)):
        return int(alone)
    low = _folded(rest[:MOST])
    said = set() if HOURS.search(low) else {int(found[1]) for found in MINUTES.finditer(low)}
    return said.pop() if len(said) == 1 else None
