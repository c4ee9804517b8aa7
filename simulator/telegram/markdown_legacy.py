"""parse_mode=Markdown: the legacy mode, in which nothing nests."""

import re
from typing import NoReturn

from simulator.telegram.errors import Json, bad_request
from simulator.telegram.markup_html import link
from simulator.telegram.utf16 import byte_offset, units

SIMPLE = {"*": "bold", "_": "italic", "`": "code"}
LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
NEWLINE = re.compile(r"\r\n|\n\r|\n|\r")


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """The text without marks, and its entities. ApiError 400: can't parse entities: ..."""
    text, entities, at = "", [], 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            text, at = text + source[at + 1], at + 2
        elif char in "*_`[":
            inside, at, fields = _entity(source, at)
            if fields is not None and inside:
                place = {"offset": units(text), "length": units(inside)}
                entities.append({"type": fields["type"], **place, **fields})
            text += inside
        else:
            text, at = text + char, at + 1
    return text, entities


def _entity(source: str, at: int) -> tuple[str, int, Json | None]:
    if source.startswith("```", at):
        return _block(source, at)
    end = source.find("]" if source[at] == "[" else source[at], at + 1)
    if end < 0:
        _unclosed(source, at)
    inside = source[at + 1 : end]
    if source[at] != "[":
        return inside, end + 1, {"type": SIMPLE[source[at]]}
    address, after = inside, end + 1
    if source.startswith("(", after):
        close = source.find(")", after)
        close = len(source) if close < 0 else close
        address, after = source[after + 1 : close], close + 1
    fields = link(address)
    return inside, after, None if fields is None else {"type": "text_link"} | fields


def _block(source: str, at: int) -> tuple[str, int, Json]:
    end = source.find("```", at + 3)
    if end < 0:
        _unclosed(source, at)
    body, fields = source[at + 3 : end], {"type": "pre"}
    if language := LANGUAGE.match(body):
        fields["language"] = language.group(1)
        body = body[language.end() :]
    if newline := NEWLINE.match(body):
        body = body[newline.end() :]
    return body, end + 3, fields


def _unclosed(source: str, at: int) -> NoReturn:
    place = byte_offset(source, at)
    raise bad_request(f"can't parse entities: Can't find end of the entity starting at byte offset {place}")
