"""The words by which history and signatures are known, loaded from the tables `quoting_*.toml`."""

import tomllib
from pathlib import Path
from typing import Any

# Letters that `casefold` splits in two, and dashes that only look alike.
_ALIKE = str.maketrans({"İ": "i", "\u2010": "-", "\u2011": "-", "\u2015": "-"})

SENDER, DATE, RECIPIENT, COPY, SUBJECT = "sender", "date", "recipient", "copy", "subject"


def _book(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def fold(text: str) -> str:
    """Words as they are compared here, whatever their case."""
    return text.translate(_ALIKE).casefold()


_BOOK = _book("quoting_words.toml")
_HISTORY = _BOOK["history"]
_ENDINGS = _book("quoting_endings.toml")

LABELS: dict[str, str] = {fold(label): kind for kind, labels in _BOOK["labels"].items() for label in labels}
FORM: frozenset[str] = frozenset(_BOOK["form"])
ORIGINALS: frozenset[str] = frozenset(map(fold, _HISTORY["originals"]))
FORWARDS: frozenset[str] = frozenset(map(fold, _HISTORY["forwards"]))
ABOVE: tuple[str, ...] = tuple(map(fold, _HISTORY["above"]))
ABOVE_FRAMED: tuple[str, ...] = tuple(map(fold, _HISTORY["above_framed"]))
WROTE: tuple[str, ...] = tuple(map(fold, _HISTORY["wrote"]))
WROTE_JOINED: tuple[str, ...] = tuple(_HISTORY["wrote_joined"])
CITES: tuple[str, ...] = tuple(_HISTORY["cites"])
LEADS: frozenset[str] = frozenset(map(fold, _HISTORY["leads"]))

DEVICES: tuple[str, ...] = tuple(_ENDINGS["devices"])
DEVICE_ENDS: tuple[str, ...] = tuple(_ENDINGS["device_ends"])
DEVICE_NAMES: tuple[str, ...] = tuple(_ENDINGS["device_names"])
CLOSINGS: frozenset[str] = frozenset(_ENDINGS["closings"])
DISCLAIMERS: tuple[str, ...] = tuple(_ENDINGS["disclaimers"])
