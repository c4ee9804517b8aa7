"""The text of header fields: raw 8-bit bytes and encoded words (RFC 2047), as people read it and never more."""

import binascii
import re

from intake.charset import codecs_of, decode

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\r\n]+")
_OPENING = re.compile(r"=\?[ ]?([^?\s]{1,60}) ?\? ?([bBqQ]) ?\?")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
_PADDING = re.compile(rb"=+")
_HEX = frozenset("0123456789abcdefABCDEF")


def raw_text(value: bytes, hint: str = "") -> str:
    """A field as sent, without decoding its encoded words: UTF-8, else the charset `hint`, else a guess."""
    if value.isascii() and b"\x1b" not in value:
        hz = b"~{" in value and hint[:2].lower() == "hz"
        return decode(value, hint) if hz else value.decode("ascii")
    return decode(value, "", hint)


def tidy(text: str) -> str:
    """One line without control characters: nothing that came in may start a header line going out (S9)."""
    return _SPACES.sub(" ", _CONTROLS.sub(" ", text)).strip()


def base64(data: bytes) -> bytes:
    """Base64 as lenient as senders need it: foreign characters skipped, padding anywhere, a cut last group."""
    out = []
    for chunk in _PADDING.split(data):
        clean = chunk.translate(None, _NOT_BASE64)
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        if clean:
            out.append(binascii.a2b_base64(clean + b"=" * (-len(clean) % 4)))
    return b"".join(out)


def decode_words(text: str) -> str:
    """The text of a field with its encoded words decoded; words that stand side by side are joined before their
    bytes are decoded, since senders cut multi-byte characters in two (against RFC 2047, 5)."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run = _Run()
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        end, after = _end(text, opening.end())
        between = text[at : opening.start()]
        if between and not (run.parts and between.isspace()):
            out += [run.flush(), between]
        run.add(opening[1], opening[2].lower(), text[opening.end() : end], out)
        at = after
    return "".join([*out, run.flush(), text[at:]])


def _end(text: str, start: int) -> tuple[int, int]:
    """Where the text of a word ends and what follows begins; a word that is never closed ends at the next space."""
    end = text.find("?=", start)
    while end >= 0 and _is_inner(text, end) and 0 <= (further := text.find("?=", end + 2)) <= end + 300:
        end = further
    opening = text.find("=?", start) if end > start + 300 or end < 0 else -1
    if end < 0 or 0 <= opening < end - 1:
        space = text.find(" ", start)
        stop = len(text) if space < 0 else space
        return stop, stop
    return end, end + 2


def _is_inner(text: str, end: int) -> bool:
    """A bare question mark before an encoded byte (`what?=20now`) is not the end of the word."""
    return text[end + 2 : end + 4].isalnum() and len(text) > end + 3 and set(text[end + 2 : end + 4]) <= _HEX


def _as_sent(text: str, charset: str) -> bytes:
    """The bytes of a word; raw characters in it (forbidden, but there) are put back into its charset."""
    if text.isascii():
        return text.encode("ascii")
    for codec in codecs_of(charset):
        try:
            return text.encode(codec)
        except (UnicodeError, LookupError):
            continue
    return text.encode("utf-8", "surrogatepass")


class _Run:
    """Encoded words of one charset side by side."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.charset = ""
        self.open = ""  # base64 that stopped in the middle of a group: the next word goes on with it

    def add(self, charset: str, encoding: str, text: str, out: list[str]) -> None:
        charset = charset.split("*")[0].lower()  # RFC 2231, 5: a language may follow
        if self.parts and charset != self.charset:
            out.append(self.flush())
        self.charset = charset
        data = _as_sent(text, charset)
        if encoding == "q":
            self._close()
            self.parts.append(binascii.a2b_qp(data, header=True))
            return
        whole = self.open + text.strip()
        if "=" not in whole and len(whole) % 4 and len(whole) < 8_000:
            self.open = whole
            self.parts.append(b"")
            return
        self.open = ""
        self.parts.append(base64(_as_sent(whole, "")))

    def _close(self) -> None:
        if self.open:
            self.parts.append(base64(_as_sent(self.open, "")))
            self.open = ""

    def flush(self) -> str:
        self._close()
        if not self.parts:
            return ""
        data = b"".join(self.parts)
        self.parts = []
        return decode(data, self.charset)
