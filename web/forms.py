"""Forms as they come in: few and small fields, read without trust."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

WORD = 40  # characters of a field that holds one of our own words
TEXT = 2000  # characters of a field that holds somebody's; the page's fields take no more
FIELDS = 30
REASONS = ("busy", "far", "skill", "ill", "other")  # why an engineer may decline
URLENCODED = "application/x-www-form-urlencoded"
# Control characters but tab and line feed, and those that turn the direction of what follows (S32).
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class TooBig(Exception):
    """A body over the limit; it was not read to its end."""


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody filled in, by the names of the fields."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """A short value of a button, a choice or a hidden field."""
        return self.fields.get(name, "").strip()[:WORD]

    def text(self, name: str) -> str:
        """Somebody's words: line ends as LF, nothing invisible, at most TEXT characters."""
        lines = self.fields.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
        return UNSEEN.sub("", lines).strip()[:TEXT]

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds, or None."""
        said = self.word(name)
        if not (said.isascii() and said.isdigit() and len(said) < 10):
            return None
        return int(said) if least <= int(said) <= most else None


async def read(request: Request, most: int) -> Form:
    """The form in a request's body. TooBig beyond `most` bytes; anything but a plain form is an empty one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooBig
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != URLENCODED:
        return Form()
    return parse(bytes(body))


def parse(body: bytes) -> Form:
    """The fields of an urlencoded body; of two with one name the first counts."""
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=FIELDS, errors="replace"
        )
    except ValueError:  # more fields than any form of ours
        return Form()
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return Form(fields)
