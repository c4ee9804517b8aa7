"""Fields of outgoing headers, from plain text to safe ASCII: cleaned, encoded (RFC 2047, 2231), folded (RFC 5322)."""

import base64
import re
import unicodedata
from urllib.parse import quote

LINE = 76  # characters of a header line that holds an encoded word (RFC 2047, section 2)
WORD = 42  # bytes of UTF-8 in one encoded word: base64 of them and the wrapping stay within 75 characters
PIECE = 54  # characters of one numbered piece of a parameter (RFC 2231, section 3)
LONGEST_NAME = 120  # characters of a file's name
# Marks that turn or hide neighbouring text; a name in a header has no use for them.
UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SPACES = re.compile(r"\s+")
PRINTABLE = re.compile(r"[ -~]*")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
PATH_MARKS = re.compile(r'[/\\:*?"<>|]')
MESSAGE_ID = re.compile(r"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,160}@[A-Za-z0-9.:\[\]_-]{1,120}")


def clean(text: str, most: int = 200) -> str:
    """One line of visible text: control characters and line ends (also Unicode's) become blanks, marks of
    writing direction and lone surrogates go, at most `most` characters stay (S9)."""
    sound = text[: 4 * most].encode("utf-8", "replace").decode()
    spaced = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in sound)
    return SPACES.sub(" ", UNSEEN.sub("", spaced)).strip()[:most].strip()


def encoded(text: str) -> list[str]:
    """The text as encoded words, none of which breaks a character (RFC 2047)."""
    pieces, piece = [], b""
    for char in text:
        more = char.encode()
        if len(piece) + len(more) > WORD:
            pieces.append(piece)
            piece = b""
        piece += more
    return [f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in (*pieces, piece)]


def words(text: str) -> list[str]:
    """The text in words that may stand on lines of their own: as it is when that is safe, or encoded."""
    plain = text.split(" ")
    safe = PRINTABLE.fullmatch(text) and "=?" not in text and max(map(len, plain)) < LINE - 12
    return plain if safe else encoded(text)


def fold(name: str, parts: list[str]) -> str:
    """A header field made of words, broken into lines between them (CR LF and a blank)."""
    lines = [f"{name}:"]
    for part in parts:
        if len(lines[-1]) + 1 + len(part) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {part}"
    return "\r\n".join(lines)


def text_field(name: str, text: str) -> str:
    """An unstructured field such as Subject; never empty, for an empty line end would be an odd field."""
    return fold(name, words(clean(text) or "-"))


def mailbox_field(name: str, address: str, display: str = "") -> str:
    """From, To or Reply-To: one address (checked before, see `intake.addressing`), perhaps with a name."""
    shown = clean(display, 80)
    if not shown:
        return fold(name, [address])
    if not PRINTABLE.fullmatch(shown) or "=?" in shown:
        return fold(name, [*encoded(shown), f"<{address}>"])
    if ATOMS.fullmatch(shown):
        return fold(name, [*shown.split(" "), f"<{address}>"])
    return fold(name, [_quoted(shown), f"<{address}>"])


def ids_field(name: str, ids: tuple[str, ...]) -> str:
    """Message-ID, In-Reply-To or References; what is no message id is left out. Empty when none is left."""
    sound = [f"<{found}>" for found in ids if MESSAGE_ID.fullmatch(found)]
    return fold(name, sound) if sound else ""


def plain_parameter(name: str, value: str) -> list[str]:
    """A quoted parameter, encoded words within the quotes where it is not plain: against RFC 2047, section 5, but
    what mail clients before RFC 2231 read, and many write to this day."""
    if _quotable(value):
        return [f"{name}={_quoted(value)}"]
    first, *more = encoded(value)
    pieces = [f'{name}="{first}', *more]
    return [*pieces[:-1], f'{pieces[-1]}"']


def parameter(name: str, value: str) -> list[str]:
    """A parameter: quoted when it is plain; else percent-encoded, in numbered pieces when it is long (RFC 2231)."""
    if _quotable(value):
        return [f"{name}={_quoted(value)}"]
    pieces = [""]
    for char in value:
        part = quote(char, safe="")
        if len(pieces[-1]) + len(part) > PIECE:
            pieces.append("")
        pieces[-1] += part
    if len(pieces) == 1:
        return [f"{name}*=utf-8''{pieces[0]}"]
    head = f"{name}*0*=utf-8''{pieces[0]}"
    return [head, *(f"{name}*{at}*={piece}" for at, piece in enumerate(pieces[1:], start=1))]


def _quotable(value: str) -> bool:
    return bool(PRINTABLE.fullmatch(value)) and len(value) <= PIECE and "=?" not in value


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def file_name(name: str, number: int = 1) -> str:
    """What a file may be called on anybody's disk: no path, no hidden file, its ending kept when it is cut."""
    flat = PATH_MARKS.sub("_", clean(name, 1000)).strip(". ")
    if not flat:
        return f"file-{number}"
    if len(flat) <= LONGEST_NAME:
        return flat
    stem, dot, ending = flat.rpartition(".")
    if not dot or len(ending) > 12:
        return flat[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - 1 - len(ending)]}.{ending}"
