"""One plain question to the Bot API, for commands that need its answer's head as well as its body."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from callout.settings import Settings

PATIENCE = 5.0  # seconds until Telegram counts as unreachable


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is the HTTP status, 0 when nothing came; `words` are Telegram's or the network's.

    skew: how far our clock is ahead of Telegram's Date header; None when there was none.
    """

    status: int
    words: str
    result: Any = None
    skew: timedelta | None = None

    @property
    def ok(self) -> bool:
        return self.status == 200 and self.result is not None

    @property
    def refused(self) -> bool:
        """Telegram does not accept the token (401; 404 for one that cannot be any)."""
        return self.status in {401, 404}


async def ask(settings: Settings, method: str, patience: float = PATIENCE) -> Answer:
    """Call a method without parameters. Nothing that is returned or raised holds the token."""
    token = settings.telegram.token
    if token is None:
        return Answer(0, "telegram.token is not set")
    base, secret = settings.telegram.api_url, token.get_secret_value()
    url = base.replace("{token}", secret) if "{token}" in base else base + secret
    before = datetime.now(UTC)
    try:
        async with httpx.AsyncClient(timeout=patience) as client:
            response = await client.post(f"{url}/{method}")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # The error's own text may hold the address, and with it the token.
        return Answer(0, type(error).__name__)
    middle = before + (datetime.now(UTC) - before) / 2
    result, words = _body(response)
    return Answer(response.status_code, words, result, _skew(response.headers.get("date"), middle))


def _body(response: httpx.Response) -> tuple[Any, str]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return None, f"HTTP {response.status_code} without JSON"
    return body.get("result"), str(body.get("description", f"HTTP {response.status_code}"))


def _skew(date: str | None, ours: datetime) -> timedelta | None:
    try:
        theirs = parsedate_to_datetime(date) if date else None
    except ValueError:
        theirs = None
    if theirs is None:
        return None
    # The header counts whole seconds; half of one is the best guess.
    return ours - theirs.replace(tzinfo=theirs.tzinfo or UTC) - timedelta(seconds=0.5)
