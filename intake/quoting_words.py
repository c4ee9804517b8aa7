"""The words by which history and signatures are known, loaded from the tables `quoting_*.toml`."""

import tomllib
from pathlib import Path
from typing import Any

SENDER, DATE, RECIPIENT, COPY, SUBJECT = "sender", "date", "recipient", "copy", "subject"


def _book(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


_BOOK = _book("quoting_words.toml")
_HISTORY = _BOOK["history"]
_ENDINGS = _book("quoting_endings.toml")

LABELS: dict[str, str] = {label: kind for kind, labels in _BOOK["labels"].items() for label in labels}
FORM: frozenset[str] = frozenset(_BOOK["form"])
ORIGINALS: frozenset[str] = frozenset(_HISTORY["originals"])
FORWARDS: frozenset[str] = frozenset(_HISTORY["forwards"])
ABOVE: tuple[str, ...] = tuple(_HISTORY["above"])
WROTE: tuple[str, ...] = tuple(_HISTORY["wrote"])
WROTE_JOINED: tuple[str, ...] = tuple(_HISTORY["wrote_joined"])
LEADS: frozenset[str] = frozenset(_HISTORY["leads"])

DEVICES: tuple[str, ...] = tuple(_ENDINGS["devices"])
DEVICE_ENDS: tuple[str, ...] = tuple(_ENDINGS["device_ends"])
DEVICE_NAMES: tuple[str, ...] = tuple(_ENDINGS["device_names"])
CLOSINGS: frozenset[str] = frozenset(_ENDINGS["closings"])
DISCLAIMERS: tuple[str, ...] = tuple(_ENDINGS["disclaimers"])
