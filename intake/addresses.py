"""Address fields (RFC 5322, 3.4) as senders write them: read by one pass over the special characters."""

import re
from dataclasses import dataclass, field

from intake.words import decode_words, tidy

MOST = 2_000  # addresses of one field; more of them is no letter to anybody
_SPECIAL = re.compile(r'(\\.|[",;:<>()])', re.DOTALL)
_NO_MAILBOX = re.compile(r"[\s<>\"'(),;:@]")
_ROUTE = re.compile(r"^@[^:]{0,500}:")
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name people see and the plain addr-spec, either may be empty."""

    name: str
    addr: str


def addresses(text: str) -> tuple[Address, ...]:
    """The mailboxes of a field given as sent (encoded words not yet decoded), groups opened, at most `MOST`."""
    found = _read(text)
    if not any(each.addr for each in found) and "=?" in text:
        # Some senders encode the whole field, address and all, against RFC 2047, 5 (3).
        found = _read(decode_words(text).replace("\n", " ").replace("\r", " "))
    return tuple(found[:MOST])


@dataclass(slots=True)
class _Reader:
    """Where the pass stands: the mailbox being read and what it consists of so far."""

    done: list[Address] = field(default_factory=list)
    phrase: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # the same, what stood in quotes left out
    comment: list[str] = field(default_factory=list)
    angle: list[str] | None = None
    spec: str = ""
    depth: int = 0  # of comments
    quoted: bool = False
    surname: str = ""  # "Smith, John <j@x>": what stood before a comma that was no separator

    def literal(self, text: str) -> None:
        """Text without a meaning of its own goes to whatever is open."""
        if self.depth:
            self.comment.append(text)
        elif self.angle is not None:
            self.angle.append(text)
        else:
            self.phrase.append(text)
            if not self.quoted:
                self.said.append(text)

    def special(self, char: str) -> None:
        if self.quoted:
            self._in_quotes(char)
        elif self.depth:
            self.depth += (char == "(") - (char == ")")
            if self.depth:
                self.comment.append(char)
        elif char == '"':
            self.quoted = True
            if self.angle is not None:
                self.angle.append(char)
        elif char == "(":
            self.depth = 1
        elif self.angle is not None:
            self._in_angle(char)
        else:
            self._outside(char)

    def _in_quotes(self, char: str) -> None:
        if char == '"':
            self.quoted = False
        if char != '"' or self.angle is not None:
            self.literal(char)

    def _in_angle(self, char: str) -> None:
        text = "".join(self.angle or ()).strip()
        if char == ">":
            self._close_angle(text)
        elif char == "<":
            self.angle = []
            if text and "@" in text:
                self._close_angle(text)
                self.angle = []
        elif char in ",;" and text and not text.startswith("@"):
            self._close_angle(text)  # never closed
            self.end(char)
        elif self.angle is not None:
            self.angle.append(char)

    def _close_angle(self, text: str) -> None:
        self.angle = None
        if self.spec and "@" in self.spec and "@" in text:
            self.phrase.append(f" {self.spec} ")  # two in a row: the last one counts
        if text and ("@" in text or not self.spec):
            self.spec = text

    def _outside(self, char: str) -> None:
        if char == "<":
            self.angle = []
        elif char in ",;":
            self.end(char)
        elif char == ":" and not any("@" in part for part in self.phrase) and not self._scheme():
            self.phrase.clear()  # the name of a group
            self.said.clear()
            self.surname = ""
        elif char != ">":
            self.phrase.append(char)
            self.said.append(char)

    def _scheme(self) -> bool:
        """`mailto:` or the colon of an address literal is no group."""
        text = "".join(self.phrase)[-40:].strip().lower()
        return text.endswith("mailto") or "[" in text

    def end(self, char: str = "") -> None:
        """A mailbox is complete."""
        if self.angle is not None:
            self._close_angle("".join(self.angle).strip())
        name, spec, unquoted = "".join(self.phrase), self.spec, "".join(self.said)
        if not spec:
            spec, name = _bare(name, unquoted)
        comment = "".join(self.comment)
        self.phrase, self.said, self.comment, self.spec = [], [], [], ""
        if not spec and char == ",":
            self.surname = (
                f"{self.surname}{name.strip()}, "
                if len(self.surname) < 500 and name.strip()
                else self.surname
            )
            return
        addr, name = _plain(spec), _name(self.surname + name) or _name(comment)
        self.surname = ""
        if addr or name:
            self.done.append(Address(name, addr))


def _read(text: str) -> list[Address]:
    reader = _Reader()
    for index, piece in enumerate(_SPECIAL.split(text)):
        if index % 2 == 0 or len(piece) == 2:
            if piece:
                quoted_pair = index % 2 and (reader.quoted or reader.depth)
                reader.literal(piece[1] if quoted_pair and reader.angle is None else piece)
        else:
            reader.special(piece)
        if len(reader.done) > MOST:
            break
    reader.quoted, reader.depth = False, 0
    reader.end()
    if reader.surname:
        reader.done.append(Address(_name(reader.surname.rstrip(", ")), ""))
    return reader.done


def _bare(text: str, unquoted: str) -> tuple[str, str]:
    """(address, name) of a mailbox without angle brackets; the address may stand anywhere in it, but what stands
    in quotes only looks like one: `"ana@example.org" @example.net` is somebody of example.net."""
    stripped = text.strip()
    if "@" not in stripped:
        return "", text
    if len(unquoted) < len(text) and "@" in unquoted:
        address, _name_of = _bare(unquoted, unquoted)
        local = "".join(address.split())
        return (
            (f'"{text[: text.rfind("@")].strip()}"{local}', "")
            if local.startswith("@")
            else (address, "".join(text.rpartition(address)[::2]))
        )
    if not any(char.isspace() for char in stripped):
        return stripped, ""
    decoded = decode_words(stripped)
    words = _NO_MAILBOX.sub(lambda match: match[0] if match[0] == "@" else " ", decoded).split()
    for word in words:
        if word.count("@") == 1 and not word.startswith("@") and not word.endswith("@"):
            before, _, after = decoded.partition(word)
            return word, before + after
    return "".join(decoded.split()), ""


def _plain(spec: str) -> str:
    """An addr-spec without route, brackets, quotes around it, spaces and control characters."""
    text = tidy(decode_words(spec) if "=?" in spec else spec)
    text = _ROUTE.sub("", text).strip(" <>,;'`")
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if not (text.startswith('"') and '"@' in text):
        text = "".join(text.split()).strip("\"'")
    return text.rstrip(".") if text.count("@") else text


def _name(text: str) -> str:
    name = tidy(decode_words(text))
    while len(name) > 1 and name[0] == name[-1] and name[0] in _QUOTES:
        name = name[1:-1].strip()
    return name
