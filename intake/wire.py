"""A `Mail` as bytes and back, between the parsing child and us: JSON and the files behind it, nothing executable."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from intake.mail import Attachment, Enclosed, Headers, Mail


def pack(mail: Mail) -> list[bytes]:
    """The description as one line of JSON, then the contents of the files in their order."""
    files = [
        {"filename": each.filename, "content_type": each.content_type, "inline": each.inline,
         "content_id": each.content_id, "size": each.size}
        for each in mail.attachments
    ]  # fmt: skip
    headers = asdict(mail.headers)
    headers["date"] = mail.headers.date.isoformat() if mail.headers.date else None
    described = asdict(replace(mail, attachments=(), headers=Headers())) | {
        "headers": headers,
        "attachments": files,
    }
    return [json.dumps(described).encode("ascii"), *(each.content for each in mail.attachments)]


def sizes(described: dict[str, Any]) -> list[int]:
    """How many bytes each file has."""
    return [int(each["size"]) for each in described["attachments"]]


def unpack(described: dict[str, Any], contents: list[bytes]) -> Mail:
    """The mail again. KeyError, TypeError or ValueError when it is none."""
    headers = dict(described["headers"])
    headers["date"] = datetime.fromisoformat(headers["date"]) if headers["date"] else None
    headers["all"] = tuple((name, value) for name, value in headers["all"])
    for field in ("to", "cc", "reply_to", "references"):
        headers[field] = tuple(headers[field])
    files = zip(described["attachments"], contents, strict=True)
    return Mail(
        headers=Headers(**headers),
        text=described["text"],
        html=described["html"],
        reply=described["reply"],
        quoted=described["quoted"],
        attachments=tuple(
            Attachment(each["filename"], each["content_type"], content, each["inline"], each["content_id"])
            for each, content in files
        ),
        enclosed=tuple(Enclosed(**each) for each in described["enclosed"]),
        notes=tuple(described["notes"]),
    )
