"""Bytes → `Mail`: the one reading of a message, pure, linear, and without exceptions whatever the bytes are."""

from intake import bodies, enclosures
from intake.headers import understood
from intake.mail import Attachment, Enclosed, Mail
from intake.markup import to_text
from intake.quoting import visible
from intake.structure import Limits, Part, tree

_MOST_NOTES = 50
_DEEPEST_FORWARD = 5


def read(raw: bytes, limits: Limits | None = None) -> Mail:
    """One mail, read; what was odd or cut stands in its `notes`."""
    limits = limits or Limits()
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")  # from a system that ends its lines so
    root, notes = tree(raw, limits)
    body = bodies.compose(root, limits, notes)
    if not any(piece.strip() for piece in body.plain) and root.kind != "multipart/report":
        body = _of_forwarded(root, limits, notes) or body
    files, reports = _leaves(root, body.used, limits)
    text = "\n\n".join(piece.strip("\n") for piece in body.plain if piece.strip())
    markup = "\n".join(body.html)
    files, text, markup = _unpacked(files, text, markup, limits)
    if len(text) > limits.text:
        text = text[: limits.text]
        notes.append(f"text over {limits.text // 1000} kB cut")
    own = visible(text, markup)
    return Mail(
        headers=understood(root.head, _charset(body)),
        text=text,
        html=markup,
        reply=own.reply,
        quoted=own.quoted,
        attachments=tuple(files),
        enclosed=tuple(reports),
        notes=tuple(dict.fromkeys(notes))[:_MOST_NOTES],
    )


def _charset(body: bodies.Body) -> str:
    """What the first text of a mail is said to be written in."""
    return body.used[0].type.params.get("charset", "") if body.used else ""


def _of_forwarded(root: Part, limits: Limits, notes: list[str]) -> bodies.Body | None:
    """The text of the first mail inside a mail that says nothing itself (forwarded as an attachment, a digest)."""
    for _ in range(_DEEPEST_FORWARD):
        inner = next((part for part in bodies.leaves(root) if part.kind == "message/rfc822"), None)
        if inner is None:
            return None
        root, _cut = tree(inner.content(), limits)
        body = bodies.compose(root, limits, notes)
        if any(piece.strip() for piece in body.plain):
            body.used = []
            return body
    return None


def _leaves(root: Part, used: list[Part], limits: Limits) -> tuple[list[Attachment], list[Enclosed]]:
    """Every leaf that is not text, as a file, in its order; parts of reports as text too."""
    texts = {id(part) for part in used}
    files: list[Attachment] = []
    reports: list[Enclosed] = []
    for part in bodies.leaves(root):
        if id(part) in texts:
            continue
        if (report := enclosures.enclosed(part, limits)) is not None:
            reports.append(report)
        files.append(enclosures.attachment(part))
    return files, reports


def _unpacked(
    files: list[Attachment], text: str, markup: str, limits: Limits
) -> tuple[list[Attachment], str, str]:
    """Files out of winmail.dat and out of the text; a winmail.dat that could be read goes."""
    out: list[Attachment] = []
    for file in files:
        message = enclosures.opened(file)
        if message is None:
            out.append(file)
            continue
        out += enclosures.from_winmail(message)[: limits.parts] or [file]
        markup = markup or message.html[: limits.html]
        text = text or message.text[: limits.text] or to_text(message.html[: limits.html], limits.text + 1)
    text, encoded = enclosures.from_text(text)
    return [*out, *encoded], text, markup
