"""The files of a mail: every part that is not its text, decoded and named, and what Outlook or uuencode hid."""

import re
from pathlib import PurePath

from intake import charset, headers, tnef, transfer
from intake.mail import Attachment, Enclosed
from intake.structure import Limits, Part
from intake.words import decode_words, raw_text, tidy

_ENDINGS = {
    "image/jpeg": ".jpg", "image/jpg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
    "image/heic": ".heic", "image/bmp": ".bmp", "image/tiff": ".tif", "image/svg+xml": ".svg",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/json": ".json", "application/rtf": ".rtf",
    "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/xml": ".xml", "text/rtf": ".rtf",
    "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/amr": ".amr", "audio/wav": ".wav", "audio/ogg": ".ogg",
    "video/mp4": ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
}  # fmt: skip
_NAMES = {
    "text/calendar": "invitation.ics", "application/ics": "invitation.ics",
    "application/pkcs7-mime": "smime.p7m", "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s", "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc", "application/pgp-encrypted": "version.txt",
    "application/pgp-keys": "key.asc", "application/ms-tnef": "winmail.dat",
    "message/delivery-status": "delivery-status.txt", "message/feedback-report": "feedback-report.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "text/rfc822-headers": "headers.txt", "message/rfc822": "message.eml", "message/global": "message.eml",
    "message/partial": "message-part.eml",
}  # fmt: skip
_REPORTS_WORDS = (
    "message/delivery-status message/global-delivery-status message/feedback-report message/rfc822 "
    "message/global message/disposition-notification text/rfc822-headers message/rfc822-headers "
    "message/global-headers"
)
_REPORTS = frozenset(_REPORTS_WORDS.split())
_TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_NAME_LENGTH = 255
_MOST_UUENCODED = 50
_DECORATION = 5_000  # bytes: an inline picture below is a logo, an icon or a tracking pixel
_PIXEL = 200
_SIGNED_PICTURES = re.compile(
    r"^(?:image\d{3}|outlook-[\w-]{1,60}|logo[\w-]{0,40}|ATT\d{5}|.{0,40}signature)\.\w{3,4}$", re.IGNORECASE
)
_SIGNATURE_PICTURE = 15_000


def attachment(part: Part) -> Attachment:
    """A leaf as a file."""
    inline = part.disposition.value == "inline"
    content_id = tidy(part.head.get("content-id")).strip("<> ")[:500]
    content = part.content()
    if part.disposition.value != "attachment" and content_id and part.kind.startswith("image/"):
        inline = True
    return Attachment(filename(part, content), _kind(part), content, inline, content_id)


def _kind(part: Part) -> str:
    return "application/octet-stream" if part.multipart else part.kind


def filename(part: Part, content: bytes = b"") -> str:
    """The name the sender gave (Content-Disposition, else Content-Type, else Content-Location), else one that says
    what it is. Only a label: whoever writes it to a disk or a header makes it safe first (S3)."""
    location = part.head.get("content-location")
    given = (
        part.disposition.params.get("filename")
        or part.type.params.get("name")
        or part.disposition.params.get("name")
        or part.type.params.get("filename")
        or tidy(
            decode_words(raw_text(_first(part, "content-description"))) if part.kind != "text/plain" else ""
        )
        or (PurePath(location).name if location and "cid:" not in location.lower() else "")
    )
    name = tidy(given)[:_NAME_LENGTH]
    if part.kind == "message/rfc822" and not name:
        name = message_name(content)
    return name or _NAMES.get(part.kind) or "attachment" + _ENDINGS.get(part.kind, ".bin")


def _first(part: Part, name: str) -> bytes:
    return next((value for key, value in part.head.fields if key == name), b"")


def message_name(content: bytes) -> str:
    """A forwarded mail is named after its subject."""
    head = headers.block(content, 0, min(len(content), 100_000), 20_000)
    subject = tidy(decode_words(head.get("subject")))[:80]
    return f"{subject.replace('/', '-').replace(chr(92), '-')}.eml" if subject else ""


def enclosed(part: Part, limits: Limits) -> Enclosed | None:
    """A part of a report in text form, None for any other part."""
    if part.kind not in _REPORTS:
        return None
    label = part.type.params.get("charset", "")
    return Enclosed(part.kind, charset.decode(part.content()[: limits.text], label).replace("\r\n", "\n"))


def opened(file: Attachment) -> tnef.Winmail | None:
    """The message in a winmail.dat, None for any other file."""
    if file.content_type in _TNEF or PurePath(file.filename).name.lower() == "winmail.dat":
        return tnef.read(file.content)
    return None


def from_winmail(message: tnef.Winmail) -> list[Attachment]:
    """The files Outlook packed."""
    return [
        Attachment(
            tidy(file.name)[:_NAME_LENGTH] or f"attachment-{number}.bin",
            file.kind if "/" in file.kind else "application/octet-stream",
            file.content,
            bool(file.content_id),
            file.content_id,
        )
        for number, file in enumerate(message.files, 1)
    ]


def from_text(text: str) -> tuple[str, list[Attachment]]:
    """The text without its uuencoded files, and these."""
    if "begin" not in text:
        return text, []
    data = text.encode("utf-8", "surrogatepass")
    kept: list[bytes] = []
    files: list[Attachment] = []
    at = 0
    while len(files) < _MOST_UUENCODED and (found := transfer.uudecode(data[at:])):
        name, content, start, end = found
        files.append(
            Attachment(tidy(name)[:_NAME_LENGTH] or "attachment.bin", "application/octet-stream", content)
        )
        kept.append(data[at : at + start])
        at += end
    return (b"".join([*kept, data[at:]]).decode("utf-8", "replace"), files) if files else (text, [])


def decoration(file: Attachment) -> bool:
    """Whether a picture belongs to the look of a mail and says nothing about the fault: a tracking pixel, an icon,
    the logo in a signature. A photo is larger, or was attached on purpose."""
    if not file.content_type.startswith("image/"):
        return False
    if file.size <= _PIXEL:
        return True
    if not file.inline or not file.content_id:
        return False
    small = _SIGNATURE_PICTURE if _SIGNED_PICTURES.match(file.filename) else _DECORATION
    return file.size <= small or (file.content_type == "image/gif" and file.size <= _SIGNATURE_PICTURE)
