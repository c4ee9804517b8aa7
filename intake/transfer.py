"""Content-Transfer-Encoding undone (RFC 2045, 6), also where it is wrong, cut or was never applied."""

import binascii
import re

from intake.words import base64

_SOFT_BREAK = re.compile(rb"=[ \t]{1,20}(\r?\n)")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,500})\r?$", re.MULTILINE)
_LONGEST_LINE = 200
_FOREIGN = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n \t")
)
_WORDS = re.compile(rb"[A-Za-z]{1,20}[,.]? [A-Za-z]{1,20}")


def decode(data: bytes, encoding: str) -> bytes:
    """The content of a part. Never raises: an unknown encoding, or one that was evidently not applied, is none."""
    name = encoding.strip().lower().split(";")[0].split(" ")[0].strip("\"'")
    if name in ("quoted-printable", "quoted_printable", "quotedprintable", "qp"):
        return quoted_printable(data)
    if name in ("base64", "base-64"):
        return data if _never_base64(data) else base64(data)
    if name in ("x-uuencode", "x-uue", "uuencode", "uue"):
        found = uudecode(data)
        return found[1] if found else data
    return data


def quoted_printable(data: bytes) -> bytes:
    """RFC 2045, 6.7; invalid sequences stay as they are."""
    return binascii.a2b_qp(_SOFT_BREAK.sub(rb"=\1", data))


def _never_base64(data: bytes) -> bool:
    """Plain words under the label base64: many characters that base64 does not have, or sentences."""
    sample = data[:4_000]
    foreign = len(sample) - len(sample.translate(None, _FOREIGN))
    sentences = len(_WORDS.findall(sample)) * 2 > len(sample.split(b"\n"))
    return foreign * 10 > len(sample) or (foreign > 0 and sentences)


def uudecode(data: bytes) -> tuple[str, bytes, int, int] | None:
    """The first uuencoded file in a text: (name as sent, content, where it begins, where it ends), or None."""
    for begin in _UU_BEGIN.finditer(data[:2_000_000]):
        found = _uu_body(data, begin.end())
        if found:
            return begin[1].decode("latin_1").strip(), found[0], begin.start(), found[1]
        if begin.start() > 200_000:
            break
    return None


def _uu_body(data: bytes, start: int) -> tuple[bytes, int] | None:
    """(content, end) of the lines behind a `begin`, None when they are no uuencoding."""
    out: list[bytes] = []
    at, ended = start, False
    while at < len(data):
        feed = data.find(b"\n", at, at + _LONGEST_LINE)
        if feed < 0 and at + _LONGEST_LINE < len(data):
            break
        after = feed + 1 if feed >= 0 else len(data)
        line = data[at:after].rstrip(b"\r\n")
        if line.strip() == b"end":
            at, ended = after, True
            break
        if line.strip() and line != b"`":
            decoded = _uu_line(line)
            if decoded is None:
                break
            out.append(decoded)
        at = after
    return (b"".join(out), at) if out and (ended or len(out) > 2) else None


def _uu_line(line: bytes) -> bytes | None:
    """One line; the last character is often lost or one too many, spaces at the end are often stripped."""
    if not 0x20 <= line[0] <= 0x60:
        return None
    count = (line[0] - 32) & 63
    need = 1 + (count + 2) // 3 * 4
    if len(line) > need + 2 or (len(line) < 1 + count and line[0] == 0x20):
        return None
    try:
        return binascii.a2b_uu(line[:need].ljust(need)[:need])
    except binascii.Error:
        return None
