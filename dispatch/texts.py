"""Every sentence people read: keys into the phrase books in locale/, with names, times and counts put in."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
RIGHT_TO_LEFT = range(0x590, 0x900)


@cache
def book(language: str) -> Mapping[str, str]:
    """The phrase book of a language, read from its .po file once."""
    with (LOCALE / language / "callout.po").open("rb") as source:
        return {
            str(message.id): str(message.string) for message in read_po(source, locale=language) if message.id
        }


def isolate(text: str) -> str:
    """A name written from right to left must not turn the sentence around it (S32)."""
    return f"\u2068{text}\u2069" if any(ord(char) in RIGHT_TO_LEFT for char in text) else text


@dataclass(frozen=True, slots=True)
class Phrases:
    """One reader's language and clock."""

    language: str
    zone: ZoneInfo
    now: datetime

    def template(self, key: str) -> str:
        found = book(self.language).get(key)
        if not found:
            msg = f"the phrase book {self.language} has no {key!r}"
            raise KeyError(msg)
        return found

    def has(self, key: str) -> bool:
        return key in book(self.language)

    def say(self, key: str, **facts: Any) -> str:
        """The sentence as plain text."""
        return "".join(text for text, _ in self.pieces(key, **facts))

    def pieces(self, key: str, **facts: Any) -> list[tuple[str, bool]]:
        """The sentence in pieces (text, bold). The marks `*…*` are read in our own words only: what people
        wrote is put in afterwards and cannot make anything bold, or a link (S2)."""
        shown = {name: self.show(value) for name, value in facts.items()}
        parts = self.template(key).split("*")
        return [
            (string.Formatter().vformat(part, (), shown), bool(index % 2))
            for index, part in enumerate(parts)
            if part
        ]

    def show(self, value: Any) -> str:
        if isinstance(value, datetime):
            return self.moment(value)
        if value is None:
            return "—"
        return isolate(value) if isinstance(value, str) else str(value)

    def word(self, kind: str, value: Any) -> str:
        """A word of a fixed vocabulary: `word("state", ticket.state)`."""
        return self.template(f"{kind}.{value}")

    def moment(self, at: datetime) -> str:
        """10:02 today, with the date on other days, on the reader's clock."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        clock = format_time(local, "HH:mm", locale=self.language)
        if local.date() == today:
            return clock
        return f"{format_skeleton('MMMd', local, locale=self.language)} {clock}"

    def span(self, seconds: float) -> str:
        """40 min, 3 h, 2 d."""
        minutes = max(0, round(seconds / 60))
        for unit, size in (("days", 2880), ("hours", 120)):
            if minutes >= size:
                return self.say(f"span.{unit}", n=minutes // (size // 2))
        return self.say("span.minutes", n=minutes)
