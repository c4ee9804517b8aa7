"""parse_mode=MarkdownV2: nesting marks, reserved characters and quotations, with Telegram's error words."""

import re
from dataclasses import dataclass
from typing import NoReturn

from simulator.telegram.errors import Json, bad_request
from simulator.telegram.markup_html import link
from simulator.telegram.utf16 import byte_offset, units

RESERVED = "_*[]()~`>#+-=|{}.!"
VERBATIM = ("Code", "Pre", "PreCode")
# The mark that opens and closes an entity; the longer marks come first.
MARKS = (("__", "Underline"), ("||", "Spoiler"), ("_", "Italic"), ("*", "Bold"), ("~", "Strikethrough"))
TYPES = {
    "Underline": "underline",
    "Spoiler": "spoiler",
    "Italic": "italic",
    "Bold": "bold",
    "Strikethrough": "strikethrough",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
}
CLOSERS = {name: mark for mark, name in MARKS} | {
    "Code": "`",
    "Pre": "```",
    "PreCode": "```",
    "TextUrl": "]",
    "CustomEmoji": "]",
}
LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
NEWLINE = re.compile(r"\r\n|\n\r|\n|\r")
EMOJI_ADDRESS = re.compile(r"^tg:(?://)?emoji/?\?(?:[^#]*&)?id=([1-9]\d*)(?:[&#].*)?$", re.I)


@dataclass
class Open:
    """A mark that waits for its end."""

    name: str
    at: int  # in the source
    begin: int  # in the text read so far
    language: str = ""


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """The text without marks, and its entities. ApiError 400: can't parse entities: ..."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.open: list[Open] = []
        self.entities: list[Json] = []
        self.line_begins = True

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self.step()
        if self.quoting():
            self.end_quotation()
        if self.open:
            self.unclosed(self.open[-1])
        return self.text, self.entities

    def step(self) -> None:
        char, verbatim = self.source[self.at], bool(self.open) and self.open[-1].name in VERBATIM
        if char == "\\" and "\0" < self.source[self.at + 1 : self.at + 2] <= "~":
            self.take(self.source[self.at + 1], 2)
        elif char not in ("`" if verbatim else RESERVED):
            self.take(char, 1)
            if char == "\n" and not verbatim:
                self.line_ended()
        elif self.open and self.closes(self.open[-1].name):
            self.close(self.open.pop())
        else:
            self.begin(char)

    def take(self, char: str, width: int) -> None:
        self.text += char
        self.at += width
        if char != "\r":
            self.line_begins = char == "\n" and width == 1

    def closes(self, name: str) -> bool:
        mark = CLOSERS.get(name)
        if mark is None or not self.source.startswith(mark, self.at):
            return False
        # A double underscore always ends or begins underlining, never two italics.
        return name != "Italic" or not self.source.startswith("__", self.at)

    def fail(self, words: str) -> NoReturn:
        raise bad_request(f"can't parse entities: {words}")

    def unclosed(self, mark: Open) -> NoReturn:
        place = byte_offset(self.source, mark.at)
        self.fail(f"Can't find end of {mark.name} entity at byte offset {place}")

    def begin(self, char: str) -> None:
        start = self.at
        if char == ">" and self.line_begins and not self.quoting():
            self.at += 1
            self.open.append(Open("BlockQuote", start, len(self.text)))
        elif char == "`":
            self.begin_code(start)
        elif char == "[" or self.source.startswith("![", start):
            self.at += 1 if char == "[" else 2
            self.open.append(Open("TextUrl" if char == "[" else "CustomEmoji", start, len(self.text)))
        else:
            for mark, name in MARKS:
                if self.source.startswith(mark, start):
                    self.at += len(mark)
                    self.open.append(Open(name, start, len(self.text)))
                    return
            self.fail(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")

    def begin_code(self, start: int) -> None:
        if not self.source.startswith("```", start):
            self.at += 1
            self.open.append(Open("Code", start, len(self.text)))
            return
        self.at += 3
        language = LANGUAGE.match(self.source, self.at)
        if language:
            self.at = language.end()
        if newline := NEWLINE.match(self.source, self.at):
            self.at = newline.end()
        name, word = ("PreCode", language.group(1)) if language else ("Pre", "")
        self.open.append(Open(name, start, len(self.text), word))

    def close(self, mark: Open) -> None:
        self.at += len(CLOSERS[mark.name])
        inside = self.text[mark.begin :]
        fields: Json | None = {"language": mark.language} if mark.language else {}
        if mark.name == "TextUrl":
            fields = link(self.address(inside))
        elif mark.name == "CustomEmoji":
            fields = self.emoji()
        if inside and fields is not None:
            self.add(mark, TYPES[mark.name], fields)

    def add(self, mark: Open, kind: str, fields: Json) -> None:
        offset = units(self.text[: mark.begin])
        length = units(self.text[mark.begin :])
        self.entities.append({"type": kind, "offset": offset, "length": length} | fields)

    def address(self, otherwise: str) -> str:
        """What stands in the round brackets after a link's text, or `otherwise` when there are none."""
        if not self.source.startswith("(", self.at):
            return otherwise
        self.at += 1
        start, url = self.at, ""
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "\\" and "\0" < self.source[self.at + 1 : self.at + 2] <= "~":
                self.at += 1
            url += self.source[self.at]
            self.at += 1
        if self.at >= len(self.source):
            self.fail(f"Can't find end of a URL at byte offset {byte_offset(self.source, start)}")
        self.at += 1
        return url

    def emoji(self) -> Json:
        if not self.source.startswith("(", self.at):
            self.fail("The entity must contain a tg://emoji or tg://time URL")
        match = EMOJI_ADDRESS.match(self.address(""))
        if match is None:
            self.fail("Invalid tg://emoji or tg://time URL specified")
        return {"custom_emoji_id": match.group(1)}

    def quoting(self) -> bool:
        return any(mark.name == "BlockQuote" for mark in self.open)

    def line_ended(self) -> None:
        if not self.quoting():
            return
        if self.source.startswith(">", self.at):
            self.at += 1
            self.line_begins = False
        else:
            self.end_quotation()

    def end_quotation(self) -> None:
        """Close the quotation; a lone || before its end makes it expandable."""
        mark, kind = self.open.pop(), "blockquote"
        if mark.name == "Spoiler" and not self.text[mark.begin :].strip("\r\n"):
            mark, kind = self.open.pop(), "expandable_blockquote"
        if mark.name != "BlockQuote":
            self.unclosed(mark)
        if len(self.text) > mark.begin:
            self.add(mark, kind, {})
