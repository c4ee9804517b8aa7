"""`callout mail list | show | retry`: what came by mail, what became of it, and the bytes themselves."""

import asyncio
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, TypeVar

from callout.archive import at_hand
from callout.settings import Settings
from callout.supervise import Fatal
from intake.parsing import Parser, Unparsable
from storage.records.mail import KeptMail
from storage.unit import UnitOfWork

R = TypeVar("R")


def newest(unit: UnitOfWork, most: int) -> list[dict[str, Any]]:
    """One line per mail, the newest first: where it lay, how big it is, and what became of it."""
    return [_line(kept, status, outcome) for kept, status, outcome in unit.mails.recent(most)]


def _line(kept: KeptMail, status: str, outcome: str) -> dict[str, Any]:
    became = {"new": "waits to be handled", "dead": f"dead letter: {outcome}"}.get(status, outcome)
    if kept.twin_of:
        became = f"the same mail as {kept.twin_of}"
    return {
        "mail": kept.id,
        "kept": kept.kept_at,
        "folder": f"{kept.account} {kept.folder}",
        "uid": kept.uid,
        "size": kept.size,
        "message_id": kept.message_id,
        "became": became,
    }


def lines(found: list[dict[str, Any]], zone: tzinfo) -> list[str]:
    """The same for people."""
    rows = [
        f"{one['mail']:>6}  {one['kept'].astimezone(zone):%Y-%m-%d %H:%M}  {one['size']:>9}  {one['became']}"
        for one in found
    ]
    return rows or ["no mail was kept yet"]


def raw(unit: UnitOfWork, number: int) -> bytes:
    """The bytes as they came; empty for none."""
    return unit.mails.raw(number)


def retry(unit: UnitOfWork, number: int) -> bool:
    """Handle a dead letter again; False when it is none."""
    kept = next(
        (one for one, status, _ in unit.mails.recent(100_000) if one.id == number and status == "dead"), None
    )
    return kept is not None and kept.inbox_id is not None and unit.inbox.revive(kept.inbox_id)


def ask(settings: Settings, query: Callable[..., R], *args: Any, write: bool = False) -> R:
    """Ask, or change, the archive the settings name."""

    async def look() -> R:
        async with at_hand(settings) as store:
            return await (store.write if write else store.read)(query, *args)

    return asyncio.run(look())


def bytes_of(settings: Settings, number: int) -> bytes:
    """A mail as it came. Fatal: there is none of that number."""
    content = ask(settings, raw, number)
    if not content:
        raise Fatal(f"there is no mail {number}; `callout mail list` shows all")
    return content


async def as_read(content: bytes) -> str:
    """Its headers, text and files as they were read."""
    parser = Parser()
    try:
        mail = await parser.read(content)
    except Unparsable as broken:
        return f"It cannot be read: {broken}. The bytes: --raw"
    finally:
        await parser.close()
    headers = mail.headers
    head = {
        "From": f"{headers.from_name} <{headers.from_addr}>",
        "To": ", ".join(headers.to),
        "Cc": ", ".join(headers.cc),
        "Subject": headers.subject,
        "Message-ID": headers.message_id,
        "In-Reply-To": headers.in_reply_to,
    }
    named = [f"{name}: {value}" for name, value in head.items() if value]
    files = [f"[{one.filename or 'file'}, {one.content_type}, {one.size} bytes]" for one in mail.attachments]
    return "\n".join([*named, "", mail.text, *files])
