"""What somebody sent us, whatever the channel: a letter with its parts, before it belongs to any ticket."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a letter; `ref` is the channel's name for it, `size` in bytes if known, `sha256` if it is stored."""

    kind: str
    ref: str
    name: str
    mime: str
    size: int | None
    too_big: bool = False
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `outside_id` is unique per channel and address; `album` joins several into one entry."""

    channel: str
    address: str
    outside_id: str
    kind: str
    text: str
    parts: tuple[Part, ...] = ()
    album: str | None = None
    reply_to: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
