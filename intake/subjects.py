"""What subjects and header fields give away about a mail: answer prefixes, automatic answers, lists, spam marks."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

# One reply or forward prefix with its colon: "Re:", "RE[2]:", "Aw：", "Re(3):", "[Ext] Re:" is left alone.
PREFIX = re.compile(r"\A([^\W\d_][^\W\d_.]{0,15}\.?)[ ]{0,3}(?:[\[(]\d{1,3}[\])]|\^?\d{1,3})?[ ]{0,3}[:：]")

HERE = Path(__file__).parent
BOOK = tomllib.loads((HERE / "subjects.toml").read_text(encoding="utf-8"))
REPLIES, FORWARDS, BOTH_WAYS = (frozenset(BOOK[name]) for name in ("replies", "forwards", "both_ways"))
AUTOMATIC_SUBJECTS, RECEIPT_SUBJECTS, LIST_FIELDS, QUIET_FIELDS, NO_READERS = (
    tuple(BOOK[name])
    for name in ("automatic_subjects", "receipt_subjects", "list_fields", "quiet_fields", "no_readers")
)
AUTOMATIC_FIELDS, SPAM_MARKS, SPAM_WORDS = (
    MappingProxyType({field: tuple(starts) for field, starts in BOOK[name].items()})
    for name in ("automatic_fields", "spam_marks", "spam_words")
)
AFTER_SUBJECT = ":：-–—]】!.,)（("


def _split(subject: str) -> tuple[list[str], str]:
    """The prefixes in front of a subject, lower case, and the rest; every step looks at a short piece and moves
    on, so it is linear."""
    found: list[str] = []
    text = " ".join(subject[:10_000].split())
    at = 0
    while True:
        at += text[at : at + 1] == " "
        hit = PREFIX.match(text[at : at + 40])
        word = hit[1].lower().rstrip(".") if hit else ""
        if hit is None or (word not in REPLIES and word not in FORWARDS):
            return found, text[at:]
        found.append(word)
        at += hit.end()


def is_reply_subject(subject: str) -> bool:
    """Whether a subject begins as mail programs begin an answer (Re:, AW:, 回复：…); a forward is none."""
    return any(word in REPLIES and word not in BOTH_WAYS for word in _split(subject)[0][:1])


def base_subject(subject: str) -> str:
    """The subject without all reply and forward prefixes, white space folded."""
    return _split(subject)[1]


def is_automatic_subject(subject: str) -> bool:
    """Whether a subject begins as automatic answers do, in many languages: "Out of office: …", "自动回复：…"."""
    return _begins(subject, AUTOMATIC_SUBJECTS)


def is_receipt_subject(subject: str) -> bool:
    """Whether a subject begins as receipts and answers to invitations do: "Read: …", "Accepted: …"."""
    return _begins(subject, RECEIPT_SUBJECTS)


def _begins(subject: str, table: tuple[str, ...]) -> bool:
    text = " ".join(subject[:500].split()).lower().lstrip("[(【<*\"' ")
    return any(text.startswith(words) and _ends(words, text[len(words) :].lstrip()) for words in table)


def _ends(words: str, rest: str) -> bool:
    return words.endswith((":", "：")) or not rest or rest[0] in AFTER_SUBJECT


def is_automatic_field(name: str, value: str) -> bool:
    """Whether a header field (lower case) is one that only programs write."""
    starts = AUTOMATIC_FIELDS.get(name)
    return (
        starts is not None and value not in ("no", "false", "0") and (not starts or value.startswith(starts))
    )


def is_no_reader(address: str) -> bool:
    """Whether nobody reads what is sent to an address: noreply@, bounces+…@, notifications@ …"""
    local = address.lower().partition("@")[0].partition("+")[0]
    return local in NO_READERS or local.startswith(
        ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply")
    )


def is_spam(fields: Iterable[tuple[str, str]]) -> bool:
    """Whether the topmost spam mark of any kind says yes; lower ones are other servers' or the sender's own."""
    seen: set[str] = set()
    for name, value in fields:
        if name in seen:
            continue
        seen.add(name)
        low = value.strip().lower()
        if low.startswith(SPAM_MARKS.get(name, ("\0",))) or any(
            word in low for word in SPAM_WORDS.get(name, ())
        ):
            return True
    return False
