"""Rows of a page: a label and what somebody wrote or did. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from dispatch.wording import map_link, shorten
from storage.records.ticket import Ticket
from web.saying import Tongue

NOT_DIALLED = re.compile(r"[^0-9+*#]")
LONG = 4000  # characters of one row; nothing of ours is longer


@dataclass(frozen=True, slots=True)
class Row:
    """`text` is shown as it was typed; `href` is an address of our making, empty for plain text."""

    label: str
    text: str
    href: str = ""


def row(label: str, text: str, href: str = "") -> Row | None:
    """A row, or nothing when there is nothing to say."""
    return Row(label, shorten(text, LONG), href) if text.strip() else None


def when(t: Tongue, at: datetime | None) -> str:
    return t.phrases.show(at)


def place(t: Tongue, ticket: Ticket, *, search: bool = False) -> Row | None:
    """The address or the point on the map, with a link to the map; `search` looks an address up that has no point."""
    link = map_link(ticket) or ""
    if not link and search and ticket.place.strip():
        link = f"https://www.openstreetmap.org/search?query={quote(ticket.place.strip()[:200], safe='')}"
    text = ticket.place if ticket.place.strip() else t("place.on_map") if link else ""
    return row(t("page.row.place"), text, link)


def dial(number: str) -> str:
    """The number as a telephone takes it."""
    return NOT_DIALLED.sub("", number)
