"""parse_mode=HTML: Telegram's small HTML, with its error words and byte offsets."""

import re
from dataclasses import dataclass

from simulator.telegram.errors import Json, bad_request
from simulator.telegram.links import mentioned_user, normal_link
from simulator.telegram.utf16 import byte_offset, units

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})(?!\d)|#[xX]([0-9a-fA-F]{1,6})(?![0-9a-fA-F]));?")
BARE_VALUE = re.compile(r"[A-Za-z0-9.-]*")


@dataclass
class Open:
    """A tag that waits for its end."""

    name: str
    attributes: dict[str, str]
    begin: int  # in the text read so far
    inner: list[Json]


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text without tags, and its entities. ApiError 400: can't parse entities: ..."""
    reader = _Reader(source)
    return reader.read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.open: list[Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "<":
                self.end_tag() if self.source.startswith("</", self.at) else self.start_tag()
            else:
                self.text += self.character()
        if self.open:
            self.fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return self.text, merged_code(self.entities)

    def fail(self, words: str, at: int | None = None) -> None:
        place = "" if at is None else f" at byte offset {byte_offset(self.source, at)}"
        raise bad_request(f"can't parse entities: {words.replace(' AT', place)}")

    def character(self) -> str:
        """One character, or the one that a reference such as &lt; stands for."""
        match = REFERENCE.match(self.source, self.at) if self.source[self.at] == "&" else None
        if match is None:
            self.at += 1
            return self.source[self.at - 1]
        name, decimal, hexadecimal = match.groups()
        code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
        if name is None and not 0 < code < 0x110000:
            self.at += 1
            return "&"
        self.at = match.end()
        if 0xD800 <= code < 0xE000:
            self.fail(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return REFERENCES[name] if name else chr(code)

    def spaces(self) -> None:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1

    def word(self, stops: str) -> str:
        begin = self.at
        while (
            self.at < len(self.source)
            and not self.source[self.at].isspace()
            and self.source[self.at] not in stops
        ):
            self.at += 1
        return self.source[begin : self.at]

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self.word(">").lower()
        if self.at >= len(self.source):
            self.fail("Unclosed start tag AT", begin)
        if name not in SIMPLE:
            self.fail(f'Unsupported start tag "{name}" AT', begin)
        attributes = self.attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            self.fail('Tag "span" must have class "tg-spoiler" AT', begin)
        self.open.append(Open(name, attributes, len(self.text), []))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self.spaces()
            if self.source.startswith(">", self.at):
                self.at += 1
                return found
            if self.at >= len(self.source):
                self.fail("Unclosed start tag AT", begin)
            name = self.word("=>").lower()
            if not name:
                self.fail(f'Empty attribute name in the tag "{tag}" AT', begin)
            self.spaces()
            found[name] = self.value(tag, begin) if self.source.startswith("=", self.at) else ""

    def value(self, tag: str, begin: int) -> str:
        self.at += 1
        self.spaces()
        if self.at >= len(self.source):
            self.fail(f'Unclosed start tag "{tag}" AT', begin)
        quote = self.source[self.at]
        if quote not in "\"'":
            return self.bare_value()
        self.at += 1
        value = ""
        while self.at < len(self.source) and self.source[self.at] != quote:
            value += self.character()
        if self.at >= len(self.source):
            self.fail("Unclosed start tag AT", begin)
        self.at += 1
        return value

    def bare_value(self) -> str:
        begin = self.at
        match = BARE_VALUE.match(self.source, begin)
        value = match.group() if match else ""
        self.at += len(value)
        follows = self.source[self.at : self.at + 1]
        if not (follows == ">" or follows.isspace()):
            self.fail("Unexpected end of name token AT", begin)
        return value.lower()

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            self.fail("Unexpected end tag AT", begin)
        self.at += 2
        name = self.word(">").lower()
        self.spaces()
        if not self.source.startswith(">", self.at):
            self.fail("Unclosed end tag AT", begin)
        self.at += 1
        tag = self.open.pop()
        if name and name != tag.name:
            self.fail(f'Unmatched end tag AT, expected "</{tag.name}>", found "</{name}>"', begin)
        self.close(tag)

    def close(self, tag: Open) -> None:
        inside = self.text[tag.begin :]
        extra = self.particulars(tag, inside)
        if inside and extra is not None:
            place = {"offset": units(self.text[: tag.begin]), "length": units(inside)}
            self.entities.append({"type": SIMPLE[tag.name], **place} | extra)

    def particulars(self, tag: Open, inside: str) -> Json | None:
        """Fields that the attributes add; None when there is no entity after all."""
        if tag.name == "a":
            return link(tag.attributes.get("href") or inside)
        if tag.name == "tg-emoji":
            number = tag.attributes.get("emoji-id", "")
            if not number.isdecimal() or int(number) >= 1 << 63:
                self.fail("Invalid custom emoji identifier specified")
            return {"custom_emoji_id": number}
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            return {"type": "expandable_blockquote"}
        if tag.name == "code" and tag.attributes.get("class", "").startswith("language-"):
            return {"language": tag.attributes["class"].removeprefix("language-")}
        return {}


def link(address: str) -> Json | None:
    """The fields of a text_link or a text_mention, or None when the address is neither."""
    user = mentioned_user(address)
    if user is not None:
        return {"type": "text_mention", "user": {"id": user}}
    url = normal_link(address)
    return None if url is None else {"url": url}


def merged_code(entities: list[Json]) -> list[Json]:
    """<pre><code class="language-x"> is one entity; a language anywhere else is forgotten."""
    ranges = {(e["offset"], e["length"]): e for e in entities if e["type"] == "pre"}
    kept = []
    for entity in entities:
        language = entity.pop("language", "") if entity["type"] == "code" else ""
        outer = ranges.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and language and outer is not None:
            outer["language"] = language
        else:
            kept.append(entity)
    return kept
