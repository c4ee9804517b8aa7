"""A mail as people's mail clients write it: MIME octets in any charset, also mislabelled as they do; pure."""

import base64
import quopri
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

# What is put behind a label: clients that say gb2312 write GBK, and so on.
CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}
ENCODINGS = ("base64", "quoted-printable", "8bit")
# Octets in one encoded word: 75 characters at most, with its label (RFC 2047, 2).
WORD = 33
LINE = 76


@dataclass(frozen=True)
class Attachment:
    """A file that goes along. content_id: it is shown inside the HTML."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"
    content_id: str = ""


@dataclass(frozen=True)
class Draft:
    """A mail before it is octets. charset: the label it carries; encoding: of the texts ("base64",
    "quoted-printable", "8bit"). headers: more of them, (name, value) in order."""

    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    cc: tuple[tuple[str, str], ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    charset: str = "utf-8"
    encoding: str = "base64"
    headers: tuple[tuple[str, str], ...] = ()


def encode(text: str, charset: str) -> bytes:
    """Text as the client that uses this label writes it; what the charset lacks becomes "?"."""
    label = charset.lower()
    return text.encode(CODECS.get(label, label), "replace")


def words(text: str, charset: str) -> str:
    """A header's text: as it is if it is plain ASCII, else as encoded words, one a line (RFC 2047)."""
    if text.isascii() and text.isprintable():
        return text
    label = charset.upper()
    return "\r\n ".join(
        f"=?{label}?B?{base64.b64encode(part).decode('ascii')}?=" for part in _cut(text, charset)
    )


def _cut(text: str, charset: str) -> Iterator[bytes]:
    """The text's octets in portions for one encoded word each; no character is cut in two."""
    part = ""
    for character in text:
        if part and len(encode(part + character, charset)) > WORD:
            yield encode(part, charset)
            part = ""
        part += character
    if part:
        yield encode(part, charset)


def mailbox(name: str, address: str, charset: str) -> str:
    """A name and address for a header."""
    if not name:
        return address
    if name.isascii() and name.isprintable():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return f"{words(name, charset)} <{address}>"


def compose(draft: Draft) -> bytes:
    """The mail's octets, lines ended by CRLF. ValueError for an encoding that is none of ENCODINGS."""
    if draft.encoding not in ENCODINGS:
        raise ValueError(f"unknown encoding {draft.encoding!r}; known: {', '.join(ENCODINGS)}")
    people = [", ".join(mailbox(*each, draft.charset) for each in group) for group in (draft.to, draft.cc)]
    lines = [
        ("From", mailbox(*draft.sender, draft.charset)),
        ("To", people[0]),
        ("Cc", people[1]),
        ("Subject", words(draft.subject, draft.charset)),
        ("Date", format_datetime(draft.date)),
        ("Message-ID", draft.message_id),
        ("In-Reply-To", draft.in_reply_to),
        ("References", "\r\n ".join(draft.references)),
        ("MIME-Version", "1.0"),
        *draft.headers,
    ]
    top = "".join(f"{name}: {value}\r\n" for name, value in lines if value or name == "Subject")
    return top.encode("utf-8") + _body(draft)


def _body(draft: Draft) -> bytes:
    """Content headers and content: mixed(alternative(plain, related(html, images)), files), as far as needed."""
    mark = draft.message_id.strip("<>").partition("@")[0]
    images = [_file(each, draft.charset) for each in draft.attachments if each.content_id]
    files = [_file(each, draft.charset) for each in draft.attachments if not each.content_id]
    body = _text("plain", draft.text, draft)
    if draft.html is not None:
        html = _many("related", f"{mark}-r", [_text("html", draft.html, draft), *images])
        body = _many("alternative", f"{mark}-a", [body, html])
    else:
        files = images + files
    return _many("mixed", f"{mark}-m", [body, *files])


def _many(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    """The parts in a multipart; a single one stays what it is."""
    if len(parts) == 1:
        return parts[0]
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    inner = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode("ascii"), part) for part in parts)
    return head.encode("ascii") + inner + b"--%s--\r\n" % boundary.encode("ascii")


def _text(kind: str, text: str, draft: Draft) -> bytes:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    octets = encode(lines, draft.charset)
    head = f'Content-Type: text/{kind}; charset="{draft.charset}"\r\n'
    head += f"Content-Transfer-Encoding: {draft.encoding}\r\n\r\n"
    return head.encode("ascii") + transfer(octets, draft.encoding)


def transfer(octets: bytes, encoding: str) -> bytes:
    """Octets in a transfer encoding, lines ended by CRLF."""
    if encoding == "base64":
        return base64_lines(octets)
    if encoding == "quoted-printable":
        soft = quopri.encodestring(octets.replace(b"\r\n", b"\n"))
        return soft.replace(b"\n", b"\r\n")
    return octets


def base64_lines(octets: bytes) -> bytes:
    """Base64 in lines of 76 characters."""
    letters = base64.b64encode(octets)
    return b"".join(letters[start : start + LINE] + b"\r\n" for start in range(0, len(letters), LINE))


def _file(attachment: Attachment, charset: str) -> bytes:
    how = "inline" if attachment.content_id else "attachment"
    head = [
        f"Content-Type: {attachment.content_type}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {how};\r\n {_filename(attachment.filename, charset)}",
    ]
    if attachment.content_id:
        head.append(f"Content-ID: <{attachment.content_id}>")
    return "\r\n".join((*head, "", "")).encode("ascii") + base64_lines(attachment.content)


def _filename(name: str, charset: str) -> str:
    """RFC 2231 if the mail is UTF-8; an encoded word in quotes, as older clients do it, if not."""
    if name.isascii():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'filename="{escaped}"'
    if charset.lower() == "utf-8":
        return f"filename*=UTF-8''{quote(name, safe='')}"
    return f'filename="{words(name, charset)}"'


def attachments(
    files: Iterable[Attachment | tuple[str, bytes] | tuple[str, bytes, str]],
) -> tuple[Attachment, ...]:
    """Files given short, as (filename, content) or (filename, content, content type)."""
    return tuple(each if isinstance(each, Attachment) else Attachment(*each) for each in files)
