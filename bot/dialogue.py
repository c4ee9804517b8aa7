"""Dialogues as data: which questions there are, in which order, and which comes next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

REPORT = ("problem", "place", "urgency", "phone")
COMPLETE = ("cause", "action", "mode", "parts", "tested", "arrived", "photos")
SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a dialogue is: the steps answered, in the order they were, and what was said."""

    answered: tuple[str, ...] = ()
    said: dict[str, Any] | None = None

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Progress":
        return cls(tuple(state.get("answered", ())), dict(state.get("said", {})))

    @property
    def state(self) -> dict[str, Any]:
        return {"answered": list(self.answered), "said": self.said or {}}

    def answer(self, step: str, value: Any = True) -> "Progress":
        """With this step answered (again)."""
        rest = tuple(name for name in self.answered if name != step)
        return Progress((*rest, step), {**(self.said or {}), step: value})

    def back(self) -> "Progress":
        """Without the latest answer, which will be asked again."""
        return Progress(self.answered[:-1], self.said)

    def reopen(self, step: str) -> "Progress":
        return Progress(tuple(name for name in self.answered if name != step), self.said)


def step(progress: Progress, order: Sequence[str]) -> str:
    """The question to ask now: the first one without an answer, or the summary."""
    return next((name for name in order if name not in progress.answered), SUMMARY)


def complete_order(*, on_site: bool, arrived: bool) -> tuple[str, ...]:
    """The questions of a completion: the arrival is asked only when it is not known and somebody was there."""
    return tuple(name for name in COMPLETE if name != "arrived" or (on_site and not arrived))


def phone_number(text: str) -> str | None:
    """A telephone number as people type it, or None: 5 to 20 digits, with + ( ) - . / and blanks only,
    40 characters in all."""
    digits = [char for char in text if char.isdigit()]
    allowed = all(char.isdigit() or char in "+()-./ \u00a0" for char in text.strip())
    return text.strip() if allowed and 5 <= len(digits) <= 20 and len(text.strip()) <= 40 else None
